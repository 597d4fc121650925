"""A customer's passkeys (WebAuthn), bound to his bank's own host: adding one with a fresh code, removing, signing in.

A passkey stands in place of user name, password and one-time code, and of the one-time code before money leaves. How it is
asked and checked: `people.passkey_proof`; the credentials lie with the bank.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sscard.bank import customers
from sscard.bank.customers_models import Customer, CustomerPasskey
from sscard.control import throttle
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.people.passkey_proof import (
    MOST,
    Asked,
    Question,
    Site,
    answered,
    checked_label,
    checked_new,
    claimed,
    new_question,
    question,
    sign_count,
)

PROOF = "bank-proof"
"""Use of the question before money leaves; one for signing in does not serve for it."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    passkey: uuid.UUID
    label: str
    since: datetime


def ask_new(inside: Inside, site: Site, bank_name: str) -> Question:
    """The question for a new passkey of the signed-in customer. Runs in a reading."""
    with inside.bank_role():
        customer = customers.own(inside)
        known = list(_of(customer).values_list("credential_id", flat=True))
    return new_question("bank-new", site, bank_name, customer.customer_id, inside.caller.name, known)


@dataclass(frozen=True, slots=True)
class AddOnlinePasskey:
    """`token` and `answer` (JSON of the browser) belong together; `code` is a fresh one of the authenticator, so that an
    open screen alone adds no way in."""

    token: str
    answer: str
    label: str
    code: str


@act("bank.add_passkey", right="bank.own_online", about_person=True)
def add(inside: Inside, request: AddOnlinePasskey) -> dict[str, Any]:
    """One more way to sign in. Refuses people.passkey_wrong, passkey_late, passkey_most, passkey_label, bank.code_wrong."""
    label = checked_label(request.label)
    customers.prove(inside, request.code)
    with inside.bank_role():
        customer = customers.own(inside)
        if _of(customer).count() >= MOST:
            raise Refusal("people.passkey_most", most=MOST)
    made = checked_new("bank-new", request.token, request.answer, customer.customer_id)
    with inside.bank_role():
        if _of(customer).filter(credential_id=made.credential_id).exists():
            raise Refusal("people.passkey_wrong")
        passkey = CustomerPasskey.objects.create(
            person_id=customer.person_id,
            passkey_id=ids.new_id(),
            customer_id=customer.customer_id,
            book=customer.book,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            label=label,
            created_at=inside.now,
        )
    inside.object = f"passkey:{passkey.passkey_id}"
    return {"passkey": str(passkey.passkey_id)}


@dataclass(frozen=True, slots=True)
class RemoveOnlinePasskey:
    passkey: uuid.UUID


@act("bank.remove_passkey", right="bank.own_online", about_person=True)
def remove(inside: Inside, request: RemoveOnlinePasskey) -> dict[str, Any]:
    """The device is lost or gone; password and one-time code stay."""
    inside.object = f"passkey:{request.passkey}"
    with inside.bank_role():
        customer = customers.own(inside)
        if not _of(customer).filter(passkey_id=request.passkey).delete()[0]:
            raise Refusal("control.not_found")
    return {"passkey": str(request.passkey), "removed": True}


def known(inside: Inside) -> list[KnownKey]:
    """One's own passkeys, oldest first."""
    with inside.bank_role():
        rows = list(_of(customers.own(inside)).order_by("created_at"))
    return [KnownKey(row.passkey_id, row.label, row.created_at) for row in rows]


def sign_in(bank: str, token: str, answer: str, *, address: str) -> Customer:
    """The customer behind a passkey's answer. Raises control.sign_in for every kind of mismatch."""
    asked = answered("enter", token, "")
    customer_id, credential_id = claimed(answer)
    throttle.count("netbank_passkey", throttle.SIGN_IN, target=str(customer_id), source=address)
    found = lookup.find("customer", customer_id) if customer_id else None
    customer = None
    with customers.within(bank, found.area if found else customers.NO_AREA):
        customer = Customer.objects.filter(
            person_id=found.person_id if found else customers.NOBODY, customer_id=customer_id or ids.new_id()
        ).first()
        ok = bool(customer and not customer.stopped_at and _proved(customer, credential_id, answer, asked))
    customers.note(customer, bank, "control.sign_in", ok=ok, address=address)
    if not ok or customer is None:
        raise Refusal("control.sign_in")
    throttle.forget("netbank_passkey", target=str(customer_id), source=address)
    return customer


def ask_proof(inside: Inside, site: Site) -> Question | None:
    """The question to prove himself once more, to a customer who has a passkey. Runs in a reading."""
    with inside.bank_role():
        customer = customers.own(inside)
        known = [bytes(one) for one in _of(customer).values_list("credential_id", flat=True)]
    return question(PROOF, site, whose=str(customer.customer_id), known=known) if known else None


def step_up(customer: Customer, token: str, answer: str, *, address: str, channel: str = "netbank") -> datetime:
    """`customers.step_up` by passkey: the moment from which on the second factor counts as given. A question serves once
    (T16). Raises people.passkey_late, people.passkey_wrong."""
    asked = answered(PROOF, token, str(customer.customer_id))
    throttle.count("netbank_code", throttle.SIGN_IN, target=str(customer.customer_id), source=address)
    _, credential_id = claimed(answer)
    with customers.within(customer.bank, customer.area_code):
        fresh = _newer(customer, asked)
        ok = fresh and _proved(customer, credential_id, answer, asked)
    customers.note(customer, customer.bank, "bank.step_up", ok=ok, address=address, channel=channel)
    if not ok:
        raise Refusal("people.passkey_wrong" if fresh else "people.passkey_late")
    throttle.forget("netbank_code", target=str(customer.customer_id), source=address)
    return clock.real_now()


def _newer(customer: Customer, asked: Asked) -> bool:
    """In the bank's role: each question serves once, and none that is older than the last one used (as with one-time codes).
    Whoever holds question and answer in his hands proves nothing with them a second time."""
    mine = Customer.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id)
    return bool(mine.filter(proof_asked_us__lt=asked.at_us).update(proof_asked_us=asked.at_us))


def _proved(customer: Customer, credential_id: bytes, answer: str, asked: Asked) -> bool:
    """In the bank's role: the key's own signature, and its counter grows where it counts (T16)."""
    mine = _of(customer).filter(credential_id=credential_id)
    key = mine.select_for_update().first()
    count = sign_count(answer, asked, bytes(key.public_key), key.sign_count) if key else None
    return count is not None and bool(mine.update(sign_count=count))


def _of(customer: Customer) -> Any:
    return CustomerPasskey.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id)
