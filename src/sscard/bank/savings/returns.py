"""Returning a payment that came from another bank (退汇): by two of the bank's staff, whole, once, with a reason from the list.

The money is held on the account from the first moment and leaves when the clearing house has taken it; the original is named
in the order and the payer gets it back with the reason.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.bank import successor
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.savings import books, orders
from sscard.bank.savings.clearing import CREDIT, CREDITED
from sscard.bank.savings.states import Order, Way
from sscard.bank.savings.tables import ClearingMessage, StatementNote, TransferOrder
from sscard.bank.standing import bank_rule, find, load
from sscard.bank.states import FREEZES, Status
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import words
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.law import areas
from sscard.ledger import follow_up, posting
from sscard.ledger.models import Entry
from sscard.ledger.permits import Permit

RIGHT = "bank.return_payment"
REASONS = ("AC04", "AM05", "BE01", "CUST", "FOCR")
"""Codes of pacs.004 that this house uses; texts under "state" "bank.return.<code>"."""
SUSPENSE = "suspense.returns"


@dataclass(frozen=True, slots=True)
class ReturnPayment:
    """`account`: where it came in, or the one in its place. `payment`: its clearing number. `reason`: one of REASONS.
    `amount_fen`: as both persons see it before they sign; the payment's own."""

    account: uuid.UUID
    payment: uuid.UUID
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Came:
    """A payment as it was credited."""

    amount_fen: int
    note: StatementNote


@dataclass(frozen=True, slots=True)
class CameIn:
    """A payment from another bank that can still be returned. `payment`: its clearing number."""

    payment: uuid.UUID
    amount_fen: int
    bank: str
    payer_mask: str
    at: datetime


LATEST = 200
"""Credits that are looked through for payments from other banks."""


def came_in(inside: Inside, account_id: uuid.UUID) -> list[CameIn]:
    """The latest payments from other banks that were not returned, the newest first; for a teller of the account's bank."""
    mirror = find(inside, account_id)
    mine = {"person_id": mirror.person_id, "account_id": mirror.account_id}
    with inside.bank_role():
        entries = {
            one.transfer_id: one for one in Entry.objects.filter(**mine, side="C").order_by("-seq")[:LATEST]
        }  # fmt: skip
        notes = StatementNote.objects.filter(**mine, transfer_id__in=entries).exclude(other_bank="")
        of = {note.transfer_id: note for note in notes}
        messages = ClearingMessage.objects.filter(transfer_id__in=of, kind=CREDIT, result=CREDITED)
        payments = {uuid.UUID(one.message_id.rpartition("|")[2]): one.transfer_id for one in messages}
        back = TransferOrder.objects.filter(person_id=mirror.person_id, original__in=payments)
        gone = set(back.exclude(state=Order.REJECTED).values_list("original", flat=True))
    found = [
        CameIn(
            payment, entries[transfer].amount_fen, of[transfer].other_bank, of[transfer].other_number_mask,
            entries[transfer].posted_at,
        )
        for payment, transfer in payments.items()
        if payment not in gone
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at, reverse=True)


def _check(inside: Inside, request: ReturnPayment) -> AccountStatus:
    refuse_if_any([] if request.reason in REASONS else [Fault("reason", "bank.return_reason")])
    mirror = find(inside, request.account)
    with inside.bank_role():
        came = _came(mirror, request.payment)
    if came.amount_fen != request.amount_fen:
        raise Refusal("bank.payment_unknown")
    return mirror


