"""Calling `ledger_post_batch`: the office's way in, inside a running act."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Fault, Refusal
from sscard.ledger.permits import Permit

POSTED, BUSY = "posted", "busy"
MOST_ITEMS = 256
LOCK_WAIT_MS = 5_000
_LOCK_NOT_AVAILABLE = "55P03"

CALL = (
    "select item, status, replayed, transfer_id, debit_seq, credit_seq, debit_balance_fen, credit_balance_fen"
    " from ledger_post_batch(%s, %s::uuid[], %s::text[], %s::bytea[], %s::uuid[], %s::uuid[], %s::text[],"
    " %s::bigint[], %s::uuid[], %s::int[], %s::bigint[], %s::uuid[], %s::int[], %s::bigint[], %s::date[],"
    " %s::text[], %s::bigint[], %s::uuid[], %s::text[], %s)"
)


@dataclass(frozen=True, slots=True)
class Side:
    """An account, and the permits that it must have for this movement."""

    person_id: int
    account_id: uuid.UUID
    need: Permit


@dataclass(frozen=True, slots=True)
class Item:
    """One movement. `fingerprint` (32 bytes) is over all that the caller asked for; `limit_fen` is the most of
    `limit_kind` that may leave the debited account on the business date."""

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
    group: uuid.UUID | None = None
    reverses: uuid.UUID | None = None
    memo: str = ""
    transfer_id: uuid.UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of an item. Balances are credits − debits after it, in fen; None when nothing was posted."""

    status: str
    replayed: bool
    transfer_id: uuid.UUID | None = None
    debit_seq: int | None = None
    credit_seq: int | None = None
    debit_balance_fen: int | None = None
    credit_balance_fen: int | None = None


def columns_of(items: Sequence[Item]) -> list[list[Any]]:
    """The items as the columns that the function takes, in its order."""
    return [
        [i.caller for i in items],
        [i.key for i in items],
        [i.fingerprint for i in items],
        [i.transfer_id for i in items],
        [i.group for i in items],
        [i.kind for i in items],
        [i.debit.person_id for i in items],
        [i.debit.account_id for i in items],
        [int(i.debit.need) for i in items],
        [i.credit.person_id for i in items],
        [i.credit.account_id for i in items],
        [int(i.credit.need) for i in items],
        [i.amount_fen for i in items],
        [i.business_date for i in items],
        [i.limit_kind for i in items],
        [i.limit_fen for i in items],
        [i.reverses for i in items],
        [i.memo for i in items],
    ]


def decide(items: Sequence[Item], *, posted_at: datetime, wait: bool) -> list[Posted]:
    """One call for at most 256 items, in the bank's role; statuses as they come. Without `wait`, an item whose account
    is held by somebody else comes back "busy" and may be sent again."""
    if len(items) > MOST_ITEMS:
        raise ValueError(f"at most {MOST_ITEMS} movements in one call")
    with connection.cursor() as cursor:
        cursor.execute(CALL, [wait, *columns_of(items), posted_at])
        return [Posted(*row[1:]) for row in cursor.fetchall()]


def post(items: Sequence[Item], *, posted_at: datetime) -> list[Posted]:
    """Post all items or refuse all: the last statement of an act, inside `inside.bank_role()`, once a transaction.

    Waits for busy accounts, at most LOCK_WAIT_MS; locks are taken in id order, so two acts never wait in a circle.
    Raises Refusal "ledger.<status>", or "ledger.several" with a fault for each refused item; "ledger.busy" may be tried
    again with the same key.
    """
    try:
        with transaction.atomic():  # a savepoint: running into the time limit must not lose the act's own refusal
            with connection.cursor() as cursor:
                cursor.execute("select set_config('lock_timeout', %s, true)", [str(LOCK_WAIT_MS)])
            found = decide(items, posted_at=posted_at, wait=True)
            with connection.cursor() as cursor:
                cursor.execute("select set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            raise Refusal("ledger.busy") from error
        raise
    refused = [(n, one.status) for n, one in enumerate(found) if one.status != POSTED]
    if len(refused) == 1:
        raise Refusal(f"ledger.{refused[0][1]}")
    if refused:
        faults = [Fault(f"items[{n}]", f"ledger.{status}") for n, status in refused]
        raise Refusal("ledger.several", faults=faults, count=len(faults))
    return found
