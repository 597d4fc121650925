"""What the tests of area packs share: a copy of a demo area to spoil, and a signer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from gmssl_pyx import sm2_key_generate, sm2_sign

from sscard.law.check import check_folder
from sscard.law.load import files_of
from sscard.law.pack import pack_files

AREAS = Path(__file__).resolve().parents[1] / "areas"


def copy_area(to: Path, code: str = "990100") -> Path:
    return Path(shutil.copytree(AREAS / code, to / code))


def edit(folder: Path, file: str, old: str, new: str) -> Path:
    """Replace a text that stands exactly once."""
    path = folder / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new))
    return folder


def codes_of(folder: Path) -> list[str]:
    return [fault.code for fault in check_folder(folder)]


@dataclass(frozen=True, slots=True)
class Signer:
    name: str = "tester"
    pair: tuple[bytes, bytes] = field(default_factory=sm2_key_generate)

    def sign(self, message: bytes) -> bytes:
        public, private = self.pair
        return bytes(sm2_sign(private, public, message))

    @property
    def trusted(self) -> dict[str, bytes]:
        return {self.name: self.pair[0]}

    def pack(self, folder: Path, version: int = 1) -> bytes:
        """The folder's files under another version, signed."""
        files = files_of(folder)
        files["area.toml"] = files["area.toml"].replace(b"version = 1\n", f"version = {version}\n".encode())
        return pack_files(files, folder.name, version, self.name, self.sign)
