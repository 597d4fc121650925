"""A person's contribution record, as he and the counter see it. Each opening is written down (`inside.about`).

The pension account and the medical account stand apart and are never one sum; no bank account is known here at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from sscard.control.inside import Inside
from sscard.insurance import rules
from sscard.insurance.models import AccountTotal, Contribution, ContributionFile, Employer
from sscard.insurance.rules import Entry, InsuranceTotal, MonthState, YearOverview
from sscard.kernel.refusals import Refusal
from sscard.people.models import PersonAlias
from sscard.people.reads import true_person


@dataclass(frozen=True, slots=True)
class AccountYear:
    """Fen. closing = opening + principal in + interest in - paid out."""

    year: int
    opening_fen: int
    principal_in_fen: int
    interest_in_fen: int
    paid_out_fen: int
    closing_fen: int
    source: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """One personal account. `balance_fen` None: there is no account, and `notice` (words: notice) says why; never zero.

    `owner` is the side that answers for it (hrss, medical_security), `hotline` where one asks.
    """

    account: str
    owner: str
    hotline: str
    balance_fen: int | None
    notice: str
    as_of: date | None = None
    counted_by_us: bool = False
    years: tuple[AccountYear, ...] = ()


@dataclass(frozen=True, slots=True)
class Hotline:
    """Whom to ask about which insurances."""

    owner: str
    number: str
    insurances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Years newest first, each of twelve months and five insurances; totals in the order of the five."""

    person_id: int
    years: tuple[YearOverview, ...]
    totals: tuple[InsuranceTotal, ...]
    pension_account: AccountView
    medical_account: AccountView
    hotlines: tuple[Hotline, ...]
    employers: Mapping[str, str]
    """Employer's code → name."""


@dataclass(frozen=True, slots=True)
class BarEntry:
    """A piece of a bar: what was paid (state "paid", or "late" when settled afterwards) or is still "owed"."""

    month: int
    insurance: str
    employer_fen: int
    person_fen: int
    state: str


