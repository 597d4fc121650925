"""Taking a device's evidence into a session: checked against the session's own challenge, sealed, numbered."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import Reader, open_one
from sscard.terminals import chips, payloads, rules
from sscard.terminals.chips import ChipSeen
from sscard.terminals.models import Device, DeviceSession, Evidence, Terminal
from sscard.terminals.passwords import BANK, SOCIAL
from sscard.terminals.seeing import seeing


def take_in(
    inside: Inside, session: DeviceSession, device: Device, kind: str, payload: Mapping[str, Any], mac: bytes
) -> dict[str, Any]:
    """Write one reading; the session is locked by the caller."""
    if kind not in session.wanted:
        raise Refusal("terminals.not_wanted", kind=kind)
    so_far = Evidence.objects.filter(session=session, kind=kind).count()
    if so_far >= rules.MOST_READINGS:
        raise Refusal("terminals.too_many_readings", most=rules.MOST_READINGS)
    reading = payloads.read(kind, payload)
    facts = dict(reading.facts)
    if reading.answer is not None:
        _check_answer(session, facts, reading.answer)
    if kind.startswith("pin_pad"):
        facts["account"] = pin_account(session, inside)
        _check_password(session, facts, inside)
    Evidence(
        area_code=session.area_code,
        session=session,
        kind=kind,
        number=so_far + 1,
        device=device.name,
        state="done",
        facts=facts,
        mask=reading.mask,
        mac_digest=digest(mac),
        answer_digest=digest(reading.answer) if reading.answer else None,
        at=clock.real_now(),
    ).save(force_insert=True)
    return {"session": session.code, "kind": kind, "state": "done", "number": so_far + 1}


def note_refused(session: DeviceSession, device: str, kind: str, mac: bytes, refusal: Refusal) -> None:
    """Keep that a device was refused, so that the page beside it can say why. Runs after the act was rolled back."""
    so_far = Evidence.objects.filter(session=session, kind=kind).count()
    if so_far >= rules.MOST_READINGS:
        return
    Evidence(
        area_code=session.area_code,
        session=session,
        kind=kind,
        number=so_far + 1,
        device=device,
        state="refused",
        refusal=refusal.as_dict(),
        mac_digest=digest(mac),
        at=clock.real_now(),
    ).save(force_insert=True)


def refuse_reading(session_id: uuid.UUID, kind: str, refusal: Refusal) -> None:
    """What was read does not do, as the act's room finds before the act: the page beside the device says why, and the device may
    send another. Raises the refusal itself where the session takes no more readings. In an act, outside `bank_role`."""
    session = DeviceSession.objects.select_for_update().get(session_id=session_id)
    with seeing(session.area_code):
        last = latest(session)[kind]
        if last.number + 1 >= rules.MOST_READINGS:
            raise refusal
        note_refused(session, last.device, kind, bytes(last.mac_digest), refusal)


def pin_account(session: DeviceSession, reader: Reader) -> str:
    """What the PIN block is bound to: the bank number on the card in the slot for a bank's matter, the card's own
    identification code for the social password. Without a card in the slot there is nothing to bind to."""
    card = latest(session).get("card_slot")
    if card is None or card.state != "done":
        raise Refusal("terminals.card_first")
    facts = open_one(card, "facts", reader)
    account = facts["pan"] if rules.pin_kind(session.matter) == BANK else facts["card_id_code"]
    if not rules.pin_kind(session.matter):
        raise Refusal("terminals.no_password_asked")
    if not account:
        raise Refusal("terminals.card_without_bank")
    return str(account)


def card_of_pad(inside: Inside, session_code: str) -> tuple[str, str]:
    """(card identification code, terminal) of the card in the session at which the calling device stands."""
    device = Device.objects.filter(device_id=inside.caller.id, active=True, kind="pin_pad").first()
    session = DeviceSession.objects.filter(code=session_code).first()
    if device is None or session is None or session.terminal_id != device.terminal_id:
        raise Refusal("terminals.session_unknown")
    if code := rules.ended(session.state, session.expires_at, clock.real_now()):
        raise Refusal(code)
    if rules.pin_kind(session.matter) != SOCIAL:
        raise Refusal("terminals.no_password_asked")
    inside.object = f"device_session:{session.session_id}"
    return pin_account(session, inside), session.terminal_id


def latest(session: DeviceSession) -> dict[str, Evidence]:
    """The reading of each kind that counts: the last one."""
    found = Evidence.objects.filter(session=session).order_by("kind", "number")
    return {one.kind: one for one in found}


def card_before(terminal: Terminal, opened_by: uuid.UUID, now: datetime) -> Evidence | None:
    """The card that was read in the session which the same opener still has open at this terminal, while it is fresh."""
    before = DeviceSession.objects.filter(terminal=terminal, state="open", opened_by=opened_by).first()
    if before is None:
        return None
    with seeing(before.area_code):
        card = latest(before).get("card_slot")
    return card if card is not None and card.state == "done" and now - card.at <= rules.KEEP_FOR else None


def keep(inside: Inside, session: DeviceSession, card: Evidence) -> None:
    """The same reading, with its own time, in the next session of the same customer: he was told to leave the card in."""
    with seeing(session.area_code):
        Evidence(
            area_code=session.area_code,
            session=session,
            kind=card.kind,
            number=1,
            device=card.device,
            state="done",
            facts=open_one(card, "facts", inside),
            mask=card.mask,
            mac_digest=bytes(card.mac_digest),
            answer_digest=bytes(card.answer_digest) if card.answer_digest else None,
            at=card.at,
        ).save(force_insert=True)


def _check_password(session: DeviceSession, facts: dict[str, Any], reader: Reader) -> None:
    """The social password of a card with a chip is the chip's affair, and only that. What it signed is checked here;
    `proof` says by whom the result is vouched for: "card", or "reader" for a card that cannot sign."""
    slot = open_one(latest(session)["card_slot"], "facts", reader)
    chip, by_chip = chip_of(slot), "result" in facts
    if by_chip != (chip is not None and rules.pin_kind(session.matter) == SOCIAL):
        raise Refusal("terminals.password_on_chip" if not by_chip else "terminals.password_not_on_chip")
    if not by_chip or chip is None:
        return
    if facts["result"] == "wrong":
        raise Refusal("terminals.chip_password_wrong", left=int(facts["left"] or 0))
    facts["proof"] = "reader"
    if facts["signature"]:
        message = chips.password_message(
            session.code,
            session.matter,
            bytes(session.nonce),
            bytes(session.challenge),
            chip.card_id_code,
            facts["result"],
        )
        certificate, signature = bytes.fromhex(facts.pop("certificate")), bytes.fromhex(facts["signature"])
        if not chips.chips.signed(chip, certificate, message, signature):
            raise Refusal("terminals.chip_not_signed")
        facts["proof"] = "card"


def digest(value: bytes) -> bytes:
    return hashlib.new("sm3", value).digest()


def chip_of(facts: Mapping[str, Any]) -> ChipSeen | None:
    """The chip of a card that was read; None for a simulated card without one."""
    if "atr" not in facts:
        return None
    return ChipSeen(facts["card_id_code"], bytes.fromhex(facts["atr"]), int(facts["algorithm"], 16))


def _check_answer(session: DeviceSession, facts: Mapping[str, Any], answer: bytes) -> None:
    """The card answers this session's question. An answer that a device has shown before is named as what it is."""
    chip, challenge = chip_of(facts), bytes(session.challenge)
    if chip is not None:
        asked = chips.question(session.code, session.matter, bytes(session.nonce), challenge)
        if chips.chips.answered(chip, asked, answer):
            return
    elif keys().card_answer_verify(facts["card_id_code"], challenge, answer):
        return
    if Evidence.objects.filter(answer_digest=digest(answer)).exists():
        raise Refusal("terminals.replayed")
    raise Refusal("terminals.card_answer_wrong")
