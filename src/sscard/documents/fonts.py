"""Which fonts a document is set in: the system's Chinese fonts, in the order in which they are preferred.

A document embeds the few glyphs that it shows, so whoever opens it needs no font. The first font carries the text, the
others lend what it lacks: names hold characters that few fonts have. `scripts/setup run` installs them or names the
packages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; `number` counts faces of a collection (TTC) from 0."""

    name: str
    file: str
    number: int
    package: str


FACES: tuple[Face, ...] = (
    Face("noto", "NotoSansCJK-Regular.ttc", 2, "fonts-noto-cjk"),
    Face("wqy", "wqy-microhei.ttc", 0, "fonts-wqy-microhei"),
    Face("hanazono", "HanaMinB.ttf", 0, "fonts-hanazono"),
)
"""Simplified Chinese first; the last is for characters beyond the common planes and may be absent."""
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


@dataclass(frozen=True, slots=True)
class Found:
    face: Face
    path: Path


@lru_cache(maxsize=1)
def found() -> tuple[Found, ...]:
    """The fonts of this machine in order of preference; "documents.no_font" (503) when there is none."""
    there = []
    for face in FACES:
        path = next((one for folder in FOLDERS if folder.is_dir() for one in folder.rglob(face.file)), None)
        if path is not None:
            there.append(Found(face, path))
    if not there:
        raise Refusal("documents.no_font", packages=" ".join(face.package for face in FACES[:2]))
    return tuple(there)


@lru_cache(maxsize=4)
def characters(path: Path, number: int) -> frozenset[int]:
    """Code points that a face can show."""
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=number, lazy=True) as font:
        return frozenset(font.getBestCmap())


def showable(text: str) -> str:
    """The text with each character that no font here can show written out as its code point, so that nobody's name loses a
    character without a trace.

    >>> showable("吴·𰻝")
    '吴·𰻝'
    """
    shown = [characters(one.path, one.face.number) for one in found()]

    def one(sign: str) -> str:
        if sign in "\n\t" or any(ord(sign) in face for face in shown):
            return sign
        return f"[U+{ord(sign):04X}]"

    return "".join(one(sign) for sign in text)
