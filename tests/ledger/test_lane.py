"""The fast lane: group commit, busy accounts, faults of the writer, callers who go away, shutting down."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import pytest
from ledger_support import NOW, Book, in_book, in_threads
from msgspec.structs import replace

T = TypeVar("T")


def through(house: Any, book: Book, work: Callable[[Any], Awaitable[T]]) -> T:
    """Run `work` with an open lane of this book, and close the lane."""

    async def run() -> T:
        from sscard.ledger.lane import PostingLane

        lane = await PostingLane.open(house.urls.app, book=book.name, clock=lambda: NOW)
        try:
            return await work(lane)
        finally:
            await lane.close()

    return asyncio.run(run())


def test_many_callers_share_a_transaction(house: Any, book: Book) -> None:
    async def work(lane: Any) -> tuple[Any, int]:
        found = await asyncio.gather(*[lane.post(book.item(book.cash, book.a, 1)) for _ in range(300)])
        return found, lane.batches

    found, batches = through(house, book, work)
    assert Counter(one.status for one in found) == {"posted": 300}
    assert sorted(one.credit_seq for one in found) == list(range(1, 301))
    assert batches <= 4
    assert book.balance(book.a) == 300
    assert book.trial().sound


def test_busy_account_holds_up_nobody_else_and_is_posted_when_it_is_free(house: Any, book: Book) -> None:
    book.pay_in(book.a, 1_000)
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        from sscard.ledger.models import LedgerAccount

        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.b[0])
            held.set()
            assert done.wait(30)

    async def work(lane: Any) -> list[str]:
        assert await asyncio.to_thread(held.wait, 30)
        slow = asyncio.create_task(lane.post(book.item(book.cash, book.b, 5)))
        others = [(await lane.post(book.item(book.a, book.cash, 1))).status for _ in range(5)]
        assert not slow.done()
        done.set()
        return [*others, (await slow).status]

    _, found = in_threads([slow_page, lambda: through(house, book, work)])
    assert found == ["posted"] * 6


def test_account_that_stays_busy_is_answered_busy(house: Any, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.ledger import lane as module

    monkeypatch.setattr(module, "BUSY_TRIES", 3)
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        from sscard.ledger.models import LedgerAccount

        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.b[0])
            held.set()
            assert done.wait(30)

    item = book.item(book.cash, book.b, 5)

    async def work(lane: Any) -> list[Any]:
        assert await asyncio.to_thread(held.wait, 30)
        first = await lane.post(item)
        done.set()
        return [first, await lane.post(item)]

    _, found = in_threads([slow_page, lambda: through(house, book, work)])
    assert [(one.status, one.replayed) for one in found] == [("busy", False), ("posted", False)]


def test_caller_who_goes_away_loses_nothing_and_doubles_nothing(house: Any, book: Book) -> None:
    items = [book.item(book.cash, book.a, 1) for _ in range(60)]

    async def work(lane: Any) -> list[Any]:
        tasks = [asyncio.create_task(lane.post(item)) for item in items]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        left = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(one, asyncio.CancelledError) for one in left) == 30
        return await asyncio.gather(*[lane.post(item) for item in items])

    again = through(house, book, work)
    assert all(one.status == "posted" and one.replayed for one in again)
    assert book.balance(book.a) == 60


def test_shutting_down_does_what_waits_and_takes_nothing_more(house: Any, book: Book) -> None:
    from sscard.ledger.gather import LaneClosed
    from sscard.ledger.lane import PostingLane

    async def work() -> list[Any]:
        lane = await PostingLane.open(house.urls.app, book=book.name, clock=lambda: NOW)
        tasks = [asyncio.create_task(lane.post(book.item(book.cash, book.a, 1))) for _ in range(600)]
        await asyncio.sleep(0)
        await lane.close()
        assert all(task.done() for task in tasks)
        with pytest.raises(LaneClosed):
            await lane.post(book.item(book.cash, book.a, 1))
        return await asyncio.gather(*tasks)

    assert {one.status for one in asyncio.run(work())} == {"posted"}
    assert book.balance(book.a) == 600


def test_faulty_request_fails_alone(house: Any, book: Book) -> None:
    """A key longer than its column cannot be written: its batch is run one by one, and only its caller hears of it."""

    async def work(lane: Any) -> list[Any]:
        items = [book.item(book.cash, book.a, 1) for _ in range(5)]
        items[2] = replace(items[2], key="k" * 200)
        return await asyncio.gather(*[lane.post(item) for item in items], return_exceptions=True)

    found = through(house, book, work)
    assert [getattr(one, "status", type(one).__name__) for one in found] == [
        "posted",
        "posted",
        "StringDataRightTruncation",
        "posted",
        "posted",
    ]
    assert book.balance(book.a) == 4


def test_requests_that_name_one_group_are_done_one_by_one(house: Any, book: Book) -> None:
    """Whoever sends a group again while it is on its way harms nobody: not the others, not the lane."""
    group = uuid.uuid4()
    twins = [[replace(book.item(book.cash, book.a, n), group=group) for n in pair] for pair in ((1, 2), (10, 20))]

    async def work(lane: Any) -> Any:
        single = lane.post(book.item(book.cash, book.a, 100))
        return await asyncio.gather(lane.post_group(twins[0]), single, lane.post_group(twins[1]))

    first, single, second = through(house, book, work)
    assert [one.status for one in (*first, single, *second)] == ["posted"] * 5
    assert book.balance(book.a) == 133


def test_writer_that_breaks_down_reaches_every_caller(house: Any, book: Book) -> None:
    from sscard.ledger.gather import LaneDown

    async def work(lane: Any) -> list[Any]:
        async def broken(batch: object) -> Any:
            raise RuntimeError("out of order")

        lane._gather.run = broken
        first = await asyncio.gather(
            *[lane.post(book.item(book.cash, book.a, 1)) for _ in range(700)], return_exceptions=True
        )
        with pytest.raises(LaneDown):
            await lane.post(book.item(book.cash, book.a, 1))
        return first

    assert {type(one) for one in through(house, book, work)} == {LaneDown}
    assert book.balance(book.a) == 0


def test_too_many_waiting_are_turned_away_at_once(house: Any, book: Book) -> None:
    from sscard.ledger.gather import LaneFull

    async def work(lane: Any) -> list[Any]:
        lane._gather.most_waiting = 100
        return await asyncio.gather(
            *[lane.post(book.item(book.cash, book.a, 1)) for _ in range(150)], return_exceptions=True
        )

    found = through(house, book, work)
    assert sum(isinstance(one, LaneFull) for one in found) == 50
    assert book.balance(book.a) == 100


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_deadlock_is_run_again(house: Any, book: Book, sqlstate: str) -> None:
    async def work(lane: Any) -> Any:
        plain, thrown = lane._wire.transaction, []

        async def sometimes(*args: Any, **more: Any) -> Any:
            if len(thrown) < 2:
                thrown.append(True)
                raise psycopg.errors.lookup(sqlstate)()
            return await plain(*args, **more)

        lane._wire.transaction = sometimes
        return await asyncio.gather(*[lane.post(book.item(book.cash, book.a, 1)) for _ in range(20)])

    assert {one.status for one in through(house, book, work)} == {"posted"}
    assert book.balance(book.a) == 20


def test_real_deadlock_with_a_page_that_locks_in_the_wrong_order(house: Any, book: Book) -> None:
    """Accounts are skipped, not waited for, so the lane meets a circle only where it runs singly; it comes through."""
    low, high = sorted([book.a, book.b])
    first, go = threading.Event(), threading.Event()

    def wrong_order() -> str:
        from django.db import OperationalError

        from sscard.ledger.models import LedgerAccount

        try:
            with in_book(book.name):
                LedgerAccount.objects.select_for_update(no_key=True).get(person_id=high[0])
                first.set()
                go.wait(1)
                LedgerAccount.objects.select_for_update(no_key=True).get(person_id=low[0])
        except OperationalError:
            return "victim"
        return "through"

    async def work(lane: Any) -> Any:
        assert await asyncio.to_thread(first.wait, 30)
        return (await lane.post(book.item(low, high, 0))).status

    page, status = in_threads([wrong_order, lambda: through(house, book, work)])
    assert page in ("victim", "through")
    assert status == "amount"


def test_lost_connection_is_answered_from_the_key(house: Any, book: Book) -> None:
    """The connection is cut between commit and answer: the lane sends again, and hears what was decided."""
    item = book.item(book.cash, book.a, 100)

    async def work(lane: Any) -> Any:
        plain, cut = lane._wire.transaction, []

        async def cut_after_commit(connection: Any, *args: Any, **more: Any) -> Any:
            found = await plain(connection, *args, **more)
            if not cut:
                cut.append(True)
                await connection.close()
                raise psycopg.OperationalError("connection lost")
            return found

        lane._wire.transaction = cut_after_commit
        return await lane.post(item)

    found = through(house, book, work)
    assert (found.status, found.replayed) == ("posted", True)
    assert book.balance(book.a) == 100


def test_trail_is_written_with_the_movement_once_and_fits_its_mac(house: Any, book: Book) -> None:
    from sscard.control import audit
    from sscard.control.caller import system
    from sscard.control.models import AuditRow, AuditSubject, Outbox
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.keyclient import keys
    from sscard.ledger.lane import Trail

    mark = uuid.uuid4().hex
    good, bad = book.item(book.cash, book.a, 100), book.item(book.b, book.a, 100)

    def trail() -> Trail:
        event = ("ledger.posted", {"mark": mark})
        return Trail(system("990100"), "ledger.post", "990100", NOW, person_id=book.a[0], object=mark, event=event)

    async def work(lane: Any) -> Any:
        return [(await lane.post(item, trail=trail())).status for item in (good, bad, good, bad)]

    assert through(house, book, work) == ["posted", "insufficient", "posted", "insufficient"]
    with unit_of_work(area="990100"):
        rows = list(AuditRow.objects.filter(object=mark).order_by("result"))
        assert [(row.result, row.reason) for row in rows] == [("ok", ""), ("refused", "ledger.insufficient")]
        assert all(keys().verify_mac(audit.MAC_KEY, [(audit.canonical(row), bytes(row.mac)) for row in rows]))
        assert AuditSubject.objects.filter(audit_id__in=[row.audit_id for row in rows]).count() == 2
        assert [e.body for e in Outbox.objects.filter(name="ledger.posted") if e.body == {"mark": mark}] == [
            {"mark": mark}
        ]


@pytest.mark.parametrize("refused", [0, 7])
def test_trails_of_a_full_batch_are_written_once_whether_all_is_done_or_not(
    house: Any, book: Book, refused: int
) -> None:
    """What is sent ahead fits only a batch that is all done; of a mixed one it writes nothing and the right rows follow."""
    from sscard.control.caller import system
    from sscard.control.models import AuditRow, AuditSubject, Outbox
    from sscard.kernel.db import unit_of_work
    from sscard.ledger.lane import Trail

    mark, many = uuid.uuid4().hex, 300
    items = [book.item(book.b, book.a, 1) if n < refused else book.item(book.cash, book.a, 1) for n in range(many)]
    asker = system("990100")

    async def work(lane: Any) -> Any:
        event = (f"ledger.{mark}", {})
        trails = [Trail(asker, "ledger.post", "990100", NOW, book.a[0], object=mark, event=event) for _ in items]
        return await asyncio.gather(*[lane.post(one, trail=trail) for one, trail in zip(items, trails, strict=True)])

    found = Counter(one.status for one in through(house, book, work))
    assert found == Counter({"posted": many - refused, "insufficient": refused})
    with unit_of_work(area="990100"):
        rows = AuditRow.objects.filter(object=mark)
        assert Counter(row.result for row in rows) == Counter({"ok": many - refused, "refused": refused})
        assert AuditSubject.objects.filter(audit_id__in=[row.audit_id for row in rows]).count() == many
        assert Outbox.objects.filter(name=f"ledger.{mark}").count() == many - refused


def test_look_ups_that_come_together_are_one_query(house: Any, book: Book) -> None:
    from sscard.ledger import accounts
    from sscard.ledger.lane_reads import BalanceLane

    book.pay_in(book.a, 1_000)
    book.decide(book.hold(book.a, book.b, 300))
    with in_book(book.name):
        accounts.set_frozen(*book.a, 100)

    async def work() -> Any:
        lane = await BalanceLane.open(house.urls.app, book=book.name)
        asked = [book.a, book.b, (1, uuid.uuid4())] * 50
        found = await asyncio.gather(*[lane.balance(*one) for one in asked])
        assert lane._gather.batches <= 2
        await lane.close()
        return found[:3]

    a, b, nobody = asyncio.run(work())
    assert (a, b, nobody) == (book.counters(book.a), book.counters(book.b), None)
    assert a.available_fen == 600
