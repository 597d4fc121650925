"""Registering on-line, by the person himself.

A visitor fills in the form that a desk fills in, under the same rules, and is shown a reference once. Nothing of it touches
the register, so the answer, the work and the brake are the same whether the number is known or not (T11). A clerk who has
seen who it is takes the entry over into the register, or refuses it with a reason that the person reads.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.codes.text import normal
from sscard.control import throttle
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.throttle import Limit
from sscard.kernel import ids
from sscard.kernel.keyclient import keys
from sscard.kernel.masked import mask_id, mask_name, mask_phone
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index, open_one
from sscard.people import lookup, photos
from sscard.people.models import SelfEntry
from sscard.people.registering import PersonForm, checked, settle

KEPT_DAYS = 30
"""Days that an entry waits for its person; what nobody stands for is not kept longer (PIPL-6)."""
SUBMITTING = {"target": Limit(5, 86_400), "source": Limit(30, 3_600), "all": Limit(600, 60)}
"""Target: entries for one ID number. Source: a family or an employer's office may sit behind one address."""
SEEN = ("original", "evidence")


@dataclass(frozen=True, slots=True)
class SubmitSelf:
    """`photo` for the card and `evidence` (a picture of the ID document) are PNG or JPEG, or empty."""

    form: PersonForm
    photo: bytes = b""
    evidence: bytes = b""


@act("people.submit_self", right="people.submit_self", clause="M47-6")
def submit(inside: Inside, request: SubmitSelf) -> dict[str, Any]:
    """Keep the form for a clerk. What is counted falls with a refusal, so a form with faults costs its sender no try."""
    row = checked(inside, request.form)
    for image in (request.photo, request.evidence):
        if image:
            photos.check(image)
    number = str(row["id_number"])
    throttle.count("self_entry", SUBMITTING, target=f"{inside.area_code}|{number}", source=inside.caller.address)
    reference = reference_of(inside.caller, inside.key)
    entry = SelfEntry(
        entry_id=ids.new_id(),
        area_code=inside.area_code,
        reference_hash=hash_of(inside.area_code, reference),
        id_index=blind_index("id_number", number),
        form=row,
        photo=request.photo or None,
        evidence=request.evidence or None,
        has_photo=bool(request.photo),
        has_evidence=bool(request.evidence),
        masks={
            "name": mask_name(str(row["name"])),
            "id_number": mask_id(number),
            "phone": mask_phone(str(row["phone"])),
            "birth_date": row["birth_date"],
        },
        made_at=inside.now,
        expires_at=inside.now + timedelta(days=KEPT_DAYS),
    )
    entry.save(force_insert=True)
    inside.object = f"self_entry:{entry.entry_id}"
    inside.once["reference"] = reference
    inside.emit("self_entry.made", {"entry": str(entry.entry_id)})
    return {"state": "waiting", "valid_days": KEPT_DAYS, "expires_at": entry.expires_at.isoformat()}


def reference_of(caller: Caller, key: str) -> str:
    """The reference of this caller's request: keyed, so that nobody else can make it, and the same for a repeat of the same
    request, so that a second press of the button or a lost answer does not lose it."""
    return ids.reference_of(keys().mac("reset", [b"self_entry|" + caller.id.bytes + key.encode()])[0])


def hash_of(area: str, reference: str) -> bytes:
    return keys().mac("reset", [f"self_reference|{area}|{normal(reference)}".encode()])[0]


@dataclass(frozen=True, slots=True)
class AcceptSelf:
    """`seen`: the clerk compared the person with the "original" at a counter, or looked at the picture sent ("evidence")."""

    entry: uuid.UUID
    identity_seen: bool
    seen: str = "original"


@act("people.accept_self", right="people.accept_self", clause="M47-6")
def accept(inside: Inside, request: AcceptSelf) -> dict[str, Any]:
    """Take the entry over into the register, or to the two persons who rule a duplicate out."""
    entry = _waiting(inside, request.entry)
    if not request.identity_seen or request.seen not in SEEN:
        raise Refusal("people.self_not_seen")
    if request.seen == "evidence" and not entry.has_evidence:
        raise Refusal("people.self_no_evidence")
    row = checked(inside, open_one(entry, "form", inside))
    photo = open_one(entry, "photo", inside) if entry.has_photo else b""
    result = settle(inside, row, photo, "self")
    entry.state = "checking" if result.outcome == "queued" else "registered"
    entry.outcome, entry.person_id, entry.case_id, entry.seen = (
        result.outcome, result.person_id, result.case_id, request.seen,
    )  # fmt: skip
    _decide(inside, entry)
    told = {"person": str(result.public_id)} if result.public_id else {"case": str(result.case_id)}
    return {"entry": str(entry.entry_id), "state": entry.state, "outcome": result.outcome, **told}


@dataclass(frozen=True, slots=True)
class RefuseSelf:
    """`reason` is read by the person."""

    entry: uuid.UUID
    reason: str


@act("people.refuse_self", right="people.accept_self", clause="M47-6")
def refuse(inside: Inside, request: RefuseSelf) -> dict[str, Any]:
    entry = _waiting(inside, request.entry)
    if not request.reason.strip():
        raise Refusal("control.reason_missing")
    entry.state, entry.reason = "refused", request.reason.strip()[:300]
    _decide(inside, entry)
    return {"entry": str(entry.entry_id), "state": "refused"}


def _waiting(inside: Inside, entry_id: uuid.UUID) -> SelfEntry:
    """The entry, locked, if it still waits and is not about the clerk himself or a relative."""
    entry = SelfEntry.objects.select_for_update().filter(entry_id=entry_id, area_code=inside.area_code).first()
    if entry is None:
        raise Refusal("control.not_found")
    not_own(inside, entry)
    if entry.state != "waiting" or entry.expires_at <= inside.now:
        raise Refusal("people.self_decided", state=entry.state)
    return entry


def not_own(inside: Inside, entry: SelfEntry) -> int | None:
    """Nobody handles his own entry or a relative's. A registered person's number is named as the one whom this is about.
    Returns the internal id of that person, if he is registered in this area."""
    index, caller = bytes(entry.id_index), inside.caller
    found = lookup.find("id_number", index)
    if found is not None and found.area == inside.area_code:
        inside.about(found.person_id, what="self entry")
        return found.person_id
    if index == caller.person_index:
        raise Refusal("control.own_record")
    if index in caller.relatives:
        raise Refusal("control.relatives_record")
    return None


def _decide(inside: Inside, entry: SelfEntry) -> None:
    entry.decided_at, entry.decided_by = inside.now, inside.caller.id
    entry.form = entry.photo = entry.evidence = None
    entry.save()
    inside.object = f"self_entry:{entry.entry_id}"
    inside.emit("self_entry.decided", {"entry": str(entry.entry_id), "state": entry.state})


def same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(bytes(one), bytes(other))


def expire(area: str, now: datetime) -> int:
    """Take away what nobody stood for in time, in the running unit of work; how many."""
    overdue = SelfEntry.objects.filter(area_code=area, state="waiting", expires_at__lte=now)
    return overdue.update(state="expired", decided_at=now, form=None, photo=None, evidence=None)
