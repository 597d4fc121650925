"""Which fonts a document is set in: the system's Chinese fonts, in the order in which they are preferred.

A document embeds the few glyphs that it shows, so whoever opens it needs no font. The first font carries the text, the
others lend what it lacks: names hold characters that few fonts have. `scripts/setup run` installs them or names the
packages.
"""

from __future__ import annotations

from collections.abc import Set
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

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
UNUSED = ("GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG")
"""Tables of a face for shaping and for upright writing, which no document of ours embeds."""


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


def characters(one: Found) -> Set[int]:
    """Code points that a face can show."""
    return _read(one.path, one.face.number).cmap.keys()


@lru_cache(maxsize=4)
def _read(path: Path, number: int) -> Any:
    """A face as the library reads it, never written with: half a second's work for a Chinese one, so once a process."""
    from fpdf import FPDF

    reader = FPDF()
    reader.add_font("face", fname=path, collection_font_number=number)
    face: Any = reader.fonts["face"]
    face.ttfont.close()
    face.ttfont = None  # the tables it was read from: some megabytes; each document opens its own
    return face


def lend(document: Any, one: Found) -> None:
    """As the document's own `add_font`, but with what was read of the face before: widths and places of its characters."""
    from fontTools.ttLib import TTFont
    from fpdf.fonts import SubsetMap

    face = copy(_read(one.path, one.face.number))
    face.ttfont = TTFont(
        one.path, fontNumber=one.face.number, lazy=True, recalcTimestamp=False, recalcBBoxes=False
    )  # the bounds of the whole face hold for a part of it too; to measure each glyph again takes longer than all else
    for table in UNUSED:
        if table in face.ttfont:
            del face.ttfont[table]
    face.i, face.fontkey, face.desc, face.missing_glyphs = len(document.fonts) + 1, one.face.name, copy(face.desc), []
    face.subset = SubsetMap(face)
    document.fonts[one.face.name] = face
    if face.is_cff and face.is_cid_keyed:
        document.pdf_version = max(document.pdf_version, "1.6")


def give_back() -> None:
    """Let go of what documents have written with: the library remembers each character of each one for ever."""
    from fpdf.fonts import SubsetMap

    SubsetMap.pick.cache_clear()
    SubsetMap.get_glyph.cache_clear()


def showable(text: str) -> str:
    """The text with each character that no font here can show written out as its code point, so that nobody's name loses a
    character without a trace.

    >>> showable("吴·𰻝")
    '吴·𰻝'
    """

    def one(sign: str) -> str:
        if sign in "\n\t" or any(ord(sign) in characters(face) for face in found()):
            return sign
        return f"[U+{ord(sign):04X}]"

    return "".join(one(sign) for sign in text)
