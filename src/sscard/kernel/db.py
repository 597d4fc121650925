"""The database: units of work, roles inside them, and advisory facts for row-level security.

Row-level security compares a table's `area_code` (or `book`) with settings that live only inside one transaction. So all
work, reading too, happens inside `unit_of_work`; outside it there are no rows (mechanisms: row-level security with
pooled connections).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from sscard.kernel.refusals import Refusal

STATEMENT_TIMEOUT_MS = 30_000
BANK_ROLE = "sscard_bank"
AWAY = (None, "57P01", "57P02", "57P03")
"""SQLSTATEs of a database that is away: no answer at all, ended by its administrator or by a fall, or just starting."""


@contextmanager
def unit_of_work(*, area: str | None = None, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS) -> Iterator[None]:
    """One transaction that sees the rows of one area. Never nested: one act, one transaction."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('sscard.area', %s, true), set_config('statement_timeout', %s, true)",
                [area or "", str(statement_timeout_ms)],
            )
        yield


def enter_area(area: str) -> None:
    """Move the running unit of work to another area (a bank's act on a card of another area)."""
    _assert_inside()
    with connection.cursor() as cursor:
        cursor.execute("select set_config('sscard.area', %s, true)", [area])


@contextmanager
def bank_role(book: str) -> Iterator[None]:
    """Statements inside run as the bank's database role and see the rows of one book, such as "bank:CCB".

    After an error the transaction is lost anyway and the settings, being local, fall with it.
    """
    _assert_inside()
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {BANK_ROLE}")
        cursor.execute("select set_config('sscard.book', %s, true)", [book])
    yield
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute("select set_config('sscard.book', '', true)")


def _assert_inside() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("this needs a running unit of work")


def refusal_of(error: Error) -> Refusal | None:
    """What a face says instead of "a fault of ours", or None when it is one: a question that hit its time limit, a database
    that is away. Never stored as an act's answer: the same key may ask again."""
    if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
        return Refusal("kernel.took_too_long")
    away = isinstance(error, InterfaceError) or (
        isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in AWAY
    )
    return Refusal("kernel.database_down") if away else None
