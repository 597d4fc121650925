"""The fast lane: group commit for many callers on one event loop, through the same `ledger_post_batch` as the office.

One writer with one connection takes what is waiting (at most 256 items), posts it in one transaction, and answers after
the commit. It never waits for an account: an item whose account somebody else holds is taken up again after a moment, for
some seconds, and at last runs singly on a second connection, which waits a little. A batch that met a deadlock is run
again; one that cannot be run as a whole is run request by request, so that only the faulty one fails. When the connection
is lost the batch is sent again on a new one: keys make that safe.

    lane = await PostingLane.open(url, book="bank:CCB", clock=…)
    posted = await lane.post(item, trail=trail)          # or lane.post_group([…])
    await lane.close()                                    # does all that waits first
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import psycopg

from sscard.ledger.gather import Asked, Batch, Gather
from sscard.ledger.items import BUSY, MOST_ITEMS, RETRY_CLAIMING, Item, Posted
from sscard.ledger.lane_trail import Request, Trail, seal
from sscard.ledger.lane_wire import Packed, Wire, packed

log = logging.getLogger("sscard.ledger.lane")
SHARE = MOST_ITEMS // 2
"""Items in a batch when more are waiting: half of what is possible, so that this process and PostgreSQL work side by side."""
BUSY_TRIES = 40
"""How often an item may come back busy before it runs singly and waits; with the pauses between, some four seconds."""
BUSY_PAUSE_S, BUSY_PAUSE_MOST_S = 0.002, 0.1
BATCH_TRIES = 4
"""How often a batch is run again after a deadlock or a serialization failure."""
SINGLE_WAIT_MS = 250
"""Short, because who waits for one account holds the other."""
_AGAIN = frozenset({"40001", "40P01", RETRY_CLAIMING})
_LOCK_NOT_AVAILABLE = "55P03"

Waiting = Asked[Request, list[Posted]]


class PostingLane:
    """One book's lane. Open it inside a running event loop; use it from that loop only."""

    def __init__(self, url: str, *, book: str, clock: Callable[[], datetime]) -> None:
        self._wire, self._slow_wire = Wire(url, book, clock), Wire(url, book, clock)
        self._gather: Gather[Request, list[Posted]] = Gather(self._run, seal, _pack, most=MOST_ITEMS, share=SHARE)
        self._slow: Gather[Request, list[Posted]] = Gather(self._run_slow, share=1)

    @classmethod
    async def open(cls, url: str, *, book: str, clock: Callable[[], datetime]) -> PostingLane:
        lane = cls(url, book=book, clock=clock)
        with suppress(psycopg.OperationalError):  # when it is away just now, the first batch waits for it
            await lane._wire.connect()
        lane._gather.start()
        lane._slow.start()
        return lane

    @property
    def batches(self) -> int:
        """How many transactions the writer has made."""
        return self._gather.batches

    @property
    def server_pid(self) -> int:
        """The process in PostgreSQL that serves the writer, for measurements."""
        return self._wire.server_pid

    async def post(self, item: Item, *, trail: Trail | None = None) -> Posted:
        """The answer after commit; refusals are statuses. Raises LaneFault (see `gather`)."""
        return (await self._gather.ask(Request((item,), trail)))[0]

    async def post_group(self, items: Sequence[Item], *, trail: Trail | None = None) -> list[Posted]:
        """All or none of the items: they share one `group`."""
        if len({item.group for item in items}) != 1 or items[0].group is None:
            raise ValueError("the items of a group share one group id")
        return await self._gather.ask(Request(tuple(items), trail), weight=len(items))

    async def close(self) -> None:
        await self._gather.close()
        await self._slow.close()
        await self._wire.close()
        await self._slow_wire.close()

    # -- the writer
    async def _run(self, batch: Batch[Request, list[Posted]]) -> None:
        sent = batch.packed or _pack(batch)
        if sent is None or not await self._whole(batch, sent):
            for one in batch:
                await self._single(self._wire, one, wait_ms=0)

    async def _whole(self, batch: Batch[Request, list[Posted]], sent: Packed) -> bool:
        """As one transaction. False: it cannot be done so."""
        claim = False
        for _ in range(BATCH_TRIES):
            try:
                found = await self._wire.send(sent, wait_ms=0, claim=claim)
            except psycopg.Error as error:
                if error.sqlstate not in _AGAIN:
                    log.warning("a batch of %s is run one by one: %s", len(batch), type(error).__name__)
                    return False
                claim = claim or error.sqlstate == RETRY_CLAIMING
            else:
                self._hand_out(batch, found)
                return True
        return False

    def _hand_out(self, batch: Batch[Request, list[Posted]], found: list[Posted]) -> None:
        """Each caller his part of the answers; what came back busy is done again, or singly."""
        at = 0
        for one in batch:
            part = found[at : at + len(one.ask.items)]
            at += len(part)
            if any(posted.status == BUSY for posted in part):
                self._put_off(one)
            else:
                one.answer(part)

    def _put_off(self, one: Waiting) -> None:
        one.tries += 1
        if one.tries > BUSY_TRIES:
            self._slow.adopt(one)
        else:
            self._gather.later(one, min(BUSY_PAUSE_S * 2**one.tries, BUSY_PAUSE_MOST_S))

    async def _run_slow(self, batch: Batch[Request, list[Posted]]) -> None:
        for one in batch:
            await self._single(self._slow_wire, one, wait_ms=SINGLE_WAIT_MS)

    async def _single(self, wire: Wire, one: Waiting, *, wait_ms: int) -> None:
        """By itself. What fails here fails for this caller only."""
        claim = False
        try:
            sent = packed([one.ask])
        except ValueError as error:
            one.fail(error)
            return
        for tries in range(1, BATCH_TRIES + 1):
            try:
                found = await wire.send(sent, wait_ms=wait_ms, claim=claim)
            except psycopg.Error as error:
                if error.sqlstate == _LOCK_NOT_AVAILABLE:
                    one.answer([Posted(BUSY, replayed=False) for _ in one.ask.items])
                elif error.sqlstate in _AGAIN and tries < BATCH_TRIES:
                    claim = claim or error.sqlstate == RETRY_CLAIMING
                    continue
                else:
                    one.fail(error)
                return
            if wait_ms == 0 and any(posted.status == BUSY for posted in found):
                self._put_off(one)
            else:
                one.answer(found)
            return


def _pack(batch: Batch[Request, list[Posted]]) -> Packed | None:
    """None: these requests cannot be one call (two of them name one group), and are run one by one."""
    try:
        return packed([one.ask for one in batch])
    except ValueError:
        return None
