"""T24: a tampered area pack. A pack is data that was signed; whatever else stands in it is refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from law_pack_making import AREAS, Signer, copy_area, edit
from sscard.kernel.refusals import Refusal
from sscard.law import pack as packs
from sscard.law.load import files_of

SIGNER = Signer()
ARCHIVE = SIGNER.pack(AREAS / "990100")


def refused(archive: bytes, trusted: dict[str, bytes] | None = None) -> str:
    with pytest.raises(Refusal) as caught:
        packs.open_pack(archive, SIGNER.trusted if trusted is None else trusted)
    for lang in ("zh", "en"):
        assert caught.value.sentence(lang)
        assert caught.value.next_step(lang)
    return caught.value.code


def entries(archive: bytes = ARCHIVE) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(content: dict[str, bytes], kind: int = zipfile.ZIP_STORED, mode: int = stat.S_IFREG | 0o644) -> bytes:
    """A ZIP by somebody else's hand."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name in sorted(content):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, kind
            archive.writestr(info, content[name])
    return buffer.getvalue()


def signed_with(change: dict[str, object] | None = None, **files: bytes) -> bytes:
    """Files and manifest fields of the signer's own making, signed in order."""
    content = entries()
    manifest = json.loads(content[packs.MANIFEST])
    for name, value in files.items():
        content[name.replace("__", ".")] = value
        manifest["files"][name.replace("__", ".")] = packs.sm3(value)
    raw = json.dumps({**manifest, **(change or {})}, sort_keys=True, separators=(",", ":")).encode()
    return zipped({**content, packs.MANIFEST: raw, packs.SIGNATURE: SIGNER.sign(raw)})


def test_the_original_opens_and_the_same_files_give_the_same_manifest() -> None:
    opened = packs.open_pack(ARCHIVE, SIGNER.trusted)
    assert (opened.area.code, opened.manifest.version, opened.manifest.signer) == ("990100", 1, "tester")
    assert opened.files == files_of(AREAS / "990100")
    again = SIGNER.pack(AREAS / "990100")
    assert entries(again)[packs.MANIFEST] == entries()[packs.MANIFEST]
    assert zipped(entries()) == ARCHIVE


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(ARCHIVE) - 1), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(at: int, bit: int) -> None:
    changed = bytearray(ARCHIVE)
    changed[at] ^= 1 << bit
    assert refused(bytes(changed)).startswith("law.pack_")


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, len(ARCHIVE) - 1), more=st.binary(min_size=1, max_size=40))
def test_a_cut_or_longer_archive_is_refused(cut: int, more: bytes) -> None:
    assert refused(ARCHIVE[:cut]) == "law.pack_not_archive"
    assert refused(ARCHIVE + more) == "law.pack_not_archive"
    assert refused(more + ARCHIVE) == "law.pack_not_archive"


def test_a_changed_file_with_right_check_sums_of_the_zip_is_refused() -> None:
    content = entries()
    content["parameters.toml"] = content["parameters.toml"].replace(b"value = 7,", b"value = 9,")
    assert refused(zipped(content)) == "law.pack_changed"


def test_a_changed_manifest_is_refused() -> None:
    content = entries()
    content[packs.MANIFEST] = content[packs.MANIFEST].replace(b'"version":1', b'"version":9')
    assert refused(zipped(content)) == "law.pack_signature"


@pytest.mark.parametrize("name", ["notes.txt", "area.toml.bak", "run.py", "AREA.TOML", "MANIFEST.JSON", "x" * 300])
def test_an_added_file_is_refused(name: str) -> None:
    assert refused(zipped({**entries(), name: b"x"})) == "law.pack_extra_file"


def test_a_known_file_that_was_not_signed_is_refused(tmp_path: Path) -> None:
    small = SIGNER.pack(copy_area(tmp_path, "990300"))
    assert refused(zipped({**entries(small), "texts.toml": b""})) == "law.pack_extra_file"


def test_a_file_taken_out_is_refused() -> None:
    content = entries()
    del content["permits.toml"]
    assert refused(zipped(content)) == "law.pack_file_lost"


@pytest.mark.parametrize("missing", [packs.MANIFEST, packs.SIGNATURE])
def test_without_manifest_or_signature(missing: str) -> None:
    content = entries()
    del content[missing]
    assert refused(zipped(content)) == "law.pack_not_archive"


@pytest.mark.parametrize(
    "name", ["../area.toml", "..", "/etc/passwd", "sub/area.toml", "a\\b.toml", "..\\area.toml", "./area.toml", "sub/"]
)
def test_a_path_is_refused(name: str) -> None:
    assert refused(zipped({**entries(), name: b"x"})) == "law.pack_path"


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFCHR | 0o600])
def test_links_folders_and_devices_are_refused(mode: int) -> None:
    assert refused(zipped(entries(), mode=mode)) == "law.pack_path"


