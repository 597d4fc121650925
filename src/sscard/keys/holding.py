"""Acts of ceremonies: opened by two custodians, a share each, closed by an auditor. A share goes to its custodian's screen once
(`Inside.once`) and is stored nowhere: the door keeps a keyed fingerprint of what is read back, no more."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Staff
from sscard.kernel.ids import new_id
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.keys import reads
from sscard.keys.models import Ceremony, CeremonyStep

CUSTODY, WITNESS = "keys.custody", "keys.witness"
ALGORITHMS = (1, 3)
PUBLIC_BYTES = 64
MAKE, PROVE = "make", "prove"


@dataclass(frozen=True, slots=True)
class OpenCeremony:
    """`kind` "make" with a level ("city:990100"), or "prove" with a set ("city:990100#1")."""

    kind: str
    subject: str


def _right_subject(inside: Inside, request: OpenCeremony) -> None:
    """A bureau keeps the keys of its own city, the ministry's office those of the ministry."""
    level, _, generation = request.subject.partition("#")
    own = f"city:{inside.area_code}" if inside.area_code else "ministry"
    if level != own or bool(generation) != (request.kind == PROVE) or request.kind not in (MAKE, PROVE):
        raise Refusal("keys.subject_wrong", subject=own)
    if inside.caller.person_index is None:
        raise Refusal("control.four_eyes_needs_person")


@act(
    "keys.open_ceremony", right=CUSTODY, approve_right=CUSTODY, four_eyes=True, clause="M47-21", check=_right_subject,
    approval_hours=1, summary=lambda request: {"kind": request.kind, "subject": request.subject},
)  # fmt: skip
def open_ceremony(inside: Inside, request: OpenCeremony) -> dict[str, Any]:
    """The second custodian agrees, and the hour begins."""
    _right_subject(inside, request)
    assert inside.maker is not None
    assert inside.maker_person is not None
    name = new_id()
    openers = [inside.maker_person, _mark(inside)]
    values = (
        {"need": _number(inside, "key_shares_needed"), "of": _number(inside, "key_shares")} if inside.area_code else {}
    )
    begun = keys().ceremony_begin(name.hex, request.kind, request.subject, openers, **values)
    first = Staff.objects.get(staff_id=inside.maker)
    ceremony = Ceremony(
        ceremony_id=name, area_code=inside.area_code, kind=request.kind, subject=request.subject,
        need=begun["need"], of=begun["of"], opened_by=inside.maker, opened_with=inside.caller.id,
        opened_name=first.display_name, with_name=inside.caller.name, opened_at=inside.now,
    )  # fmt: skip
    ceremony.save(force_insert=True)
    _step(inside, ceremony, "opened", first)
    _step(inside, ceremony, "agreed")
    return {"ceremony": str(name), "need": ceremony.need, "of": ceremony.of}


@dataclass(frozen=True, slots=True)
class OfCeremony:
    ceremony: uuid.UUID


@dataclass(frozen=True, slots=True)
class WithWords:
    """`words` of a share. The request's text form leaves them out."""

    ceremony: uuid.UUID
    words: str = field(repr=False)


@act("keys.take_share", right=CUSTODY, clause="M47-21")
def take_share(inside: Inside, request: OfCeremony) -> dict[str, Any]:
    """One's own share, on one's own screen, once."""
    ceremony = _open(inside, request.ceremony)
    told = ceremony.steps.filter(step="share")
    if told.filter(actor=inside.caller.id).exists():
        raise Refusal("keys.share_taken")
    inside.once["share"] = keys().ceremony_share(ceremony.ceremony_id.hex, _mark(inside), told.count())
    _step(inside, ceremony, "share")
    return {"ceremony": str(ceremony.ceremony_id)}


@act("keys.confirm_share", right=CUSTODY, clause="M47-21")
def confirm_share(inside: Inside, request: WithWords) -> dict[str, Any]:
    """Read back what was written down."""
    ceremony = _open(inside, request.ceremony)
    state = keys().ceremony_confirm(ceremony.ceremony_id.hex, _mark(inside), request.words)
    _step(inside, ceremony, "confirmed")
    return {"ceremony": str(ceremony.ceremony_id), "done": state["done"], "wanted": state["wanted"]}


@act("keys.give_share", right=CUSTODY, clause="M47-21")
def give_share(inside: Inside, request: WithWords) -> dict[str, Any]:
    """A share brought back to prove a set."""
    ceremony = _open(inside, request.ceremony)
    state = keys().ceremony_give(ceremony.ceremony_id.hex, _mark(inside), request.words)
    _step(inside, ceremony, "given")
    return {"ceremony": str(ceremony.ceremony_id), "done": state["done"], "wanted": state["wanted"]}


@act("keys.close_ceremony", right=WITNESS, clause="M47-21")
def close_ceremony(inside: Inside, request: OfCeremony) -> dict[str, Any]:
    """The auditor, who held no share and did not open it, sees that everything is in. From here on the set serves. If the
    record of it is lost after the service has made the set, he closes once more: it is the same set."""
    ceremony = _open(inside, request.ceremony)
    if ceremony.steps.filter(actor=inside.caller.id, step__in=("opened", "agreed", "share", "given")).exists():
        raise Refusal("keys.auditor_takes_part")
    result = keys().ceremony_finish(ceremony.ceremony_id.hex, _mark(inside))
    ceremony.state, ceremony.closed_at, ceremony.kcv = "done", inside.now, result["kcv"]
    ceremony.key_set = result["sets"][0]
    ceremony.auditor, ceremony.auditor_name = inside.caller.id, inside.caller.name
    ceremony.save(update_fields=["state", "closed_at", "kcv", "key_set", "auditor", "auditor_name"])
    _step(inside, ceremony, "closed")
    inside.emit("keys.ceremony_closed", {"ceremony": str(ceremony.ceremony_id), "set": ceremony.key_set})
    return {"ceremony": str(ceremony.ceremony_id), "set": ceremony.key_set, "kcv": ceremony.kcv}


