"""Which account a request means, and how it stands: for all that wait at once, by one query each round.

An account's person and area never change and are kept (bounded). What may change is asked each time; the last word on it
has `ledger_post_batch`, under the account's lock.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg

from sscard.bank import rules
from sscard.bank.states import Restriction, Status
from sscard.gateway import packs
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.ledger import house_accounts, literals
from sscard.ledger.business_dates import open_date
from sscard.ledger.gather import Asked, Gather
from sscard.ledger.items import moved_id
from sscard.ledger.permits import Permit

if TYPE_CHECKING:
    from sscard.law.area import Area

PAUSE_S = 0.015
"""In a crowd a round of questions waits so long for more of them."""
MOST_KEPT = 50_000
MOST_MOVES = 8
_ENTER = "select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)"
_WHOSE = """
select array_agg(w.person_id order by x.n), array_agg(w.area_code order by x.n),
       set_config('sscard.persons', array_agg(w.person_id order by x.n)::text, true),
       set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)
  from unnest(%s::uuid[]) with ordinality as x(account, n)
  left join people_lookup w on w.kind = 'account' and w.value = uuid_send(x.account)
"""
_FACTS = """
select x.n::integer, a.permits, a.frozen_fen, h.hold_id, h.account_id, h.credit_person_id, h.credit_account_id, h.kind,
       h.amount_fen, h.state, t.business_date, b.account_class,
       (select d.day from ledger_businessday d where d.book = %s order by d.day desc limit 1)
  from unnest(current_setting('sscard.persons')::bigint[], %s::uuid[], %s::uuid[], %s::bigint[], %s::uuid[])
       with ordinality as x(person, account, hold, other, transfer, n)
  join ledger_ledgeraccount a on a.person_id = x.person and a.account_id = x.account
  left join bank_bankaccount b on b.person_id = x.person and b.account_id = x.account
  left join ledger_hold h on h.person_id = x.person and h.hold_id = x.hold
  left join ledger_transfer t on t.person_id = x.other and t.transfer_id = x.transfer
"""
_STATUS = "select status from bank_bankaccount where person_id = %s and account_id = %s"
_RESTRICTIONS = """
select kind, amount_fen from bank_accountrestriction
 where person_id = %s and account_id = %s and lifted_at is null and (until is null or until > %s)
"""
_FRESHEN = """
update ledger_ledgeraccount set permits = %s, frozen_fen = %s
 where person_id = %s and account_id = %s and permits = %s and frozen_fen = %s
"""
_OTHER = "select bank from bank_accountstatus where person_id = %s and account_id = %s"


class OpenDay(msgspec.Struct, frozen=True):
    """An area's time, the business date that was open then, and the ceilings of its accounts' classes on that day, as far as
    they were asked for."""

    now: datetime
    day: date
    rules: Area
    ceilings: dict[str, int | None] = {}

    def ceiling(self, account_class: str) -> int | None:
        if account_class not in self.ceilings:
            limit = self.rules.class_limit(account_class, self.day)
            self.ceilings[account_class] = limit.balance_fen if limit else None
        return self.ceilings[account_class]


class HoldFacts(msgspec.Struct, frozen=True):
    """Money set aside, where it stands now."""

    hold_id: uuid.UUID
    account_id: uuid.UUID
    credit_person: int
    credit_account: uuid.UUID
    kind: str
    amount_fen: int
    state: str


class Facts(msgspec.Struct, frozen=True):
    """`permits`: the bits of `Permit`. `now`, `day`: the area's time when it was asked, and the business date open then.
    `booked_on`: business date of the transfer that was asked about. `ceiling_fen`: what the account's class may hold."""

    account_id: uuid.UUID
    person_id: int
    area: str
    permits: int
    frozen_fen: int
    now: datetime
    day: date
    hold: HoldFacts | None = None
    booked_on: date | None = None
    ceiling_fen: int | None = None


