"""Signed area packs: a folder becomes one archive whose every byte is signed; reading one trusts nothing in it.

An archive is a ZIP without compression, its entries in order of name and without times, so that the same files
always give the same bytes. `MANIFEST.json` lists area, version, signer and the SM3 of each file; `SIGNATURE` is an SM2
signature (DER) over the manifest's bytes. A pack is data: no templates, no expressions, no paths. What is refused: any
other byte, file, path, kind of entry, size, signer, and a version that is not newer than the one before (security T24).
"""

from __future__ import annotations

import hmac
import io
import json
import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.hashes import SM3, Hash
from gmssl_pyx import GmsslInnerError, sm2_verify
from pydantic import Field, StringConstraints, ValidationError

from sscard.kernel.quiet import gmssl_quiet
from sscard.kernel.refusals import Refusal
from sscard.law.area import Area
from sscard.law.check import read_folder
from sscard.law.load import MAX_FILE_BYTES, files_of, read_files
from sscard.law.schema import FILES
from sscard.law.sheet import AreaCode, Sheet

MANIFEST, SIGNATURE, FORMAT = "MANIFEST.json", "SIGNATURE", "sscard-area-pack/1"
MAX_ARCHIVE_BYTES = 2 * 1024 * 1024
MAX_ENTRIES = 16
MAX_RATIO = 20
_START = (1980, 1, 1, 0, 0, 0)

Sign = Callable[[bytes], bytes]
SignerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,40}$")]
Sm3Text = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Sheet):
    """What was signed."""

    format: Annotated[str, StringConstraints(pattern=f"^{FORMAT}$")]
    area: AreaCode
    version: Annotated[int, Field(ge=1, le=999_999)]
    signer: SignerName
    files: dict[str, Sm3Text]


@dataclass(frozen=True, slots=True)
class OpenedPack:
    """A pack that has passed every check but the one for its version."""

    area: Area
    manifest: Manifest
    digest: str  # SM3 of the archive, hex: what maker and checker agree to
    files: Mapping[str, bytes]

    def require_newer_than(self, version: int) -> None:
        if self.manifest.version <= version:
            facts: dict[str, Any] = {"version": self.manifest.version, "current": version}
            raise Refusal("law.pack_older", area=self.manifest.area, **facts)


def sm3(content: bytes) -> str:
    digest = Hash(SM3())
    digest.update(content)
    return digest.finalize().hex()


def pack_folder(folder: Path, signer: str, sign: Sign) -> bytes:
    """The signed archive of a folder. `sign` makes the SM2 signature of bytes; a folder with faults is refused."""
    reading = read_folder(folder)
    if reading.area is None:
        raise Refusal("law.pack_faulty", faults=reading.faults, area=folder.name, count=len(reading.faults))
    return pack_files(files_of(folder), reading.area.code, reading.area.version, signer, sign)


def pack_files(files: Mapping[str, bytes], area: str, version: int, signer: str, sign: Sign) -> bytes:
    """The signed archive of files as they are."""
    listed = {name: sm3(content) for name, content in sorted(files.items())}
    fields = {"format": FORMAT, "area": area, "version": version, "signer": signer, "files": listed}
    manifest = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return _archive({**files, MANIFEST: manifest, SIGNATURE: sign(manifest)})


def open_pack(archive: bytes, trusted: Mapping[str, bytes]) -> OpenedPack:
    """Open an archive. `trusted`: public keys (64 bytes x ‖ y) by the signer's name."""
    content = _entries(archive)
    try:
        signed, signature = content.pop(MANIFEST), content.pop(SIGNATURE)
        manifest = Manifest.model_validate_json(signed, strict=True)
    except (KeyError, ValidationError):
        raise Refusal("law.pack_not_archive") from None
    if manifest.signer not in trusted:
        raise Refusal("law.pack_signer_unknown", signer=manifest.signer)
    if not _signature_holds(trusted[manifest.signer], signed, signature):
        raise Refusal("law.pack_signature")
    for name in sorted(content.keys() | manifest.files.keys()):
        if name not in manifest.files:
            raise Refusal("law.pack_extra_file", name=name)
        if name not in content:
            raise Refusal("law.pack_file_lost", name=name)
        if not hmac.compare_digest(sm3(content[name]), manifest.files[name]):
            raise Refusal("law.pack_changed", name=name)
    reading = read_files(content)
    if reading.area is None:
        raise Refusal("law.pack_faulty", faults=reading.faults, area=manifest.area, count=len(reading.faults))
    area = reading.area
    if (area.code, area.version) != (manifest.area, manifest.version):
        found: dict[str, Any] = {"found": area.code, "found_version": area.version}
        raise Refusal("law.pack_other_area", area=manifest.area, version=manifest.version, **found)
    return OpenedPack(area, manifest, sm3(archive), content)


def _signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        with gmssl_quiet():
            return bool(sm2_verify(public_key, message, signature))
    except (GmsslInnerError, ValueError, TypeError):
        return False


def _archive(content: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(content):
            info = zipfile.ZipInfo(name, _START)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content[name])
    return buffer.getvalue()


def _entries(archive: bytes) -> dict[str, bytes]:
    """The entries of an archive that is, byte for byte, what we would have written."""
    if len(archive) > MAX_ARCHIVE_BYTES:
        raise Refusal("law.pack_too_large", what=f"{len(archive)} B", limit=f"{MAX_ARCHIVE_BYTES} B")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            _refuse_hostile(opened.infolist())
            content = {info.filename: _read(opened, info) for info in opened.infolist()}
            canonical = _archive(content)
    except Refusal:
        raise
    except Exception:  # zipfile meets a forged archive with a dozen kinds of exceptions
        raise Refusal("law.pack_not_archive") from None
    if canonical != archive:
        raise Refusal("law.pack_not_archive")
    return content


def _refuse_hostile(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse by what the directory of the archive says, before anything is read out of it."""
    if len(entries) > MAX_ENTRIES:
        raise Refusal("law.pack_too_large", what=f"{len(entries)} entries", limit=f"{MAX_ENTRIES} entries")
    seen: set[str] = set()
    for info in entries:
        name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
        shown = name[:60]
        if "/" in name or "\\" in name or ".." in name or "\0" in info.orig_filename or kind not in (0, stat.S_IFREG):
            raise Refusal("law.pack_path", name=shown)
        if name in seen or name not in {*FILES, MANIFEST, SIGNATURE}:
            raise Refusal("law.pack_extra_file", name=shown)
        seen.add(name)
        if info.file_size > MAX_FILE_BYTES or info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise Refusal("law.pack_too_large", what=f"{shown} {info.file_size} B", limit=f"{MAX_FILE_BYTES} B")
    if sum(info.file_size for info in entries) > MAX_ARCHIVE_BYTES:
        raise Refusal("law.pack_too_large", what=f"{len(entries)} files", limit=f"{MAX_ARCHIVE_BYTES} B")


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read no more than is admitted, whatever the directory promised."""
    with opened.open(info) as entry:
        content = entry.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise Refusal("law.pack_too_large", what=info.filename[:60], limit=f"{MAX_FILE_BYTES} B")
    return content
