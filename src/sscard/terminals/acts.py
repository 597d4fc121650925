"""Acts of terminals: registering them and their devices, opening and closing a device session, taking in evidence."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.kernel import clock, ids
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import open_one
from sscard.terminals import chips, rules
from sscard.terminals.intake import card_before, chip_of, keep, latest, take_in
from sscard.terminals.models import Device, DeviceSession, Terminal

CHALLENGE = 8
"""Bytes of a chip's challenge."""


@dataclass(frozen=True, slots=True)
class Register:
    """A new terminal. `outlet` is the outlet's code in an area pack, or "" where the organisation has none."""

    code: str
    kind: str
    organisation: str
    outlet: str = ""


@act("terminals.register", right="terminals.manage")
def register(inside: Inside, request: Register) -> dict[str, Any]:
    """For an organisation that the caller looks after, in an area that he looks after (`manages`)."""
    faults = []
    organisation = Organisation.objects.filter(code=request.organisation, active=True).first()
    if organisation is None:
        faults.append(Fault("organisation", "terminals.organisation_unknown", {"organisation": request.organisation}))
    elif organisation.kind not in rules.TERMINAL_KINDS.get(request.kind, ()):
        faults.append(Fault("kind", "terminals.kind_wrong", {"kind": request.kind}))
    if not 1 <= len(request.code) <= 30:
        faults.append(Fault("code", "terminals.code_length", {}))
    elif Terminal.objects.filter(code=request.code).exists():
        faults.append(Fault("code", "terminals.code_taken", {"code": request.code}))
    refuse_if_any(faults)
    area, district = (organisation.area_code or inside.area_code), ""
    if request.outlet:
        from sscard.law.areas import find_outlet

        outlet = find_outlet(request.outlet)
        area, district = outlet.area_code, outlet.district
    terminal = Terminal(
        code=request.code,
        kind=request.kind,
        organisation=organisation,
        area_code=area,
        outlet=request.outlet,
        district=district,
        registered_at=inside.now,
    )
    if not manages(inside.caller, terminal):
        raise Refusal("terminals.not_yours", terminal=request.code)
    terminal.save(force_insert=True)
    inside.object = f"terminal:{request.code}"
    return {"terminal": request.code, "area": area, "district": district}


@dataclass(frozen=True, slots=True)
class EnrolDevice:
    """A virtual device asks for its key: `public` is its own SM2 public key (64 bytes x ‖ y) in hex."""

    terminal: str
    kind: str
    public: str


@act("terminals.enrol_device", right="terminals.manage")
def enrol_device(inside: Inside, request: EnrolDevice) -> dict[str, Any]:
    """Names the device and hands its key over, wrapped to its public key; a device that stood there before is
    retired."""
    terminal = _managed(inside, request.terminal)
    if request.kind not in Device.KINDS:
        raise Refusal("terminals.device_kind", kind=request.kind[:20])
    try:
        public = bytes.fromhex(request.public)
    except ValueError:
        raise Refusal("keys.public_key_wrong") from None
    Device.objects.filter(terminal=terminal, kind=request.kind, active=True).update(active=False)
    name = f"{terminal.code}/{request.kind}/{Device.objects.filter(terminal=terminal, kind=request.kind).count() + 1}"
    device = Device.objects.create(name=name, terminal=terminal, kind=request.kind, enrolled_at=inside.now)
    inside.object = f"device:{name}"
    answer = {"device": name, "device_id": str(device.device_id), "key": keys().device_key_for(name, public).hex()}
    if request.kind == "pin_pad":
        answer["pin_key"] = keys().pinpad_key_for(terminal.code, public).hex()
    return answer


@dataclass(frozen=True, slots=True)
class RetireDevice:
    device: str


@act("terminals.retire_device", right="terminals.manage")
def retire_device(inside: Inside, request: RetireDevice) -> dict[str, Any]:
    device = Device.objects.select_related("terminal__organisation").filter(name=request.device, active=True).first()
    if device is None or not manages(inside.caller, device.terminal):
        raise Refusal("control.not_found")
    device.active = False
    device.save(update_fields=["active"])
    inside.object = f"device:{request.device}"
    return {"device": request.device, "active": False}


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`matter`: the act that will use the evidence; `wanted`: the kinds of evidence that people are asked for. `keep_card`: the
    card that the caller's session before this one has read, and that is still in the slot, is not asked for again."""

    terminal: str
    matter: str
    wanted: tuple[str, ...] = ("id_reader", "card_slot", "pin_pad")
    keep_card: bool = False


