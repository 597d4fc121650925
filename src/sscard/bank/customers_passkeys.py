"""A customer's passkeys (WebAuthn), bound to his bank's own host: adding one with a fresh code, removing, signing in.

A passkey that has verified its user (fingerprint, face, device code) is possession and knowledge at once, so it stands in
place of user name, password and one-time code. Questions and answers are made and checked as in `people.passkeys`; the
credentials lie with the bank. The library is loaded when first used: most processes never need it.
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
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.people.passkeys import LABEL_MOST, MOST, SECONDS, Question, Site, answered, claimed, signed_question


@dataclass(frozen=True, slots=True)
class KnownKey:
    passkey: uuid.UUID
    label: str
    since: datetime


def ask_new(inside: Inside, site: Site, bank_name: str) -> Question:
    """The question for a new passkey of the signed-in customer. Runs in a reading."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    with inside.bank_role():
        customer = customers.own(inside)
        known = list(_of(customer).values_list("credential_id", flat=True))
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=bank_name,
        user_id=customer.customer_id.bytes,
        user_name=inside.caller.name,
        user_display_name=inside.caller.name,
        timeout=SECONDS * 1000,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    whose = str(customer.customer_id)
    return Question(options_to_json(options), signed_question("bank-new", options.challenge, site, whose))


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
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    label = request.label.strip()
    if not 1 <= len(label) <= LABEL_MOST:
        raise Refusal("people.passkey_label", most=LABEL_MOST)
    customers.prove(inside, request.code)
    with inside.bank_role():
        customer = customers.own(inside)
        if _of(customer).count() >= MOST:
            raise Refusal("people.passkey_most", most=MOST)
    challenge, site = answered("bank-new", request.token, str(customer.customer_id))
    try:
        made = verify_registration_response(
            credential=request.answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError):
        raise Refusal("people.passkey_wrong") from None
    with inside.bank_role():
        if _of(customer).filter(credential_id=made.credential_id).exists():
            raise Refusal("people.passkey_wrong")
        passkey = CustomerPasskey.objects.create(
            person_id=customer.person_id,
            passkey_id=ids.new_id(),
            customer_id=customer.customer_id,
            book=customer.book,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
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
    challenge, site = answered("enter", token, "")
    customer_id, credential_id = claimed(answer)
    throttle.count("netbank_passkey", throttle.SIGN_IN, target=str(customer_id), source=address)
    found = lookup.find("customer", customer_id) if customer_id else None
    customer = None
    with customers.within(bank, found.area if found else customers.NO_AREA):
        customer = Customer.objects.filter(
            person_id=found.person_id if found else customers.NOBODY, customer_id=customer_id or ids.new_id()
        ).first()
        ok = bool(customer and not customer.stopped_at and _proved(customer, credential_id, answer, challenge, site))
    customers.note(customer, bank, "control.sign_in", ok=ok, address=address)
    if not ok or customer is None:
        raise Refusal("control.sign_in")
    throttle.forget("netbank_passkey", target=str(customer_id), source=address)
    return customer


def _proved(customer: Customer, credential_id: bytes, answer: str, challenge: bytes, site: Site) -> bool:
    """In the bank's role: the key's own signature, and its counter grows where it counts (T16)."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    mine = _of(customer).filter(credential_id=credential_id)
    key = mine.select_for_update().first()
    if key is None:
        return False
    try:
        seen = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    mine.update(sign_count=seen.new_sign_count)
    return True


def _of(customer: Customer) -> Any:
    return CustomerPasskey.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id)
