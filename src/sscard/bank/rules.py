"""What an account lets through, and why not: pure decisions over status and restrictions (banking.md §1, §8.4)."""

from __future__ import annotations

from collections.abc import Iterable

from sscard.bank.states import Restriction, Status
from sscard.ledger.permits import EVERYTHING, Permit

_AT_COUNTER = Permit.COUNTER_CASH_OUT | Permit.COUNTER_TRANSFER_OUT | Permit.COUNTER_INQUIRY
_INQUIRIES = Permit.INQUIRY | Permit.COUNTER_INQUIRY

OF_STATUS: dict[Status, Permit] = {
    Status.PENDING_OPEN: Permit.NONE,
    Status.NOT_ACTIVATED: Permit.CREDIT,
    Status.ACTIVE: EVERYTHING,
    Status.CLOSED: Permit.NONE,
}

LEFT_BY: dict[Restriction, Permit] = {
    Restriction.COUNTER_ONLY: Permit.CREDIT | _AT_COUNTER,
    Restriction.DEBIT_FREEZE: Permit.CREDIT | _INQUIRIES,
    Restriction.CREDIT_FREEZE: EVERYTHING & ~Permit.CREDIT,
    Restriction.FULL_FREEZE: Permit.COUNTER_INQUIRY,
    Restriction.AMOUNT_FREEZE: EVERYTHING,  # it holds an amount, it closes no kind of business
    Restriction.LOST: Permit.CREDIT | Permit.COUNTER_INQUIRY,
    # what needs no PIN goes on: money coming in, debits that were agreed before
    Restriction.PIN_LOCKED: Permit.CREDIT | Permit.DIRECT_DEBIT | Permit.COUNTER_INQUIRY,
    # the expired card is worth nothing at a till or terminal; what needs no card goes on
    Restriction.CARD_EXPIRED: EVERYTHING & ~(Permit.CASH_OUT | Permit.PURCHASE | Permit.WALLET_LOAD),
    # agreed debits end with the holder; whether money may still come in is the bank's rule
    Restriction.DECEASED: Permit.CREDIT,
}
"""What each restriction leaves open. The effective permission is the AND over all."""

_WHY: tuple[tuple[Restriction, str], ...] = (
    (Restriction.FULL_FREEZE, "bank.frozen"),
    (Restriction.DEBIT_FREEZE, "bank.frozen"),
    (Restriction.CREDIT_FREEZE, "bank.credit_frozen"),
    (Restriction.DECEASED, "bank.deceased"),
    (Restriction.LOST, "bank.lost"),
    (Restriction.PIN_LOCKED, "bank.pin_locked"),
    (Restriction.COUNTER_ONLY, "bank.counter_only"),
    (Restriction.CARD_EXPIRED, "bank.card_expired"),
)

CASH, TRANSFER, INQUIRY = "cash", "transfer", "inquiry"
_NEED: dict[tuple[str, bool], Permit] = {
    (CASH, True): Permit.COUNTER_CASH_OUT,
    (CASH, False): Permit.CASH_OUT,
    (TRANSFER, True): Permit.COUNTER_TRANSFER_OUT,
    (TRANSFER, False): Permit.TRANSFER_OUT,
    (INQUIRY, True): Permit.COUNTER_INQUIRY,
    (INQUIRY, False): Permit.INQUIRY,
}


def permits(status: Status, restrictions: Iterable[Restriction], *, credit_before_activation: str = "accept") -> Permit:
    """The mask of an account. `credit_before_activation` is the bank's switch in the area pack (accept or refuse)."""
    mask = OF_STATUS[status]
    if status is Status.NOT_ACTIVATED and credit_before_activation != "accept":
        mask = Permit.NONE
    for one in restrictions:
        mask &= LEFT_BY[one]
    return mask


def need(business: str, *, counter: bool) -> Permit:
    """The permit that a kind of business needs at the bank's counter, or anywhere else."""
    return _NEED[business, counter]


def why_not(
    status: Status, restrictions: Iterable[Restriction], wanted: Permit, *, credit_before_activation: str = "accept"
) -> str | None:
    """The code of the refusal that says why `wanted` is closed, or None when it is open. Status speaks before
    restrictions, a freeze before everything milder."""
    here = frozenset(restrictions)
    if permits(status, here, credit_before_activation=credit_before_activation) & wanted == wanted:
        return None
    if status is Status.CLOSED:
        return "bank.closed"
    if status is Status.PENDING_OPEN:
        return "bank.not_open_yet"
    if status is Status.NOT_ACTIVATED and not permits(status, ()) & wanted:
        return "bank.asleep"
    for restriction, code in _WHY:
        if restriction in here and LEFT_BY[restriction] & wanted != wanted:
            return code
    return "bank.no_credit_before_activation"