@act("terminals.open_session", right="terminals.session")
def open_session(inside: Inside, request: OpenSession) -> dict[str, Any]:
    """A fresh session of at most ten minutes. What was still open at this terminal is closed: one customer at a
    time. With a kept card the ten minutes count from its reading (security.md T03)."""
    terminal = _terminal(request.terminal)
    if not stands_with(terminal, inside.caller):
        raise Refusal("terminals.not_yours", terminal=terminal.code)
    refuse_if_any(
        [
            Fault("wanted", "terminals.device_kind", {"kind": kind[:20]})
            for kind in request.wanted
            if kind not in rules.DEVICE_OF
        ]
    )
    there = set(Device.objects.filter(terminal=terminal, active=True).values_list("kind", flat=True))
    refuse_if_any(
        [
            Fault("wanted", "terminals.device_absent", {"kind": kind, "terminal": terminal.code})
            for kind in request.wanted
            if rules.DEVICE_OF[kind] not in there
        ]
    )
    now = clock.real_now()
    card = card_before(terminal, inside.caller.id, now) if request.keep_card and "card_slot" in request.wanted else None
    DeviceSession.objects.filter(terminal=terminal, state="open").update(state="closed", ended_at=now)
    session = DeviceSession.objects.create(
        code=ids.new_reference(10),
        terminal=terminal,
        area_code=terminal.area_code,
        matter=request.matter,
        wanted=list(request.wanted),
        nonce=secrets.token_bytes(16),
        challenge=secrets.token_bytes(16),
        opened_by=inside.caller.id,
        opened_at=now,
        expires_at=(card.at if card else now) + rules.LIFE,
    )
    if card is not None:
        keep(inside, session, card)
    inside.object = f"device_session:{session.session_id}"
    return {
        "session": str(session.session_id),
        "code": session.code,
        "terminal": terminal.code,
        "expires_at": session.expires_at.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class CloseSession:
    session: uuid.UUID


@act("terminals.close_session", right="terminals.session")
def close_session(inside: Inside, request: CloseSession) -> dict[str, Any]:
    """The customer left or the card was pulled: nothing of this session can be used any more."""
    session = DeviceSession.objects.select_for_update().filter(session_id=request.session).first()
    if session is None or session.opened_by != inside.caller.id:
        raise Refusal("control.not_found")
    inside.object = f"device_session:{session.session_id}"
    if session.state == "open":
        session.state, session.ended_at = "closed", clock.real_now()
        session.save(update_fields=["state", "ended_at"])
    return {"session": str(session.session_id), "state": session.state}


@dataclass(frozen=True, slots=True)
class PutEvidence:
    """What a device sends, after its MAC was found right. `payload` is the canonical text that the MAC covered."""

    session: str
    kind: str
    payload: str
    mac: str


@act("terminals.evidence", right="terminals.evidence")
def put_evidence(inside: Inside, request: PutEvidence) -> dict[str, Any]:
    device = Device.objects.select_related("terminal").filter(device_id=inside.caller.id, active=True).first()
    if device is None:
        raise Refusal("terminals.device_unknown")
    session = DeviceSession.objects.select_for_update().filter(code=request.session).first()
    if session is None:
        raise Refusal("terminals.session_unknown")
    if session.terminal_id != device.terminal_id:
        raise Refusal("terminals.wrong_terminal")
    if code := rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal(code)
    inside.object = f"device_session:{session.session_id}"
    return take_in(inside, session, device, request.kind, json.loads(request.payload), bytes.fromhex(request.mac))


@dataclass(frozen=True, slots=True)
class OpenChip:
    """`step`: puk, then what was allowed; `challenge`: the chip's own, in hex."""

    session: str
    step: str
    challenge: str


@act("terminals.open_chip", right="terminals.evidence")
def open_chip(inside: Inside, request: OpenChip) -> dict[str, Any]:
    """The command for the chip in this session's slot, which serves for this one challenge of it."""
    device = Device.objects.filter(device_id=inside.caller.id, active=True, kind="card_slot").first()
    session = DeviceSession.objects.select_for_update().filter(code=request.session).first()
    if device is None or session is None or session.terminal_id != device.terminal_id:
        raise Refusal("terminals.session_unknown")
    if code := rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal(code)
    allowed = session.asked.get("open_chip", "")
    if not allowed or request.step not in ("puk", allowed):
        raise Refusal("terminals.opening_not_allowed")
    slot = latest(session).get("card_slot")
    chip = chip_of(open_one(slot, "facts", inside)) if slot is not None and slot.state == "done" else None
    if chip is None:
        raise Refusal("terminals.card_first")
    try:
        challenge = bytes.fromhex(request.challenge)
    except ValueError:
        challenge = b""
    if len(challenge) != CHALLENGE:
        raise Refusal("terminals.payload_wrong", faults=[Fault("challenge", "terminals.field_wrong", {})], count=1)
    inside.object = f"device_session:{session.session_id}"
    _spend(session, request.step)
    return {"command": chips.chips.opening(chip, request.step, challenge).hex(), "how": allowed}


def _spend(session: DeviceSession, step: str) -> None:
    """A permission opens once: each step is given out again only for a card that lost contact in between."""
    given = dict(session.asked.get("chip_steps", {}))
    if given.get(step, 0) >= rules.OPENINGS:
        raise Refusal("terminals.opening_spent")
    session.asked = {**session.asked, "chip_steps": {**given, step: given.get(step, 0) + 1}}
    session.save(update_fields=["asked"])


def manages(caller: Caller, terminal: Terminal) -> bool:
    """A bureau looks after all terminals of its area, its banks' and hospitals' too; everybody else after his own
    organisation's and its branches'."""
    if caller.organisation_kind == "bureau":
        return terminal.area_code == caller.area
    return stands_with(terminal, caller)


def _managed(inside: Inside, code: str) -> Terminal:
    """The terminal, if the caller looks after it; another's is as one that does not exist."""
    terminal = _terminal(code)
    if not manages(inside.caller, terminal):
        raise Refusal("terminals.terminal_unknown", terminal=code[:30])
    return terminal


def stands_with(terminal: Terminal, caller: Caller) -> bool:
    """Is the caller of the organisation whose terminal this is, or of the one above it?"""
    return bool(caller.organisation) and caller.organisation in (
        terminal.organisation_id,
        terminal.organisation.parent_id,
    )


def _terminal(code: str) -> Terminal:
    found = Terminal.objects.select_related("organisation").filter(code=code, active=True).first()
    if found is None:
        raise Refusal("terminals.terminal_unknown", terminal=code[:30])
    return found
