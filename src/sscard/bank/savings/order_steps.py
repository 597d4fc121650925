"""The queue's steps: an order is led to its end, one transaction a step; each can be sent again.

             send                    settle                                   reject
transfer     nobody recalls it now   the hold is captured                     the hold is freed
return       the same                the same                                 the same
pull         the other bank is asked the account is credited, or sent back    nothing had moved
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.bank import ceiling, rules, successor
from sscard.bank.models import BankAccount
from sscard.bank.savings import back, books, orders, payee, presence, returns
from sscard.bank.savings.states import ENDED, Order, Way, order_after
from sscard.bank.savings.tables import OrderDue, TransferOrder
from sscard.bank.standing import in_force
from sscard.bank.states import Status
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.law.area import Area
from sscard.ledger import follow_up, posting
from sscard.ledger.permits import Permit

AGAIN_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class OrderStep:
    """`event`: arrive (inside the bank), send, settle, reject, or again (look once more later)."""

    bank: str
    order: uuid.UUID
    event: str
    reason: str = ""


@act("bank.order_step", right="bank.close_day")
def order_step(inside: Inside, request: OrderStep) -> dict[str, Any]:
    """One step of one order; a step that was done is answered with the state as it is."""
    now, today, area = inside.now, inside.today, inside.area
    with inside.bank_role(request.bank):
        due = OrderDue.objects.filter(order_id=request.order).first()
        if due is None:
            return {"order": str(request.order), "state": "ended"}
        order = orders.locked(due.person_id, request.order)
        if order.state in ENDED:
            return {"order": str(order.order_id), "state": order.state}
        inside.object = f"order:{order.order_id}"
        account = BankAccount.objects.get(person_id=order.person_id, account_id=order.account_id)
    rule = area.bank(account.bank, today)
    with inside.bank_role(request.bank):
        match request.event:
            case "again":
                OrderDue.objects.filter(order_id=order.order_id).update(due_at=now + AGAIN_AFTER)
            case "arrive" | "send" if reason := _shut(order, account, area, rule.credit_before_activation, now):
                _back(inside, area, order, reason, now)
            case "send":
                _send(order, now)
            case "settle" if order.way == Way.PULL:
                _pulled(inside, area, order, now)
            case "arrive" | "settle":
                _arrive(inside, area, order, account, request.event, now)
            case "reject":
                _back(inside, area, order, request.reason, now)
            case _:
                raise Refusal("bank.order_state", state=request.event[:20])
    return {"order": str(order.order_id), "state": order.state, "reason": order.reason}


def _shut(order: TransferOrder, account: BankAccount, area: Area, credit_before_activation: str, now: datetime) -> str:
    """Why an order that waited may not leave now: an account was stopped meanwhile, or takes nothing any more."""
    if order.state != Order.WAITING or order.way == Way.RETURN:
        return ""
    if order.way == Way.PULL:
        return "" if payee.takes_money(successor.live(order.person_id, order.account_id)) else "payee_closed"
    need = rules.need(rules.TRANSFER, counter=order.channel == presence.COUNTER)
    closed = rules.why_not(
        Status(account.status), in_force(account, now), need, credit_before_activation=credit_before_activation
    )
    if closed:
        return "payer_closed"
    if order.payee_account is None:
        return ""
    receiver = _receiver(order)
    if not payee.takes_money(receiver):
        return "payee_closed"
    day = books.business_day(area, order.book, now)
    touched = [(account.person_id, account.account_id)]
    return "balance_ceiling" if ceiling.above(area, receiver, order.amount_fen, day, touched=touched) else ""


def _receiver(order: TransferOrder) -> BankAccount:
    """Of an order inside the bank: the account that was named, or the one in its place after a replacement."""
    assert order.payee_person is not None
    assert order.payee_account is not None
    return successor.live(order.payee_person, order.payee_account)


def _send(order: TransferOrder, now: datetime) -> None:
    """From here on nobody can recall it; the queue brings it to the clearing house, as often as it takes."""
    if order.state == Order.SENT:
        return
    order.state, order.sent_at = order_after(order.state, "send"), now
    order.save(update_fields=["state", "sent_at"])


def _arrive(inside: Inside, area: Area, order: TransferOrder, payer: BankAccount, event: str, now: datetime) -> None:
    """The hold is captured. A return without one gave back a top-up that had never been credited: nothing moves here."""
    hold = follow_up.find_hold(order.person_id, order.order_id)
    if hold is None:
        orders.end(inside, order, event, "", now)
        return
    asked = orders.asked(area, order, event, now)
    if order.payee_account is not None:
        items = back.captured(hold, asked)
        orders.notes_of(
            inside, payer, _receiver(order), items[0].transfer_id, arrives=items[-1].transfer_id,
            typed=order.payee_number_mask, memo=order.memo, channel=order.channel,
        )  # fmt: skip
    else:
        items = [follow_up.capture(hold, asked, need=Permit.NONE)]
        _note(inside, order, items[0].transfer_id)
    order.transfer_id = items[0].transfer_id
    orders.end(inside, order, event, "", now)
    posting.post(items, posted_at=now)


def _back(inside: Inside, area: Area, order: TransferOrder, reason: str, now: datetime) -> None:
    """It comes to nothing: what is held is free again. Of a top-up nothing had moved; money of a top-up that nobody takes
    back stays with the bank in suspense."""
    orders.end(inside, order, "reject", reason, now)
    if follow_up.find_hold(order.person_id, order.order_id) is not None:
        orders.free(area, order, now)
    elif order.way == Way.RETURN:
        books.post(returns.into_suspense(order, orders.asked(area, order, "suspense", now), now), now=now)


def _pulled(inside: Inside, area: Area, order: TransferOrder, now: datetime) -> None:
    """The other bank has paid. If the account takes it no more, all of it goes back there."""
    account = successor.live(order.person_id, order.account_id)
    asked = orders.asked(area, order, "settle", now)
    house = books.house(order.book, books.SETTLEMENT, account.account_id, now=now)
    why = "" if payee.takes_money(account) else "payee_closed"
    touched = [(house.person_id, house.account_id)]
    if not why and ceiling.above(area, account, order.amount_fen, asked.business_date, touched=touched) is not None:
        why = "balance_ceiling"
    if why:
        orders.end(inside, order, "reject", why, now)
        returns.place_for_pull(inside, account, order, now)
        return
    item = posting.Item(
        caller=asked.caller,
        key=asked.key,
        fingerprint=asked.fingerprint,
        kind="recharge",
        debit=house,
        credit=books.customer(account.person_id, account.account_id, Permit.CREDIT),
        amount_fen=order.amount_fen,
        business_date=asked.business_date,
        memo=order.memo,
    )
    order.account_id, order.transfer_id = account.account_id, item.transfer_id
    order.save(update_fields=["account_id"])
    _note(inside, order, item.transfer_id)
    orders.end(inside, order, "settle", "", now)
    books.post(item, now=now)


def _note(inside: Inside, order: TransferOrder, transfer_id: uuid.UUID) -> None:
    books.note(
        inside, order.book, order.person_id, order.account_id, transfer_id, memo=order.memo, channel=order.channel,
        other_name_mask=order.payee_name_mask, other_number_mask=order.payee_number_mask, other_bank=order.to_bank,
    ).save(force_insert=True)  # fmt: skip
