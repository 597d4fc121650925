"""What the checks of a file need, each asked once per file: the area's rates by month, kinds, ID numbers, amounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sscard.codes import insurance_kinds, person_number
from sscard.codes.errors import NumberFault
from sscard.codes.insurance_kinds import InsuranceKind, Scheme
from sscard.insurance import rules
from sscard.insurance.files.cells import tidy
from sscard.kernel.dates import month_of
from sscard.kernel.refusals import Fault, Refusal
from sscard.law.area import Area, ContributionRates
from sscard.people.roster.cells import number

T = TypeVar("T")
Dues = tuple[frozenset[int], frozenset[int]]
"""Amounts in fen that the employer may owe, and the person."""
KEEP = 100_000
"""As many ID numbers are remembered; a file of 36 months names each person 180 times."""


@dataclass(slots=True)
class FileValues:
    """`today` is the area's day; `scheme` the code table that the file's heading names, or ""."""

    area: Area
    today: date
    scheme: str = ""
    _rates: dict[tuple[str, int], ContributionRates | None] = field(default_factory=dict)
    _kinds: dict[tuple[str, str], InsuranceKind | NumberFault] = field(default_factory=dict)
    _dues: dict[tuple[str, int, int], Dues] = field(default_factory=dict)
    _numbers: dict[str, str | NumberFault] = field(default_factory=dict)

    @property
    def month(self) -> int:
        """The month of today, YYYYMM."""
        return month_of(self.today)

    def rates(self, insurance: str, month: int) -> ContributionRates | None:
        """Rates and bounds on the first day of a month; None where the area pack tells none for that day."""
        key = insurance, month
        if key not in self._rates:
            try:
                found = self.area.contribution_rates(insurance, date(month // 100, month % 100, 1))
            except Refusal:
                found = None
            self._rates[key] = found
        return self._rates[key]

    def dues(self, insurance: str, month: int, base_fen: int) -> Dues:
        """What employer and person may owe of a base; only for months with rates."""
        key = insurance, month, base_fen
        if key not in self._dues:
            if len(self._dues) >= KEEP:
                self._dues.clear()
            rates = self.rates(insurance, month)
            assert rates is not None
            self._dues[key] = rules.employer_dues(rates, base_fen), frozenset({rates.person_fen(base_fen)})
        return self._dues[key]

    def within(self, insurance: str) -> str:
        """The insurance inside which the area collects this one, or ""."""
        return self.area.insurance(insurance).collected_within or ""

    def has_account(self, insurance: str) -> bool:
        return self.area.insurance(insurance).personal_account

    def kind(self, text: str | None, scheme: str | None) -> InsuranceKind:
        """The kind that a cell tells: a code, a name, or "insutype:390". Raises NumberFault at "insurance"."""
        key = text or "", tidy(scheme or "") or self.scheme
        if key not in self._kinds:
            self._kinds[key] = _caught(lambda: _kind(*key))
        found = self._kinds[key]
        if isinstance(found, NumberFault):
            raise found
        return found

    def id_number(self, text: str | None) -> str:
        """Normal form of an ID number. Raises NumberFault with every fault."""
        raw = text or ""
        if raw not in self._numbers:
            if len(self._numbers) >= KEEP:
                self._numbers.clear()
            self._numbers[raw] = _caught(lambda: person_number.validate(number(raw[:60]), on=self.today))
        found = self._numbers[raw]
        if isinstance(found, NumberFault):
            raise found
        return found


def _kind(text: str, scheme: str) -> InsuranceKind:
    bare = tidy(text).removesuffix(".0")
    if ":" in bare:
        scheme, _, bare = bare.partition(":")
    known = next((one for one in Scheme if one.value.lower() == scheme.strip().lower()), None)
    return insurance_kinds.parse(bare, known)


def _caught(rule: Callable[[], T]) -> T | NumberFault:
    """A rule's answer, or the fault it raised, so that either is kept."""
    try:
        return rule()
    except NumberFault as fault:
        return fault


def at(place: str, fault: NumberFault) -> list[Fault]:
    return list(fault.at(place))