def record(inside: Inside, person_id: int) -> Record:
    """The whole record of one person. Whoever may not see it gets control.not_found or the own-record refusal."""
    ids = _ids(inside, person_id)
    entries = _entries(ids)
    within = {
        one: outer for one in rules.INSURANCES if (outer := inside.area.insurance(one).collected_within) is not None
    }
    years = sorted({entry.month // 100 for entry in entries}, reverse=True)
    codes = {entry.employer for entry in entries if entry.employer}
    names = dict(Employer.objects.filter(area_code=inside.area_code, code__in=codes).values_list("code", "name"))
    return Record(
        person_id=ids[0],
        years=tuple(rules.overview(year, entries, within) for year in years),
        totals=tuple(rules.total_of(one, entries) for one in rules.INSURANCES),
        pension_account=_account(inside, ids[0], "pension", entries),
        medical_account=_account(inside, ids[0], "medical", entries),
        hotlines=_hotlines(inside),
        employers={code: names.get(code, code) for code in sorted(codes)},
    )


def contribution_years(inside: Inside, person_id: int) -> dict[int, tuple[BarEntry, ...]]:
    """Per year, newest first, the pieces of its twelve bars. Partly paid gives two pieces: paid and owed."""
    found: dict[int, list[BarEntry]] = defaultdict(list)
    for entry in _entries(_ids(inside, person_id)):
        pieces = found[entry.month // 100]
        if entry.paid_fen:
            state = "late" if entry.late and rules.state_of(entry) is MonthState.PAID else "paid"
            pieces.append(BarEntry(entry.month, entry.insurance, entry.employer_paid_fen, entry.person_paid_fen, state))
        if entry.due_fen > entry.paid_fen:
            employer_owes = entry.employer_due_fen - entry.employer_paid_fen
            person_owes = entry.person_due_fen - entry.person_paid_fen
            pieces.append(BarEntry(entry.month, entry.insurance, employer_owes, person_owes, "owed"))
    return {year: tuple(found[year]) for year in sorted(found, reverse=True)}


LATELY_MONTHS = 3
"""Insured now: a contribution of one of the last three months was paid; later payments arrive with a month's delay."""


def insured_lately(inside: Inside, person_id: int) -> bool:
    """Fills the slot `cards.electronic.holding.insured`: yes or no, and no amount, month or employer."""
    today = inside.today
    first = today.year * 12 + today.month - 1 - LATELY_MONTHS
    month = first // 12 * 100 + first % 12 + 1
    merged = PersonAlias.objects.filter(true_person_id=person_id).values_list("person_id", flat=True)
    return any(
        Contribution.objects.filter(person_id=one, month__gte=month).filter(
            Q(employer_paid_fen__gt=0) | Q(person_paid_fen__gt=0)
        ).exists()
        for one in (person_id, *merged)
    )  # fmt: skip


def files(inside: Inside, *, most: int = 50) -> Sequence[ContributionFile]:
    """The files of the area, newest first."""
    return list(ContributionFile.objects.filter(area_code=inside.area_code).order_by("-made_at")[:most])


def file(inside: Inside, file_id: object) -> ContributionFile:
    found = ContributionFile.objects.filter(area_code=inside.area_code, file_id=file_id).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def _ids(inside: Inside, person_id: int) -> list[int]:
    """The true record first, then the duplicates' that were merged into it."""
    person_id = true_person(person_id)
    inside.about(person_id, what="contributions")
    merged = PersonAlias.objects.filter(true_person_id=person_id).values_list("person_id", flat=True)
    return [person_id, *merged]


def _entries(person_ids: list[int]) -> list[Entry]:
    rows = Contribution.objects.filter(person_id__in=person_ids).order_by("month", "scheme", "code", "employer")
    return [
        Entry(
            insurance=row.insurance,
            kind=row.kind,
            month=row.month,
            employer=row.employer,
            base_fen=row.base_fen,
            employer_due_fen=row.employer_due_fen,
            employer_paid_fen=row.employer_paid_fen,
            person_due_fen=row.person_due_fen,
            person_paid_fen=row.person_paid_fen,
            to_account_fen=row.to_account_fen,
            settlement_month=row.settlement_month,
            arrived_on=row.arrived_on,
            posted=row.posted,
        )
        for row in rows
    ]


def _account(inside: Inside, person_id: int, account: str, entries: Sequence[Entry]) -> AccountView:
    sheet = inside.area.insurance(account)
    rows = list(AccountTotal.objects.filter(person_id=person_id, account=account).order_by("-year"))
    if not rows:
        kinds = {entry.kind for entry in entries if entry.insurance == account}
        none_by_rule = bool(kinds) and not kinds & rules.WITH_ACCOUNT
        notice = f"insurance.no_{account}_account" if none_by_rule else "insurance.no_account_yet"
        return AccountView(account, sheet.upstream, sheet.hotline, None, notice)
    years = tuple(
        AccountYear(
            row.year, row.opening_fen, row.principal_in_fen, row.interest_in_fen, row.paid_out_fen, row.closing_fen,
            row.source,
        )
        for row in rows
    )  # fmt: skip
    return AccountView(
        account=account,
        owner=sheet.upstream,
        hotline=sheet.hotline,
        balance_fen=rows[0].closing_fen,
        notice=f"insurance.{account}_account",
        as_of=rows[0].as_of,
        counted_by_us=rows[0].source == "contributions",
        years=years,
    )


def _hotlines(inside: Inside) -> tuple[Hotline, ...]:
    """Both sides' numbers: human resources and medical security answer for different insurances (R765 4)."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in rules.INSURANCES:
        sheet = inside.area.insurance(one)
        found[sheet.upstream, sheet.hotline].append(one)
    return tuple(Hotline(owner, number, tuple(insurances)) for (owner, number), insurances in found.items())
