"""What `ledger_post_batch` is asked, and what it answers: items, limits, statuses, and the columns of one call."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

import msgspec

from sscard.kernel.ids import new_id
from sscard.ledger import literals
from sscard.ledger.permits import Permit

MOST_ITEMS = 256
MOST_FEN = 10_000_000_000_00
"""The largest amount of one movement that anybody may ask for."""
_EMPTY = hashlib.new("sm3")
_MOVED = uuid.UUID("b0c2a5a1-6f0e-4d4e-8c0e-2c1f5a8d7e31")
_BY_KEY, _BY_HOLD = uuid.UUID("9a3c2b10-7d4e-4f6a-8a51-3f0e6b1c9d22"), uuid.UUID("4d1f8e77-0b6a-4a53-9c0d-8e2b7a6f5c31")
POSTED, HELD, CAPTURED, VOIDED, REMEMBERED = "posted", "held", "captured", "voided", "remembered"
DONE = frozenset({POSTED, HELD, CAPTURED, VOIDED, REMEMBERED})
"""Statuses of items that were done. "remembered": a reversal whose transfer has not come yet and now never will."""
_MOVED_NOW = frozenset({POSTED, CAPTURED})
BUSY, BUSINESS_DAY_CLOSED, KEY_REUSED = "busy", "business_day_closed", "key_reused"
NOT_KEPT = frozenset({BUSY, BUSINESS_DAY_CLOSED})
"""Statuses that are not the key's answer for ever: the same key may be sent again."""
GROUP_REFUSED = "group_refused"
"""Another item of the group was refused; this one would have been done."""
RETRY_CLAIMING = "LK001"
"""SQLSTATE: somebody wrote a key or id that we were about to write; call again and claim the keys first."""

CALL = (
    "select status, replayed, case when replayed then transfer_id end, debit_seq, credit_seq, debit_balance_fen,"
    " credit_balance_fen, limited_by from ledger_post_batch(%s, %s, %s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::uuid[],"
    " %s::uuid[], %s::text[], %s::bigint[], %s::uuid[], %s::int[], %s::bigint[], %s::uuid[], %s::int[], %s::bigint[],"
    " %s::date[], %s::uuid[], %s::timestamptz[], %s::uuid[], %s::text[], %s::int[], %s::text[], %s::text[],"
    " %s::bigint[], %s::int[], %s)"
)
"""wait, claim, the columns of `columns_of`, posted_at. What it answers is for `answers_of`."""


class Action(StrEnum):
    """POST moves. HOLD sets aside, CAPTURE moves at most what was set aside and frees the rest, VOID frees all.
    REVERSE is the mirror of a transfer, once: debit and credit changed about, the whole amount."""

    POST = "post"
    HOLD = "hold"
    CAPTURE = "capture"
    VOID = "void"
    REVERSE = "reverse"


class Limit(msgspec.Struct, frozen=True):
    """At most `most_fen` and `most_times` of `kind` may leave the debited account in the period of the business date.
    None means: counted, without a bound. An operation's limit bounds the one amount and is not counted."""

    kind: str
    period: Literal["operation", "day", "month", "year"]
    most_fen: int | None = None
    most_times: int | None = None

    def __post_init__(self) -> None:
        if self.period not in ("operation", "day", "month", "year"):
            raise ValueError(f"no such period: {self.period}")
        if not self.kind or set(self.kind) & {":", " "}:
            raise ValueError("a limit's kind has no colon and no space")


class Side(msgspec.Struct, frozen=True):
    """An account, and the permits that it must have for this movement."""

    person_id: int
    account_id: uuid.UUID
    need: Permit


class Item(msgspec.Struct, frozen=True):
    """One movement. `fingerprint` (32 bytes) is over all that the caller asked for.

    `hold`: the hold's id, made by the caller, to place, capture or void; its debit and credit are given again.
    `reverses`: the transfer to reverse; `debit` and `credit` are its own changed about. `transfer_id` may be made by the
    caller, so that a reversal can name a transfer which has not come yet. Items of one `group` stand side by side.
    `limit_kind` and `limit_fen` are a day's limit in the older form.
    """

    caller: uuid.UUID
    key: str
    fingerprint: bytes
    kind: str
    debit: Side
    credit: Side
    amount_fen: int
    business_date: date
    limit_kind: str | None = None
    limit_fen: int | None = None
    limits: tuple[Limit, ...] = ()
    group: uuid.UUID | None = None
    reverses: uuid.UUID | None = None
    memo: str = ""
    action: Action = Action.POST
    hold: uuid.UUID | None = None
    expires_at: datetime | None = None
    transfer_id: uuid.UUID = msgspec.field(default_factory=new_id)

    def __post_init__(self) -> None:
        if (self.action in (Action.HOLD, Action.CAPTURE, Action.VOID)) != (self.hold is not None):
            raise ValueError("a hold's id belongs to hold, capture and void, and to nothing else")
        if (self.action is Action.REVERSE) != (self.reverses is not None):
            raise ValueError("`reverses` belongs to a reversal, and to nothing else")
        if (self.action is Action.HOLD) != (self.expires_at is not None):
            raise ValueError("a hold has an end, and nothing else has")
        if not self.limits and not self.limit_kind:
            return
        if self.action not in (Action.POST, Action.HOLD):
            raise ValueError("limits are counted when money is posted or held; later acts give them back")
        if len(self.limits) == 1 and not self.limit_kind:
            return
        counted = [(one.kind, one.period) for one in self.all_limits]
        if len(counted) != len(set(counted)):
            raise ValueError("two limits of one kind and period")

    @property
    def all_limits(self) -> tuple[Limit, ...]:
        if self.limit_kind is None:
            return self.limits
        return (*self.limits, Limit(self.limit_kind, "day", self.limit_fen))


