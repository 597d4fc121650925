"""Balances for many callers at once: what comes together is one query with `= any`, one snapshot, one answer each."""

from __future__ import annotations

import asyncio
import uuid

import psycopg

from sscard.ledger.gather import Asked, Gather, LaneDown
from sscard.ledger.reads import Balance

RECONNECT_TRIES = 40
RECONNECT_WAIT_S = 0.25
_ENTER = "select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)"
_BALANCES = """
select a.person_id, a.account_id, a.credits_posted - a.debits_posted, a.debits_held, a.frozen_fen, a.credits_held, a.seq,
       a.kind = 'customer'
  from unnest(%s::bigint[], %s::uuid[]) as x(person, account)
  join ledger_ledgeraccount a on a.person_id = x.person and a.account_id = x.account
"""
Account = tuple[int, uuid.UUID]
Waiting = Asked[Account, Balance | None]


class BalanceLane:
    """Look-ups of one book, from one event loop. None: there is no such account in this book."""

    def __init__(self, url: str, *, book: str) -> None:
        self._url, self._book = url, book
        self._connection: psycopg.AsyncConnection | None = None
        self._gather: Gather[Account, Balance | None] = Gather(self._run)

    @classmethod
    async def open(cls, url: str, *, book: str) -> BalanceLane:
        lane = cls(url, book=book)
        await lane._connect()
        lane._gather.start()
        return lane

    async def balance(self, person_id: int, account_id: uuid.UUID) -> Balance | None:
        return await self._gather.ask((person_id, account_id))

    @property
    def batches(self) -> int:
        """How many queries were made."""
        return self._gather.batches

    @property
    def server_pid(self) -> int:
        """The process in PostgreSQL that serves this lane, for measurements."""
        return self._connection.info.backend_pid if self._connection is not None else 0

    async def close(self) -> None:
        await self._gather.close()
        if self._connection is not None:
            await self._connection.close()

    async def _run(self, batch: list[Waiting]) -> None:
        found = await self._look(sorted({one.ask for one in batch}))
        for one in batch:
            one.answer(found.get(one.ask))

    async def _look(self, accounts: list[Account]) -> dict[Account, Balance]:
        for _ in range(RECONNECT_TRIES):
            try:
                if self._connection is None or self._connection.closed:
                    await self._connect()
                return await self._query(accounts)
            except psycopg.OperationalError:
                if self._connection is not None:
                    await self._connection.close()
                await asyncio.sleep(RECONNECT_WAIT_S)
        raise LaneDown("the database does not come back")

    async def _query(self, accounts: list[Account]) -> dict[Account, Balance]:
        assert self._connection is not None
        async with self._connection.pipeline():
            await self._connection.execute("begin read only")
            await self._connection.execute(_ENTER, [self._book])
            values = [[person for person, _ in accounts], [account for _, account in accounts]]
            cursor = await self._connection.execute(_BALANCES, values, prepare=True)
            rows = await cursor.fetchall()
            await self._connection.execute("commit")
        return {
            (person, account): Balance(
                now, max(0, now - held - frozen) if customer else now - held, seq, held, frozen, coming
            )
            for person, account, now, held, frozen, coming, seq, customer in rows
        }

    async def _connect(self) -> None:
        self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
        self._connection.prepare_threshold = 0
