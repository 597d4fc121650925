"""Setting a document on A4: title, paragraphs, facts, lists, tables, places for signatures; a foot with code and page.

    sheet = Sheet("活期账户明细", made_at=now, issuer="中国建设银行", foot="校验码 7K2M-…")
    sheet.text("…"); sheet.facts([("户名", "阿依古丽·买买提")])
    sheet.table([Column("日期", 18), Column("金额（元）", 20, "right")], rows)
    file = sheet.output()

Text stays text. What a document says is decided by whoever makes it; nothing here knows a rule or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sscard.documents import fonts
from sscard.documents.lines import wrap

MARGIN_MM, WIDTH_MM, HEIGHT_MM = 20.0, 170.0, 297.0
BOTTOM_MM = 18.0
BODY_PT, SMALL_PT, HEAD_PT, TITLE_PT = 10.5, 8.5, 13.0, 18.0
_LINE_MM = {BODY_PT: 6.2, SMALL_PT: 4.8, HEAD_PT: 8.0, TITLE_PT: 11.0}
_INK, _GREY, _RULE = (20, 24, 32), (92, 98, 110), (190, 195, 205)
_PT = 72 / 25.4

Align = Literal["left", "right", "center"]
_ALIGN = {"left": "L", "right": "R", "center": "C"}


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: `share` of the width, in any unit; amounts stand right."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Box:
    """Where a signature will be shown: page from 0, corners in PDF points from the page's lower left."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


