"""The clock of an area. Sandbox areas can move theirs; tokens, jobs and `recorded_at` use `real_now`.

`offset_of` is a port: the law room knows which areas are sandboxes, the control room stores how far each has moved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def _not_moved(_area: str) -> timedelta:
    return timedelta(0)


def _nothing_kept(_area: str) -> None:
    return None


offset_of: Callable[[str], timedelta] = _not_moved
forget: Callable[[str], None] = _nothing_kept
"""Port: this process has just moved the clock of the area, so an offset that is kept for a moment is read anew."""


def real_now() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


def now(area: str) -> datetime:
    """The area's time, UTC with zone."""
    return real_now() + offset_of(area)


def today(area: str) -> date:
    """The area's calendar day in China."""
    return now(area).astimezone(CHINA).date()