@act("keys.cancel_ceremony", right=CUSTODY, clause="M47-21")
def cancel_ceremony(inside: Inside, request: OfCeremony) -> dict[str, Any]:
    """Only somebody who takes part stops it; one that the service has forgotten is only written off."""
    ceremony = _open(inside, request.ceremony)
    try:
        keys().ceremony_cancel(ceremony.ceremony_id.hex, _mark(inside))
    except Refusal as refusal:
        if refusal.code != "keys.ceremony_gone":
            raise
    ceremony.state, ceremony.closed_at = "cancelled", inside.now
    ceremony.save(update_fields=["state", "closed_at"])
    _step(inside, ceremony, "cancelled")
    return {"ceremony": str(ceremony.ceremony_id), "state": "cancelled"}


@dataclass(frozen=True, slots=True)
class RetireSet:
    """`key_set` like "city:990100#1"; cards of it are not served any more."""

    key_set: str


@act(
    "keys.retire_set", right=CUSTODY, approve_right=CUSTODY, four_eyes=True, clause="M47-21",
    check=lambda inside, request: _retirable(inside, request), summary=lambda request: {"key_set": request.key_set},
)  # fmt: skip
def retire_set(inside: Inside, request: RetireSet) -> dict[str, Any]:
    """Both algorithms at once; the keys are destroyed in the service, the records stay. Done again it changes nothing: so an
    act whose record was lost is repeated."""
    _retirable(inside, request)
    for algorithm in ALGORITHMS:
        keys().key_set_retire(request.key_set, algorithm)
    inside.object = f"key_set:{request.key_set}"
    return {"set": request.key_set, "state": "retired"}


def _retirable(inside: Inside, request: RetireSet) -> None:
    """An office's own set, that serves older cards only."""
    level, _, version = request.key_set.partition("#")
    own = f"city:{inside.area_code}" if inside.area_code else "ministry"
    if level != own:
        raise Refusal("keys.subject_wrong", subject=own)
    state = {one.name: one.state for one in reads.sets(inside.area_code)}.get(request.key_set)
    if state == "active":
        raise Refusal("keys.still_active", key=level, version=version)
    if state is None:
        raise Refusal("keys.tree_lacks", set=request.key_set[:40], key="*")


@dataclass(frozen=True, slots=True)
class AdmitReceiver:
    """A producer's machine: its SM2 public key (64 bytes x ‖ y) in hex."""

    name: str
    public: str


@dataclass(frozen=True, slots=True)
class StrikeReceiver:
    public: str


@act("keys.strike_receiver", right=CUSTODY, clause="M47-11")
def strike_receiver(inside: Inside, request: StrikeReceiver) -> dict[str, Any]:
    """Off the list at once, by one person: after loss, or when its qualification ended. Done again it changes nothing."""
    keys().receiver_strike(_public(request.public))
    inside.object = f"receiver:{request.public[:16]}"
    return {"receiver": request.public[:16], "state": "struck"}


@act(
    "keys.admit_receiver", right=CUSTODY, approve_right=CUSTODY, four_eyes=True, clause="M47-11",
    check=lambda _inside, request: _admissible(request),
    summary=lambda request: {"name": request.name, "public": request.public[:16]},
)  # fmt: skip
def admit_receiver(inside: Inside, request: AdmitReceiver) -> dict[str, Any]:
    """Real card keys are wrapped for machines that two custodians admitted, and for no other."""
    _admissible(request)
    assert inside.maker_person is not None
    keys().receiver_admit(request.name, _public(request.public), [inside.maker_person, _mark(inside)])
    inside.object = f"receiver:{request.public[:16]}"
    return {"receiver": request.name}


def _admissible(request: AdmitReceiver) -> None:
    faults = [] if request.name.strip() else [Fault("name", "keys.item_missing", {})]
    try:
        public = bytes.fromhex(request.public)
    except ValueError:
        public = b""
    if len(public) != PUBLIC_BYTES:
        faults.append(Fault("public", "keys.public_digits", {}))
    refuse_if_any(faults)


def _public(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refusal("keys.public_key_wrong") from None


def _mark(inside: Inside) -> bytes:
    """Two accounts of one person are one person here too."""
    if inside.caller.person_index is None:
        raise Refusal("control.four_eyes_needs_person")
    return inside.caller.person_index


def _number(inside: Inside, name: str) -> int:
    return int(inside.area.value(name, inside.today))


def _open(inside: Inside, ceremony: uuid.UUID) -> Ceremony:
    found = Ceremony.objects.select_for_update().filter(ceremony_id=ceremony, area_code=inside.area_code).first()
    if found is None:
        raise Refusal("control.not_found")
    inside.object = f"ceremony:{ceremony}"
    if found.state != "open":
        raise Refusal("keys.ceremony_gone")
    return found


def _step(inside: Inside, ceremony: Ceremony, step: str, who: Staff | None = None) -> None:
    actor, name = (who.staff_id, who.display_name) if who else (inside.caller.id, inside.caller.name)
    row = CeremonyStep(
        area_code=inside.area_code, ceremony=ceremony, step=step, actor=actor, actor_name=name, at=inside.now
    )
    row.save(force_insert=True)
