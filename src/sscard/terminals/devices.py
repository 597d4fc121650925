"""What devices call, over HTTPS or in process.

    POST /api/devices/session   {device, at, mac}                      current_session: what waits at this terminal
    POST /api/devices/evidence  {device, mac, session, kind, payload}  accept: a reading is taken in

    POST /api/devices/chip      {device, mac, session, step, challenge} open_chip: the command that opens a chip's password

    POST /api/devices/password  {device, mac, session, block}           judging_pad: is this new password easy to guess?

`mac` is hex: HMAC-SM3 with the device's key over `rules.poll_message` or `rules.evidence_message`; `at` is the device's
clock in seconds since 1970, `session` the session's code, `payload` an object of strings and booleans. These calls
need no other sign-in. Device unknown, MAC wrong, device retired: all the same answer, `terminals.device_unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sscard.control import throttle
from sscard.control.caller import Caller
from sscard.control.door import perform, reading
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Fault, Refusal
from sscard.terminals import payloads, rules
from sscard.terminals.acts import OpenChip, PutEvidence
from sscard.terminals.chips import ticket_message
from sscard.terminals.intake import digest, latest, note_refused, pin_account
from sscard.terminals.models import Device, DeviceSession, Evidence

WRONG_MACS = {"target": throttle.Limit(30, 300), "source": throttle.Limit(300, 300), "all": throttle.Limit(3000, 60)}
_ABOUT_SESSION = frozenset(
    {"terminals.session_expired", "terminals.session_used", "terminals.session_closed", "terminals.too_many_readings"}
)
"""Refusals that say nothing about the reading itself, so no reading is noted."""


def accept(
    device_name: str, mac: str, session_code: str, kind: str, payload: Mapping[str, Any], *, address: str = ""
) -> dict[str, Any]:
    """Take a device's message in. The same message again is answered the same; in another session it is refused."""
    device, session = _device(device_name), _session(session_code)
    given, text = _mac(mac), rules.canonical(payload)
    message = rules.evidence_message(device.name, session.code, bytes(session.nonce), kind, text)
    if not keys().device_verify(device.name, message, given):
        with unit_of_work(area=device.terminal.area_code):
            seen = Evidence.objects.filter(mac_digest=digest(given)).exists()
        throttle.count("device", WRONG_MACS, target=device.name, source=address)
        raise Refusal("terminals.replayed" if seen else "terminals.device_unknown")
    if session.terminal_id != device.terminal_id:
        raise Refusal("terminals.wrong_terminal")
    if rules.DEVICE_OF.get(kind) != device.kind:
        raise Refusal("terminals.device_kind", kind=kind[:20])
    caller = _caller(device, address)
    request = PutEvidence(session.code, kind, text, given.hex())
    try:
        return perform(caller, "terminals.evidence", request, key=f"{session.code}:{given.hex()}").answer
    except Refusal as refusal:
        again = getattr(refusal, "replayed", False)
        if refusal.status < 500 and refusal.code not in _ABOUT_SESSION and not again and kind in session.wanted:
            with unit_of_work(area=session.area_code):
                DeviceSession.objects.select_for_update().get(session_id=session.session_id)
                note_refused(session, device.name, kind, given, refusal)
        raise


