"""Orders to transfer: placed with their money held, recalled by the payer until they leave, and led step by step to their
end by the bank's own queue. Each step is one transaction and can be sent again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.bank import rules
from sscard.bank.limits import Limit
from sscard.bank.models import BankAccount
from sscard.bank.savings import books, payee, presence
from sscard.bank.savings.states import ENDED, Order, order_after
from sscard.bank.savings.tables import OrderDue, TransferOrder
from sscard.bank.standing import Standing, bank_rule, find, in_force, load
from sscard.bank.states import Status
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.area import Area
from sscard.ledger import follow_up, posting
from sscard.ledger.permits import Permit

KEPT_DAYS = 30
"""A hold outlives its order's way by far; the queue ends it."""
RECALL = "bank.transfer_recall"
AGAIN_AFTER = timedelta(seconds=20)


def _no_queue() -> None:
    """Port, filled by the room's jobs: a round of clearing soon, in the transaction that asks for it."""


hurry: Callable[[], None] = _no_queue


@dataclass(frozen=True, slots=True)
class Placing:
    """`to_bank` is "" inside the bank."""

    area: Area
    to_bank: str
    whom: payee.Wanted
    amount_fen: int
    memo: str
    timing: str
    channel: str
    need: Permit
    leaves_at: datetime


def place(
    inside: Inside, standing: Standing, receiver: BankAccount | None, what: Placing, caps: tuple[Limit, ...]
) -> uuid.UUID:
    """In the bank's role, as the last thing of the act: order, place in the queue, hold. The answer's `available_fen`
    stands in `once`."""
    payer, order_id = standing.account, new_id()
    credit = (
        books.customer(receiver.person_id, receiver.account_id, Permit.NONE)
        if receiver
        else books.house(payer.book, books.SETTLEMENT, payer.account_id, now=standing.now)
    )
    TransferOrder(
        person_id=payer.person_id, order_id=order_id, book=payer.book, area_code=payer.area_code,
        account_id=payer.account_id, to_bank=what.to_bank, payee={"number": what.whom.number, "name": what.whom.name},
        payee_account=receiver.account_id if receiver else None, payee_person=receiver.person_id if receiver else None,
        payee_number_mask=receiver.number_mask if receiver else what.whom.number_mask,
        payee_name_mask=receiver.name_mask if receiver else what.whom.name_mask,
        amount_fen=what.amount_fen, memo=what.memo, timing=what.timing, channel=what.channel, state=Order.WAITING,
        made_at=standing.now, due_at=what.leaves_at,
    ).save(force_insert=True)  # fmt: skip
    OrderDue.objects.create(
        order_id=order_id, book=payer.book, area_code=payer.area_code, person_id=payer.person_id, due_at=what.leaves_at
    )
    inside.emit("bank.order_placed", {"order": str(order_id), "bank": payer.bank})
    item = posting.Item(
        caller=inside.caller.id,
        key=inside.key,
        fingerprint=books.fingerprint("order", payer.account_id, what.to_bank, what.whom.number_mask, what.amount_fen),
        kind="transfer" if receiver else "transfer_out",
        debit=books.customer(payer.person_id, payer.account_id, what.need),
        credit=credit,
        amount_fen=what.amount_fen,
        business_date=books.business_day(what.area, payer.book, standing.now),
        limits=books.limits(caps),
        memo=what.memo,
        action=posting.Action.HOLD,
        hold=order_id,
        expires_at=what.leaves_at + timedelta(days=KEPT_DAYS),
    )
    books.post(item, now=standing.now)
    return order_id


def notes_of(
    inside: Inside, payer: BankAccount, receiver: BankAccount, transfer_id: uuid.UUID, *, memo: str, channel: str
) -> None:
    """What both statements say of a transfer inside the bank."""
    for mine, other in ((payer, receiver), (receiver, payer)):
        books.note(
            inside, mine.book, mine.person_id, mine.account_id, transfer_id, other_name_mask=other.name_mask,
            other_number_mask=other.number_mask, memo=memo, channel=channel,
        ).save(force_insert=True)  # fmt: skip


# --- recall --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecallTransfer:
    """On-line without `session`; at counter or kiosk with card and PIN."""

    account: uuid.UUID
    order: uuid.UUID
    session: uuid.UUID | None = None


@act(RECALL, right="bank.transfer", about_person=True)
def recall(inside: Inside, request: RecallTransfer) -> dict[str, Any]:
    """The payer takes it back while it waits; its money is free again at once, and its limits are given back."""
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    here = presence.present(inside, mirror, request.session, matter=RECALL, need=Permit.NONE)
    with inside.bank_role():
        presence.admitted(inside, here)
        order = _locked(mirror.person_id, request.order)
        if order.account_id != mirror.account_id:
            raise Refusal("control.not_found")
        _end(inside, order, "recall", "", here.now)
        _void(area, order, here.now)
    return {"order": str(order.order_id), "state": order.state, "at": here.now.isoformat()}


