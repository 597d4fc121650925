"""Doubtful pairs inside one file: rows that are each without fault and yet cannot all be right.

    repeated     the same number and the same person again: the first row stands, the later ones wait
    two_people   the same number under two names or birth dates: all rows wait
    two_numbers  the same person (name, birth date, and phone or address) under two numbers: all rows wait

Waiting rows go to the queue that two persons decide. Keys are kept as 64-bit hashes, 36 bytes for each row of the file;
a chance agreement of two hashes (one in 10^7 for a million rows) only sends two rows to that queue, where people look
at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sscard.people.roster.fast import ROW


class Doubt(StrEnum):
    """Why rows wait. The values are stored."""

    REPEATED = "repeated"
    TWO_PEOPLE = "two_people"
    TWO_NUMBERS = "two_numbers"


@dataclass(frozen=True, slots=True)
class Double:
    """A group of rows of the file, in ascending order, and the doubt about them."""

    doubt: Doubt
    rows: tuple[int, ...]

    @property
    def waiting(self) -> tuple[int, ...]:
        """The rows that must not be registered before the decision."""
        return self.rows[1:] if self.doubt is Doubt.REPEATED else self.rows


class Doubles:
    """Collects keys block by block; `found()` tells the groups when the file is through."""

    def __init__(self) -> None:
        self._keys: list[pl.DataFrame] = []

    def add(self, good: pl.DataFrame) -> None:
        """Takes the keys of good rows."""
        who = ("name", "birth_date")
        self._keys.append(
            good.select(
                ROW,
                number=pl.col("id_number").hash(),
                who=pl.concat_str(who, separator="|").hash(),
                by_phone=pl.concat_str(*who, "phone", separator="|").hash(),
                by_address=pl.concat_str(*who, "household_address", separator="|").hash(),
            )
        )

    def found(self) -> list[Double]:
        """All groups, ordered by their first row. A row may stand in two groups."""
        if not self._keys:
            return []
        keys = pl.concat(self._keys, rechunk=False)
        groups = {double.rows: double for double in _same_number(keys)}
        for key in ("by_phone", "by_address"):
            for double in _same_person(keys, key):
                groups.setdefault(double.rows, double)
        return sorted(groups.values(), key=lambda double: (double.rows, double.doubt))


def _same_number(keys: pl.DataFrame) -> Iterator[Double]:
    again = (
        keys.filter(pl.col("number").is_duplicated())
        .group_by("number")
        .agg(pl.col(ROW).sort(), pl.col("who").n_unique())
    )
    for rows, people in again.select(ROW, "who").iter_rows():
        yield Double(Doubt.REPEATED if people == 1 else Doubt.TWO_PEOPLE, tuple(rows))


def _same_person(keys: pl.DataFrame, key: str) -> Iterator[Double]:
    again = keys.filter(pl.col(key).is_duplicated()).group_by(key).agg(pl.col(ROW).sort(), pl.col("number").n_unique())
    for (rows,) in again.filter(pl.col("number") > 1).select(ROW).iter_rows():
        yield Double(Doubt.TWO_NUMBERS, tuple(rows))


def waiting(doubles: Iterable[Double]) -> frozenset[int]:
    """All rows of the file that wait for a decision."""
    return frozenset(row for double in doubles for row in double.waiting)
