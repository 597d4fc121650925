"""What the database itself forbids: the app's role on the bank's tables, rewriting, a balance below zero."""

from __future__ import annotations

import pytest
from ledger_support import Book, in_book

TABLES = ["ledgeraccount", "transfer", "entry", "hold", "limituse", "posting", "reversal", "businessday"]


@pytest.mark.parametrize("table", TABLES)
def test_closed_to_the_app_role_outside_the_banks_act(book: Book, table: str) -> None:
    from django.db import ProgrammingError, connection

    from sscard.kernel.db import unit_of_work

    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(area="990100"):
        connection.cursor().execute(f"select 1 from ledger_{table}")


def test_function_closed_to_the_app_role(book: Book) -> None:
    from django.db import ProgrammingError

    from sscard.kernel.db import unit_of_work
    from sscard.ledger.posting import decide

    with pytest.raises(ProgrammingError, match="permission denied"), unit_of_work(area="990100"):
        decide([book.item(book.cash, book.a, 1)], posted_at=book.now, wait=True)


@pytest.mark.parametrize("table", ["transfer", "entry", "reversal"])
@pytest.mark.parametrize("verb", ["update ledger_{} set book = book", "delete from ledger_{}", "truncate ledger_{}"])
def test_insert_only(book: Book, table: str, verb: str) -> None:
    from django.db import ProgrammingError, connection

    with pytest.raises(ProgrammingError, match="permission denied"), in_book(book.name):
        connection.cursor().execute(verb.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_ledgeraccount set debits_posted = 1 where kind = 'customer'",
        "update ledger_ledgeraccount set debits_held = 1 where kind = 'customer'",
        "update ledger_ledgeraccount set credits_posted = -1",
        "update ledger_ledgeraccount set kind = 'internal' where kind = 'customer'",
    ],
)
def test_database_holds_the_invariants(book: Book, statement: str) -> None:
    from django.db import IntegrityError, connection

    with pytest.raises(IntegrityError), in_book(book.name):
        connection.cursor().execute(statement)


def test_no_row_moves_to_another_book(book: Book) -> None:
    from django.db import ProgrammingError, connection

    with pytest.raises(ProgrammingError, match="row-level security"), in_book(book.name):
        connection.cursor().execute("update ledger_ledgeraccount set book = 'bank:OTHER'")