class Sheet:
    """One document. `lang` is the language that a reading machine reads it in."""

    def __init__(self, title: str, *, made_at: datetime, issuer: str = "", foot: str = "", lang: str = "zh") -> None:
        self._pdf = _paper()(fonts.showable(foot))
        self._loaded: list[str] = []
        self.boxes: dict[str, Box] = {}
        self._pdf.set_lang("zh-CN" if lang == "zh" else lang)
        self._pdf.set_creation_date(made_at)
        self._pdf.set_title(title)
        self._pdf.set_author(issuer or "sscard")
        self._pdf.set_producer("sscard")
        self._load(title + issuer + foot)
        self._pdf.add_page()
        if issuer:
            self._write(issuer, SMALL_PT, colour=_GREY)
        self._write(title, TITLE_PT)
        self._rule()

    # -- what a document is made of ------------------------------------------------------------------------------------
    def heading(self, text: str) -> None:
        self._pdf.ln(2.5)
        self._keep_together(_LINE_MM[HEAD_PT] + 2 * _LINE_MM[BODY_PT])
        self._write(text, HEAD_PT)

    def text(self, text: str, *, small: bool = False) -> None:
        self._write(text, SMALL_PT if small else BODY_PT, colour=_GREY if small else _INK)
        self._pdf.ln(1.2)

    def listing(self, items: Iterable[str], *, numbered: bool = True) -> None:
        for number, item in enumerate(items, 1):
            self._write(item, BODY_PT, indent=8.0, mark=f"{number}." if numbered else "–")
        self._pdf.ln(1.2)

    def facts(self, rows: Iterable[tuple[str, str]], *, label_mm: float = 46.0) -> None:
        """Label and value, one pair a line."""
        for label, value in rows:
            self._write(value, BODY_PT, indent=label_mm, mark=label)
        self._pdf.ln(1.2)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """A table whose head stands on every page. Cells wrap; a row is never torn apart."""
        whole = sum(column.share for column in columns)
        widths = [WIDTH_MM * column.share / whole for column in columns]
        titles = [column.title for column in columns]
        self._row(columns, widths, titles, head=True)
        for row in rows:
            if len(row) != len(columns):
                raise ValueError("a row has as many cells as the table has columns")
            lines = self._cells(widths, row)
            if self._pdf.will_page_break(self._height(lines)):
                self._pdf.add_page()
                self._row(columns, widths, titles, head=True)
            self._row(columns, widths, row, lines=lines)
        self._pdf.ln(2)

    def signature(self, name: str, label: str, *, column: int = 0) -> Box:
        """Room for a signature field called `name`; two stand side by side as column 0 and 1."""
        height, width = 24.0, (WIDTH_MM - 10) / 2
        if column == 0:
            self._keep_together(height + 12)
            self._pdf.ln(3)
        top = self._pdf.get_y()
        left = MARGIN_MM + column * (width + 10)
        self._pdf.set_xy(left, top)
        self._write(label, SMALL_PT, colour=_GREY, left=left, width=width)
        box_top = top + _LINE_MM[SMALL_PT]
        self._pdf.set_draw_color(*_RULE)
        self._pdf.rect(left, box_top, width, height)
        self.boxes[name] = Box(
            self._pdf.page_no() - 1,
            left * _PT,
            (HEIGHT_MM - box_top - height) * _PT,
            (left + width) * _PT,
            (HEIGHT_MM - box_top) * _PT,
        )
        self._pdf.set_xy(MARGIN_MM, top if column == 0 else box_top + height + 3)
        return self.boxes[name]

    def output(self) -> bytes:
        """The file. What is shown of signatures is drawn by whoever signs."""
        file = bytes(self._pdf.output())
        fonts.give_back()
        return file

    # -- how it is set -------------------------------------------------------------------------------------------------
    def _write(
        self,
        text: str,
        size: float,
        *,
        colour: tuple[int, int, int] = _INK,
        indent: float = 0.0,
        mark: str = "",
        left: float = MARGIN_MM,
        width: float = WIDTH_MM,
    ) -> None:
        text, mark = self._load(text), self._load(mark)
        self._use(size, colour)
        for number, line in enumerate(wrap(text, width - indent, self._pdf.get_string_width)):
            if self._pdf.will_page_break(_LINE_MM[size]):
                self._pdf.add_page()
                self._use(size, colour)
            if mark and number == 0:
                self._pdf.set_x(left)
                self._pdf.set_text_color(*_GREY)
                self._pdf.cell(indent, _LINE_MM[size], mark)
                self._pdf.set_text_color(*colour)
            self._pdf.set_x(left + indent)
            self._pdf.cell(width - indent, _LINE_MM[size], line, new_x="LMARGIN", new_y="NEXT")

    def _cells(self, widths: Sequence[float], row: Sequence[str]) -> list[list[str]]:
        shown = [self._load(cell) for cell in row]
        self._use(SMALL_PT, _INK)
        return [wrap(cell, width - 3, self._pdf.get_string_width) for cell, width in zip(shown, widths, strict=True)]

    @staticmethod
    def _height(lines: Sequence[Sequence[str]]) -> float:
        return max(len(cell) for cell in lines) * _LINE_MM[SMALL_PT] + 2.0

    def _row(
        self,
        columns: Sequence[Column],
        widths: Sequence[float],
        row: Sequence[str],
        *,
        head: bool = False,
        lines: list[list[str]] | None = None,
    ) -> None:
        lines = self._cells(widths, row) if lines is None else lines
        height = self._height(lines)
        if head:
            self._keep_together(2 * height)
        self._use(SMALL_PT, _GREY if head else _INK)
        top, left = self._pdf.get_y(), MARGIN_MM
        for column, width, cell in zip(columns, widths, lines, strict=True):
            for number, line in enumerate(cell):
                self._pdf.set_xy(left, top + 1 + number * _LINE_MM[SMALL_PT])
                self._pdf.cell(width, _LINE_MM[SMALL_PT], line, align=_ALIGN[column.align])
            left += width
        self._pdf.set_draw_color(*_RULE)
        self._pdf.line(MARGIN_MM, top + height, MARGIN_MM + WIDTH_MM, top + height)
        self._pdf.set_xy(MARGIN_MM, top + height)

    def _rule(self) -> None:
        self._pdf.set_draw_color(*_RULE)
        at = self._pdf.get_y() + 1
        self._pdf.line(MARGIN_MM, at, MARGIN_MM + WIDTH_MM, at)
        self._pdf.ln(4)

    def _keep_together(self, height_mm: float) -> None:
        if self._pdf.will_page_break(height_mm):
            self._pdf.add_page()

    def _use(self, size: float, colour: tuple[int, int, int]) -> None:
        self._pdf.set_font(self._loaded[0], size=size)
        self._pdf.set_text_color(*colour)

    def _load(self, text: str) -> str:
        """Load the fonts that this text needs, and give it as it can be shown."""
        there = fonts.found()
        missing = {ord(sign) for sign in text if not sign.isspace()}
        for one in there:
            if self._loaded and not missing:
                break
            here = fonts.characters(one)
            left = {sign for sign in missing if sign not in here}  # by the few signs of the text: a face has 30,000
            needed = not self._loaded or left != missing
            if needed and one.face.name not in self._loaded:
                fonts.lend(self._pdf, one)
                self._loaded.append(one.face.name)
                self._pdf.main_font = self._loaded[0]
                self._pdf.set_fallback_fonts(self._loaded[1:])
            missing = left
        return fonts.showable(text) if missing else text


@lru_cache(maxsize=1)
def _paper() -> Any:
    """The page with its foot. The library is imported when the first document is set."""
    from fpdf import FPDF

    class Paper(FPDF):  # type: ignore[misc]
        main_font = ""

        def __init__(self, foot: str) -> None:
            super().__init__(format="A4")
            self._foot = foot
            self.set_margins(MARGIN_MM, 18.0)
            self.set_auto_page_break(True, margin=BOTTOM_MM)

        def footer(self) -> None:
            self.set_y(-14)
            self.set_font(self.main_font, size=7.5)
            self.set_text_color(*_GREY)
            self.cell(WIDTH_MM - 30, 5, self._foot)
            self.cell(30, 5, f"{self.page_no()} / {{nb}}", align="R")

    return Paper
