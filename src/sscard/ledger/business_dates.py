"""Which business date a moment belongs to: pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sscard.kernel.clock import CHINA


def date_of(moment: datetime, cut_off: time) -> date:
    """The business date of a moment in China: from the cut-off on it is the next day's. Midnight means no cut-off.

    >>> from datetime import UTC
    >>> date_of(datetime(2026, 3, 2, 14, 59, tzinfo=UTC), time(23, 0))
    datetime.date(2026, 3, 2)
    >>> date_of(datetime(2026, 3, 2, 15, 0, tzinfo=UTC), time(23, 0))
    datetime.date(2026, 3, 3)
    """
    local = moment.astimezone(CHINA)
    late = cut_off != time(0, 0) and local.time() >= cut_off
    return local.date() + timedelta(days=1) if late else local.date()


def open_date(moment: datetime, cut_off: time, closed: date | None) -> date:
    """The same, never a closed one."""
    found = date_of(moment, cut_off)
    return found if closed is None or found > closed else closed + timedelta(days=1)
