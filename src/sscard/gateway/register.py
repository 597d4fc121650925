"""What the gateway knows by heart: programs that may call, clocks of sandbox areas, area packs in force.

All of it is read anew each second in one transaction, so a program that was stopped is refused a second later, and what
is older than STALE_S is not believed: then the gateway says "not now". Keys of programs are random and kept as a hash;
comparing them costs no more than reading a header.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from sscard.control.caller import Caller
from sscard.gateway import packs
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

log = logging.getLogger("sscard.gateway")
READ_EVERY_S, STALE_S = 1.0, 5.0
MOST_CALLERS, MOST_SOURCES = 4_096, 4_096
MOST_WRONG, WRONG_WINDOW_S = 10, 900.0
_PROGRAMS = """
select p.name, p.program_id, p.secret_hash, p.role, p.area_code, o.code, o.kind, o.bank
  from control_program p join control_organisation o on o.code = p.organisation_id where p.active
"""
_CLOCKS = "select area_code, seconds from control_clockoffset"
_PACKS = "select a.area_code, p.digest from law_activearea a join law_areapack p on p.id = a.pack_id"
_ARCHIVE = "select archive from law_areapack where area_code = %s and digest = %s"
_NOBODY = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Known:
    """A program as it is registered."""

    name: str
    program_id: uuid.UUID
    secret_hash: bytes = field(repr=False)
    role: str
    area: str
    organisation: str
    organisation_kind: str
    bank: str


@dataclass(slots=True)
class Register:
    """Lives in one event loop. `refresh` reads once; `keep_reading` for ever."""

    url: str
    read_at: float = float("-inf")
    _programs: dict[str, Known] = field(default_factory=dict)
    _offsets: dict[str, timedelta] = field(default_factory=dict)
    _callers: OrderedDict[tuple[Known, str], Caller] = field(default_factory=OrderedDict)
    _proven: dict[tuple[bytes, str], Caller] = field(default_factory=dict)
    _wrong: OrderedDict[tuple[str, str], tuple[int, float]] = field(default_factory=OrderedDict)
    _read: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: psycopg.AsyncConnection | None = None

    def __post_init__(self) -> None:
        clock.offset_of = lambda area: self._offsets.get(area, timedelta(0))

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self.read_at < STALE_S

    def proven(self, header: str, address: str) -> Caller | None:
        """Who has shown this header since the last reading; only its hash is kept."""
        return self._proven.get((_digest(header), address)) if self.fresh else None

    def remember(self, header: str, address: str, caller: Caller) -> None:
        if len(self._proven) < MOST_CALLERS:
            self._proven[_digest(header), address] = caller

    async def caller(self, name: str, secret: str, address: str) -> Caller:
        """The program behind a name and its key. A wrong one waits for the next reading: a program that was registered a
        moment ago is known by then, and guessing is slow. Raises control.sign_in, control.too_many_tries, gateway.not_now."""
        self._require_patience(name, address)
        if not self.fresh:
            raise Refusal("gateway.not_now")
        known = self._match(name, secret)
        if known is None:
            await self._next_reading()
            known = self._match(name, secret)
        if known is None:
            self._count(name, address)
            raise Refusal("control.sign_in")
        self._wrong.pop((name, address), None)
        return self._caller_of(known, address)

    def _match(self, name: str, secret: str) -> Known | None:
        known = self._programs.get(name)
        same = hmac.compare_digest(known.secret_hash if known else _NOBODY, _digest(secret))
        return known if same else None

    def _caller_of(self, known: Known, address: str) -> Caller:
        """The same object for the same program and address: what its audit rows have in common is then made once."""
        kept = self._callers.get((known, address))
        if kept is None:
            kept = Caller(
                kind="program", id=known.program_id, name=known.name, channel="gateway", area=known.area,
                organisation=known.organisation, organisation_kind=known.organisation_kind, bank=known.bank,
                roles=frozenset({known.role}), address=address,
            )  # fmt: skip
            self._callers[known, address] = kept
            if len(self._callers) > MOST_CALLERS:
                self._callers.popitem(last=False)
        return kept

    # -- guessing: counted by name and source, so that nobody is shut out by somebody else
    def _require_patience(self, name: str, address: str) -> None:
        tries, since = self._wrong.get((name, address), (0, 0.0))
        left = WRONG_WINDOW_S - (time.monotonic() - since)
        if tries >= MOST_WRONG and left > 0:
            raise Refusal("control.too_many_tries", minutes=-(-int(left) // 60), seconds=max(1, int(left)))

    def _count(self, name: str, address: str) -> None:
        self._proven.clear()
        tries, since = self._wrong.pop((name, address), (0, time.monotonic()))
        if time.monotonic() - since > WRONG_WINDOW_S:
            tries, since = 0, time.monotonic()
        self._wrong[name, address] = (tries + 1, since)
        if len(self._wrong) > MOST_SOURCES:
            self._wrong.popitem(last=False)

    # -- reading
    async def keep_reading(self) -> None:
        while True:
            await asyncio.sleep(READ_EVERY_S)
            try:
                await self.refresh()
            except (psycopg.Error, OSError) as error:
                log.warning("the register cannot be read now: %s", type(error).__name__)

    async def refresh(self) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=5)
        try:
            async with asyncio.timeout(STALE_S), self._connection.transaction():
                programs = await self._ask(_PROGRAMS)
                offsets = await self._ask(_CLOCKS)
                digests = dict(await self._ask(_PACKS))
                for code, digest in digests.items():
                    if (code, digest) not in packs.archives:
                        ((archive,),) = await self._ask(_ARCHIVE, code, digest)
                        packs.archives[code, digest] = bytes(archive)
        except BaseException:
            await self._connection.close()
            raise
        self._proven.clear()
        self._programs = {row[0]: Known(row[0], row[1], bytes(row[2]), *row[3:]) for row in programs}
        self._offsets = {area: timedelta(seconds=seconds) for area, seconds in offsets}
        packs.digests = digests
        for gone in packs.archives.keys() - digests.items():
            del packs.archives[gone]
        self.read_at = time.monotonic()
        self._read.set()
        self._read = asyncio.Event()

    async def _ask(self, statement: str, *values: object) -> list[Any]:
        assert self._connection is not None
        return await (await self._connection.execute(statement, values, prepare=True)).fetchall()

    async def _next_reading(self) -> None:
        try:
            async with asyncio.timeout(2 * READ_EVERY_S):
                await self._read.wait()
        except TimeoutError:
            raise Refusal("gateway.not_now") from None

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
