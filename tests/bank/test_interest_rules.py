"""Demand interest, pure: a worked example by hand, a table, and properties against a day-by-day reckoning."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.bank.savings.interest_rules import DayEnd, interest_fen, is_settlement_day, settlement_day_before, yuan_days

BEGIN, END = date(2026, 3, 21), date(2026, 6, 20)


def test_worked_example_by_hand() -> None:
    """Quarter of 92 days from 21 March to 20 June. 21 March: 10,000.56 yuan. 10 April: 2,000 are taken out, 8,000.56 stay.
    1 June: 500.50 come in, 8,501.06.

        21 March –  9 April   20 days × 10,000 = 200,000
        10 April – 31 May     52 days ×  8,000 = 416,000
         1 June  – 20 June    20 days ×  8,501 = 170,020
                                        积数     786,020 yuan-days
        × 0.05 % ÷ 360 = 786,020 × 0.0005 ÷ 360 = 1.09169… → 1.09 yuan
    """
    days = [DayEnd(BEGIN, 1_000_056), DayEnd(date(2026, 4, 10), 800_056), DayEnd(date(2026, 6, 1), 850_106)]
    assert yuan_days(days, BEGIN, END) == 786_020
    assert interest_fen(786_020, 500) == 109


@pytest.mark.parametrize(
    ("balances", "expected"),
    [
        ([], 0),
        ([(BEGIN, 99)], 0),  # cents earn nothing
        ([(BEGIN, 100)], 92),
        ([(BEGIN, 199)], 92),
        ([(date(2026, 1, 1), 100)], 92),  # carried from before the period
        ([(END, 100)], 1),  # the settlement day itself counts
        ([(END + timedelta(days=1), 100)], 0),
        ([(BEGIN, 100), (BEGIN, 0)], 0),  # paid in and taken out on one day
        ([(BEGIN, 100), (BEGIN + timedelta(days=1), 0)], 1),
        ([(BEGIN, -500)], 0),
    ],
)
def test_table_of_days(balances: list[tuple[date, int]], expected: int) -> None:
    assert yuan_days([DayEnd(*one) for one in balances], BEGIN, END) == expected


@pytest.mark.parametrize(
    ("numbers", "ppm", "fen"),
    [
        (0, 500, 0),
        (3_599, 500, 0),
        (3_600, 500, 1),
        (10_800, 500, 2),
        (7_200, 500, 1),
        (3_600_000, 1, 1),
        (1, 3_000, 0),
    ],
)
def test_half_a_fen_is_rounded_up(numbers: int, ppm: int, fen: int) -> None:
    """3,600 yuan-days at 0.05 % are 0.5 fen."""
    assert interest_fen(numbers, ppm) == fen


def test_settlement_days() -> None:
    found = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [one for one in found if is_settlement_day(one)] == [date(2026, month, 20) for month in (3, 6, 9, 12)]
    assert settlement_day_before(date(2026, 3, 21)) == date(2026, 3, 20)
    assert settlement_day_before(date(2026, 3, 20)) == date(2025, 12, 20)


changes = st.lists(
    st.tuples(st.integers(-20, 100), st.integers(0, 10**12)), max_size=12, unique_by=lambda one: one[0]
).map(lambda rows: [DayEnd(BEGIN + timedelta(days=day), fen) for day, fen in sorted(rows)])


@given(changes)
def test_equals_the_reckoning_day_by_day(days: list[DayEnd]) -> None:
    total, day = 0, BEGIN
    while day <= END:
        at_end = [one.balance_fen for one in days if one.day <= day]
        total += at_end[-1] // 100 if at_end else 0
        day += timedelta(days=1)
    assert yuan_days(days, BEGIN, END) == total


@given(changes, st.integers(0, 90))
def test_two_parts_of_a_period_add_up(days: list[DayEnd], cut: int) -> None:
    middle = BEGIN + timedelta(days=cut)
    parts = yuan_days(days, BEGIN, middle) + yuan_days(days, middle + timedelta(days=1), END)
    assert parts == yuan_days(days, BEGIN, END)


@given(st.integers(0, 10**13), st.integers(0, 50_000))
def test_equals_exact_decimals(numbers: int, ppm: int) -> None:
    exact = Decimal(numbers) * ppm / 1_000_000 / 360 * 100
    assert interest_fen(numbers, ppm) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
