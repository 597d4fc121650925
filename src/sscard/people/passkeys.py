"""A holder's passkeys (WebAuthn): adding one while signed in, signing in with one, and his own new password.

A passkey that has verified its user (fingerprint, face, device code) is possession and knowledge at once, so it stands
in place of number, password and one-time code. What the browser answers is bound to a challenge that this house
signed for this page, this site and at most five minutes; the credential's own counter must grow where it counts (T16).
"""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from django.core import signing

from sscard.control import passwords, throttle
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.sessions import end_sessions
from sscard.kernel import ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.people import holders, lookup
from sscard.people.models import HolderAccount, Passkey, Person

SECONDS = 300
MOST = 10
LABEL_MOST = 60
_SALT = "sscard.passkey"


@dataclass(frozen=True, slots=True)
class Site:
    """The site as the browser sees it: `host` without port is what credentials are bound to."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the page gives the browser (`options`, JSON) and gets back unchanged with its answer (`token`)."""

    options: str
    token: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A passkey as its holder sees it."""

    passkey: uuid.UUID
    label: str
    since: Any


def ask_new(inside: Inside, site: Site) -> Question:
    """The question for a new passkey of the signed-in holder. Runs in a reading."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    account = _own(inside)
    known = Passkey.objects.filter(person_id=account.person_id).values_list("credential_id", flat=True)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="sscard",
        user_id=account.holder_id.bytes,
        user_name=inside.caller.name,
        user_display_name=inside.caller.name,
        timeout=SECONDS * 1000,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return Question(options_to_json(options), signed_question("new", options.challenge, site, str(account.holder_id)))


def ask_sign_in(site: Site) -> Question:
    """The question for whoever wants to sign in; nobody's number is needed, the passkey knows whose it is."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host, timeout=SECONDS * 1000, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Question(options_to_json(options), signed_question("enter", options.challenge, site, ""))


@dataclass(frozen=True, slots=True)
class AddPasskey:
    """`token` and `answer` (JSON of the browser) belong together; `label` is what the holder calls the device."""

    token: str
    answer: str
    label: str


@act("people.add_passkey", right="people.view_self", about_person=True)
def add(inside: Inside, request: AddPasskey) -> dict[str, Any]:
    """One more way to sign in for the holder himself. Refuses people.passkey_wrong, passkey_most, passkey_label."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    account = _own(inside)
    label = request.label.strip()
    if not 1 <= len(label) <= LABEL_MOST:
        raise Refusal("people.passkey_label", most=LABEL_MOST)
    if Passkey.objects.filter(person_id=account.person_id).count() >= MOST:
        raise Refusal("people.passkey_most", most=MOST)
    challenge, site = answered("new", request.token, str(account.holder_id))
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
    if Passkey.objects.filter(person_id=account.person_id, credential_id=made.credential_id).exists():
        raise Refusal("people.passkey_wrong")
    passkey = Passkey.objects.create(
        person_id=account.person_id,
        passkey_id=ids.new_id(),
        area_code=account.area_code,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        label=label,
        created_at=inside.now,
    )
    inside.object = f"passkey:{passkey.passkey_id}"
    return {"passkey": str(passkey.passkey_id)}


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    passkey: uuid.UUID


@act("people.remove_passkey", right="people.view_self", about_person=True)
def remove(inside: Inside, request: RemovePasskey) -> dict[str, Any]:
    """The device is lost or gone; password and one-time code stay."""
    account = _own(inside)
    inside.object = f"passkey:{request.passkey}"
    if not Passkey.objects.filter(person_id=account.person_id, passkey_id=request.passkey).delete()[0]:
        raise Refusal("control.not_found")
    return {"passkey": str(request.passkey), "removed": True}


def known(inside: Inside) -> list[KnownKey]:
    """The holder's own passkeys, oldest first."""
    account = _own(inside)
    rows = Passkey.objects.filter(person_id=account.person_id).order_by("created_at")
    return [KnownKey(row.passkey_id, row.label, row.created_at) for row in rows]


