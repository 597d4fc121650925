"""The workbook of bad rows: what the file had, unchanged, with every fault beside it.

The owner corrects the rows in this very workbook and imports it again: headings are his own, our two columns are
passed over. Every cell is written as text, so nothing that looks like a formula is one (security.md T21), and long
numbers stay whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from sscard.kernel import words
from sscard.kernel.refusals import Fault
from sscard.people.roster.columns import BY_NAME, FAULTS_HEADING, ROW_HEADING, Layout

ROWS_PER_BOOK = 200_000
"""As many as can be imported again in one XLSX; further rows go to a further workbook."""
COMMENTS_PER_BOOK = 2_000
"""Comments are kept in memory until the book is closed; later rows have colour and the faults' column only."""
LONGEST_CELL = 32_767
ROW_PLACE = "row"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the file as it stood there, and everything wrong with it. `row` counts the heading row too."""

    row: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]
    extra: tuple[str, ...] = ()
    """Cells beyond the heading's last column."""


class FaultsWorkbook:
    """Writes bad rows as they come, in constant memory; `paths` are the finished files."""

    def __init__(self, path: Path, layout: Layout, *, rows_per_book: int = ROWS_PER_BOOK) -> None:
        self._path, self._layout, self._rows_per_book = path, layout, rows_per_book
        self._book: Any = None
        self._line = 0
        self.paths: list[Path] = []
        self._ours = {index for index, head in enumerate(layout.header) if head in (FAULTS_HEADING, ROW_HEADING)}

    def add(self, bad: BadRow) -> None:
        if self._book is None or self._line > self._rows_per_book:
            self._open()
        places = self._by_place(bad.faults)
        sheet, line = self._sheet, self._line
        column = 0
        for index, text in enumerate(bad.cells):
            if index in self._ours:
                continue
            faults = places.get(index, ())
            sheet.write_string(line, column, text[:LONGEST_CELL], self._wrong if faults else self._plain)
            if faults and line <= COMMENTS_PER_BOOK:
                sheet.write_comment(line, column, _told(faults), {"x_scale": 2.5, "y_scale": 1.5})
            column += 1
        sheet.write_string(line, self._width, _all_told(bad.faults), self._wrapped)
        sheet.write_string(line, self._width + 1, str(bad.row), self._plain)
        # Cells that had no heading stay visible, and stay a fault until they are moved or emptied.
        for index, text in enumerate(bad.extra, start=self._width + 2):
            sheet.write_string(line, index, text[:LONGEST_CELL], self._wrong)
        self._line += 1

    def _by_place(self, faults: Sequence[Fault]) -> dict[int, list[Fault]]:
        found: dict[int, list[Fault]] = {}
        for fault in faults:
            position = self._layout.position(fault.place)
            if position is not None:
                found.setdefault(position, []).append(fault)
        return found

    def _open(self) -> None:
        import xlsxwriter

        self.close()
        number = len(self.paths) + 1
        path = self._path if number == 1 else self._path.with_stem(f"{self._path.stem}-{number}")
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet("faults")
        self._plain = self._book.add_format({"num_format": "@"})
        self._wrong = self._book.add_format({"num_format": "@", "bg_color": "#FFE0B2", "bold": True})
        self._wrapped = self._book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        head = self._book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        headings = [text for index, text in enumerate(self._layout.header) if index not in self._ours]
        self._width = len(headings)
        # The whole columns are text, so that a corrected number does not turn into powers of ten.
        self._sheet.set_column(0, max(self._width - 1, 0), 18, self._plain)
        self._sheet.set_column(self._width, self._width, 80, self._wrapped)
        self._sheet.freeze_panes(1, 0)
        for column, text in enumerate([*headings, FAULTS_HEADING, ROW_HEADING]):
            self._sheet.write_string(0, column, text[:LONGEST_CELL], head)
        self._line = 1
        self.paths.append(path)

    def close(self) -> None:
        if self._book is not None:
            self._book.close()
            self._book = None

    def __enter__(self) -> FaultsWorkbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _told(faults: Sequence[Fault]) -> str:
    return "\n".join(f"{fault.sentence('zh')}\n{fault.sentence('en')}" for fault in faults)[:LONGEST_CELL]


def _all_told(faults: Sequence[Fault]) -> str:
    """Every fault with its column and what to do, Chinese first."""
    lines = []
    for fault in faults:
        column = BY_NAME.get(fault.place)
        for lang in words.LANGUAGES:
            place = (column.zh if lang == "zh" else column.en) if column else ""
            colon = "：" if lang == "zh" else ": "
            gap = "" if lang == "zh" else " "
            lines.append(f"{place}{colon if place else ''}{fault.sentence(lang)}{gap}{fault.advice(lang)}".strip())
    return "\n".join(lines)[:LONGEST_CELL]
