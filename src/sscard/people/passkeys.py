"""A holder's passkeys (WebAuthn): adding one while signed in, signing in with one, and his own new password.

A passkey stands in place of number, password and one-time code; how it is asked and checked: `people.passkey_proof`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A passkey as its holder sees it."""

    passkey: uuid.UUID
    label: str
    since: Any


def ask_new(inside: Inside, site: Site) -> Question:
    """The question for a new passkey of the signed-in holder. Runs in a reading."""
    account = _own(inside)
    known = Passkey.objects.filter(person_id=account.person_id).values_list("credential_id", flat=True)
    return new_question("new", site, "sscard", account.holder_id, inside.caller.name, known)


def ask_sign_in(site: Site) -> Question:
    """The question for whoever wants to sign in; nobody's number is needed, the passkey knows whose it is."""
    return question("enter", site)


@dataclass(frozen=True, slots=True)
class AddPasskey:
    """`token` and `answer` (JSON of the browser) belong together; `label` is what the holder calls the device."""

    token: str
    answer: str
    label: str


@act("people.add_passkey", right="people.view_self", about_person=True)
def add(inside: Inside, request: AddPasskey) -> dict[str, Any]:
    """One more way to sign in for the holder himself. Refuses people.passkey_wrong, passkey_most, passkey_label."""
    account, label = _own(inside), checked_label(request.label)
    if Passkey.objects.filter(person_id=account.person_id).count() >= MOST:
        raise Refusal("people.passkey_most", most=MOST)
    made = checked_new("new", request.token, request.answer, account.holder_id)
    if Passkey.objects.filter(person_id=account.person_id, credential_id=made.credential_id).exists():
        raise Refusal("people.passkey_wrong")
    passkey = Passkey.objects.create(
        person_id=account.person_id,
        passkey_id=ids.new_id(),
        area_code=account.area_code,
        credential_id=made.credential_id,
        public_key=made.public_key,
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
    asked = answered("enter", token, "")
    holder_id, credential_id = claimed(answer)
    throttle.count("passkey", throttle.SIGN_IN, target=str(holder_id), source=address)
    found = lookup.find("holder", holder_id) if holder_id else None
    account = None
    if found is not None:
        with unit_of_work(area=found.area):
            account = HolderAccount.objects.filter(person_id=found.person_id, holder_id=holder_id).first()
    ok = bool(account and account.active and _proved(account, credential_id, answer, asked))
    holders._note(account, ok, address)
    if not ok or account is None:
        raise Refusal("control.sign_in")
    throttle.forget("passkey", target=str(holder_id), source=address)
    return account


def _proved(account: HolderAccount, credential_id: bytes, answer: str, asked: Asked) -> bool:
    with unit_of_work(area=account.area_code):
        mine = Passkey.objects.filter(person_id=account.person_id, credential_id=credential_id)
        key = mine.select_for_update().first()
        count = sign_count(answer, asked, bytes(key.public_key), key.sign_count) if key else None
        return count is not None and bool(mine.update(sign_count=count))


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
    "add",
    "ask_new",
    "ask_sign_in",
    "change_password",
    "known",
    "remove",
    "sign_in",
]