# --- the queue's steps -----------------------------------------------------------------------------------------------------


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
        order = _locked(due.person_id, request.order)
        if order.state in ENDED:
            return {"order": str(order.order_id), "state": order.state}
        inside.object = f"order:{order.order_id}"
        account = BankAccount.objects.get(person_id=order.person_id, account_id=order.account_id)
    rule = area.bank(account.bank, today)
    with inside.bank_role(request.bank):
        match request.event:
            case "again":
                OrderDue.objects.filter(order_id=order.order_id).update(due_at=now + AGAIN_AFTER)
            case "arrive" | "send" if reason := _shut(order, account, rule.credit_before_activation, now):
                _end(inside, order, "reject", reason, now)
                _void(area, order, now)
            case "send":
                _send(order, now)
            case "arrive" | "settle":
                _arrive(inside, area, order, account, request.event, now)
            case "reject":
                _end(inside, order, "reject", request.reason, now)
                _void(area, order, now)
            case _:
                raise Refusal("bank.order_state", state=request.event[:20])
    return {"order": str(order.order_id), "state": order.state, "reason": order.reason}


def _locked(person_id: int, order_id: uuid.UUID) -> TransferOrder:
    order = TransferOrder.objects.select_for_update(no_key=True).filter(person_id=person_id, order_id=order_id).first()
    if order is None:
        raise Refusal("control.not_found")
    return order


def _shut(order: TransferOrder, account: BankAccount, credit_before_activation: str, now: datetime) -> str:
    """Why an order that waited may not leave now: its account was stopped meanwhile, or the receiver's takes nothing."""
    if order.state != Order.WAITING:
        return ""
    need = rules.need(rules.TRANSFER, counter=order.channel == presence.COUNTER)
    closed = rules.why_not(
        Status(account.status), in_force(account, now), need, credit_before_activation=credit_before_activation
    )
    if closed:
        return "payer_closed"
    if order.payee_account is not None:
        receiver = BankAccount.objects.get(person_id=order.payee_person, account_id=order.payee_account)
        return "" if payee.takes_money(receiver) else "payee_closed"
    return ""


def _send(order: TransferOrder, now: datetime) -> None:
    """From here on nobody can recall it; the queue brings it to the clearing house, as often as it takes."""
    if order.state == Order.SENT:
        return
    order.state, order.sent_at = order_after(order.state, "send"), now
    order.save(update_fields=["state", "sent_at"])


def _arrive(inside: Inside, area: Area, order: TransferOrder, payer: BankAccount, event: str, now: datetime) -> None:
    hold = follow_up.find_hold(order.person_id, order.order_id)
    assert hold is not None  # placed with the order
    asked = _asked(area, order, event, now)
    item = follow_up.capture(hold, asked, need=Permit.CREDIT if order.payee_account else Permit.NONE)
    order.transfer_id = item.transfer_id
    if order.payee_account is not None:
        receiver = BankAccount.objects.get(person_id=order.payee_person, account_id=order.payee_account)
        notes_of(inside, payer, receiver, item.transfer_id, memo=order.memo, channel=order.channel)
    else:
        books.note(
            inside, order.book, order.person_id, order.account_id, item.transfer_id, memo=order.memo,
            other_name_mask=order.payee_name_mask, other_number_mask=order.payee_number_mask, other_bank=order.to_bank,
            channel=order.channel,
        ).save(force_insert=True)  # fmt: skip
    _end(inside, order, event, "", now)
    books.post(item, now=now)


def _end(inside: Inside, order: TransferOrder, event: str, reason: str, now: datetime) -> None:
    order.state, order.reason, order.ended_at = order_after(order.state, event), reason[:40], now
    order.save(update_fields=["state", "reason", "ended_at", "transfer_id"])
    OrderDue.objects.filter(order_id=order.order_id).delete()
    inside.emit(f"bank.order_{order.state}", {"order": str(order.order_id)})


def _void(area: Area, order: TransferOrder, now: datetime) -> None:
    hold = follow_up.find_hold(order.person_id, order.order_id)
    assert hold is not None  # placed with the order
    books.post(follow_up.void(hold, _asked(area, order, "void", now)), now=now)


def _asked(area: Area, order: TransferOrder, event: str, now: datetime) -> follow_up.Asked:
    """One key for the end of an order, whoever brings it: it ends once."""
    return follow_up.Asked(
        caller=order.order_id,
        key=f"order:{event}",
        fingerprint=books.fingerprint("order", order.order_id, event, order.amount_fen),
        business_date=books.business_day(area, order.book, now),
        memo=order.memo,
    )


# --- reads ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order for the customer; text of a state: "state" "bank.order.<state>", of a reason "bank.order_reason.<reason>"."""

    order: uuid.UUID
    state: str
    reason: str
    amount_fen: int
    to_bank: str
    payee_name_mask: str
    payee_number_mask: str
    memo: str
    timing: str
    channel: str
    made_at: datetime
    leaves_at: datetime
    ended_at: datetime | None
    can_recall: bool


def orders(inside: Inside, account_id: uuid.UUID, *, limit: int = 50) -> list[OrderView]:
    """The customer's orders, newest first; right "bank.statement"."""
    mirror = find(inside, account_id)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        load(mirror, bank, now=now).require(Permit.INQUIRY)
        rows = TransferOrder.objects.filter(person_id=mirror.person_id, account_id=account_id)
        found = list(rows.defer("payee").order_by("-made_at", "order_id")[: min(limit, 200)])
    return [
        OrderView(
            one.order_id, one.state, one.reason, one.amount_fen, one.to_bank or mirror.bank, one.payee_name_mask,
            one.payee_number_mask, one.memo, one.timing, one.channel, one.made_at, one.due_at, one.ended_at,
            one.state == Order.WAITING,
        )
        for one in found
    ]  # fmt: skip
