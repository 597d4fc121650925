"""Looking at rows of the terminal's area from inside an act in the card's area."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from sscard.kernel.db import enter_area
from sscard.kernel.refusals import Refusal


@contextmanager
def seeing(area: str) -> Iterator[None]:
    """Statements inside see the rows of `area`; afterwards the unit of work is back where it was.

    A bank that activates its cards nationwide has the terminal in one area and the card in another. After a database
    error the transaction is lost and the setting falls with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('sscard.area', true), '')")
        (before,) = cursor.fetchone()
    if before == area:
        yield
        return
    enter_area(area)
    try:
        yield
    except Refusal:
        enter_area(before)
        raise
    enter_area(before)