def test_a_name_that_stands_twice_is_refused() -> None:
    buffer = io.BytesIO(ARCHIVE)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(zipfile.ZipInfo("area.toml"), b"code = 1")
    assert refused(buffer.getvalue()) == "law.pack_extra_file"


def test_a_zip_bomb_is_refused_by_its_ratio() -> None:
    bomb = zipped({**entries(), "texts.toml": b"#" * 400_000}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 30_000
    assert refused(bomb) == "law.pack_too_large"


def test_a_zip_bomb_is_refused_by_its_size() -> None:
    assert refused(zipped({**entries(), "texts.toml": b"#" * (packs.MAX_FILE_BYTES + 1)})) == "law.pack_too_large"
    assert refused(b"PK" + b"\0" * packs.MAX_ARCHIVE_BYTES) == "law.pack_too_large"


def test_a_zip_bomb_is_refused_by_its_entries() -> None:
    many = {f"f{n}.toml": b"" for n in range(packs.MAX_ENTRIES + 1)}
    assert refused(zipped(many)) == "law.pack_too_large"


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    """The directory says 10 bytes; a megabyte comes out."""
    bomb = bytearray(zipped({"texts.toml": b"#" * 1_000_000}, zipfile.ZIP_DEFLATED))
    real = (1_000_000).to_bytes(4, "little")
    while (at := bomb.find(real)) >= 0:
        bomb[at : at + 4] = (10).to_bytes(4, "little")
    assert refused(bytes(bomb)).startswith("law.pack_")


def test_a_compressed_copy_of_the_same_files_is_refused() -> None:
    assert refused(zipped(entries(), zipfile.ZIP_DEFLATED)) == "law.pack_not_archive"


@pytest.mark.parametrize("junk", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"\x1f\x8b" + b"\0" * 90, b"area = 1"])
def test_what_is_no_archive(junk: bytes) -> None:
    assert refused(junk) == "law.pack_not_archive"


def test_an_unknown_signer_is_refused() -> None:
    stranger = Signer("stranger")
    assert refused(stranger.pack(AREAS / "990100")) == "law.pack_signer_unknown"
    assert refused(ARCHIVE, {}) == "law.pack_signer_unknown"


def test_a_stranger_under_a_known_name_is_refused() -> None:
    assert refused(Signer(SIGNER.name).pack(AREAS / "990100")) == "law.pack_signature"


@pytest.mark.parametrize(
    "signature", [b"", b"\0", b"0" * 71, bytes.fromhex("3006020100020100"), b"\x30\x80" + b"\0" * 9]
)
def test_a_forged_signature_is_refused(signature: bytes) -> None:
    assert refused(zipped({**entries(), packs.SIGNATURE: signature})) == "law.pack_signature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"area": "990200"}, "law.pack_other_area"),
        ({"version": 2}, "law.pack_other_area"),
        ({"version": 0}, "law.pack_not_archive"),
        ({"version": "1"}, "law.pack_not_archive"),
        ({"format": "sscard-area-pack/0"}, "law.pack_not_archive"),
        ({"run": "x"}, "law.pack_not_archive"),
        ({"signer": "../key"}, "law.pack_not_archive"),
    ],
)
def test_a_signed_manifest_that_does_not_fit_is_refused(change: dict[str, object], code: str) -> None:
    assert refused(signed_with(change)) == code


@pytest.mark.parametrize(
    "text", ["{{ settings.SECRET_KEY }}", "{% load x %}", "<script>", "${HOME}", "$(id)", "`id`", "%(x)s", "a\\u0000b"]
)
def test_a_signed_pack_with_a_live_text_is_refused(text: str) -> None:
    assert (
        refused(signed_with(texts__toml=f'[text]\nhello = {{ zh = "{text}", en = "x" }}\n'.encode()))
        == "law.pack_faulty"
    )


def test_a_signed_pack_with_an_unknown_key_is_refused() -> None:
    area = entries()["area.toml"] + b'\nmodule = "os"\n'
    assert refused(signed_with(area__toml=area)) == "law.pack_faulty"


@pytest.mark.parametrize(("used", "good"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_version_that_is_not_newer_is_refused(used: int, good: bool) -> None:
    opened = packs.open_pack(SIGNER.pack(AREAS / "990100", version=2), SIGNER.trusted)
    if good:
        opened.require_newer_than(used)
        return
    with pytest.raises(Refusal) as caught:
        opened.require_newer_than(used)
    assert caught.value.code == "law.pack_older"


def test_a_folder_with_faults_is_not_even_signed(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "area.toml", "sandbox = true", "sandbox = 1")
    asked: list[bytes] = []
    with pytest.raises(Refusal) as caught:
        packs.pack_folder(folder, "tester", lambda message: asked.append(message) or b"")
    assert caught.value.code == "law.pack_faulty"
    assert caught.value.faults
    assert asked == []
