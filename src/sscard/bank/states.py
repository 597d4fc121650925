"""The account's status as a table, and the restrictions that stand beside it (banking.md §1, state model)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sscard.kernel.refusals import Refusal


class Status(StrEnum):
    PENDING_OPEN = "PENDING_OPEN"
    """Asked for by the bureau, not opened yet."""
    NOT_ACTIVATED = "NOT_ACTIVATED"
    """Has a number, takes money in, lets nothing out (只收不付)."""
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


class Restriction(StrEnum):
    """Each stands by itself with reason, who, since, until; freezes of courts and of the bank are never one status."""

    COUNTER_ONLY = "COUNTER_ONLY"
    DEBIT_FREEZE = "DEBIT_FREEZE"
    CREDIT_FREEZE = "CREDIT_FREEZE"
    FULL_FREEZE = "FULL_FREEZE"
    AMOUNT_FREEZE = "AMOUNT_FREEZE"
    LOST = "LOST"
    PIN_LOCKED = "PIN_LOCKED"
    CARD_EXPIRED = "CARD_EXPIRED"
    """The day printed on the card has passed; the account goes on without the card."""
    DECEASED = "DECEASED"
    """The bank knows of the holder's death; the heirs settle the account at the counter."""


FREEZES = frozenset(
    {Restriction.DEBIT_FREEZE, Restriction.CREDIT_FREEZE, Restriction.FULL_FREEZE, Restriction.AMOUNT_FREEZE}
)
"""Restrictions that somebody orders, each with its own authority."""


@dataclass(frozen=True, slots=True)
class Step:
    """In `status`, `act` leads to `becomes`, if `guard` (a rule's name) lets it."""

    status: Status | None
    act: str
    guard: str
    becomes: Status
    clause: str = ""


STEPS: tuple[Step, ...] = (
    Step(None, "bank.order_account", "line_is_sound", Status.PENDING_OPEN),
    Step(Status.PENDING_OPEN, "bank.open_accounts", "line_is_sound", Status.NOT_ACTIVATED),
    Step(Status.NOT_ACTIVATED, "bank.activate", "may_activate", Status.ACTIVE),
    Step(Status.NOT_ACTIVATED, "bank.move_balance", "balance_has_moved", Status.CLOSED),
    Step(Status.ACTIVE, "bank.move_balance", "balance_has_moved", Status.CLOSED),
    Step(Status.NOT_ACTIVATED, "bank.close", "balance_is_zero", Status.CLOSED),
    Step(Status.ACTIVE, "bank.close", "balance_is_zero", Status.CLOSED),
)


def after(status: Status | None, act: str) -> Status:
    """The status that an act leads to; "bank.wrong_status" when there is no such way."""
    for step in STEPS:
        if (step.status, step.act) == (status, act):
            return step.becomes
    raise Refusal("bank.wrong_status", status=str(status or ""))
