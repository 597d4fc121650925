"""What can be wrong with a list of dated rows: overlaps, gaps, starts in the wrong order, month and day exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sscard.kernel.refusals import Fault
from sscard.law.faults import Places
from sscard.law.lines import Path
from sscard.law.sheet import Period

DAY = timedelta(days=1)


def timeline_faults(
    rows: Sequence[Period],
    places: Places,
    path: Path,
    *,
    begins: date | None,
    may_end: bool = False,
    indexes: Sequence[int] | None = None,
) -> Iterator[Fault]:
    """Faults of one list. `begins`: the first day that must be covered, if any; `may_end`: the last row may run out;
    `indexes`: where the rows stand in the file, if they are not neighbours there (the rows of one bank)."""
    stands = indexes or range(len(rows))
    for number, row in enumerate(rows):
        index = stands[number]
        if row.until is not None and row.until < row.from_:
            yield places.fault("pack_ends_before_start", *path, index, "until", start=row.from_, until=row.until)
        if (meant := likely_meant(rows, number)) is not None and not row.day_meant:
            yield places.fault("pack_day_month", *path, index, "from", given=row.from_, meant=meant)
        if number:
            yield from _joint(rows[number - 1], row, places, (*path, index))
    if not rows:
        return
    if begins is not None and rows[0].from_ > begins:
        yield places.fault("pack_gap", *path, stands[0], "from", first=begins, last=rows[0].from_ - DAY)
    if rows[-1].until is not None and not may_end:
        yield places.fault("pack_gap_after", *path, stands[-1], "until", first=rows[-1].until + DAY)


def _joint(before: Period, row: Period, places: Places, path: Path) -> Iterator[Fault]:
    if row.from_ == before.from_:
        yield places.fault("pack_same_start", *path, "from", start=row.from_)
    elif row.from_ < before.from_:
        yield places.fault("pack_order", *path, "from", start=row.from_, before=before.from_)
    elif before.until is not None and row.from_ <= before.until:
        yield places.fault("pack_overlap", *path, "from", start=row.from_, until=before.until)
    elif before.until is not None and row.from_ > before.until + DAY:
        yield places.fault("pack_gap", *path, "from", first=before.until + DAY, last=row.from_ - DAY)


def likely_meant(rows: Sequence[Period], index: int) -> date | None:
    """The date with month and day exchanged, if that is likely what was meant.

    Rules begin on the first of a month. A start such as 7 January becomes 1 July when exchanged; and a start that
    stands out of order falls into its place.
    """
    given = rows[index].from_
    if given.day > 12 or given.day == given.month:
        return None
    exchanged = given.replace(month=given.day, day=given.month)
    if exchanged.day == 1:
        return exchanged
    before = rows[index - 1].from_ if index else date.min
    after = rows[index + 1].from_ if index + 1 < len(rows) else date.max
    out_of_order = not before < given < after
    return exchanged if out_of_order and before < exchanged < after else None
