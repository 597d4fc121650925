"""A book with two customers, and ways to post into it from many threads."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = date(2026, 3, 2)
CALLER = uuid.UUID(int=7)


@contextmanager
def in_book(name: str) -> Iterator[None]:
    from sscard.kernel.db import bank_role, unit_of_work

    with unit_of_work(area="990100"), bank_role(name):
        yield


def in_threads(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """All at once, each with a connection of its own; exceptions are handed back."""

    def run(job: Callable[[], T]) -> T | Exception:
        from django.db import connections

        try:
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@dataclass
class Book:
    """A book of its own for one test. `a` and `b` are customers' accounts that everything is permitted on."""

    name: str
    a: tuple[int, uuid.UUID]
    b: tuple[int, uuid.UUID]
    cash: tuple[int, uuid.UUID]
    now: datetime = NOW

    def item(
        self, debit: tuple[int, uuid.UUID], credit: tuple[int, uuid.UUID], fen: int, key: str = "", **more: Any
    ) -> Any:
        from sscard.ledger.permits import Permit
        from sscard.ledger.posting import Item, Side

        print_ = more.pop("fingerprint", hashlib.sha256(f"{debit}{credit}{fen}".encode()).digest())
        return Item(
            caller=more.pop("caller", CALLER),
            key=key or uuid.uuid4().hex,
            fingerprint=print_,
            kind=more.pop("kind", "test"),
            debit=Side(*debit, more.pop("debit_need", Permit.CASH_OUT)),
            credit=Side(*credit, more.pop("credit_need", Permit.CREDIT)),
            amount_fen=fen,
            business_date=DAY,
            **more,
        )

    def decide(self, *items: Any, wait: bool = True) -> list[Any]:
        from sscard.ledger.posting import decide

        with in_book(self.name):
            return decide(items, posted_at=NOW, wait=wait)

    def pay_in(self, account: tuple[int, uuid.UUID], fen: int) -> None:
        assert self.decide(self.item(self.cash, account, fen))[0].status == "posted"

    def balance(self, account: tuple[int, uuid.UUID]) -> int:
        from sscard.ledger import reads

        with in_book(self.name):
            found = reads.balance(*account)
        assert found is not None
        return found.balance_fen

    def trial(self) -> Any:
        from sscard.ledger import reads

        with in_book(self.name):
            return reads.trial_balance()


def make_book() -> Book:
    from sscard.kernel.ids import new_id, new_person_id
    from sscard.ledger import accounts
    from sscard.ledger.permits import EVERYTHING

    name = f"bank:{uuid.uuid4().hex[:12]}"
    a, b = (new_person_id(), new_id()), (new_person_id(), new_id())
    with in_book(name):
        accounts.open_customers(name, [accounts.Opening(*a, EVERYTHING), accounts.Opening(*b, EVERYTHING)], now=NOW)
        cash = accounts.internal(name, "cash.counter", a[1], now=NOW)
    return Book(name, a, b, cash)
