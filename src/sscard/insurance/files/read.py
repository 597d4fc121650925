"""Opens a contributions file with the roster's reader; only its headings are others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from sscard.insurance.files.columns import Headings, scheme_of
from sscard.kernel.refusals import Refusal
from sscard.people.roster.limits import LIMITS, Limits
from sscard.people.roster.read import Roster

SEPARATORS = (",", "\t", ";")


class InsuranceFile(Roster):
    """An open file. `scheme` is the code table that the insurance column's heading names, or ""."""

    scheme: str

    def __init__(self, path: Path, content: str, limits: Limits = LIMITS) -> None:
        """Refuses what is no such file: characters, size, columns (`people.roster_*`, `people.encoding_*`,
        `people.xlsx_*`, `insurance.file_*`)."""
        self._headings = Headings.of(content)
        super().__init__(path, limits)

    def __enter__(self) -> InsuranceFile:
        return self

    def _read_header(self) -> None:
        """Finds the heading row among the first rows; lines of title above it are passed over."""
        with self.path.open("rb") as file:
            file.seek(self.encoding.skip)
            lines = file.read(self.limits.record_bytes * 2).splitlines(keepends=True)[: self.limits.header_rows * 5]
        texts = [line.decode(self.encoding.name, errors="replace") for line in lines]
        for separator in SEPARATORS:
            reader = csv.reader(io.StringIO("".join(texts), newline=""), delimiter=separator)
            for number, cells in enumerate(_records(reader, self.limits.header_rows), start=1):
                if self._headings.looks_like_header(cells):
                    if len(cells) > self.limits.columns and any(cells[self.limits.columns :]):
                        raise Refusal("people.roster_too_wide", columns=len(cells), limit=self.limits.columns)
                    self.layout = self._headings.layout(cells)
                    self.scheme = scheme_of(self.layout.header, self.layout)
                    self._start = self.encoding.skip + sum(map(len, lines[: reader.line_num]))
                    self.separator, self._header_row = separator, number
                    return
        raise Refusal("insurance.file_no_header", rows=self.limits.header_rows)


def _records(reader: Iterator[list[str]], count: int) -> Iterator[list[str]]:
    """The first records one by one (the reader's line count must stand at the last), up to one that is no CSV."""
    with suppress(csv.Error):
        yield from islice(reader, count)
