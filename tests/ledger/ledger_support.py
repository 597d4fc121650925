"""A book with two customers, and ways to post into it from many threads."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
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
            business_date=more.pop("business_date", DAY),
            **more,
        )

    def hold(self, debit: tuple[int, uuid.UUID], credit: tuple[int, uuid.UUID], fen: int, **more: Any) -> Any:
        """The item that places a hold of an hour."""
        from sscard.ledger.items import Action

        more = {"hold": uuid.uuid4(), "expires_at": self.now + timedelta(hours=1)} | more
        return self.item(debit, credit, fen, action=Action.HOLD, **more)

    def after(self, hold: Any, action: str, fen: int | None = None, **more: Any) -> Any:
        """The item that captures or voids what `hold` has placed."""
        from sscard.ledger.items import Action

        debit, credit = ((side.person_id, side.account_id) for side in (hold.debit, hold.credit))
        fen = hold.amount_fen if fen is None else fen
        return self.item(debit, credit, fen, action=Action(action), hold=hold.hold, **more)

    def mirror(self, item: Any, **more: Any) -> Any:
        """The item that reverses `item`."""
        from sscard.ledger.items import Action
        from sscard.ledger.permits import Permit

        debit, credit = ((side.person_id, side.account_id) for side in (item.debit, item.credit))
        return self.item(
            credit,
            debit,
            more.pop("fen", item.amount_fen),
            action=Action.REVERSE,
            reverses=item.transfer_id,
            **{"debit_need": Permit.NONE, "credit_need": Permit.NONE, **more},
        )

    def statuses(self, *items: Any) -> list[str]:
        return [one.status for one in self.decide(*items)]

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

    def counters(self, account: tuple[int, uuid.UUID]) -> Any:
        """Balance, available, held, frozen, coming."""
        from sscard.ledger import reads

        with in_book(self.name):
            return reads.balance(*account)

    def open(self, purpose: str = "savings", **more: Any) -> tuple[int, uuid.UUID]:
        """One more account in this book."""
        from sscard.kernel.ids import new_id, new_person_id
        from sscard.ledger import accounts
        from sscard.ledger.permits import EVERYTHING

        who = (new_person_id(), new_id())
        with in_book(self.name):
            accounts.open_customers(self.name, [accounts.Opening(*who, EVERYTHING, purpose)], now=self.now)
        return who

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


@dataclass
class LaneBook(Book):
    """The same book, asked through the fast lane: what `decide` is given comes together into one batch."""

    url: str = ""

    def decide(self, *items: Any, wait: bool = True) -> list[Any]:
        from sscard.ledger.items import columns_of

        columns_of(items)
        return asyncio.run(self._decide(items))

    async def _decide(self, items: Sequence[Any]) -> list[Any]:
        from sscard.ledger.lane import PostingLane

        lane = await PostingLane.open(self.url, book=self.name, clock=lambda: self.now)
        numbered = groupby(enumerate(items), key=lambda one: one[1].group or one[0])
        parts = [[item for _, item in part] for _, part in numbered]
        asked = [lane.post_group(part) if part[0].group else _alone(lane, part[0]) for part in parts]
        try:
            return [one for part in await asyncio.gather(*asked) for one in part]
        finally:
            await lane.close()


async def _alone(lane: Any, item: Any) -> list[Any]:
    return [await lane.post(item)]
