"""All of a roster's checking: open, read in blocks, sort good rows from bad, find doubles.

with Roster(path) as roster:                      refusals about the file itself come here
    check = RosterCheck(roster, on=…, values=…)
    for batch in check:                           good rows as a frame, bad rows with their faults
        …
    check.doubles, check.summary()                known when the file is through
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from sscard.kernel.refusals import Fault
from sscard.people.roster import rules
from sscard.people.roster.doubles import Double, Doubles, waiting
from sscard.people.roster.fast import GOOD_SCHEMA, ROW, FastLane
from sscard.people.roster.faults import ROW_PLACE, BadRow
from sscard.people.roster.limits import LIMITS, Limits
from sscard.people.roster.read import Block, Roster
from sscard.people.roster.rules import RosterValues

Progress = Callable[[int, int, int], None]
"""Called after each block with bytes read, bytes in all and rows so far."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One block of the file, sorted. `good` has the columns of `GOOD_SCHEMA`: `row` and normal texts, absent ones
    null."""

    good: pl.DataFrame
    bad: tuple[BadRow, ...]
    blank: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a dry run tells. `waiting` rows are counted in `good` too; `by_fault` counts rows, most frequent first."""

    rows: int
    good: int
    bad: int
    blank: int
    waiting: int
    by_fault: Mapping[str, int]
    by_doubt: Mapping[str, int]
    encoding: str
    workbook: bool
    unknown_columns: tuple[str, ...]


class RosterCheck:
    """The checking of one open roster, to be iterated once."""

    def __init__(self, roster: Roster, *, on: date, values: RosterValues, progress: Progress | None = None) -> None:
        self._roster, self._on, self._values, self._progress = roster, on, values, progress
        self._fast = FastLane(on=on, values=values)
        self._doubles = Doubles()
        self._by_fault: Counter[str] = Counter()
        self._good = self._bad = self._blank = 0
        self._through = False

    def __iter__(self) -> Iterator[Batch]:
        assert not self._through, "a roster is checked once"
        for block in self._roster.blocks():
            batch = self.sort(block)
            self._doubles.add(batch.good)
            self._good += batch.good.height
            self._bad += len(batch.bad)
            self._blank += batch.blank
            for bad in batch.bad:
                self._by_fault.update({fault.code for fault in bad.faults})
            yield batch
            if self._progress:
                self._progress(block.done, self._roster.size, self._good + self._bad)
        self._through = True

    def sort(self, block: Block) -> Batch:
        """Good rows from bad ones: the fast lane first, every doubtful row through the exact lane."""
        layout = self._roster.layout
        raw = block.cells.select(
            ROW, *(pl.col(f"c{index}").alias(name) for index, name in enumerate(layout.fields) if name)
        )
        row = self._fast.normalise(raw)
        good = self._fast.plainly_good(raw, row)
        if block.extra:
            good &= ~raw[ROW].is_in(list(block.extra))
        late, bad, blank = self._exact_lane(block, raw.filter(~good), block.cells.filter(~good))
        plain = row.filter(good).with_columns(pl.col("id_type").fill_null("resident_id"))
        if late:
            plain = pl.concat([plain, pl.DataFrame(late, schema=GOOD_SCHEMA)]).sort(ROW)
        return Batch(plain, tuple(bad), blank)

    def _exact_lane(
        self, block: Block, raw: pl.DataFrame, cells: pl.DataFrame
    ) -> tuple[list[dict[str, object]], list[BadRow], int]:
        late: list[dict[str, object]] = []
        bad: list[BadRow] = []
        blank = 0
        for named, all_cells in zip(raw.iter_rows(named=True), cells.iter_rows(), strict=True):
            number, texts = all_cells[0], tuple(cell or "" for cell in all_cells[1:])
            extra = block.extra.get(number, ())
            if not extra and not any(text.strip() for text in texts):
                blank += 1
                continue
            checked = rules.check(named, on=self._on, values=self._values)
            found = checked.faults
            if extra:
                found = (Fault(ROW_PLACE, "people.row_too_many_cells", {"columns": len(texts)}), *found)
            if found:
                bad.append(BadRow(number, texts, found, extra))
            else:
                late.append({ROW: number, **checked.row})
        return late, bad, blank

    @cached_property
    def doubles(self) -> list[Double]:
        """Doubtful groups of good rows; known when the file is through."""
        assert self._through, "the whole file must have been read"
        return self._doubles.found()

    def summary(self) -> Summary:
        by_doubt = Counter(double.doubt.value for double in self.doubles)
        return Summary(
            rows=self._good + self._bad,
            good=self._good,
            bad=self._bad,
            blank=self._blank,
            waiting=len(waiting(self.doubles)),
            by_fault=dict(self._by_fault.most_common()),
            by_doubt=dict(by_doubt),
            encoding=self._roster.encoding.name,
            workbook=self._roster.is_workbook,
            unknown_columns=self._roster.layout.unknown,
        )


def check_file(
    path: Path, *, on: date, values: RosterValues, progress: Progress | None = None, limits: Limits = LIMITS
) -> Iterator[Batch]:
    """The batches of a file, for callers that need neither doubles nor summary."""
    with Roster(path, limits) as roster:
        yield from RosterCheck(roster, on=on, values=values, progress=progress)


def dry_run(
    path: Path, *, on: date, values: RosterValues, progress: Progress | None = None, limits: Limits = LIMITS
) -> Summary:
    """Checks a whole file and keeps nothing of it but the counts."""
    with Roster(path, limits) as roster:
        check = RosterCheck(roster, on=on, values=values, progress=progress)
        for _ in check:
            pass
        return check.summary()
