"""Dates as the trade writes and reads them."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from sscard.kernel.clock import CHINA


def show(day: date | datetime, lang: str = "zh") -> str:
    """A day as people read it: 2026年11月21日 / 21 November 2026."""
    if isinstance(day, datetime):
        day = day.astimezone(CHINA).date()
    if lang == "en":
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def show_time(moment: datetime, lang: str = "zh") -> str:
    """A moment as people in China read it, to the minute."""
    local = moment.astimezone(CHINA)
    return f"{show(local, lang)} {local:%H:%M}"


def age_on(birth: date, on: date) -> int:
    """Full years of age on a day; who is born on 29 February comes of age on 1 March in common years."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February in common years."""
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


def month_of(day: date) -> int:
    """Year and month as YYYYMM, the form of the national data interfaces (GB/T 40217)."""
    return day.year * 100 + day.month


def months_between(first: int, last: int) -> list[int]:
    """All months YYYYMM from first to last, both included."""
    span = range(first // 100 * 12 + first % 100 - 1, last // 100 * 12 + last % 100)
    return [index // 12 * 100 + index % 12 + 1 for index in span]
