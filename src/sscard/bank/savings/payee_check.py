"""Is this the receiver I mean? Asked before the amount is typed, and by the same rules as the transfer itself.

Nobody may find out by it whose number it is: an unknown number and a wrong name have one answer, and the tries of both this
question and the on-line transfer are counted together, per customer, before anything is compared.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from sscard.bank import rules
from sscard.bank.models import BankAccount
from sscard.bank.savings import payee, presence
from sscard.bank.standing import Standing, find
from sscard.control import throttle
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.aside import aside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.people import lookup

TRIES: Final = {"target": throttle.Limit(20, 3600)}
"""Wrong pairs of number and name by one customer; a right pair takes its own try back."""
COUNTER: Final = "netbank_payee"
TRANSFER: Final = "bank.transfer"


@dataclass(frozen=True, slots=True)
class CheckPayee:
    """As in a transfer: the payer's account, the receiver's number, name and bank ("" for the same bank)."""

    account: uuid.UUID
    to_number: str
    to_name: str
    to_bank: str = ""


@act("bank.check_payee", right="bank.check_payee", about_person=True)
def check_payee(inside: Inside, request: CheckPayee) -> dict[str, Any]:
    """`checked`: number and name belong together here. False: another bank has the number, and compares when the money arrives.
    Raises what the transfer would raise of its receiver."""
    whom, faults = payee.wanted(request.to_number, request.to_name)
    refuse_if_any(faults)
    assert whom is not None  # else there are faults
    mirror = find(inside, request.account)
    elsewhere = "" if request.to_bank in ("", mirror.bank) else request.to_bank
    if elsewhere:
        payee.bank_named(inside, elsewhere, inside.today)
    found = payee.account_of_number(whom.number)
    if found is not None and found.object_id == mirror.account_id:
        raise Refusal("ledger.same_account")
    if not elsewhere:
        count_try(inside)
    here = presence.present(inside, mirror, None, matter=TRANSFER, business=rules.TRANSFER)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
        if not elsewhere:
            receiver_of(standing, found, whom)
    if not elsewhere:
        right_try(inside)
    return {"checked": not elsewhere}


def receiver_of(standing: Standing, found: lookup.Found | None, whom: payee.Wanted) -> BankAccount:
    """In the bank's role: the account in this book that the payer means, if it is not his own and takes money."""
    receiver = payee.matched(found, whom)
    if receiver.account_id == standing.account.account_id:
        raise Refusal("ledger.same_account")
    if not payee.takes_money(receiver):
        raise Refusal("bank.payee_takes_nothing")
    return receiver


def count_try(inside: Inside) -> None:
    """One try of an on-line customer, counted beside the act, which may be refused: before anything is locked. Raises
    control.too_many_tries. Whoever stands at a counter or a terminal has shown card and PIN, which are counted there."""
    if inside.caller.kind == "customer":
        with aside(inside.area_code) as cursor:
            throttle.count(COUNTER, TRIES, target=str(inside.caller.id), cursor=cursor)


def right_try(inside: Inside) -> None:
    """The pair was right: this one try is taken back, and no other, so that a right pair between guesses wins nothing."""
    if inside.caller.kind == "customer":
        throttle.take_back(COUNTER, target=str(inside.caller.id), source="")
