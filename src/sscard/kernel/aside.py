"""A short transaction beside the running one, on a connection of its own.

A try at a password or a code must be counted even if the act that asks is refused and rolled back, or the process is
killed before the compare (security.md T13, T15). So the count is written here and has committed before anything is
compared. Call it before the act locks the rows that this writes: a wait is given up after `LOCK_WAIT_MS`, with a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.db import connection

from sscard.kernel.refusals import Refusal

LOCK_WAIT_MS: Final = 4_000


@contextmanager
def aside(area: str, *, busy: str = "kernel.busy") -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of a fresh transaction that sees the rows of `area`; it commits at the end of the block. `busy`: the
    refusal when the rows are held by somebody else for too long."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "row_factory")
    }
    try:
        with psycopg.connect(**parameters) as beside, beside.cursor() as cursor:
            cursor.execute(
                "select set_config('sscard.area', %s, true), set_config('lock_timeout', %s, true)",
                [area, str(LOCK_WAIT_MS)],
            )
            yield cursor
    except psycopg.errors.LockNotAvailable:
        raise Refusal(busy) from None


def one(cursor: psycopg.Cursor[Any], statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a statement gives, or None."""
    cursor.execute(statement, values)
    return cursor.fetchone()
