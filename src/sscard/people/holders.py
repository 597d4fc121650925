"""The holder's own sign-in.

Once at a desk, against his ID, he is handed a code; with it and his ID number he chooses a password and an authenticator
(or a passkey). After that: ID number, password, and one-time code or passkey. Unknown and wrong get the same answer and the
same work (T11); the number is counted in its normal form (T17).
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sscard.codes.text import normal
from sscard.control import audit, passwords, signin, throttle, totp
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.sessions import end_sessions
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index, open_one
from sscard.people import lookup
from sscard.people.models import Guardian, HolderAccount, HolderInvite, Person
from sscard.people.reads import require

INVITE_DAYS = 30
INVITE_TRIES = 5


@dataclass(frozen=True, slots=True)
class InviteHolder:
    """`identity_seen`: the clerk compared the original ID with the person in front of him."""

    person: uuid.UUID
    identity_seen: bool


@act("people.invite_holder", right="people.invite_holder", clause="M47-15", about_person=True)
def invite(inside: Inside, request: InviteHolder) -> dict[str, Any]:
    """A one-time code for setting up the holder's sign-in, shown once and kept as keyed hash."""
    person = require(inside, request.person)
    if not request.identity_seen:
        raise Refusal("people.identity_not_seen")
    HolderInvite.objects.filter(person_id=person.person_id, used_at=None).update(used_at=inside.now)
    code = ids.new_reference(8)
    invite_id = ids.new_id()
    HolderInvite.objects.create(
        person_id=person.person_id,
        invite_id=invite_id,
        area_code=inside.area_code,
        code_hash=_code_hash(invite_id, code),
        expires_at=clock.real_now() + timedelta(days=INVITE_DAYS),
        issued_by=inside.caller.id,
    )
    inside.once["code"] = code
    return {"person": str(person.public_id), "valid_days": INVITE_DAYS}


def _code_hash(invite_id: uuid.UUID, code: str) -> bytes:
    return keys().mac("reset", [b"invite|" + invite_id.bytes + normal(code).encode()])[0]


def set_up(
    id_number: str, code: str, password: str, totp_secret: str, totp_code: str, *, address: str
) -> HolderAccount:
    """First sign-in: the handed-out code makes the account. Raises people.invite_wrong for every kind of mismatch."""
    number = normal(id_number)
    throttle.count("invite", throttle.SIGN_IN, target=number, source=address)
    found = lookup.find("id_number", blind_index("id_number", number))
    passwords.check_new(password, minimum=passwords.HOLDER_MINIMUM, own_words=(number, number[-6:]))
    step = totp.matching_step(totp_secret, totp_code, clock.real_now()) if totp.usable(totp_secret) else None
    if step is None:
        raise Refusal("people.totp_wrong")
    hashed = passwords.hashed(password)
    with unit_of_work(area=found.area if found else ""):
        live = _live_invite(found.person_id) if found else None
        given = _code_hash(live.invite_id if live else ids.new_id(), code)
        right = live is not None and hmac.compare_digest(bytes(live.code_hash), given)
        if live is not None and not right:
            HolderInvite.objects.filter(person_id=live.person_id, invite_id=live.invite_id).update(tries=live.tries + 1)
        account = _make(found, live, hashed, totp_secret, step) if right and found and live else None
    if account is None:
        raise Refusal("people.invite_wrong")
    throttle.forget("invite", target=number, source=address)
    return account


def _live_invite(person_id: int) -> HolderInvite | None:
    return (
        HolderInvite.objects.select_for_update()
        .filter(person_id=person_id, used_at=None, tries__lt=INVITE_TRIES, expires_at__gt=clock.real_now())
        .first()
    )


def _make(found: lookup.Found, live: HolderInvite, hashed: str, totp_secret: str, step: int) -> HolderAccount:
    now = clock.real_now()
    HolderInvite.objects.filter(person_id=live.person_id, invite_id=live.invite_id).update(used_at=now)
    account = HolderAccount.objects.filter(person_id=found.person_id).first()
    if account is None:
        account = HolderAccount(person_id=found.person_id, holder_id=ids.new_id(), area_code=found.area, created_at=now)
        lookup.put("holder", account.holder_id, area=found.area, person_id=found.person_id)
    else:
        end_sessions(account.holder_id)
    account.password, account.totp, account.totp_last_step, account.active = hashed, totp_secret, step, True
    account.save()
    return account


class _SigningIn:
    """Opening the one-time secret is part of signing in; the sign-in itself is the audit row."""

    def opened(self, *_: object) -> None:
        return


def sign_in(id_number: str, password: str, code: str, *, address: str, device: str = "") -> HolderAccount:
    """The holder behind number, password and one-time code; `device`: see `throttle.count_sign_in`. Raises control.sign_in for
    every kind of mismatch."""
    number = normal(id_number)
    throttle.count_sign_in("holder", target=number, source=address, device=device)
    found = lookup.find("id_number", blind_index("id_number", number))
    with unit_of_work(area=found.area if found else "000000"):
        account = HolderAccount.objects.filter(person_id=found.person_id if found else -1).first()
    right = passwords.matches(password, account.password if account and account.password else None)
    secret = open_one(account, "totp", _SigningIn()) if account and account.totp else signin.open_nothing("person")
    step = totp.matching_step(secret, code, clock.real_now())
    ok = bool(account and right and account.active and step is not None and _take_step(account, step))
    _note(account, ok, address)
    if not ok or account is None:
        raise Refusal("control.sign_in")
    throttle.forget_sign_in("holder", target=number, source=address, device=device)
    return account


def _take_step(account: HolderAccount, step: int) -> bool:
    with unit_of_work(area=account.area_code):
        query = HolderAccount.objects.filter(person_id=account.person_id, totp_last_step__lt=step)
        return bool(query.update(totp_last_step=step))


def _note(account: HolderAccount | None, ok: bool, address: str) -> None:
    area = account.area_code if account else ""
    if account and ok:
        caller = caller_of(account, address=address)
    else:  # as little for a known number as for an unknown one: looking up the name would show in the time
        kind, who = ("holder", account.holder_id) if account else ("anonymous", ids.new_id())
        caller = Caller(kind=kind, id=who, name="", channel="page", area=area, address=address)
    with unit_of_work(area=area):
        row = audit.row_of(
            caller, "control.sign_in", area=area, now=clock.real_now(),
            result="ok" if ok else "refused", reason="" if ok else "control.sign_in",
        )  # fmt: skip
        audit.write([row], [(row, account.person_id, area)] if account else [])


def account_of(holder_id: uuid.UUID) -> HolderAccount | None:
    """The account behind a session's subject."""
    found = lookup.find("holder", holder_id)
    if found is None:
        return None
    with unit_of_work(area=found.area):
        return HolderAccount.objects.filter(person_id=found.person_id, holder_id=holder_id, active=True).first()


def caller_of(account: HolderAccount, **more: Any) -> Caller:
    """The holder as a caller: for himself and for his wards."""

    def build() -> Caller:
        person = Person.objects.get(person_id=account.person_id)
        wards = Guardian.objects.filter(guardian_person_id=account.person_id).values_list("person_id", flat=True)
        return Caller.of_holder(
            holder_id=account.holder_id,
            name=person.name_mask,
            area=account.area_code,
            person_index=bytes(person.id_index),
            persons=frozenset({account.person_id, *wards}),
            **more,
        )

    from django.db import connection

    if connection.in_atomic_block:
        return build()
    with unit_of_work(area=account.area_code):
        return build()
