"""Pure decisions on contributions: what is due of a base, which months count, what a year and an account come to.

Amounts are fen, months YYYYMM. Insurances bear the names of the area packs: pension, medical, unemployment, injury,
maternity. Sources: GB/T 40217-2021 (fields, paid ≤ due, to account ≤ paid, closing identity), SIL 53 (maternity).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from sscard.codes.insurance_kinds import KINDS, InsuranceKind
from sscard.kernel.dates import months_between

INSURANCES = ("pension", "medical", "unemployment", "injury", "maternity")
"""In the order in which people are shown them."""
OF_BRANCH: Mapping[str, str] = {
    "pension": "pension", "medical": "medical", "unemployment": "unemployment", "work_injury": "injury",
    "maternity": "maternity",
}  # fmt: skip
"""Branch of a kind (codes.insurance_kinds) → insurance of an area pack."""
RATED = frozenset(
    {"employee_pension", "public_sector_pension", "employee_medical", "unemployment", "work_injury", "maternity"}
)
"""Kinds whose amounts are a rate of a base. The others are flat amounts."""
SELF_PAID = frozenset({"employee_pension", "employee_medical"})
"""Kinds that people without employer (灵活就业) may pay by themselves, at a rate that stands in the row."""
YEARLY = frozenset({"residents_pension", "residents_medical"})
"""One payment covers a calendar year (城乡居民)."""
WITH_ACCOUNT = frozenset({"employee_pension", "public_sector_pension", "residents_pension", "employee_medical"})
"""Kinds with a personal account. Residents' medical insurance has none, which is not the same as an empty one."""


class MonthState(StrEnum):
    PAID = "paid"
    PARTLY = "partly_paid"
    DUE = "due"
    NOT_INSURED = "not_insured"


