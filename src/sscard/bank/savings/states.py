"""How an order to transfer and a purchase live, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sscard.kernel import money
from sscard.kernel.refusals import Refusal


class Order(StrEnum):
    WAITING = "waiting"
    """Held; it leaves at its moment and can be recalled until then."""
    SENT = "sent"
    """With the clearing house; nobody can call it back."""
    DONE = "done"
    RECALLED = "recalled"
    REJECTED = "rejected"
    """The clearing house or the other bank refused it; the money is free again."""
    RETURNED = "returned"
    """It had arrived, and the bank that had it gave it back."""


class Way(StrEnum):
    """What an order is for."""

    TRANSFER = "transfer"
    """Out of the account, its money held from the first moment."""
    RETURN = "return"
    """Back to the bank it came from: a payment from clearing that had been credited (退汇)."""
    PULL = "pull"
    """Into the account, from the holder's own at another bank (充值); that bank's answer moves the money."""


@dataclass(frozen=True, slots=True)
class Step:
    state: Order
    event: str
    becomes: Order


ORDER_STEPS: tuple[Step, ...] = (
    Step(Order.WAITING, "send", Order.SENT),
    Step(Order.WAITING, "arrive", Order.DONE),  # inside the bank nobody has to be asked
    Step(Order.WAITING, "recall", Order.RECALLED),
    Step(Order.WAITING, "reject", Order.REJECTED),  # the receiver's account was closed meanwhile
    Step(Order.SENT, "settle", Order.DONE),
    Step(Order.SENT, "reject", Order.REJECTED),
    Step(Order.DONE, "return", Order.RETURNED),
)
ORDER_STATES = [str(one) for one in Order]
ORDER_WAYS = [str(one) for one in Way]
ENDED = frozenset({Order.DONE, Order.RECALLED, Order.REJECTED, Order.RETURNED})


def order_after(state: str, event: str) -> Order:
    """Where an event leads; "bank.order_state" when there is no such way."""
    for step in ORDER_STEPS:
        if (str(step.state), step.event) == (state, event):
            return step.becomes
    raise Refusal("bank.order_state", state=state)


class Sale(StrEnum):
    PAID = "paid"
    PART_BACK = "part_back"
    ALL_BACK = "all_back"
    VOIDED = "voided"
    """Taken back whole on the same business date, before the shop was paid."""


PURCHASE_STATES = [str(one) for one in Sale]


def may_void(state: str, *, same_day: bool) -> None:
    """Only a purchase that is whole, and only on its own business date. Raises the reason."""
    if state == Sale.VOIDED:
        raise Refusal("bank.purchase_voided")
    if state != Sale.PAID:
        raise Refusal("bank.purchase_given_back")
    if not same_day:
        raise Refusal("bank.purchase_void_late")


def after_refund(state: str, *, paid_fen: int, back_fen: int, more_fen: int) -> Sale:
    """The state after giving `more_fen` back. Raises bank.purchase_voided, bank.refund_above with what is left.

    >>> after_refund("paid", paid_fen=100, back_fen=0, more_fen=40)
    <Sale.PART_BACK: 'part_back'>
    >>> after_refund("part_back", paid_fen=100, back_fen=40, more_fen=60)
    <Sale.ALL_BACK: 'all_back'>
    """
    if state == Sale.VOIDED:
        raise Refusal("bank.purchase_voided")
    if back_fen + more_fen > paid_fen:
        raise Refusal("bank.refund_above", left=money.yuan(paid_fen - back_fen))
    return Sale.ALL_BACK if back_fen + more_fen == paid_fen else Sale.PART_BACK
