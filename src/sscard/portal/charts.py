"""Geometry of the small pictures: contribution bars, trend lines, cut bars. Pure: numbers in, coordinates out.

Pictures carry no style of their own; classes come from the style sheet, sizes are SVG attributes, so the strict
content policy holds. Beside each picture stands the same as a table or a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sscard.portal.shapes import Contribution, Part

INSURANCES = ("pension", "medical", "unemployment", "injury", "maternity")
BAR_WIDTH, BAR_GAP, BAR_HEIGHT = 34, 14, 180
PLOT_LEFT, PLOT_TOP = 8, 12
PLOT_WIDTH = 12 * (BAR_WIDTH + BAR_GAP)
SPARK_WIDTH, SPARK_HEIGHT = 120, 32


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a bar: one insurance of one month."""

    insurance: str
    y: float
    height: float
    state: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One insurance in one month, of several entries maybe: what was paid, what is owed, whether any came late."""

    paid_fen: int
    owed_fen: int
    late: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: its place, its pieces from the bottom up. `due`: with nothing there, something should have come."""

    month: int
    x: float
    middle: float
    blocks: tuple[Block, ...]
    total_fen: int
    due: bool = True

    @property
    def number(self) -> int:
        return self.month % 100


@dataclass(frozen=True, slots=True)
class MonthLine:
    """The table's line of a month: each insurance in the order of INSURANCES, None where there is nothing."""

    month: int
    cells: tuple[Cell | None, ...]
    total_fen: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of contributions, as picture and as table."""

    year: int
    bars: tuple[Bar, ...]
    lines: tuple[MonthLine, ...]
    sums: tuple[int, ...]
    person_fen: int
    employer_fen: int
    months: int
    missing: tuple[int, ...]
    later: tuple[int, ...] = ()
    """Months that are not due yet and for which nothing has come in."""

    @property
    def total_fen(self) -> int:
        return self.person_fen + self.employer_fen


def last_due(year: int, today: date) -> int:
    """The last month of a year that can have been paid, 0 for none: a month is levied when it is over."""
    return 12 if year < today.year else today.month - 1 if year == today.year else 0


def contribution_year(year: int, records: Sequence[Contribution], *, until: int = 12) -> Year:
    """Twelve bars of a year. Owed months are drawn but not summed; `until` is the last month that could be there."""
    own = [record for record in records if record.month // 100 == year]
    months = [year * 100 + number for number in range(1, 13)]
    totals = {month: sum(_amount(r) for r in own if r.month == month) for month in months}
    tallest = max(totals.values(), default=0) or 1
    bars, lines = [], []
    for index, month in enumerate(months):
        cells = [_cell(own, month, insurance) for insurance in INSURANCES]
        x = PLOT_LEFT + index * (BAR_WIDTH + BAR_GAP) + BAR_GAP / 2
        bars.append(Bar(month, x, x + BAR_WIDTH / 2, _blocks(cells, tallest), totals[month], index < until))
        paid = sum(cell.paid_fen for cell in cells if cell)
        lines.append(MonthLine(month, tuple(cells), paid))
    paid_records = [record for record in own if record.state != "owed"]
    paid_months = {record.month for record in paid_records}
    return Year(
        year=year,
        bars=tuple(bars),
        lines=tuple(line for line in lines if line.month % 100 <= until or any(line.cells)),
        sums=tuple(sum(_amount(r) for r in paid_records if r.insurance == one) for one in INSURANCES),
        person_fen=sum(record.person_fen for record in paid_records),
        employer_fen=sum(record.employer_fen for record in paid_records),
        months=len(paid_months),
        missing=tuple(month for month in months[:until] if month not in paid_months),
        later=tuple(bar.month for bar in bars[until:] if not bar.blocks),
    )


def _amount(record: Contribution) -> int:
    return record.employer_fen + record.person_fen


def _cell(records: Sequence[Contribution], month: int, insurance: str) -> Cell | None:
    found = [record for record in records if record.month == month and record.insurance == insurance]
    if not found:
        return None
    return Cell(
        paid_fen=sum(_amount(record) for record in found if record.state != "owed"),
        owed_fen=sum(_amount(record) for record in found if record.state == "owed"),
        late=any(record.state == "late" for record in found),
    )


def _blocks(cells: Sequence[Cell | None], tallest: int) -> tuple[Block, ...]:
    """Pieces stacked from the ground. A piece of any amount can be seen: it is at least two units high."""
    blocks, ground = [], float(PLOT_TOP + BAR_HEIGHT)
    for insurance, cell in zip(INSURANCES, cells, strict=True):
        if cell is None:
            continue
        for amount, state in ((cell.paid_fen, "late" if cell.late else "paid"), (cell.owed_fen, "owed")):
            if amount > 0:
                height = max(2.0, round(amount * (BAR_HEIGHT - 20) / tallest, 1))
                ground = round(ground - height, 1)
                blocks.append(Block(insurance, ground, height, state))
    return tuple(blocks)


def spark_points(values: Sequence[int]) -> str:
    """The points of a trend line, oldest left; a flat row lies in the middle."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = high - low
    step = (SPARK_WIDTH - 8) / (len(values) - 1)
    points = []
    for index, value in enumerate(values):
        share = (value - low) / span if span else 0.5
        points.append(f"{4 + index * step:.1f},{SPARK_HEIGHT - 4 - share * (SPARK_HEIGHT - 8):.1f}")
    return " ".join(points)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a cut bar: place and width in thousandths, and its class number."""

    part: Part
    x: float
    width: float
    number: int


def pieces(parts: Sequence[Part]) -> tuple[Piece, ...]:
    """Parts of a bar that is 1000 wide; widths are exact shares and end where the bar ends."""
    whole = sum(part.fen for part in parts if part.fen > 0)
    found, seen = [], 0
    for number, part in enumerate(parts, start=1):
        if part.fen > 0:
            start = seen * 1000 / whole
            seen += part.fen
            found.append(Piece(part, round(start, 1), round(seen * 1000 / whole - start, 1), number))
    return tuple(found)