class Wanted(msgspec.Struct, frozen=True):
    """`transfer`: (person of the debited account, transfer id)."""

    account: uuid.UUID
    hold: uuid.UUID | None = None
    transfer: tuple[int, uuid.UUID] | None = None


@dataclass(slots=True)
class Accounts:
    """One bank's, from one event loop: one connection for the rounds of questions, one for what is rare and single."""

    url: str
    bank: str
    _whose: OrderedDict[uuid.UUID, tuple[int, str]] = field(default_factory=OrderedDict)
    _houses: set[uuid.UUID] = field(default_factory=set)
    _connection: psycopg.AsyncConnection | None = None
    _single: psycopg.AsyncConnection | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _gather: Gather[Wanted, Facts | None] = field(init=False)

    def __post_init__(self) -> None:
        self._gather = Gather(self._run, pause_s=PAUSE_S)
        self._gather.start()

    @property
    def book(self) -> str:
        return f"bank:{self.bank}"

    async def facts(self, wanted: Wanted) -> Facts:
        """Raises control.not_found; bank.other_bank, which names the bank as it stands on the card."""
        found = await self._gather.ask(wanted)
        for _ in range(MOST_MOVES):
            if found is None or found.hold is None or found.hold.state != "voided":
                break
            onward = await self._gather.ask(Wanted(wanted.account, moved_id(found.hold.hold_id)))
            if onward is None or onward.hold is None:
                break
            found = onward
        if found is None:
            raise await self._not_ours(wanted.account)
        return found

    async def person_of(self, account: uuid.UUID) -> tuple[int, str]:
        """Whose account it is, in which area; of any bank. Raises control.not_found."""
        if account not in self._whose:
            await self._gather.ask(Wanted(account))
        if account not in self._whose:
            raise Refusal("control.not_found")
        return self._whose[account]

    async def why_not(self, facts: Facts, need: Permit) -> str | None:
        """The code that says why `need` is closed. A mask that is behind, because a restriction has run out since, is
        brought up to date first; then there is no reason left and the answer is None."""
        now = clock.now(facts.area)
        bank = packs.area(facts.area).bank(self.bank, clock.today(facts.area))
        who = [facts.person_id, facts.account_id]
        async with self._alone() as connection:
            await connection.execute(_ENTER, [self.book])
            row = await (await connection.execute(_STATUS, who)).fetchone()
            found = await (await connection.execute(_RESTRICTIONS, [*who, now])).fetchall()
            if row is None:
                return None
            restrictions = [Restriction(kind) for kind, _ in found]
            accept = {"credit_before_activation": bank.credit_before_activation}
            right, frozen = rules.permits(Status(row[0]), restrictions, **accept), sum(fen or 0 for _, fen in found)
            if (right, frozen) != (facts.permits, facts.frozen_fen):
                stale = [int(facts.permits), facts.frozen_fen]
                await connection.execute(_FRESHEN, [int(right), frozen, *who, *stale])
        return rules.why_not(Status(row[0]), restrictions, need, **accept)

    async def house(self, name: str, spread: uuid.UUID, now: datetime) -> tuple[int, uuid.UUID]:
        """One of the bank's own accounts, opened when it is first used."""
        key = house_accounts.key_of(self.book, name, spread)
        if key[1] not in self._houses:
            async with self._alone() as connection:
                if key[1] not in self._houses:  # nor did somebody before us open it meanwhile
                    await connection.execute(_ENTER, [self.book])
                    await connection.execute(
                        house_accounts.OPEN, [*key, self.book, name, house_accounts.PERMITS, "internal", now]
                    )
            self._houses.add(key[1])
        return key

    async def close(self) -> None:
        await self._gather.close()
        for connection in (self._connection, self._single):
            if connection is not None:
                await connection.close()

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """A transaction for one question of one caller; what breaks here is opened anew the next time."""
        async with self._one_at_a_time:
            if self._single is None or self._single.closed:
                self._single = await psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=5)
            try:
                async with self._single.transaction():
                    yield self._single
            except psycopg.Error:
                await self._single.close()
                raise

    # -- asking
    async def _run(self, batch: list[Asked[Wanted, Facts | None]]) -> None:
        try:
            found = await self._look([one.ask for one in batch])
        except (psycopg.Error, OSError) as error:
            if self._connection is not None:
                await self._connection.close()
            for one in batch:
                one.fail(error)
            return
        for n, one in enumerate(batch, 1):
            facts = found.get(n)
            if isinstance(facts, Exception):
                one.fail(facts)
            else:
                one.answer(facts)

    async def _look(self, wanted: list[Wanted]) -> dict[int, Facts | Exception]:
        """By place in what is wanted, from 1 on."""
        whose, rows = await self._query(wanted)
        for one, (person, area) in zip(wanted, whose, strict=True):
            if person is not None:
                self._whose[one.account] = (person, area)
        while len(self._whose) > MOST_KEPT:
            self._whose.popitem(last=False)
        if not rows:
            return {}
        areas = {area for _, area in whose if area is not None}
        opens = {area: self._open_day(area, rows[0][-1]) for area in areas}
        return {row[0]: _facts(wanted[row[0] - 1].account, *whose[row[0] - 1], row, opens) for row in rows}

    def _open_day(self, area: str, closed: date | None) -> OpenDay | Exception:
        """What of one area cannot be told (its pack, its bank) is nobody else's fault."""
        try:
            now, rules = clock.now(area), packs.area(area)
            bank = rules.bank(self.bank, now.astimezone(clock.CHINA).date())
            return OpenDay(now, open_date(now, bank.cut_off, closed), rules)
        except Exception as error:
            return error

    async def _query(self, wanted: list[Wanted]) -> tuple[list[tuple[int, str]], list[tuple[Any, ...]]]:
        """Whose each account is, and how those of this book stand. One exchange: the first statement leaves the persons for
        the second, and enters the bank's role, which may not see whose accounts there are; without a "begin" all that a
        pipeline sends is one transaction."""
        connection = await self._open()
        accounts = literals.ids([one.account for one in wanted])
        values = [
            self.book,
            accounts,
            literals.ids([one.hold for one in wanted]),
            literals.plain([one.transfer[0] if one.transfer else None for one in wanted]),
            literals.ids([one.transfer[1] if one.transfer else None for one in wanted]),
        ]
        async with connection.pipeline():
            whose = await connection.execute(_WHOSE, [self.book, accounts], prepare=True)
            facts = await connection.execute(_FACTS, values, prepare=True)
            rows = await facts.fetchall()
            ((persons, areas, *_),) = await whose.fetchall()
        return list(zip(persons, areas, strict=True)), rows

    async def _not_ours(self, account: uuid.UUID) -> Refusal:
        if account not in self._whose:
            return Refusal("control.not_found")
        person, area = self._whose[account]
        async with self._alone() as connection:
            await connection.execute("select set_config('sscard.area', %s, true)", [area])
            row = await (await connection.execute(_OTHER, [person, account])).fetchone()
        if row is None or row[0] == self.bank:
            return Refusal("control.not_found")
        rule = packs.area(area).bank(row[0], clock.today(area))
        return Refusal("bank.other_bank", bank=rule.short.zh, bank_en=rule.short.en)

    async def _open(self) -> psycopg.AsyncConnection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=5)
            self._connection.prepare_threshold = 0
        return self._connection


def _facts(
    account: uuid.UUID, person: int, area: str, row: tuple[Any, ...], opens: Mapping[str, OpenDay | Exception]
) -> Facts | Exception:
    _, permits, frozen, *hold, booked_on, account_class, _ = row
    there = HoldFacts(*hold) if hold[0] is not None else None
    opened = opens[area]
    if isinstance(opened, Exception):
        return opened
    ceiling = opened.ceiling(account_class) if account_class else None
    return Facts(account, person, area, permits, frozen, opened.now, opened.day, there, booked_on, ceiling)
