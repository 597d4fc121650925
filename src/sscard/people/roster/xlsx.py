"""XLSX to CSV, by a helper process with bounded memory and time.

A workbook is a ZIP of XML: small files can unfold into gigabytes. So first the directory of the ZIP and the sheet's own
claims are looked at without unfolding anything whole; then calamine reads the sheet in a process of its own, whose
memory is limited in proportion to what the file really holds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import IO

from sscard.kernel.refusals import Refusal
from sscard.people.roster.limits import Limits

HELPER = Path(__file__).with_name("xlsx_helper.py")
PIECE = 2**20
OVERLAP = 200
"""Bytes kept from one piece to the next, so that no reference is missed at the seam."""

_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,9})(\d{6,})["']|\br\s*=\s*["']([A-Za-z]{2,9})\d+["']""")
_MACROS = re.compile(r"vbaProject|/embeddings/|/activeX/|externalLinks/", re.IGNORECASE)


def to_csv(path: Path, target: Path, limits: Limits) -> Path:
    """Writes the first visible sheet as UTF-8 CSV. Refuses with `people.xlsx_*`."""
    unzipped = _inspect(path, limits)
    # Measured: calamine needs about three times the XML of an honest sheet; the base is the interpreter itself.
    memory = 160 * 2**20 + 4 * unzipped
    # The parser goes by the name's ending, and uploads have names made by us.
    book = target.with_name("book.xlsx")
    book.symlink_to(path.resolve())
    command = [sys.executable, "-I", str(HELPER), str(book), str(target), str(limits.xlsx_rows), str(memory)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=limits.xlsx_seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Refusal("people.xlsx_too_heavy") from None
    if done.returncode == 0:
        return target
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise Refusal("people.xlsx_too_heavy") from None
    if told.get("code") == "people.xlsx_too_long":
        raise Refusal("people.xlsx_too_long", rows=told["rows"], limit=limits.xlsx_rows)
    raise Refusal("people.xlsx_broken")


def _inspect(path: Path, limits: Limits) -> int:
    """Looks for everything hostile that can be seen from outside; the unzipped bytes of sheets and strings."""
    size = path.stat().st_size
    if size > limits.xlsx_bytes:
        raise Refusal("people.xlsx_too_large", megabytes=size // 10**6, limit=limits.xlsx_bytes // 10**6)
    try:
        with zipfile.ZipFile(path) as book:
            entries = book.infolist()
            _directory(entries, limits)
            return _parts(book, entries, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        # RuntimeError: encrypted; NotImplementedError: a compression that no spreadsheet uses.
        raise Refusal("people.xlsx_broken") from None
    except zipfile.zlib.error:  # type: ignore[attr-defined]
        raise Refusal("people.xlsx_broken") from None


def _directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.xlsx_entries:
        raise Refusal("people.xlsx_hostile", reason="entries")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or any(_leaves(name) for name in names):
        raise Refusal("people.xlsx_hostile", reason="names")
    if any(_MACROS.search(name) for name in names):
        raise Refusal("people.xlsx_macros")
    unzipped = sum(entry.file_size for entry in entries)
    zipped = max(sum(entry.compress_size for entry in entries), 1)
    if unzipped > limits.xlsx_unzipped_bytes:
        raise Refusal("people.xlsx_hostile", reason="size")
    if unzipped > limits.xlsx_ratio_from_bytes and unzipped // zipped > limits.xlsx_ratio:
        raise Refusal("people.xlsx_hostile", reason="ratio")


def _leaves(name: str) -> bool:
    """Whether an entry's name points out of its folder."""
    return name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name)


def _parts(book: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> int:
    heavy = 0
    for entry in entries:
        if not entry.filename.lower().endswith((".xml", ".rels")):
            continue
        sheet = entry.filename.startswith("xl/worksheets/")
        with book.open(entry) as part:
            read = _part(part, limits, sheet=sheet)
        if sheet or "sharedStrings" in entry.filename:
            heavy += read
    return heavy


def _part(part: IO[bytes], limits: Limits, *, sheet: bool) -> int:
    """Reads one XML part through once, in pieces; its length."""
    read, seam = 0, b""
    while piece := part.read(PIECE):
        if not read:
            _prologue(piece)
        read += len(piece)
        if read > limits.xlsx_unzipped_bytes:
            raise Refusal("people.xlsx_hostile", reason="size")
        window = seam + piece
        if b"<!" in window and _DECLARATION.search(window):
            raise Refusal("people.xlsx_hostile", reason="entities")
        if sheet:
            _references(window, limits)
        seam = window[-OVERLAP:]
    return read


def _prologue(piece: bytes) -> None:
    """Only UTF-8: in another encoding the looks below would see nothing."""
    named = _ENCODING.search(piece[:200])
    if piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in piece[:200]:
        raise Refusal("people.xlsx_hostile", reason="encoding")
    if named and named[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise Refusal("people.xlsx_hostile", reason="encoding")


def _references(window: bytes, limits: Limits) -> None:
    """Cells far out: readers build the whole rectangle up to the farthest cell, so one cell in a corner costs
    gigabytes."""
    for found in _REFERENCE.finditer(window):
        letters, digits = found[1] or found[3], found[2]
        if digits and int(digits) > limits.xlsx_rows + limits.header_rows:
            raise Refusal("people.xlsx_too_long", rows=int(digits), limit=limits.xlsx_rows)
        if _column(letters) > limits.columns:
            raise Refusal("people.roster_too_wide", columns=_column(letters), limit=limits.columns)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
