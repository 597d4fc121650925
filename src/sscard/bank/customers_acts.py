"""What a customer does with his own sign-in, and how on-line access is stopped at once.

Stopping is always safe and asks for little: the customer himself, or the bank's teller whom he calls. Opening again asks
for what enrolment asks for.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import customers
from sscard.bank.customers_models import Customer
from sscard.bank.standing import find
from sscard.control import passwords, sessions
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one


@dataclass(frozen=True, slots=True)
class ChangeOnlinePassword:
    """`code`: a fresh code of the authenticator, so that an open screen alone changes nothing."""

    old: str
    new: str
    code: str


@act("bank.change_online_password", right="bank.own_online", about_person=True)
def change_password(inside: Inside, request: ChangeOnlinePassword) -> dict[str, Any]:
    """Who knows the old one and holds the authenticator sets a new one; all his sessions end."""
    customers.prove(inside, request.code)
    with inside.bank_role():
        customer = customers.own(inside, lock=True)
    if not passwords.matches(request.old, customer.password):
        raise Refusal("bank.old_password_wrong")
    name = str(open_one(customer, "username", inside))
    passwords.check_new(request.new, minimum=passwords.HOLDER_MINIMUM, own_words=(name,))
    hashed = passwords.hashed(request.new)
    with inside.bank_role():
        _mine(customer).update(password=hashed, changed_at=clock.real_now())
    sessions.end_sessions(customer.customer_id)
    inside.emit("bank.online_password_changed", {"customer": str(customer.customer_id), "bank": customer.bank})
    return {"changed": True}


@dataclass(frozen=True, slots=True)
class EndOnlineSession:
    """`session`: its mark in the list of `customers_reads.sessions_of`; empty: all but the one that asks."""

    session: str = ""


@act("bank.end_online_session", right="bank.own_online", about_person=True)
def end_session(inside: Inside, request: EndOnlineSession) -> dict[str, Any]:
    """One sign-in on some device, or all others, are ended."""
    with inside.bank_role():
        customer = customers.own(inside)
    ended = sessions.end_marked(customer.customer_id, mark=request.session, but=inside.caller.session)
    if request.session and not ended:
        raise Refusal("control.not_found")
    inside.detail["ended"] = ended
    return {"ended": ended}


@dataclass(frozen=True, slots=True)
class StopOnline:
    """`account`: for a teller, the account of the customer who called; a customer leaves it out."""

    account: uuid.UUID | None = None


@act("bank.stop_online", right="bank.stop_online", about_person=True)
def stop(inside: Inside, request: StopOnline) -> dict[str, Any]:
    """No more sign-in and no more session, from this moment. The account itself goes on at counter and terminal."""
    if inside.caller.kind == "customer":
        with inside.bank_role():
            customer = customers.own(inside, lock=True)
    else:
        customer = _of_account(inside, request.account)
    with inside.bank_role():
        _mine(customer).update(stopped_at=clock.real_now(), stopped_by=inside.caller.id)
    ended = sessions.end_sessions(customer.customer_id)
    inside.emit("bank.online_stopped", {"customer": str(customer.customer_id), "bank": customer.bank})
    return {"stopped": True, "sessions_ended": ended}


def _of_account(inside: Inside, account: uuid.UUID | None) -> Customer:
    if account is None:
        raise Refusal("control.not_found")
    mirror = find(inside, account)
    with inside.bank_role():
        found = Customer.objects.filter(person_id=mirror.person_id, stopped_at__isnull=True).select_for_update().first()
    if found is None:
        raise Refusal("bank.not_online")
    return found


def _mine(customer: Customer) -> Any:
    return Customer.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id)
