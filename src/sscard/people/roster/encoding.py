"""In which characters a text file is written: UTF-8 with or without BOM, or GB18030 (and with it GBK and GB2312).

The whole file is looked at before the first row is taken, because a file whose first pages are plain ASCII tells
nothing about its last. Bytes that are valid UTF-8 are UTF-8, except when they hold only two-byte characters outside
Chinese that read as Chinese in GB18030.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from sscard.kernel.refusals import Refusal

PIECE = 4 * 2**20
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"), (b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"),
)  # fmt: skip
_HAN = re.compile("[\u4e00-\u9fa5]")
_THREE_BYTES = re.compile("[\u0800-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is utf-8 or gb18030; `skip` the bytes of the byte-order mark; `lines` the line ends in the file."""

    name: str
    skip: int
    lines: int


def detect(path: Path) -> Encoding:
    """Refuses with `people.encoding_other`, `people.encoding_mixed` (line of the first bad byte) or
    `people.not_text`."""
    with path.open("rb") as file:
        head = file.read(4)
        for mark, name in _OTHER_MARKS:
            if head.startswith(mark):
                raise Refusal("people.encoding_other", encoding=name)
        skip = 3 if head.startswith(codecs.BOM_UTF8) else 0
        file.seek(skip)
        lines, position, foreign = _try(file, "utf-8")
        if position is None and not foreign:
            return Encoding("utf-8", skip, lines)
        if skip:
            raise Refusal("people.encoding_mixed", encoding="UTF-8", line=lines + 1)
        utf8_line = lines + 1
        file.seek(0)
        lines, position, _ = _try(file, "gb18030")
        if position is None:
            return Encoding("gb18030", 0, lines)
        if foreign:
            return Encoding("utf-8", 0, lines)
        raise Refusal("people.encoding_unknown", utf8_line=utf8_line, gb_line=lines + 1)


def _try(file: BinaryIO, name: str) -> tuple[int, int | None, bool]:
    """Line ends seen, offset of the first byte that does not fit (or None), and whether the text is suspiciously
    foreign."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    lines = offset = 0
    two_bytes = chinese = False
    rest = b""
    while piece := file.read(PIECE):
        if b"\x00" in piece:
            raise Refusal("people.not_text")
        # Up to a line end, where no character is cut in two; checking whole lines is ten times faster than decoding.
        end = piece.rfind(b"\n") + 1 or len(piece)
        chunk, rest = rest + piece[:end], piece[end:]
        if not (name == "utf-8" and chinese and end and _is_utf8(chunk)):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return lines + chunk.count(b"\n", 0, error.start), offset + error.start, False
            if not chinese and not chunk.isascii():
                chinese, two_bytes = bool(_THREE_BYTES.search(text)), True
        lines += chunk.count(b"\n")
        offset += len(chunk)
    try:
        decoder.decode(rest, final=True)
    except UnicodeDecodeError as error:
        return lines, offset + error.start, False
    return lines + rest.count(b"\n"), None, name == "utf-8" and two_bytes and not chinese


def _is_utf8(data: bytes) -> bool:
    if not data.endswith(b"\n"):
        return False
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
