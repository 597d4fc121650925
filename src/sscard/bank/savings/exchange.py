"""The bank's side of clearing: what is due leaves, what came is answered, what was decided is booked.

One round does what there is to do and can be broken off and run again at any point: an order is marked as sent before it
is sent, sending twice is one payment, and every answer of the clearing house is booked under the order's own key. Rounds
run in the worker (`savings.jobs`); a transfer in real time asks for one at once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sscard.bank.models import BankAccount
from sscard.bank.savings.clearing import CREDITED, PULL, RETURN, ClearingIn, Payment, proof_of, whose
from sscard.bank.savings.order_steps import OrderStep
from sscard.bank.savings.states import Order, Way
from sscard.bank.savings.tables import OrderDue, TransferOrder
from sscard.control.caller import system
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.db import bank_role, unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_many
from sscard.law import areas

log = logging.getLogger("sscard.bank.clearing")
MOST_A_ROUND = 500
ACCEPTED, SETTLED, REJECTED = "accepted", "settled", "rejected"


class ClearingDown(Exception):
    """The clearing house cannot be reached, or its answer cannot be trusted. The next round tries again."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a payment stands at the clearing house: accepted, settled or rejected with a reason."""

    state: str
    reason: str = ""


class ClearingHouse(Protocol):
    """What a bank needs of a clearing house. All three can be repeated."""

    def submit(self, payment: Payment) -> Status:
        """Hand a payment in, or learn how it stands."""

    def incoming(self, bank: str) -> Sequence[Payment]:
        """Payments for this bank that wait for its answer."""

    def answer(self, bank: str, payment: uuid.UUID, result: str, reason: str) -> None:
        """credited, or rejected with a reason."""


@dataclass(slots=True)
class Round:
    """What a round did."""

    arrived: int = 0
    sent: int = 0
    settled: int = 0
    rejected: int = 0
    credited: int = 0
    returned: int = 0
    down: str = ""


