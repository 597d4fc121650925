"""One connection of a lane: a batch in one transaction, sent again when the connection breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec
import psycopg

from sscard.ledger.gather import LaneDown
from sscard.ledger.items import CALL, Posted, answers_of, columns_of
from sscard.ledger.lane_trail import Request, Statement, as_expected, events_above, insert_rows, rows_ahead

log = logging.getLogger("sscard.ledger.lane")
RECONNECT_TRIES = 80
RECONNECT_WAIT_S = 0.25
STATEMENT_TIMEOUT_MS = 30_000
_ENTER = (
    "select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true),"
    " set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)"
)


class Packed(msgspec.Struct, frozen=True):
    """Requests as they are sent: the columns of the call, and the trail for the case that all is done."""

    requests: list[Request]
    columns: list[str]
    trail: list[Statement]


def packed(requests: list[Request]) -> Packed:
    return Packed(requests, columns_of([item for one in requests for item in one.items]), rows_ahead(requests))


class Wire:
    """A connection in one book. `send` answers after commit; the keys make it safe to send again what is in doubt."""

    def __init__(self, url: str, book: str, clock: Callable[[], datetime]) -> None:
        self._url, self._book, self._clock = url, book, clock
        self._connection: psycopg.AsyncConnection | None = None

    @property
    def server_pid(self) -> int:
        return self._connection.info.backend_pid if self._connection is not None else 0

    async def connect(self) -> None:
        self._connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
        self._connection.prepare_threshold = 0

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def send(self, batch: Packed, *, wait_ms: int, claim: bool) -> list[Posted]:
        """Answers in the order of the items. `wait_ms`: how long to wait for busy accounts; 0 skips them.

        Raises psycopg.Error when the batch cannot be done as it is, LaneDown when the database does not come back.
        """
        for tries in range(RECONNECT_TRIES):
            if self._connection is None or self._connection.closed:
                try:
                    await self.connect()
                except psycopg.OperationalError:
                    await asyncio.sleep(RECONNECT_WAIT_S)
                    continue
            connection = self._connection
            assert connection is not None
            try:
                return await self.transaction(connection, batch, wait_ms, claim)
            except psycopg.OperationalError as error:
                if not (connection.closed or connection.broken):
                    raise
                log.warning("the connection broke (%s); sent again, try %s", type(error).__name__, tries + 1)
        raise LaneDown("the database does not come back")

    async def transaction(
        self,
        connection: psycopg.AsyncConnection,
        batch: Packed,
        wait_ms: int,
        claim: bool,
    ) -> list[Posted]:
        """Call and trail are one exchange, the commit another: nothing that is not as expected may be committed yet."""
        try:
            async with connection.pipeline() as pipeline:
                await connection.execute("begin")
                await connection.execute(_ENTER, [self._book, str(wait_ms), str(STATEMENT_TIMEOUT_MS)])
                values = [wait_ms > 0, claim, *batch.columns, self._clock()]
                cursor = await connection.execute(CALL, values, prepare=True)
                for statement, rows in batch.trail:
                    await connection.execute(statement, rows, prepare=True)
                await pipeline.sync()  # sends what is queued; the answers are not waited for yet
                found = answers_of([item for one in batch.requests for item in one.items], await cursor.fetchall())
                more = [] if as_expected(found) else await insert_rows(batch.requests, found)
                for statement, rows in (*more, *events_above(batch.requests, found)):
                    await connection.execute(statement, rows, prepare=True)
                await connection.execute("commit")
                await pipeline.sync()
        except BaseException:
            await _roll_back(connection)
            raise
        return found


async def _roll_back(connection: psycopg.AsyncConnection) -> None:
    """After an error nothing of the transaction may stay open; a connection in doubt is thrown away."""
    try:
        await connection.rollback()
    except psycopg.Error:
        with suppress(psycopg.Error):
            await connection.close()
