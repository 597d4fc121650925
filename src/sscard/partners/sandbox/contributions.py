"""Contributions of the magic persons, as the levy's file would bring them: two years of the five insurances and, counted
from them, the two accounts. Written in one statement by the insurance room's own way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from sscard.codes.insurance_kinds import KINDS
from sscard.control.inside import Inside
from sscard.insurance import rules, store
from sscard.insurance.files.contribution import ContributionRow
from sscard.insurance.rules import Entry
from sscard.kernel.dates import month_of, months_between
from sscard.law.area import Area

MONTHS: Final = 24
STOPPED: Final = 8
"""Months since somebody who left his work paid last."""
WAGE_FEN: Final = 820_000
RESIDENTS_MEDICAL_FEN: Final = 40_000
EMPLOYER: Final = "SBX0001"
EMPLOYER_NAME: Final = "远山机械厂"
INDUSTRY_CLASS: Final = 2
EMPLOYED: Final = {
    "employee_pension": "pension", "employee_medical": "medical", "unemployment": "unemployment",
    "work_injury": "injury", "maternity": "maternity",
}  # fmt: skip
NOBODY: Final = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Line:
    """One sound row and whose it is, as the store takes it."""

    number: int
    person_id: int
    row: ContributionRow


def write(inside: Inside, people: dict[int, str]) -> None:
    """`people`: person → employed, stopped (one month half paid before that), resident, or "" for nothing at all."""
    lines: list[_Line] = []
    last = _before(month_of(inside.today), 1)
    for person, kind in people.items():
        for entry in _entries(inside.area, kind, last):
            scheme, code = _code_of(entry.kind)
            row = ContributionRow("", "", scheme, code, entry, EMPLOYER_NAME if entry.employer else "")
            lines.append(_Line(len(lines) + 1, person, row))
    store.post_contributions(cast(Any, lines), area=inside.area_code, file_id=NOBODY, now=inside.now)


def _entries(area: Area, kind: str, last: int) -> Iterator[Entry]:
    if kind == "resident":
        for month in months_between(_before(last, MONTHS), last):
            if month % 100 == 1:
                whole = 0, RESIDENTS_MEDICAL_FEN
                yield _entry("residents_medical", "medical", month, 0, whole, whole, 0, "")
    elif kind in ("employed", "stopped"):
        until = _before(last, STOPPED) if kind == "stopped" else last
        short = _before(until, 3) if kind == "stopped" else 0
        for month in months_between(_before(last, MONTHS - 1), until):
            for name, insurance in EMPLOYED.items():
                if not area.insurance(insurance).collected_within:
                    yield _employed(area, name, insurance, month, short=month == short)


def _employed(area: Area, name: str, insurance: str, month: int, *, short: bool) -> Entry:
    rates = area.contribution_rates(insurance, date(month // 100, month % 100, 1))
    base = rates.base_fen(WAGE_FEN)
    due = rates.employer_fen(base, INDUSTRY_CLASS), rates.person_fen(base)
    paid = (due[0] // 2, due[1]) if short else due
    account = due[1] if not short and area.insurance(insurance).personal_account else 0
    return _entry(name, insurance, month, base, due, paid, account, EMPLOYER)


def _entry(
    kind: str, insurance: str, month: int, base: int, due: tuple[int, int], paid: tuple[int, int], account: int,
    employer: str,
) -> Entry:  # fmt: skip
    return Entry(
        insurance=insurance, kind=kind, month=month, employer=employer, base_fen=base, employer_due_fen=due[0],
        employer_paid_fen=paid[0], person_due_fen=due[1], person_paid_fen=paid[1], to_account_fen=account,
        settlement_month=month, arrived_on=date(month // 100, month % 100, 20), posted=due == paid,
    )  # fmt: skip


def _code_of(kind: str) -> tuple[str, str]:
    return rules.canonical(next(one for one in KINDS.values() if one.kind == kind))


def _before(month: int, months: int) -> int:
    index = month // 100 * 12 + month % 100 - 1 - months
    return index // 12 * 100 + index % 12 + 1