def run(house: ClearingHouse | None) -> Round:
    """All banks of all areas, once. Without a clearing house only what stays inside the banks moves."""
    done = Round()
    asked: list[_Asked] = []
    banks = [(area.code, bank.code) for area in areas.all_areas() for bank in area.banks(clock.today(area.code))]
    for area, bank in banks:
        for due in _due(area, bank):
            _outgoing(house, _Asked(area, bank, *due), done, asked)
    if house is not None:
        for bank in sorted({bank for _, bank in banks}):
            _incoming(house, bank, done)
        for one in asked:  # what a bank of this house has just answered need not wait for the next round
            if (status := _submit(house, one, done)) is not None and not _book(one, status, done):
                _step(one, "again")
    return done


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order whose moment has come; `payment` is None inside the bank."""

    area: str
    bank: str
    row: TransferOrder
    payment: Payment | None


def _due(area: str, bank: str) -> list[tuple[TransferOrder, Payment | None]]:
    """Orders whose moment has come, with the payment for those that go elsewhere."""
    now = clock.now(area)
    reader = Inside(caller=system(area), area_code=area, act="bank.order_step", purpose="clearing")
    with unit_of_work(area=area):
        with bank_role(f"bank:{bank}"):
            due = list(
                OrderDue.objects.filter(book=f"bank:{bank}", area_code=area, due_at__lte=now)
                .order_by("due_at", "order_id")
                .values_list("person_id", "order_id")[:MOST_A_ROUND]
            )
            rows = list(TransferOrder.objects.filter(order_id__in=[order for _, order in due]).order_by("due_at"))
            away = [row for row in rows if row.to_bank]
            payers = {
                one.account_id: one
                for one in BankAccount.objects.filter(account_id__in=[row.account_id for row in away])
            }
        if not away:
            return [(row, None) for row in rows]
        payees = dict(zip([row.order_id for row in away], open_many(away, "payee", reader), strict=True))
        accounts = list(payers.values())
        facts = dict(zip([one.account_id for one in accounts], open_many(accounts, "facts", reader), strict=True))
        for row in away:
            reader.about(row.person_id)
        reader.write(result="ok")
    return [(row, _payment(row, bank, payees, facts, payers) if row.to_bank else None) for row in rows]


def _payment(row: TransferOrder, bank: str, payees: Any, facts: Any, payers: Any) -> Payment:
    """What the clearing house is told. Of our own customer the other side learns the name and a masked number."""
    whom, own = payees[row.order_id], facts[row.account_id]
    if row.way == Way.PULL:
        return Payment(
            id=row.order_id,
            from_bank=bank,
            to_bank=row.to_bank,
            amount_fen=row.amount_fen,
            payer_name=whom["name"],
            payer_number=whom["number"],
            payee_name=own["name"],
            payee_number=payers[row.account_id].number_mask,
            memo=row.memo,
            kind=PULL,
            proof=proof_of(row.order_id, own["id_number"]),
        )
    back = {"kind": RETURN, "original": str(row.original), "reason": whom["reason"]} if row.way == Way.RETURN else {}
    return Payment(
        id=row.order_id,
        from_bank=bank,
        to_bank=row.to_bank,
        amount_fen=row.amount_fen,
        payer_name=own["name"],
        payer_number=payers[row.account_id].number_mask,
        payee_name=whom["name"],
        payee_number=whom["number"],
        memo=row.memo,
        **back,
    )


def _outgoing(house: ClearingHouse | None, one: _Asked, done: Round, asked: list[_Asked]) -> None:
    if one.payment is None:
        state = _step(one, "arrive")
        done.arrived += state == Order.DONE
        done.rejected += state == Order.REJECTED
        return
    if house is None or done.down:
        return
    if one.row.state == Order.WAITING:
        if _step(one, "send") != Order.SENT:
            done.rejected += 1
            return
        done.sent += 1
    status = _submit(house, one, done)
    if status is not None and not _book(one, status, done):
        asked.append(one)


def _submit(house: ClearingHouse, one: _Asked, done: Round) -> Status | None:
    if done.down or one.payment is None:
        return None
    try:
        return house.submit(one.payment)
    except ClearingDown as error:
        _is_down(error, done)
        return None


def _book(one: _Asked, status: Status, done: Round) -> bool:
    """The clearing house's word on our payment; False while there is none."""
    if status.state == SETTLED:
        done.settled += _step(one, "settle") == Order.DONE
    elif status.state == REJECTED:
        done.rejected += _step(one, "reject", status.reason) == Order.REJECTED
    else:
        return False
    return True


def _is_down(error: ClearingDown, done: Round) -> None:
    done.down = str(error)[:200]
    log.warning("clearing house: %s", done.down)


def _step(one: _Asked, event: str, reason: str = "") -> str:
    """Each try has a key of its own: whether a step is still to be done says the order's state under its lock."""
    request = OrderStep(one.bank, one.row.order_id, event, reason)
    try:
        done = perform(system(one.area), "bank.order_step", request, key=f"order:{ids.new_id()}")
    except Refusal as refusal:
        log.warning("order %s, %s: %s", one.row.order_id, event, refusal.code)
        return ""
    return str(done.answer["state"])


def _incoming(house: ClearingHouse, bank: str, done: Round) -> None:
    if done.down:
        return
    try:
        for payment in house.incoming(bank):
            if payment.to_bank == bank:
                _take_in(house, payment, done)
    except ClearingDown as error:
        _is_down(error, done)


def _take_in(house: ClearingHouse, payment: Payment, done: Round) -> None:
    found = whose(payment)
    area = found.area if found else _home_of(payment.to_bank)
    try:
        answer = perform(system(area), "bank.clearing_in", ClearingIn(payment), key=f"in:{ids.new_id()}").answer
    except Refusal as refusal:
        log.warning("payment %s: %s", payment.id, refusal.code)
        return
    house.answer(payment.to_bank, payment.id, answer["result"], answer["reason"])
    done.credited += answer["result"] == CREDITED
    done.returned += answer["result"] == REJECTED


def _home_of(bank: str) -> str:
    for area in areas.all_areas():
        if any(one.code == bank for one in area.banks(clock.today(area.code))):
            return area.code
    raise LookupError(bank)
