"""What the roster tests share: a good row, files made of rows, a whole check."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sscard.people.roster.columns import BY_NAME
from sscard.people.roster.doubles import Double
from sscard.people.roster.faults import BadRow
from sscard.people.roster.pipeline import RosterCheck, Summary
from sscard.people.roster.read import Roster
from sscard.people.roster.rules import RosterValues

ON = date(2026, 11, 21)
VALUES = RosterValues(guardian_age=16)
GOOD = {
    "id_number": "090101199001010016",
    "name": "张三",
    "sex": "男",
    "birth_date": "19900101",
    "nation": "汉族",
    "category": "城乡居民",
    "phone": "93010000001",
    "household_address": "云溪市东湖区人民路1号",
}


@dataclass(frozen=True)
class Result:
    good: dict[int, dict[str, Any]]
    bad: dict[int, BadRow]
    doubles: list[Double]
    summary: Summary

    def codes(self, row: int) -> set[str]:
        return {fault.code for fault in self.bad[row].faults}


def check_all(path: Path, **options: Any) -> Result:
    with Roster(path, **options) as roster:
        check = RosterCheck(roster, on=ON, values=VALUES)
        good: dict[int, dict[str, Any]] = {}
        bad: dict[int, BadRow] = {}
        for batch in check:
            good |= {row["row"]: row for row in batch.good.iter_rows(named=True)}
            bad |= {row.row: row for row in batch.bad}
        return Result(good, bad, check.doubles, check.summary())


def write(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", **format_options: Any) -> Path:
    names = list(dict.fromkeys(name for row in [GOOD, *rows] for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, **format_options)
        writer.writerow([BY_NAME[name].zh for name in names])
        writer.writerows([row.get(name, "") for name in names] for row in rows)
    return path
