"""Opens a roster and hands it out in blocks of rows, in bounded memory.

A block ends at the end of a record, so that polars can read it by itself. Where a block is not quite regular CSV, the
standard library's reader takes it instead: slower, and exact about what stands where.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType

import polars as pl

from sscard.kernel.refusals import Refusal
from sscard.people.roster import encoding, xlsx
from sscard.people.roster.columns import Layout, layout, looks_like_header
from sscard.people.roster.fast import ROW
from sscard.people.roster.limits import LIMITS, Limits

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEPARATORS = (",", "\t", ";")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows as they stand in the file: `row` and one text column per column of the file (c0, c1, …).

    `extra` holds, by row, the cells beyond the heading's last column. `done` counts the bytes read so far.
    """

    cells: pl.DataFrame
    done: int
    extra: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Roster:
    """An open roster file. Use it as a context manager: it may hold a temporary folder."""

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        """Refuses what is no roster: kind of file, size, characters, columns (`people.roster_*`, `people.encoding_*`,
        `people.xlsx_*`)."""
        self._folder: Path | None = None
        self.limits = limits
        try:
            self.path = self._as_csv(path)
            self.encoding = encoding.detect(self.path)
            self.size = self.path.stat().st_size
            self._bound_rows()
            self._read_header()
        except BaseException:
            self.close()
            raise

    layout: Layout

    def _bound_rows(self) -> None:
        if self.encoding.lines > self.limits.csv_rows + self.limits.header_rows:
            raise Refusal("people.roster_too_long", rows=self.encoding.lines, limit=self.limits.csv_rows)

    def _as_csv(self, path: Path) -> Path:
        size = path.stat().st_size
        if size == 0:
            raise Refusal("people.roster_empty")
        with path.open("rb") as file:
            head = file.read(8)
        if head == _OLE:
            raise Refusal("people.roster_old_excel")
        if head.startswith(_ZIP):
            self.is_workbook = True
            self._folder = Path(tempfile.mkdtemp(prefix="roster-"))
            return xlsx.to_csv(path, self._folder / "sheet.csv", self.limits)
        self.is_workbook = False
        if size > self.limits.csv_bytes:
            raise Refusal("people.roster_too_large", megabytes=size // 10**6, limit=self.limits.csv_bytes // 10**6)
        return path

    def _read_header(self) -> None:
        """Finds the heading row among the first rows; lines of title above it are passed over."""
        with self.path.open("rb") as file:
            file.seek(self.encoding.skip)
            head = file.read(self.limits.record_bytes * 2)
        lines = _LINE.findall(head)[: self.limits.header_rows * 5]
        texts = [line.decode(self.encoding.name, errors="replace") for line in lines]
        for separator in _SEPARATORS:
            reader = csv.reader(texts, delimiter=separator)
            for number, cells in enumerate(_first(reader, self.limits.header_rows), start=1):
                if looks_like_header(cells):
                    if len(cells) > self.limits.columns and any(cells[self.limits.columns :]):
                        raise Refusal("people.roster_too_wide", columns=len(cells), limit=self.limits.columns)
                    self.layout = layout(cells)
                    # A heading may stand in several lines of its cell, so lines are counted, not records.
                    self._start = self.encoding.skip + sum(map(len, lines[: reader.line_num]))
                    self.separator, self._header_row = separator, number
                    return
        raise Refusal("people.roster_no_header", rows=self.limits.header_rows)

    def blocks(self) -> Iterator[Block]:
        """All rows after the heading, in their order."""
        row = self._header_row + 1
        columns = [f"c{index}" for index in range(self.layout.width)]
        for data, done in self._pieces(row):
            block = _frame(data, columns, self.separator, row)
            row += block.cells.height
            yield Block(block.cells, done, block.extra)

    def _pieces(self, row: int) -> Iterator[tuple[bytes, int]]:
        """UTF-8 bytes that end with a record, and how far in the file they end."""
        rest = b""
        with self.path.open("rb") as file:
            file.seek(self._start)
            while piece := file.read(self.limits.block_bytes):
                rest += piece
                end = _record_end(rest)
                if len(rest) - end > max(self.limits.record_bytes, self.limits.block_bytes // 4):
                    raise Refusal("people.roster_open_quote", line=row + _open_quote(rest[end:]))
                if end:
                    row += rest.count(b"\n", 0, end)
                    yield self._utf8(rest[:end]), file.tell() - (len(rest) - end)
                    rest = rest[end:]
        if rest:
            if rest.count(b'"') % 2:
                raise Refusal("people.roster_open_quote", line=row + _open_quote(rest))
            yield self._utf8(rest), self.size

    def _utf8(self, data: bytes) -> bytes:
        return data if self.encoding.name == "utf-8" else data.decode(self.encoding.name).encode()

    def close(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Roster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _first(reader: Iterator[list[str]], count: int) -> Iterator[list[str]]:
    """The first records, up to one that is no CSV."""
    try:
        yield from islice(reader, count)
    except csv.Error:
        return


def _record_end(data: bytes) -> int:
    """Offset after the last line end that stands outside quotation marks; 0 when there is none.

    Valid in UTF-8 and in GB18030: neither uses these two bytes inside a character.
    """
    end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) % 2
    while odd and end:
        # No line end behind the last quotation mark helps, so go to the one before it.
        mark = data.rfind(b'"', 0, end)
        before = data.rfind(b"\n", 0, mark) + 1
        odd ^= data.count(b'"', before, mark + 1) % 2
        end = before
    return end


def _open_quote(data: bytes) -> int:
    """Which line (from 0) has the first odd number of quotation marks."""
    for index, line in enumerate(_LINE.finditer(data)):
        if line[0].count(b'"') % 2:
            return index
    return 0


def _frame(data: bytes, columns: list[str], separator: str, first_row: int) -> Block:
    quoted = b'"' in data
    try:
        cells = pl.read_csv(
            data, has_header=False, schema=dict.fromkeys(columns, pl.String), infer_schema=False, separator=separator,
            missing_columns="insert",
        )  # fmt: skip
    except pl.exceptions.PolarsError:
        return _exact(data, columns, separator, first_row)
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if cells.height != lines and not (quoted and cells.height < lines):
        return _exact(data, columns, separator, first_row)
    return Block(cells.with_row_index(ROW, first_row), 0)


def _exact(data: bytes, columns: list[str], separator: str, first_row: int) -> Block:
    """The same block through the standard library: rows with too few or too many cells, stray quotation marks."""
    rows: list[list[str | None]] = []
    extra: dict[int, tuple[str, ...]] = {}
    width = len(columns)
    try:
        for index, cells in enumerate(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator)):
            if any(cell.strip() for cell in cells[width:]):
                extra[first_row + index] = tuple(cells[width:])
            row: list[str | None] = [cell or None for cell in cells[:width]]
            rows.append(row + [None] * (width - len(row)))
    except csv.Error:
        # The one thing this reader refuses: a single cell of more than 128 KB.
        raise Refusal("people.roster_open_quote", line=first_row + len(rows)) from None
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return Block(frame.with_row_index(ROW, first_row), 0, extra)