class Posted(msgspec.Struct, frozen=True):
    """What became of an item. Balances are credits − debits after it, in fen; None when nothing was posted.
    `limited_by`: "withdrawal:day" when the status is "limit"."""

    status: str
    replayed: bool
    transfer_id: uuid.UUID | None = None
    debit_seq: int | None = None
    credit_seq: int | None = None
    debit_balance_fen: int | None = None
    credit_balance_fen: int | None = None
    limited_by: str | None = None


def answers_of(items: Sequence[Item], rows: Sequence[tuple[Any, ...]]) -> list[Posted]:
    """What `CALL` answers, in the order of the items. The id of a transfer made now is the item's own: it is not read back."""
    return [
        Posted(*row) if row[1] or row[0] not in _MOVED_NOW else Posted(row[0], False, item.transfer_id, *row[3:])
        for item, row in zip(items, rows, strict=True)
    ]


def fingerprint(*parts: object) -> bytes:
    """Over all that a caller asked for. The same business has the same one through every face, so that a repeat may come
    by another."""
    digest = _EMPTY.copy()  # looking a digest up by its name costs more than the digest
    digest.update("|".join([str(part) for part in parts]).encode())
    return digest.digest()


def transfer_id_of(caller: uuid.UUID, key: str) -> uuid.UUID:
    """The id of a transfer that can be reversed by the key under which it was sent, whether it has come or not."""
    digest = _keys_of(caller).copy()
    digest.update(key.encode())
    return uuid.UUID(bytes=digest.digest()[:16], version=5)


@lru_cache(1_024)
def _keys_of(caller: uuid.UUID) -> Any:
    """What the digest of `uuid.uuid5(_BY_KEY, "caller|key")` has in common for all keys of a caller."""
    return hashlib.sha1(_BY_KEY.bytes + f"{caller}|".encode(), usedforsecurity=False)


def capture_id_of(hold: uuid.UUID) -> uuid.UUID:
    """The id of the transfer that captures a hold: there is one at most."""
    return uuid.uuid5(_BY_HOLD, hold.hex)


def moved_id(hold_id: uuid.UUID) -> uuid.UUID:
    """The id under which a hold goes on when its account's money went to another account of the same person."""
    return uuid.uuid5(_MOVED, hold_id.hex)


def columns_of(items: Sequence[Item]) -> list[str]:
    """The items as the columns that the function takes, in its order, as array literals."""
    if len(items) > MOST_ITEMS:
        raise ValueError(f"at most {MOST_ITEMS} movements in one call")
    _check_groups(items)
    limits = [(n, one) for n, i in enumerate(items, 1) if i.limits or i.limit_kind for one in i.all_limits]
    return [
        literals.ids([i.caller for i in items]),
        literals.texts([i.key for i in items]),
        literals.octets([i.fingerprint for i in items]),
        literals.texts([i.action for i in items]),
        literals.ids([i.transfer_id for i in items]),
        literals.ids([i.group for i in items]),
        literals.texts([i.kind for i in items]),
        literals.plain([i.debit.person_id for i in items]),
        literals.ids([i.debit.account_id for i in items]),
        literals.plain([i.debit.need for i in items]),
        literals.plain([i.credit.person_id for i in items]),
        literals.ids([i.credit.account_id for i in items]),
        literals.plain([i.credit.need for i in items]),
        literals.plain([i.amount_fen for i in items]),
        literals.times([i.business_date for i in items]),
        literals.ids([i.hold for i in items]),
        literals.times([i.expires_at for i in items]),
        literals.ids([i.reverses for i in items]),
        literals.texts([i.memo for i in items]),
        literals.plain([n for n, _ in limits]),
        literals.texts([one.kind for _, one in limits]),
        literals.texts([one.period for _, one in limits]),
        literals.plain([one.most_fen for _, one in limits]),
        literals.plain([one.most_times for _, one in limits]),
    ]


def _check_groups(items: Sequence[Item]) -> None:
    seen: set[uuid.UUID] = set()
    last: uuid.UUID | None = None
    for item in items:
        if item.group is not None and item.group != last and item.group in seen:
            raise ValueError("the items of a group stand side by side")
        if item.group is not None:
            seen.add(item.group)
        last = item.group
