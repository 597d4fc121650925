"""A payment of ours that had arrived comes back (退汇): once, whole, to the account it came from or the one in its place.

Its limits are given back. When there is no account that takes money any more, the money waits in suspense (挂账) and the bank
is told; it is never sent round again.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sscard.bank import successor
from sscard.bank.savings import back, books, payee
from sscard.bank.savings.clearing import CREDITED, Payment, digest
from sscard.bank.savings.states import Order, Way, order_after
from sscard.bank.savings.tables import ClearingMessage, TransferOrder
from sscard.control.inside import Inside
from sscard.kernel import words
from sscard.law.area import Area
from sscard.ledger import follow_up, posting
from sscard.ledger.models import Hold, Reversal, Transfer
from sscard.people.lookup import Found

UNKNOWN, ALREADY = "original_unknown", "returned_already"
SUSPENSE = "suspense.returns"


def take_back(inside: Inside, payment: Payment, found: Found | None) -> tuple[str, uuid.UUID | None]:
    """A reason why not, or the movement."""
    if found is None or found.object_id is None:
        return UNKNOWN, None
    area, now = inside.area, inside.now
    with inside.bank_role(payment.to_bank):
        order = (
            TransferOrder.objects.select_for_update(no_key=True)
            .filter(person_id=found.person_id, order_id=found.object_id, book=f"bank:{payment.to_bank}")
            .first()
        )
        if order is not None:
            return _of_order(inside, payment, order, area, now)
        return _of_pull(inside, payment, found, area, now)


def _of_order(
    inside: Inside, payment: Payment, order: TransferOrder, area: Area, now: datetime
) -> tuple[str, uuid.UUID | None]:
    """Our customer's transfer to the bank that returns it."""
    if order.state == Order.RETURNED:
        return ALREADY, None
    same = (order.to_bank, order.amount_fen) == (payment.from_bank, payment.amount_fen)
    if order.state != Order.DONE or order.way != Way.TRANSFER or order.transfer_id is None or not same:
        return UNKNOWN, None
    paid = follow_up.find_transfer(order.person_id, order.transfer_id)
    assert paid is not None  # the order is done
    order.state, order.reason = order_after(order.state, "return"), payment.reason[:40]
    order.save(update_fields=["state", "reason"])
    inside.emit("bank.order_returned", {"order": str(order.order_id)})
    first = Hold.objects.filter(person_id=order.person_id, hold_id=order.order_id).first()
    return "", _give_back(inside, _Back(payment, paid, "transfer_return", first), area, now)


def _of_pull(inside: Inside, payment: Payment, found: Found, area: Area, now: datetime) -> tuple[str, uuid.UUID | None]:
    """A top-up that the other bank could not credit."""
    message = ClearingMessage.objects.filter(
        message_id=f"bank:{payment.to_bank}|{payment.original}", result=CREDITED
    ).first()
    paid = None
    if message is not None and message.transfer_id is not None:
        paid = follow_up.find_transfer(found.person_id, message.transfer_id)
    if paid is None or paid.amount_fen != payment.amount_fen:
        return UNKNOWN, None
    if Reversal.objects.filter(person_id=paid.person_id, transfer_id=paid.transfer_id).exists():
        return ALREADY, None
    return "", _give_back(inside, _Back(payment, paid, "pulled_return", None), area, now)


@dataclass(frozen=True, slots=True)
class _Back:
    payment: Payment
    paid: Transfer
    kind: str
    first: Hold | None


def _give_back(inside: Inside, what: _Back, area: Area, now: datetime) -> uuid.UUID:
    """In the bank's role, as the last thing: the mirror of the original, or suspense."""
    payment, paid = what.payment, what.paid
    account = successor.live(paid.person_id, paid.debit_account_id)
    asked = follow_up.Asked(
        payment.id, f"clearing:{payment.to_bank}", digest(payment), books.business_day(area, account.book, now)
    )
    if not payee.takes_money(account):
        item = _into_suspense(payment, paid, asked, account.book, now)
        inside.emit("bank.return_unclaimed", {"account": str(account.account_id), "payment": str(payment.id)})
        books.post(item, now=now)
        return item.transfer_id
    items = back.reversal(paid, asked, kind=what.kind, first=what.first)
    last = items[-1].transfer_id
    code = f"bank.return.{payment.reason}"
    books.note(
        inside, account.book, account.person_id, account.account_id, last, other_bank=payment.from_bank, channel="clearing",
        memo=words.text("state", code, "zh") if words.has("state", code) else "",
    ).save(force_insert=True)  # fmt: skip
    posting.post(items, posted_at=now)
    return last


def _into_suspense(payment: Payment, paid: Transfer, asked: follow_up.Asked, book: str, now: datetime) -> posting.Item:
    return posting.Item(
        caller=asked.caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        kind="suspense",
        debit=books.house(book, books.SETTLEMENT, paid.debit_account_id, now=now),
        credit=books.house(book, SUSPENSE, paid.debit_account_id, now=now),
        amount_fen=payment.amount_fen,
        business_date=asked.business_date,
    )