class Rates(Protocol):
    """Rates and bounds of one insurance on a day (law.area.ContributionRates)."""

    @property
    def floor_fen(self) -> int: ...
    @property
    def ceiling_fen(self) -> int: ...
    @property
    def classes(self) -> Sequence[object]: ...
    def employer_fen(self, base_fen: int, industry_class: int | None = None) -> int: ...
    def person_fen(self, base_fen: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: one kind of insurance, one month owed, one employer ("" when the person pays himself).

    `posted` is the fully-arrived flag (AAE078). `settlement_month` (AAE002) is 0 when the source does not tell it.
    """

    insurance: str
    kind: str
    month: int
    employer: str
    base_fen: int
    employer_due_fen: int
    employer_paid_fen: int
    person_due_fen: int
    person_paid_fen: int
    to_account_fen: int
    settlement_month: int = 0
    arrived_on: date | None = None
    posted: bool = False

    @property
    def due_fen(self) -> int:
        return self.employer_due_fen + self.person_due_fen

    @property
    def paid_fen(self) -> int:
        return self.employer_paid_fen + self.person_paid_fen

    @property
    def late(self) -> bool:
        """Settled in a later month than owed."""
        return self.settlement_month > self.month


def canonical(kind: InsuranceKind) -> tuple[str, str]:
    """The (scheme, code) under which a kind is kept: both sides may report employees' medical, and it is one."""
    first = next(one for one in KINDS.values() if one.kind == kind.kind)
    return first.scheme.value, first.code


def fully_paid(employer_due: int, employer_paid: int, person_due: int, person_paid: int) -> bool:
    """Each side has paid all of its own part; nothing due is nothing paid."""
    return employer_due + person_due > 0 and employer_paid == employer_due and person_paid == person_due


def state_of(entry: Entry) -> MonthState:
    full = fully_paid(entry.employer_due_fen, entry.employer_paid_fen, entry.person_due_fen, entry.person_paid_fen)
    if full and entry.posted:
        return MonthState.PAID
    return MonthState.PARTLY if entry.paid_fen else MonthState.DUE


_BEST = (MonthState.PAID, MonthState.PARTLY, MonthState.DUE)


def month_state(entries: Iterable[Entry]) -> MonthState:
    """A month's state over all employers: the best of its records."""
    found = {state_of(entry) for entry in entries}
    return next((state for state in _BEST if state in found), MonthState.NOT_INSURED)


def employer_dues(rates: Rates, base_fen: int) -> frozenset[int]:
    """What the employer may owe of a base: one amount, or one per industry class (work injury, WIR 8)."""
    if rates.classes:
        return frozenset(rates.employer_fen(base_fen, number) for number in range(1, len(rates.classes) + 1))
    return frozenset({rates.employer_fen(base_fen)})


# --- counting -------------------------------------------------------------------------------------------------------


def paid_months(entries: Iterable[Entry]) -> frozenset[int]:
    """Months fully paid: each calendar month once, whoever the employer was (AAE201). Yearly kinds count as years."""
    return frozenset(e.month for e in entries if e.kind not in YEARLY and state_of(e) is MonthState.PAID)


def paid_years(entries: Iterable[Entry]) -> frozenset[int]:
    return frozenset(e.month // 100 for e in entries if e.kind in YEARLY and state_of(e) is MonthState.PAID)


@dataclass(frozen=True, slots=True)
class InsuranceTotal:
    """One insurance over all time. `break_months` lie between the first and the last paid month (EAE027)."""

    insurance: str
    months: int
    years: int
    first_month: int
    last_month: int
    break_months: int
    employer_paid_fen: int
    person_paid_fen: int


def total_of(insurance: str, entries: Sequence[Entry]) -> InsuranceTotal:
    own = [entry for entry in entries if entry.insurance == insurance]
    months = paid_months(own)
    first, last = (min(months), max(months)) if months else (0, 0)
    return InsuranceTotal(
        insurance=insurance,
        months=len(months),
        years=len(paid_years(own)),
        first_month=first,
        last_month=last,
        break_months=len(months_between(first, last)) - len(months) if months else 0,
        employer_paid_fen=sum(entry.employer_paid_fen for entry in own),
        person_paid_fen=sum(entry.person_paid_fen for entry in own),
    )


# --- a year as people see it ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MonthCell:
    """One insurance in one month. `within`: it is collected inside that insurance and has no amounts of its own.
    `yearly`: the month is covered by one payment for the year, whose amounts stand at the month it was owed."""

    insurance: str
    state: MonthState
    employer_due_fen: int = 0
    employer_paid_fen: int = 0
    person_due_fen: int = 0
    person_paid_fen: int = 0
    to_account_fen: int = 0
    base_fen: int = 0
    employers: tuple[str, ...] = ()
    late: bool = False
    yearly: bool = False
    within: str = ""

    @property
    def owed_fen(self) -> int:
        """What is still missing."""
        return self.employer_due_fen - self.employer_paid_fen + self.person_due_fen - self.person_paid_fen


@dataclass(frozen=True, slots=True)
class MonthLine:
    month: int
    cells: tuple[MonthCell, ...]
    """In the order of INSURANCES."""

    def cell(self, insurance: str) -> MonthCell:
        return self.cells[INSURANCES.index(insurance)]


@dataclass(frozen=True, slots=True)
class YearOverview:
    """Twelve months, always. `months_paid` counts this year's fully paid months per insurance."""

    year: int
    lines: tuple[MonthLine, ...]
    months_paid: Mapping[str, int]
    employer_paid_fen: int
    person_paid_fen: int


def overview(year: int, entries: Sequence[Entry], within: Mapping[str, str] | None = None) -> YearOverview:
    """A year of all five insurances. `within`: insurances collected inside another (maternity → medical)."""
    own = [entry for entry in entries if entry.month // 100 == year]
    lines = []
    for number in range(1, 13):
        cells = {one: _cell(one, year * 100 + number, own) for one in INSURANCES}
        for inner, outer in (within or {}).items():
            if cells[inner].state is MonthState.NOT_INSURED and _has_rated(outer, year * 100 + number, own):
                cells[inner] = MonthCell(inner, cells[outer].state, within=outer)
        lines.append(MonthLine(year * 100 + number, tuple(cells[one] for one in INSURANCES)))
    return YearOverview(
        year=year,
        lines=tuple(lines),
        months_paid={one: len(paid_months(e for e in own if e.insurance == one)) for one in INSURANCES},
        employer_paid_fen=sum(entry.employer_paid_fen for entry in own),
        person_paid_fen=sum(entry.person_paid_fen for entry in own),
    )


def _has_rated(insurance: str, month: int, entries: Sequence[Entry]) -> bool:
    """Whether an employer pays for this month: only then another insurance can lie inside."""
    return any(e.insurance == insurance and e.month == month and e.kind in RATED and e.employer for e in entries)


def _cell(insurance: str, month: int, year_entries: Sequence[Entry]) -> MonthCell:
    of_it = [entry for entry in year_entries if entry.insurance == insurance]
    found = [entry for entry in of_it if entry.month == month]
    yearly = [entry for entry in of_it if entry.kind in YEARLY]
    if not found:
        return MonthCell(insurance, month_state(yearly), yearly=bool(yearly))
    return MonthCell(
        insurance=insurance,
        state=month_state(found),
        employer_due_fen=sum(entry.employer_due_fen for entry in found),
        employer_paid_fen=sum(entry.employer_paid_fen for entry in found),
        person_due_fen=sum(entry.person_due_fen for entry in found),
        person_paid_fen=sum(entry.person_paid_fen for entry in found),
        to_account_fen=sum(entry.to_account_fen for entry in found),
        base_fen=max(entry.base_fen for entry in found),
        employers=tuple(sorted({entry.employer for entry in found if entry.employer})),
        late=any(entry.late for entry in found),
        yearly=any(entry.kind in YEARLY for entry in found),
    )


# --- personal accounts ----------------------------------------------------------------------------------------------


def closing_fen(opening_fen: int, principal_in_fen: int, interest_in_fen: int, paid_out_fen: int) -> int:
    """GB/T 40217 table 6: closing = opening + principal in + interest in - paid out."""
    return opening_fen + principal_in_fen + interest_in_fen - paid_out_fen
