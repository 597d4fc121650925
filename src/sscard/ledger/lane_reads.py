"""Balances for many callers at once: what comes together is one query with `= any`, one snapshot, one answer each, and the
audit rows of who looked in the same transaction."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import psycopg

from sscard.ledger import literals
from sscard.ledger.balances import Balance, balance_of
from sscard.ledger.gather import Asked, Gather, LaneDown
from sscard.ledger.lane_trail import Trail, seal, statements_of
from sscard.ledger.permits import Permit

RECONNECT_TRIES = 40
RECONNECT_WAIT_S = 0.25
NOT_PERMITTED, NOT_FOUND = "not_permitted", "control.not_found"
_ENTER = "select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)"
_BALANCES = """
select a.person_id, a.account_id, a.credits_posted - a.debits_posted, a.debits_held, a.frozen_fen, a.credits_held, a.seq,
       a.kind = 'customer', a.permits
  from unnest(%s::bigint[], %s::uuid[]) as x(person, account)
  join ledger_ledgeraccount a on a.person_id = x.person and a.account_id = x.account
"""
Account = tuple[int, uuid.UUID]


class Look(msgspec.Struct, frozen=True):
    """`need`: what the account must let through, else there is no balance. `refused_for`: the look was refused before it
    came here, and only leaves its row."""

    account: Account
    need: Permit = Permit.NONE
    trail: Trail | None = None
    refused_for: str = ""


class Looked(msgspec.Struct, frozen=True):
    """Without a balance `refused_for` says why."""

    balance: Balance | None
    refused_for: str = ""


Waiting = Asked[Look, Looked]


class BalanceLane:
    """Look-ups of one book, from one event loop."""

    def __init__(self, url: str, *, book: str) -> None:
        self._url, self._book = url, book
        self._connection: psycopg.AsyncConnection | None = None
        self._gather: Gather[Look, Looked] = Gather(self._run, seal)

    @classmethod
    async def open(cls, url: str, *, book: str) -> BalanceLane:
        lane = cls(url, book=book)
        with suppress(psycopg.OperationalError):  # when it is away just now, the first query waits for it
            await lane._connect()
        lane._gather.start()
        return lane

    async def balance(self, person_id: int, account_id: uuid.UUID) -> Balance | None:
        """None: there is no such account in this book."""
        return (await self.look(Look((person_id, account_id)))).balance

    async def look(self, look: Look) -> Looked:
        """The answer, when its audit row is committed."""
        return await self._gather.ask(look)

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
        for one, looked in zip(batch, await self._look([one.ask for one in batch]), strict=True):
            one.answer(looked)

    async def _look(self, looks: list[Look]) -> list[Looked]:
        for _ in range(RECONNECT_TRIES):
            try:
                if self._connection is None or self._connection.closed:
                    await self._connect()
                return await self._query(looks)
            except psycopg.OperationalError:
                if self._connection is not None:
                    await self._connection.close()
                await asyncio.sleep(RECONNECT_WAIT_S)
        raise LaneDown("the database does not come back")

    async def _query(self, looks: list[Look]) -> list[Looked]:
        assert self._connection is not None
        accounts = sorted({one.account for one in looks if not one.refused_for})
        leaves = any(one.trail is not None for one in looks)
        async with self._connection.pipeline():
            await self._connection.execute("begin" if leaves else "begin read only")
            await self._connection.execute(_ENTER, [self._book])
            values = [literals.plain([p for p, _ in accounts]), literals.ids([a for _, a in accounts])]
            cursor = await self._connection.execute(_BALANCES, values, prepare=True)
            found = _answers(looks, await cursor.fetchall())
            for statement, rows in await _rows_of(looks, found) if leaves else ():
                await self._connection.execute(statement, rows, prepare=True)
            await self._connection.execute("commit")
        return found

    async def _connect(self) -> None:
        self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
        self._connection.prepare_threshold = 0


def _answers(
    looks: Sequence[Look], rows: Sequence[tuple[int, uuid.UUID, int, int, int, int, int, bool, int]]
) -> list[Looked]:
    found = {(row[0], row[1]): row for row in rows}
    answers = []
    for look in looks:
        row = found.get(look.account)
        if look.refused_for or row is None:
            answers.append(Looked(None, look.refused_for or NOT_FOUND))
        elif int(look.need) & ~row[8]:
            answers.append(Looked(None, NOT_PERMITTED))
        else:
            answers.append(Looked(balance_of(*row[2:7], customer=row[7])))
    return answers


async def _rows_of(looks: Sequence[Look], found: Sequence[Looked]) -> list[tuple[str, list[object]]]:
    told = [(look.trail, looked) for look, looked in zip(looks, found, strict=True) if look.trail is not None]
    refused = [(trail, looked.refused_for) for trail, looked in told if looked.refused_for]
    return await statements_of([(trail, not looked.refused_for) for trail, looked in told], refused)