def current_session(device_name: str, at: int, mac: str, *, address: str = "") -> dict[str, Any]:
    """The session that waits at the device's terminal. A card slot gets the challenge, a PIN pad the account to bind
    to."""
    device = _device(device_name)
    if not keys().device_verify(device.name, rules.poll_message(device.name, at), _mac(mac)):
        throttle.count("device", WRONG_MACS, target=device.name, source=address)
        raise Refusal("terminals.device_unknown")
    if abs(clock.real_now().timestamp() - at) > rules.POLL_TOLERANCE.total_seconds():
        raise Refusal("terminals.device_clock")
    session = DeviceSession.objects.filter(terminal=device.terminal, state="open").first()
    if session is None or rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal("terminals.no_session", terminal=device.terminal_id)
    answer = {
        "session": session.code,
        "nonce": bytes(session.nonce).hex(),
        "terminal": device.terminal_id,
        "matter": session.matter,
        "wanted": [kind for kind in session.wanted if rules.DEVICE_OF[kind] == device.kind],
        "expires_at": session.expires_at.isoformat(),
    }
    if device.kind == "card_slot":
        answer["challenge"] = bytes(session.challenge).hex()
    if device.kind == "pin_pad" and session.asked:
        answer["asked"] = session.asked
    if device.kind == "pin_pad" and {"pin_pad", "pin_pad_new"} & set(answer["wanted"]):
        with reading(_caller(device, address), right="terminals.evidence", purpose="pin_pad") as inside:
            inside.object = f"device_session:{session.session_id}"
            answer["account"] = pin_account(session, inside)
            answer["done"] = [kind for kind, one in latest(session).items() if one.state == "done"]
    return answer


def open_chip(
    device_name: str, mac: str, session_code: str, step: str, challenge: str, *, address: str = ""
) -> dict[str, Any]:
    """A card slot asks for the issuer's help with the chip in it, after an act allowed it (`evidence.allow_opening`)."""
    device, session = _device(device_name), _session(session_code)
    message = rules.opening_message(device.name, session.code, bytes(session.nonce), step[:20], challenge[:64])
    _signed(device, message, mac, address)
    request = OpenChip(session.code, step[:20], challenge[:64])
    return perform(_caller(device, address), "terminals.open_chip", request, key=f"{session.code}:{mac}").answer


def judging_pad(device_name: str, mac: str, session_code: str, block: str, *, address: str = "") -> Caller:
    """The PIN pad that asks about a new password, when its MAC is right."""
    device, session = _device(device_name), _session(session_code)
    _signed(device, rules.judging_message(device.name, session.code, bytes(session.nonce), block[:64]), mac, address)
    if not payloads.is_block(block):
        raise Refusal("terminals.payload_wrong", faults=[Fault("block", "terminals.field_wrong", {})], count=1)
    return _caller(device, address)


def _signed(device: Device, message: bytes, mac: str, address: str) -> None:
    if not keys().device_verify(device.name, message, _mac(mac)):
        throttle.count("device", WRONG_MACS, target=device.name, source=address)
        raise Refusal("terminals.device_unknown")


def ticket(session_code: str, terminal: str, origin: str) -> str:
    """What a page of this origin shows the reader service of this terminal, so that it takes orders in this session."""
    device = Device.objects.filter(terminal_id=terminal, kind="card_slot", active=True).first()
    if device is None:
        raise Refusal("terminals.device_absent", kind="card_slot", terminal=terminal)
    return keys().device_ticket(device.name, ticket_message(device.name, session_code, origin)).hex()


def _device(name: str) -> Device:
    found = Device.objects.select_related("terminal__organisation").filter(name=name, active=True).first()
    if found is None or not found.terminal.active:
        raise Refusal("terminals.device_unknown")
    return found


def _session(code: str) -> DeviceSession:
    found = DeviceSession.objects.filter(code=code).first()
    if found is None:
        raise Refusal("terminals.session_unknown")
    return found


def _mac(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        raise Refusal("terminals.device_unknown") from None
    if len(found) != 32:
        raise Refusal("terminals.device_unknown")
    return found


def _caller(device: Device, address: str) -> Caller:
    """The device as the door sees it: a program of the organisation whose terminal this is."""
    organisation = device.terminal.organisation
    return Caller(
        kind="program",
        id=device.device_id,
        name=device.name,
        channel="device",
        area=device.terminal.area_code,
        organisation=organisation.code,
        organisation_kind=organisation.kind,
        bank=organisation.bank,
        roles=frozenset({"terminal"}),
        address=address,
    )