@act(
    RIGHT, right=RIGHT, about_person=True, four_eyes=True, approve_right="bank.restrict_approve", check=_check,
    summary=lambda r: {"account": str(r.account), "payment": str(r.payment), "amount_fen": r.amount_fen,
                       "return_reason": r.reason},
)  # fmt: skip
def return_payment(inside: Inside, request: ReturnPayment) -> dict[str, Any]:
    """Refused before activation, while anything is frozen, and when the money is not there any more: from an account that
    takes in only, nothing goes out, and the bank lends nobody anything."""
    mirror = _check(inside, request)
    rule, area, now = bank_rule(mirror, inside), areas.get(mirror.area_code), inside.now
    with inside.bank_role():
        standing = load(mirror, rule, now=now, lock=True)
        if standing.status is Status.NOT_ACTIVATED:
            raise Refusal("bank.asleep")
        if standing.restrictions & FREEZES:
            raise Refusal("bank.frozen")
        account, came = standing.account, _came(mirror, request.payment)
        order = _order(account, came.note, came.amount_fen, request.payment, request.reason, now)
        order.save(force_insert=True)
        orders.queue(inside, account, order.order_id, now)
        asked = orders.asked(area, order, "hold", now)
        item = posting.Item(
            caller=asked.caller,
            key=asked.key,
            fingerprint=asked.fingerprint,
            kind="payment_return",
            debit=books.customer(account.person_id, account.account_id, Permit.NONE),
            credit=books.house(account.book, books.SETTLEMENT, account.account_id, now=now),
            amount_fen=came.amount_fen,
            business_date=asked.business_date,
            memo=order.memo,
            action=posting.Action.HOLD,
            hold=order.order_id,
            expires_at=now + timedelta(days=orders.KEPT_DAYS),
        )
        books.post(item, now=now)
    orders.hurry()
    return {"order": str(order.order_id), "payment": str(request.payment), "amount_fen": came.amount_fen,
            "to_bank": order.to_bank, "reason": request.reason, "at": now.isoformat()}  # fmt: skip


def _came(mirror: AccountStatus, payment: uuid.UUID) -> _Came:
    """In the bank's role: the payment as it was credited to this account or to the one before it. Raises
    bank.payment_unknown, bank.payment_returned."""
    message = ClearingMessage.objects.filter(
        message_id=f"bank:{mirror.bank}|{payment}", kind=CREDIT, result=CREDITED
    ).first()
    note = None
    if message is not None:
        note = StatementNote.objects.filter(person_id=mirror.person_id, transfer_id=message.transfer_id).first()
    if note is None or successor.live_id(note.person_id, note.account_id) != mirror.account_id:
        raise Refusal("bank.payment_unknown")
    back = TransferOrder.objects.filter(person_id=mirror.person_id, original=payment)
    if back.exclude(state=Order.REJECTED).exists():
        raise Refusal("bank.payment_returned")
    entry = Entry.objects.filter(
        person_id=note.person_id, account_id=note.account_id, transfer_id=note.transfer_id, side="C"
    ).get()
    return _Came(entry.amount_fen, note)


def _order(
    account: BankAccount, note: StatementNote, amount_fen: int, payment: uuid.UUID, reason: str, now: datetime
) -> TransferOrder:
    return TransferOrder(
        person_id=account.person_id, order_id=new_id(), book=account.book, area_code=account.area_code,
        account_id=account.account_id, way=Way.RETURN, original=payment, to_bank=note.other_bank,
        payee={"number": note.other_number_mask, "name": note.other_name_mask, "reason": reason},
        payee_number_mask=note.other_number_mask, payee_name_mask=note.other_name_mask, amount_fen=amount_fen,
        memo=words.text("state", f"bank.return.{reason}", "zh"), timing="realtime", channel="counter",
        state=Order.WAITING, made_at=now, due_at=now,
    )  # fmt: skip


def place_for_pull(inside: Inside, account: BankAccount, pull: TransferOrder, now: datetime) -> None:
    """In the bank's role: what was pulled and cannot be credited goes back; it never was on the account, so nothing is held."""
    note = StatementNote(
        other_bank=pull.to_bank, other_name_mask=pull.payee_name_mask, other_number_mask=pull.payee_number_mask
    )
    order = _order(account, note, pull.amount_fen, pull.order_id, "AC04", now)
    order.save(force_insert=True)
    orders.queue(inside, account, order.order_id, now)


def into_suspense(order: TransferOrder, asked: follow_up.Asked, now: datetime) -> posting.Item:
    """In the bank's role: what neither bank could place, until somebody decides (挂账)."""
    return posting.Item(
        caller=asked.caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        kind="suspense",
        debit=books.house(order.book, books.SETTLEMENT, order.account_id, now=now),
        credit=books.house(order.book, SUSPENSE, order.account_id, now=now),
        amount_fen=order.amount_fen,
        business_date=asked.business_date,
    )