def sign_in(token: str, answer: str, *, address: str) -> HolderAccount:
    """The holder behind a passkey's answer. Raises control.sign_in for every kind of mismatch."""
    challenge, site = answered("enter", token, "")
    holder_id, credential_id = claimed(answer)
    throttle.count("passkey", throttle.SIGN_IN, target=str(holder_id), source=address)
    found = lookup.find("holder", holder_id) if holder_id else None
    account = None
    if found is not None:
        with unit_of_work(area=found.area):
            account = HolderAccount.objects.filter(person_id=found.person_id, holder_id=holder_id).first()
    ok = bool(account and account.active and _proved(account, credential_id, answer, challenge, site))
    holders._note(account, ok, address)
    if not ok or account is None:
        raise Refusal("control.sign_in")
    throttle.forget("passkey", target=str(holder_id), source=address)
    return account


def _proved(account: HolderAccount, credential_id: bytes, answer: str, challenge: bytes, site: Site) -> bool:
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    with unit_of_work(area=account.area_code):
        mine = Passkey.objects.filter(person_id=account.person_id, credential_id=credential_id)
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


def claimed(answer: str) -> tuple[uuid.UUID | None, bytes]:
    """Whom the answer claims to be from: account and credential."""
    try:
        told = json.loads(answer)
        return uuid.UUID(bytes=_bytes_of(told["response"]["userHandle"])), _bytes_of(told["id"])
    except (ValueError, KeyError, TypeError):
        return None, b""


def signed_question(use: str, challenge: bytes, site: Site, whose: str) -> str:
    told = {"use": use, "challenge": _text_of(challenge), "whose": whose}
    return signing.dumps({**told, "host": site.host, "origin": site.origin}, salt=_SALT)


def answered(use: str, token: str, whose: str) -> tuple[bytes, Site]:
    """The challenge that we signed. Raises people.passkey_late for one that is old or meant for something else."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise Refusal("people.passkey_late") from None
    if told["use"] != use or told["whose"] != whose:
        raise Refusal("people.passkey_late")
    return _bytes_of(told["challenge"]), Site(told["host"], told["origin"])


def _own(inside: Inside) -> HolderAccount:
    """The signed-in holder's own account; a ward's sign-in is the ward's own."""
    if inside.caller.kind != "holder":
        raise Refusal("control.not_allowed", act="people.passkey")
    found = lookup.require("holder", inside.caller.id, area=inside.area_code)
    inside.about(found.person_id, what="sign_in")
    return HolderAccount.objects.get(person_id=found.person_id, holder_id=inside.caller.id)


# --- his own password -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeOwnPassword:
    old: str
    new: str


@act("people.change_own_password", right="people.view_self", about_person=True)
def change_password(inside: Inside, request: ChangeOwnPassword) -> dict[str, Any]:
    """Who knows the old one sets a new one; all his sessions end. Raises people.old_password_wrong, password_*."""
    account = _own(inside)
    if not passwords.matches(request.old, account.password or None):
        raise Refusal("people.old_password_wrong")
    number = str(open_one(Person.objects.get(person_id=account.person_id), "facts", inside).get("id_number") or "")
    passwords.check_new(request.new, minimum=passwords.HOLDER_MINIMUM, own_words=(number, number[-6:]))
    HolderAccount.objects.filter(person_id=account.person_id).update(password=passwords.hashed(request.new))
    end_sessions(account.holder_id)
    inside.emit("holder.password_changed", {"holder": str(account.holder_id)})
    return {"changed": True}


__all__ = [
    "Question",
    "Site",
    "add",
    "answered",
    "ask_new",
    "ask_sign_in",
    "change_password",
    "claimed",
    "known",
    "remove",
    "sign_in",
    "signed_question",
]


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
