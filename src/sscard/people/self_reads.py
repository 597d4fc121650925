"""Queries on what people filled in on-line: the clerk's queue, one entry beside the register, and the person's own look."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.control import throttle
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.control.throttle import Limit
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index, open_one
from sscard.people.models import DuplicateCase, Person, SelfEntry
from sscard.people.self_entry import hash_of, not_own, same

ASKING = {"target": Limit(10, 900), "source": Limit(60, 900), "all": Limit(3000, 60)}


@dataclass(frozen=True, slots=True)
class OwnState:
    """What the person learns: `state` as in SelfEntry.STATES, the clerk's `reason` if refused, and until when it waits."""

    state: str
    reason: str
    made_at: datetime
    expires_at: datetime


def state_of(caller: Caller, area: str, reference: str, id_number: str) -> OwnState:
    """The state of an entry for whoever has its reference and its ID number. Unknown, wrong and somebody else's get the same
    refusal "people.self_unknown" after the same work; tries are counted first (T11)."""
    try:
        number, asked = normal(id_number), normal(reference)
    except NumberFault:
        number, asked = "", ""
    throttle.count("self_state", ASKING, target=f"{area}|{number}", source=caller.address)
    index, wanted = blind_index("id_number", number), hash_of(area, asked)
    with reading(caller, right="people.entry_state", purpose="self_state", area=area) as inside:
        inside.detail["what"] = "self entry"
        entry = SelfEntry.objects.filter(area_code=area, reference_hash=wanted).first()
        if not same(entry.id_index if entry else b"", index) or entry is None:
            raise Refusal("people.self_unknown")
        return OwnState(_state(inside, entry), entry.reason, entry.made_at, entry.expires_at)


def _state(inside: Inside, entry: SelfEntry) -> str:
    if entry.state == "waiting" and entry.expires_at <= inside.now:
        return "expired"
    if entry.state == "checking":
        case = DuplicateCase.objects.filter(case_id=entry.case_id).first()
        if case is not None and case.state == "decided":
            return "dropped" if case.decision == "drop" else "registered"
    return entry.state


def waiting(inside: Inside, *, decided: bool = False, id_number: str = "") -> Any:
    """Entries of the area as a query: those that wait, or those that are decided or run out; of one ID number if given."""
    rows = SelfEntry.objects.filter(area_code=inside.area_code)
    if id_number:
        rows = rows.filter(id_index=blind_index("id_number", normal(id_number)))
    now = inside.now
    live = rows.filter(state="waiting", expires_at__gt=now)
    return rows.exclude(pk__in=live.values("pk")) if decided else live


@dataclass(frozen=True, slots=True)
class Beside:
    """An entry and the person whom the register has under its number, if any. `typed` and `ours` are in clear only when asked
    for; `evidence` and `photo` likewise."""

    entry: SelfEntry
    state: str
    person: Person | None
    typed: Mapping[str, Any]
    ours: Mapping[str, Any]
    photo: bytes
    evidence: bytes


def beside(inside: Inside, entry_id: uuid.UUID, *, full: bool) -> Beside:
    """Raises control.not_found, control.own_record, control.relatives_record."""
    entry = SelfEntry.objects.filter(entry_id=entry_id, area_code=inside.area_code).first()
    if entry is None:
        raise Refusal("control.not_found")
    known = not_own(inside, entry)
    person = Person.objects.filter(person_id=known).first() if known else None
    inside.object = f"self_entry:{entry.entry_id}"
    inside.detail.setdefault("what", "self entry")
    state = _state(inside, entry)
    if not full or entry.form is None:
        return Beside(entry, state, person, entry.masks, _masks(person), b"", b"")
    inside.detail["what"] = "unmask"
    ours = dict(open_one(person, "facts", inside)) if person else {}
    if person:
        ours |= {
            "birth_date": person.birth_date.strftime("%Y%m%d"), "sex": person.sex, "nation": person.nation,
            "category": person.category, "employer_code": person.employer,
        }  # fmt: skip
    return Beside(
        entry, state, person, open_one(entry, "form", inside), ours,
        open_one(entry, "photo", inside) or b"", open_one(entry, "evidence", inside) or b"",
    )  # fmt: skip


def _masks(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {}
    return {
        "name": person.name_mask, "id_number": person.id_mask, "phone": person.phone_mask,
        "birth_date": person.birth_date.strftime("%Y%m%d"),
    }  # fmt: skip
