"""Taking a device's evidence into a session: checked against the session's own challenge, sealed, numbered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import Reader, open_one
from sscard.terminals import payloads, rules
from sscard.terminals.models import Device, DeviceSession, Evidence


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
        _check_answer(session, facts["card_id_code"], reading.answer)
    if kind.startswith("pin_pad"):
        facts["account"] = pin_account(session, inside)
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


def note_refused(session: DeviceSession, device: Device, kind: str, mac: bytes, refusal: Refusal) -> None:
    """Keep that a device was refused, so that the page beside it can say why. Runs after the act was rolled back."""
    so_far = Evidence.objects.filter(session=session, kind=kind).count()
    if so_far >= rules.MOST_READINGS:
        return
    Evidence(
        area_code=session.area_code,
        session=session,
        kind=kind,
        number=so_far + 1,
        device=device.name,
        state="refused",
        refusal=refusal.as_dict(),
        mac_digest=digest(mac),
        at=clock.real_now(),
    ).save(force_insert=True)


def pin_account(session: DeviceSession, reader: Reader) -> str:
    """What the PIN block is bound to: the bank number on the card in the slot for a bank's matter, the card's own
    identification code for the social password. Without a card in the slot there is nothing to bind to."""
    card = latest(session).get("card_slot")
    if card is None or card.state != "done":
        raise Refusal("terminals.card_first")
    facts = open_one(card, "facts", reader)
    account = facts["pan"] if rules.pin_kind(session.matter) == "bank" else facts["card_id_code"]
    if not account:
        raise Refusal("terminals.card_without_bank")
    return str(account)


def latest(session: DeviceSession) -> dict[str, Evidence]:
    """The reading of each kind that counts: the last one."""
    found = Evidence.objects.filter(session=session).order_by("kind", "number")
    return {one.kind: one for one in found}


def digest(value: bytes) -> bytes:
    return hashlib.new("sm3", value).digest()


def _check_answer(session: DeviceSession, card_id_code: str, answer: bytes) -> None:
    """The card answers this session's challenge. An answer that a device has shown before is named as what it is."""
    if keys().card_answer_verify(card_id_code, bytes(session.challenge), answer):
        return
    if Evidence.objects.filter(answer_digest=digest(answer)).exists():
        raise Refusal("terminals.replayed")
    raise Refusal("terminals.card_answer_wrong")
