"""Enrolment for on-line banking (开通网上银行): at the bank's counter or kiosk, with ID, card and PIN.

What the customer takes away is a one-time code, shown once and kept as keyed hash only. With it and his ID number he
makes his sign-in on the bank's site by himself; staff start it and never see or choose what he signs in with (T14).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sscard.bank import pins, witness
from sscard.bank.customers_models import CustomerInvite
from sscard.bank.customers_rules import INVITE_DAYS, Presented, may_enrol
from sscard.bank.standing import Standing, bank_rule, find, load
from sscard.codes.text import normal
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.keyclient import keys
from sscard.law import areas
from sscard.terminals.evidence import Taken, take

MATTER = "bank.enrol_online"
WANTED = frozenset({"id_reader", "card_slot", "pin_pad"})
CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class EnrolOnline:
    """`session`: the device session with original ID, card and PIN."""

    account: uuid.UUID
    session: uuid.UUID


@act(MATTER, right="bank.enrol_online", about_person=True)
def enrol_online(inside: Inside, request: EnrolOnline) -> dict[str, Any]:
    """A one-time code in `once`; an earlier one that was not used is void. Enrolling again is also how somebody who has
    lost password or authenticator gets in again: the proof is the same as the first time."""
    mirror = find(inside, request.account)
    taken = take(inside, request.session, matter=MATTER, wanted=WANTED)
    bank, now, today = bank_rule(mirror, inside), inside.now, inside.today
    least_age = int(areas.get(mirror.area_code).value("guardian_age", today))
    is_this = witness.card_is_this(mirror, taken)
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
    faults = may_enrol(_presented(standing, taken, card_is_this=is_this), least_age=least_age, on=today)
    witness.refuse(faults, mirror, inside)
    pin = witness.pin_of(mirror, taken)
    code, invite_id = ids.new_reference(CODE_LENGTH), ids.new_id()
    hashed = code_hash(invite_id, code)
    with inside.bank_role():
        pins.verify(inside, standing, taken, pin, bank.pin_wrong_max)
        real = clock.real_now()
        CustomerInvite.objects.filter(person_id=mirror.person_id, used_at=None).update(used_at=real)
        CustomerInvite.objects.create(
            person_id=mirror.person_id,
            invite_id=invite_id,
            book=standing.account.book,
            account_id=mirror.account_id,
            code_hash=hashed,
            issued_at=real,
            issued_by=inside.caller.id,
            expires_at=real + timedelta(days=INVITE_DAYS),
            id_valid_until=taken.identity.valid_until if taken.identity else None,
        )
    inside.once["code"] = code
    inside.emit("bank.online_enrolled", {"account": str(mirror.account_id), "bank": mirror.bank})
    return {"account": str(mirror.account_id), "bank": mirror.bank, "valid_days": INVITE_DAYS, "at": now.isoformat()}


def _presented(standing: Standing, taken: Taken, *, card_is_this: bool) -> Presented:
    assert taken.identity is not None  # the act asked for it
    return Presented(
        status=standing.status,
        restrictions=standing.restrictions,
        birth_date=standing.account.birth_date,
        is_holder=taken.identity.id_index == bytes(standing.account.id_index),
        id_source=taken.identity.source,
        id_valid_until=taken.identity.valid_until,
        card_is_this=card_is_this,
        card_answered=bool(taken.card and taken.card.answer_ok),
    )


def code_hash(invite_id: uuid.UUID, code: str) -> bytes:
    """The keyed hash of a one-time code, bound to its invitation."""
    return keys().mac("reset", [b"netbank|" + invite_id.bytes + normal(code).encode()])[0]
