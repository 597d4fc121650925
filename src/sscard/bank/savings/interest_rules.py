"""Demand interest (活期利息), pure: periods, accumulated balances (积数), the amount.

Interest starts at whole yuan: the day-end balance without its cents counts, day by day, from the day of paying in to the
day before taking out. The sum is the 积数. Interest = 积数 × the rate posted on the settlement day ÷ 360, rounded half up
to the fen. Settlement day is the 20th of March, June, September and December; the interest is credited on the next day
and bears interest from then on. An account that is closed earlier gets its interest to the day before, at the rate of
the closing day (banking.md §3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SETTLEMENT_MONTHS = (3, 6, 9, 12)
SETTLEMENT_DAY = 20
DAYS_OF_YEAR = 360
_DIVISOR = DAYS_OF_YEAR * 1_000_000 // 100
"""Yuan-days times millionths a year, divided by this, is fen."""


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The balance at the end of a day, which holds until the next one given."""

    day: date
    balance_fen: int


def is_settlement_day(day: date) -> bool:
    """
    >>> is_settlement_day(date(2026, 6, 20)), is_settlement_day(date(2026, 6, 21)), is_settlement_day(date(2026, 5, 20))
    (True, False, False)
    """
    return day.month in SETTLEMENT_MONTHS and day.day == SETTLEMENT_DAY


def settlement_day_before(day: date) -> date:
    """The last settlement day before a day.

    >>> settlement_day_before(date(2026, 6, 20)), settlement_day_before(date(2026, 1, 5))
    (datetime.date(2026, 3, 20), datetime.date(2025, 12, 20))
    """
    candidates = [date(year, month, SETTLEMENT_DAY) for year in (day.year - 1, day.year) for month in SETTLEMENT_MONTHS]
    return max(one for one in candidates if one < day)


def yuan_days(balances: Sequence[DayEnd], begin: date, end: date) -> int:
    """The 积数 of the days from `begin` to `end`, both included. `balances` in the order of their days; what comes before
    `begin` holds on its first day, and nothing after `end` counts.

    >>> yuan_days([DayEnd(date(2026, 3, 21), 1_000_056), DayEnd(date(2026, 4, 20), 99)], date(2026, 3, 21), date(2026, 6, 20))
    300000
    """
    total = 0
    for number, one in enumerate(balances):
        until = balances[number + 1].day if number + 1 < len(balances) else end + timedelta(days=1)
        first, last = max(one.day, begin), min(until, end + timedelta(days=1))
        if last > first:
            total += max(one.balance_fen, 0) // 100 * (last - first).days
    return total


def interest_fen(yuan_days: int, rate_ppm: int) -> int:
    """The interest of accumulated balances at a rate in millionths a year, half a fen upwards.

    >>> interest_fen(300_000, 500)  # 10,000 yuan for 30 days at 0.05 %: 300,000 × 0.0005 ÷ 360 = 0.41666… yuan
    42
    """
    return (yuan_days * rate_ppm + _DIVISOR // 2) // _DIVISOR
