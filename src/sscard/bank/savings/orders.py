"""Orders to transfer: placed with their money held, recalled by the payer until they leave; what the customer sees of them.
The bank's own queue leads them to their end (`order_steps`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.bank.limits import Limit
from sscard.bank.models import BankAccount
from sscard.bank.savings import back, books, payee, presence
from sscard.bank.savings.clearing import SENT_BY, remember
from sscard.bank.savings.states import Order, Way, order_after
from sscard.bank.savings.tables import OrderDue, TransferOrder
from sscard.bank.standing import Standing, bank_rule, find, load
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.area import Area
from sscard.ledger import follow_up, posting
from sscard.ledger.models import Hold
from sscard.ledger.permits import Permit

KEPT_DAYS = 30
"""A hold outlives its order's way by far; the queue ends it."""
RECALL = "bank.transfer_recall"


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
    """In the bank's role, as the last thing of the act: order, place in the queue, hold."""
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
        payee_number_mask=what.whom.number_mask,  # as he typed it, a card's or an account's
        payee_name_mask=receiver.name_mask if receiver else what.whom.name_mask,
        amount_fen=what.amount_fen, memo=what.memo, timing=what.timing, channel=what.channel, state=Order.WAITING,
        made_at=standing.now, due_at=what.leaves_at,
    ).save(force_insert=True)  # fmt: skip
    queue(inside, payer, order_id, what.leaves_at)
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


def queue(inside: Inside, account: BankAccount, order_id: uuid.UUID, due_at: datetime) -> None:
    """In the bank's role: a place in the queue, and how an answer of the clearing house finds the order again."""
    OrderDue.objects.create(
        order_id=order_id, book=account.book, area_code=account.area_code, person_id=account.person_id, due_at=due_at
    )
    remember(SENT_BY, account.bank, order_id, area=account.area_code, person_id=account.person_id)
    inside.emit("bank.order_placed", {"order": str(order_id), "bank": account.bank})


def notes_of(
    inside: Inside,
    payer: BankAccount,
    receiver: BankAccount,
    transfer_id: uuid.UUID,
    *,
    typed: str,
    memo: str,
    channel: str,
    arrives: uuid.UUID | None = None,
) -> None:
    """What both statements say of a transfer inside the bank. `typed`: the payee's number, masked, as the payer gave it.
    `arrives`: the movement that brings it to the receiver, where that is another one."""
    sides = ((payer, receiver, typed, transfer_id), (receiver, payer, payer.number_mask, arrives or transfer_id))
    for mine, other, number, moved in sides:
        books.note(
            inside, mine.book, mine.person_id, mine.account_id, moved, other_name_mask=other.name_mask,
            other_number_mask=number, memo=memo, channel=channel,
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
    """The payer takes it back while it waits; its money is free again at once, and its limits are given back. What he sent in
    real time is on its way from that moment on: he was told that it can't be recalled."""
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    here = presence.present(inside, mirror, request.session, matter=RECALL, need=Permit.NONE)
    with inside.bank_role():
        presence.admitted(inside, here)
        order = locked(mirror.person_id, request.order)
        if order.account_id != mirror.account_id:
            raise Refusal("control.not_found")
        if order.way != Way.TRANSFER:
            raise Refusal("bank.order_state", state=order.state)
        if order.state == Order.WAITING and not order.waits:
            raise Refusal("bank.order_realtime")
        end(inside, order, "recall", "", here.now)
        free(area, order, here.now)
    return {"order": str(order.order_id), "state": order.state, "at": here.now.isoformat()}


# --- shared with the queue's steps -----------------------------------------------------------------------------------------


def locked(person_id: int, order_id: uuid.UUID) -> TransferOrder:
    order = TransferOrder.objects.select_for_update(no_key=True).filter(person_id=person_id, order_id=order_id).first()
    if order is None:
        raise Refusal("control.not_found")
    return order


def end(inside: Inside, order: TransferOrder, event: str, reason: str, now: datetime) -> None:
    """In the bank's role: the order's last state, with the reason; its place in the queue is free."""
    order.state, order.reason, order.ended_at = order_after(order.state, event), reason[:40], now
    order.save(update_fields=["state", "reason", "ended_at", "transfer_id"])
    OrderDue.objects.filter(order_id=order.order_id).delete()
    inside.emit(f"bank.order_{order.state}", {"order": str(order.order_id)})


def free(area: Area, order: TransferOrder, now: datetime) -> None:
    """In the bank's role, as the last thing: what was held is available again, where the account's money is now."""
    hold = follow_up.find_hold(order.person_id, order.order_id)
    first = Hold.objects.filter(person_id=order.person_id, hold_id=order.order_id).first()
    assert hold is not None  # placed with the order
    assert first is not None  # `hold` is it, or went on from it
    books.post(back.free(hold, first, asked(area, order, "void", now)), now=now)


def asked(area: Area, order: TransferOrder, event: str, now: datetime) -> follow_up.Asked:
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
    """An order for the customer; text of a state: "state" "bank.order.<state>", of a reason "bank.order_reason.<reason>". The
    payee is the other side: of a top-up (`way` pull) the account that it comes from."""

    order: uuid.UUID
    way: str
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
        pulls = rows.filter(way=Way.PULL).values("order_id")
        rows = rows.exclude(way=Way.RETURN, original__in=pulls)  # that money never was on the account
        found = list(rows.defer("payee").order_by("-made_at", "order_id")[: min(limit, 200)])
    return [
        OrderView(
            one.order_id, one.way, one.state, one.reason, one.amount_fen, one.to_bank or mirror.bank, one.payee_name_mask,
            one.payee_number_mask, one.memo, one.timing, one.channel, one.made_at, one.due_at, one.ended_at,
            one.way == Way.TRANSFER and one.state == Order.WAITING and one.waits,
        )
        for one in found
    ]  # fmt: skip
