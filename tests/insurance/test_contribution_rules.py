"""Counting and amounts by tables, each with its source."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from sscard.codes.insurance_kinds import KINDS, Scheme, get
from sscard.insurance import rules
from sscard.insurance.rules import Entry, MonthState
from sscard.law.area import ContributionRates
from sscard.law.schema import percent_of


def rates(employer: str, person: str, *classes: str) -> ContributionRates:
    return ContributionRates(
        "any", Decimal(employer), Decimal(person), 0, 10**9, ("", ""), tuple(Decimal(one) for one in classes)
    )


def entry(month: int = 202401, **more: object) -> Entry:
    values: dict[str, object] = {
        "insurance": "pension", "kind": "employee_pension", "month": month, "employer": "E1", "base_fen": 450_000,
        "employer_due_fen": 63_000, "employer_paid_fen": 63_000, "person_due_fen": 36_000, "person_paid_fen": 36_000,
        "to_account_fen": 36_000, "posted": True,
    }  # fmt: skip
    return Entry(**{**values, **more})  # type: ignore[arg-type]


SAMPLES = [
    # source, base, employer %, person %, employer's part, person's part (fen)
    ("GB/T 40217 sample, pension 2018-12", 450_000, "14", "8", 63_000, 36_000),
    ("half a fen goes up", 400_025, "0.5", "0.3", 2_000, 1_200),
    ("half a fen goes up, exactly", 400_050, "1", "0.5", 4_001, 2_000),
    ("nothing for work injury from the person (WIR 10)", 500_000, "0.4", "0", 2_000, 0),
]


@pytest.mark.parametrize(("source", "base", "employer", "person", "employer_due", "person_due"), SAMPLES)
def test_what_is_due_of_a_base(
    source: str, base: int, employer: str, person: str, employer_due: int, person_due: int
) -> None:
    found = rates(employer, person)
    assert (rules.employer_dues(found, base), found.person_fen(base)) == ({employer_due}, person_due), source


def test_the_flexible_worker_of_the_sample_pays_1600_and_8_points_go_to_the_account() -> None:
    """Grade 100%, average 8000: pays 1600.00, account 640.00 (2019 no. 13)."""
    assert (percent_of(800_000, Decimal(20)), rates("16", "8").person_fen(800_000)) == (160_000, 64_000)


def test_work_injury_takes_any_of_the_area_s_classes() -> None:
    """WIR 8: eight industry classes; 0.2 to 1.9 percent."""
    found = rates("0.4", "0", "0.2", "0.4", "0.7", "0.9", "1.1", "1.3", "1.6", "1.9")
    assert rules.employer_dues(found, 100_000) == {200, 400, 700, 900, 1_100, 1_300, 1_600, 1_900}


STATES = [
    ({}, MonthState.PAID),
    ({"posted": False}, MonthState.PARTLY),
    ({"employer_paid_fen": 62_999}, MonthState.PARTLY),
    ({"employer_paid_fen": 0, "person_paid_fen": 36_000}, MonthState.PARTLY),
    ({"employer_paid_fen": 0, "person_paid_fen": 0}, MonthState.DUE),
    ({"employer_due_fen": 0, "employer_paid_fen": 0}, MonthState.PAID),
    ({"employer_due_fen": 0, "employer_paid_fen": 0, "person_due_fen": 0, "person_paid_fen": 0}, MonthState.DUE),
]


@pytest.mark.parametrize(("changes", "state"), STATES)
def test_a_month_is_paid_only_when_all_of_it_arrived(changes: dict[str, object], state: MonthState) -> None:
    assert rules.state_of(entry(**changes)) is state


def test_one_side_s_surplus_never_covers_the_other_side_s_debt() -> None:
    assert not rules.fully_paid(63_000, 62_000, 36_000, 37_000)


def test_one_calendar_month_counts_once_across_employers_and_the_best_record_decides() -> None:
    """AAE201; SIL 19."""
    short = entry(employer="E2", employer_paid_fen=1)
    assert rules.month_state([short, entry()]) is MonthState.PAID
    assert rules.total_of("pension", [short, entry(), entry(employer="E3")]).months == 1
    assert rules.month_state([]) is MonthState.NOT_INSURED


@pytest.mark.parametrize("seed", range(20))
def test_counts_agree_with_a_plain_recount(seed: int) -> None:
    dice = random.Random(seed)
    entries = []
    for _ in range(dice.randrange(1, 120)):
        paid = dice.choice([0, 36_000])
        month = dice.randrange(2020, 2024) * 100 + dice.randrange(1, 13)
        more = {"employer": dice.choice("ABC"), "posted": dice.random() < 0.8, "person_paid_fen": paid}
        entries.append(entry(month, **more))
    paid_months = {e.month for e in entries if e.posted and e.person_paid_fen == 36_000}
    total = rules.total_of("pension", entries)
    assert total.months == len(paid_months)
    assert total.person_paid_fen == sum(e.person_paid_fen for e in entries)
    years = {e.month // 100 for e in entries}
    overviews = [rules.overview(year, entries) for year in years]
    assert sum(view.months_paid["pension"] for view in overviews) == len(paid_months)
    assert {len(view.lines) for view in overviews} == {12}
    if paid_months:
        first, last = min(paid_months), max(paid_months)
        span = (last // 100 - first // 100) * 12 + last % 100 - first % 100 + 1
        assert total.break_months == span - len(paid_months)


def test_a_yearly_payment_covers_twelve_months_and_counts_as_a_year() -> None:
    paid = entry(202403, kind="residents_pension", employer="", employer_due_fen=0, employer_paid_fen=0)
    view = rules.overview(2024, [paid])
    assert {line.cell("pension").state for line in view.lines} == {MonthState.PAID}
    assert [line.month for line in view.lines if line.cell("pension").person_paid_fen] == [202403]
    assert (rules.total_of("pension", [paid]).months, rules.total_of("pension", [paid]).years) == (0, 1)
    assert rules.overview(2025, [paid]).lines[0].cell("pension").state is MonthState.NOT_INSURED


def test_maternity_inside_medical_has_its_state_and_no_amounts_of_its_own() -> None:
    """SIL 53; since 2019 collected with medical."""
    medical = entry(202405, insurance="medical", kind="employee_medical")
    view = rules.overview(2024, [medical], {"maternity": "medical"})
    cell = view.lines[4].cell("maternity")
    assert (cell.state, cell.within, cell.employer_paid_fen, cell.person_paid_fen) == (MonthState.PAID, "medical", 0, 0)
    assert view.lines[5].cell("maternity").state is MonthState.NOT_INSURED
    alone = entry(202405, insurance="medical", kind="employee_medical", employer="")
    assert rules.overview(2024, [alone], {"maternity": "medical"}).lines[4].cell("maternity").within == ""


def test_late_is_settled_after_its_month() -> None:
    assert entry(settlement_month=202402).late
    assert not entry(settlement_month=202401, arrived_on=date(2024, 2, 3)).late


def test_both_sides_employees_medical_is_one_and_410_is_two() -> None:
    hrss, medical = get(Scheme.AAE140, "310"), get(Scheme.INSUTYPE, "310")
    assert rules.canonical(hrss) == rules.canonical(medical) == ("AAE140", "310")
    assert rules.canonical(get(Scheme.INSUTYPE, "410")) != rules.canonical(get(Scheme.AAE140, "410"))
    assert set(rules.OF_BRANCH) <= {kind.branch for kind in KINDS.values()}
    names = {kind.kind for kind in KINDS.values()}
    assert names >= rules.RATED | rules.YEARLY | rules.WITH_ACCOUNT | rules.SELF_PAID


def test_an_account_closes_with_what_it_held_and_got_less_what_it_paid() -> None:
    """GB/T 40217 table 6."""
    assert rules.closing_fen(100_000, 36_000, 2_620, 5_000) == 133_620
