"""T33: a crowd at the ledger is bounded: too many are turned away at once, and one slow page stops nobody else."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))

from ledger_support import NOW, in_book, in_threads, make_book


def test_crowd_is_turned_away_at_once_and_what_was_taken_is_done(house: Any) -> None:
    from sscard.ledger.gather import LaneFull
    from sscard.ledger.lane import PostingLane

    book = make_book()

    async def crowd() -> list[Any]:
        lane = await PostingLane.open(house.urls.app, book=book.name, clock=lambda: NOW)
        found = await asyncio.gather(
            *[lane.post(book.item(book.cash, book.a, 1)) for _ in range(5_000)], return_exceptions=True
        )
        await lane.close()
        return found

    found = asyncio.run(crowd())
    assert sum(isinstance(one, LaneFull) for one in found) == 5_000 - 4_096
    assert book.balance(book.a) == 4_096


def test_page_that_holds_an_account_stops_nobody_else(house: Any) -> None:
    from sscard.ledger.lane import PostingLane
    from sscard.ledger.models import LedgerAccount

    book = make_book()
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.b[0])
            held.set()
            assert done.wait(60)

    async def terminals() -> list[str]:
        lane = await PostingLane.open(house.urls.app, book=book.name, clock=lambda: NOW)
        assert await asyncio.to_thread(held.wait, 30)
        stuck = asyncio.create_task(lane.post(book.item(book.cash, book.b, 1)))
        others = await asyncio.gather(*[lane.post(book.item(book.cash, book.a, 1)) for _ in range(256)])
        assert not stuck.done(), "the one waits for the page, the others did not wait for the one"
        done.set()
        await lane.close()
        return [*(one.status for one in others), (await stuck).status]

    _, found = in_threads([slow_page, lambda: asyncio.run(terminals())])
    assert set(found) == {"posted"}


def test_no_call_takes_more_than_its_most(house: Any) -> None:
    book = make_book()
    with pytest.raises(ValueError, match="at most 256"):
        book.decide(*[book.item(book.cash, book.a, 1) for _ in range(257)])
