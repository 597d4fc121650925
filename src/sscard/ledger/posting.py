"""Calling `ledger_post_batch`: the office's way in, inside a running act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from sscard.kernel.refusals import Fault, Refusal
from sscard.ledger.items import (
    BUSINESS_DAY_CLOSED,
    BUSY,
    CALL,
    DONE,
    GROUP_REFUSED,
    MOST_ITEMS,
    POSTED,
    RETRY_CLAIMING,
    Action,
    Item,
    Limit,
    Posted,
    Side,
    answers_of,
    columns_of,
)
from sscard.ledger.refusing import refusal_of

LOCK_WAIT_MS = 5_000
_LOCK_NOT_AVAILABLE = "55P03"

__all__ = [
    "BUSINESS_DAY_CLOSED",
    "BUSY",
    "DONE",
    "GROUP_REFUSED",
    "LOCK_WAIT_MS",
    "MOST_ITEMS",
    "POSTED",
    "Action",
    "Item",
    "Limit",
    "Posted",
    "Side",
    "columns_of",
    "decide",
    "post",
    "refusal_of",
]


def decide(items: Sequence[Item], *, posted_at: datetime, wait: bool) -> list[Posted]:
    """One call for at most 256 items, in the bank's role; statuses as they come. Without `wait`, an item whose account
    is held by somebody else comes back "busy" and may be sent again."""
    columns = columns_of(items)
    try:
        with transaction.atomic():  # a savepoint: somebody else's key must not lose the act
            return answers_of(items, _call(columns, posted_at, wait=wait, claim=False))
    except DatabaseError as error:
        if _sqlstate(error) != RETRY_CLAIMING:
            raise
    return answers_of(items, _call(columns, posted_at, wait=wait, claim=True))


def post(items: Sequence[Item], *, posted_at: datetime, atomic: bool = True) -> list[Posted]:
    """Post as the last statement of an act, inside `inside.bank_role()`, once a transaction.

    `atomic`: all items or none; a refused one raises Refusal "ledger.<status>", several raise "ledger.several" with a
    fault each. Otherwise every item, or group of items, is decided by itself and the statuses are handed back.

    Waits for busy accounts, at most LOCK_WAIT_MS; locks are taken in id order, so two acts never wait in a circle.
    "ledger.busy" and "ledger.business_day_closed" may be tried again with the same key.
    """
    try:
        with transaction.atomic():  # running into the time limit must not lose the act's own refusal
            with connection.cursor() as cursor:
                cursor.execute("select set_config('lock_timeout', %s, true)", [str(LOCK_WAIT_MS)])
            found = decide(items, posted_at=posted_at, wait=True)
            with connection.cursor() as cursor:
                cursor.execute("select set_config('lock_timeout', '0', true)")
    except DatabaseError as error:
        if _sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise Refusal("ledger.busy") from error
        raise
    if atomic:
        _refuse(found, items)
    return found


def _refuse(found: Sequence[Posted], items: Sequence[Item]) -> None:
    refused = [(n, one) for n, one in enumerate(found) if one.status not in DONE]
    # an item that fell with its group says nothing of its own, unless nothing else is left to say
    own = [(n, one) for n, one in refused if one.status != GROUP_REFUSED] or refused[:1]
    if len(own) == 1:
        raise refusal_of(own[0][1], items[own[0][0]])
    if own:
        faults = []
        for n, one in own:
            refusal = refusal_of(one, items[n])
            faults.append(Fault(f"items[{n}]", refusal.code, refusal.facts))
        raise Refusal("ledger.several", faults=faults, count=len(faults))


def _call(columns: Sequence[object], posted_at: datetime, *, wait: bool, claim: bool) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CALL, [wait, claim, *columns, posted_at])
        return cursor.fetchall()


def _sqlstate(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
