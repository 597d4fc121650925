"""What follows on a hold or a transfer: finding it, and the item that captures, frees or reverses it.

Inside the bank's role. The items go through `posting.post` or the fast lane like any other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from sscard.ledger.items import Action, Item, Side, moved_id
from sscard.ledger.models import Hold, Transfer
from sscard.ledger.permits import Permit

__all__ = ["Asked", "capture", "expire_holds", "find_hold", "find_transfer", "holds_of", "moved_id", "reverse", "void"]

EXPIRE_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, under which key, and the fingerprint of all that he asked for."""

    caller: uuid.UUID
    key: str
    fingerprint: bytes
    business_date: date
    memo: str = ""


def find_hold(person_id: int, hold_id: uuid.UUID) -> Hold | None:
    """A hold by its id and the person whose money it is. One that was moved is found where it is now."""
    hold = Hold.objects.filter(person_id=person_id, hold_id=hold_id).first()
    while hold is not None and hold.state == "voided":
        onward = Hold.objects.filter(person_id=person_id, hold_id=moved_id(hold.hold_id)).first()
        if onward is None:
            break
        hold = onward
    return hold


def holds_of(person_id: int, account_id: uuid.UUID) -> list[Hold]:
    """What is set aside on an account now, the oldest first."""
    rows = Hold.objects.filter(person_id=person_id, account_id=account_id, state="placed")
    return list(rows.order_by("placed_at", "hold_id"))


def find_transfer(person_id: int, transfer_id: uuid.UUID) -> Transfer | None:
    """A transfer by its id and the person of the debited account."""
    return Transfer.objects.filter(person_id=person_id, transfer_id=transfer_id).first()


def capture(hold: Hold, asked: Asked, *, amount_fen: int | None = None, kind: str = "", need: Permit) -> Item:
    """Move at most what is held (all of it by default); the rest is free again. `need` is the receiver's permit."""
    return _of_hold(hold, asked, Action.CAPTURE, amount_fen or hold.amount_fen, kind or hold.kind, need)


def void(hold: Hold, asked: Asked) -> Item:
    """End the hold; all of it is free again."""
    return _of_hold(hold, asked, Action.VOID, hold.amount_fen, hold.kind, Permit.NONE)


def reverse(transfer: Transfer, asked: Asked, *, kind: str = "") -> Item:
    """The mirror of a transfer, once. It needs no permit: the money goes back to where it came from."""
    return Item(
        caller=asked.caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        kind=kind or f"{transfer.kind}.reversal"[:40],
        debit=Side(transfer.credit_person_id, transfer.credit_account_id, Permit.NONE),
        credit=Side(transfer.person_id, transfer.debit_account_id, Permit.NONE),
        amount_fen=transfer.amount_fen,
        business_date=asked.business_date,
        memo=asked.memo,
        action=Action.REVERSE,
        reverses=transfer.transfer_id,
    )


def expire_holds(now: datetime) -> int:
    """End all holds of this book whose time is past; how many it ended. Those whose accounts are busy just now stay for
    the next run; none of them can be captured any more."""
    ended = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("select ledger_expire_holds(%s, %s)", [now, EXPIRE_AT_A_TIME])
            count = int(cursor.fetchone()[0])
        ended += count
        if count < EXPIRE_AT_A_TIME:
            return ended


def _of_hold(hold: Hold, asked: Asked, action: Action, amount_fen: int, kind: str, need: Permit) -> Item:
    return Item(
        caller=asked.caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        kind=kind,
        debit=Side(hold.person_id, hold.account_id, Permit.NONE),
        credit=Side(hold.credit_person_id, hold.credit_account_id, need),
        amount_fen=amount_fen,
        business_date=asked.business_date,
        memo=asked.memo,
        action=action,
        hold=hold.hold_id,
    )
