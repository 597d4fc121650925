"""Reading what devices send: strict forms, normal forms, masks. Pure; every fault is named with its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from sscard.codes import card_identification_code, person_number
from sscard.codes.errors import NumberFault
from sscard.kernel.masked import mask_card, mask_id, mask_name
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.terminals.rules import SOURCES

_HEX_32_BYTES = re.compile(r"[0-9a-f]{64}")
_HEX_BLOCK = re.compile(r"[0-9a-f]{32}")
_READING = re.compile(r"[0-9a-f]{16}")
_HEX_LONG = re.compile(r"(?:[0-9a-f]{2}){8,600}")
_ATR = re.compile(r"3b[0-9a-f]{2}(?:[0-9a-f]{2}){2,31}")
_ALGORITHM = re.compile(r"0[13]")
_TRIES = re.compile(r"1?[0-9]|none")
_HEX_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_HEX_CERTIFICATE = re.compile(r"(?:[0-9a-f]{2}){100,2000}")
CHIP_RESULTS = ("right", "new", "wrong", "locked")
"""What a reader reports of the password on the chip."""
_PAN = re.compile(r"[0-9]{16,19}")


@dataclass(frozen=True, slots=True)
class Reading:
    """`facts` will be sealed; `mask` may be shown; `answer` is the card's answer to the challenge."""

    facts: Mapping[str, Any]
    mask: str
    answer: bytes | None = None


def read(kind: str, payload: Mapping[str, Any]) -> Reading:
    """The payload in normal form, or a refusal with all its faults.

    Every payload has a `reading`, fresh with each reading, so that the same card read twice gives two messages: only a
    message that is sent again is a repeat.
    """
    if not _READING.fullmatch(_text(payload, "reading")):
        raise Refusal("terminals.payload_wrong", faults=[Fault("reading", "terminals.field_wrong", {})], count=1)
    return _READERS[kind]({name: value for name, value in payload.items() if name != "reading"})


def is_block(text: str) -> bool:
    """A PIN block in hex."""
    return _HEX_BLOCK.fullmatch(text) is not None


def _identity(payload: Mapping[str, Any]) -> Reading:
    faults = _unknown(payload, {"name", "id_number", "valid_until", "source", "face"})
    name, number = _text(payload, "name"), _text(payload, "id_number")
    if not 1 <= len(name) <= 60:
        faults.append(Fault("name", "terminals.field_wrong", {}))
    try:
        number = person_number.parse(number).number
    except NumberFault as fault:
        faults += fault.at("id_number")
    until = _text(payload, "valid_until")
    if until:
        try:
            date.fromisoformat(until)
        except ValueError:
            faults.append(Fault("valid_until", "terminals.field_wrong", {}))
    if payload.get("source") not in SOURCES:
        faults.append(Fault("source", "terminals.field_wrong", {}))
    face = _hex(payload, "face", _HEX_32_BYTES, faults, empty=True)
    refuse_if_any(faults, "terminals.payload_wrong")
    facts = {"name": name, "id_number": number, "valid_until": until, "source": payload["source"], "face": face}
    return Reading(facts, f"{mask_name(name)} {mask_id(number)}")


def _card(payload: Mapping[str, Any]) -> Reading:
    """`atr`, `algorithm` and `tries` come with a chip; without them a simulated card answered with its software key."""
    faults = _unknown(payload, {"card_id_code", "card_number", "pan", "answer", "atr", "algorithm", "tries"})
    code, pan = _text(payload, "card_id_code"), _text(payload, "pan")
    try:
        code = card_identification_code.validate(code)
    except NumberFault as fault:
        faults += fault.at("card_id_code")
    if pan and not _PAN.fullmatch(pan):
        faults.append(Fault("pan", "terminals.field_wrong", {}))
    by_chip = "atr" in payload
    answer = _hex(payload, "answer", _READING if by_chip else _HEX_32_BYTES, faults)
    chip = {}
    if by_chip:
        for name, form in (("atr", _ATR), ("algorithm", _ALGORITHM), ("tries", _TRIES)):
            chip[name] = _hex(payload, name, form, faults)
    number = _text(payload, "card_number")
    if len(number) != 9:
        faults.append(Fault("card_number", "terminals.field_wrong", {}))
    refuse_if_any(faults, "terminals.payload_wrong")
    facts = {"card_id_code": code, "card_number": number, "pan": pan, **chip}
    return Reading(facts, mask_card(number), bytes.fromhex(answer))


def _pin(payload: Mapping[str, Any]) -> Reading:
    """A block for whoever keeps the password in a house, or what a chip said of its own."""
    if "result" in payload:
        return _chip_pin(payload)
    faults = _unknown(payload, {"block"})
    block = _hex(payload, "block", _HEX_BLOCK, faults)
    refuse_if_any(faults, "terminals.payload_wrong")
    return Reading({"block": block}, "******")


def _chip_pin(payload: Mapping[str, Any]) -> Reading:
    """right, new: `signature` of the chip with its `certificate`, where it has one; wrong: how many tries are `left`."""
    faults = _unknown(payload, {"result", "left", "signature", "certificate"})
    if payload.get("result") not in CHIP_RESULTS:
        faults.append(Fault("result", "terminals.field_wrong", {}))
    facts = {"result": payload.get("result", "")}
    for name, form in (("left", _TRIES), ("signature", _HEX_SIGNATURE), ("certificate", _HEX_CERTIFICATE)):
        facts[name] = _hex(payload, name, form, faults, empty=True)
    refuse_if_any(faults, "terminals.payload_wrong")
    return Reading(facts, "******")


def _camera(payload: Mapping[str, Any]) -> Reading:
    faults = _unknown(payload, {"live", "face"})
    face = _hex(payload, "face", _HEX_32_BYTES, faults)
    if not isinstance(payload.get("live"), bool):
        faults.append(Fault("live", "terminals.field_wrong", {}))
    refuse_if_any(faults, "terminals.payload_wrong")
    return Reading({"live": payload["live"], "face": face}, "")


def _sign_key(payload: Mapping[str, Any]) -> Reading:
    """A PKCS#10 request over P-256: a public key, and proof that whoever sends it holds the private one."""
    faults = _unknown(payload, {"request"})
    text = _hex(payload, "request", _HEX_LONG, faults)
    if not faults:
        try:
            request = x509.load_der_x509_csr(bytes.fromhex(text))
            sound = isinstance(request.public_key(), ec.EllipticCurvePublicKey) and request.is_signature_valid
            sound = sound and getattr(request.public_key(), "curve", None).__class__ is ec.SECP256R1
        except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
            sound = False
        if not sound:
            faults.append(Fault("request", "terminals.field_wrong", {}))
    refuse_if_any(faults, "terminals.payload_wrong")
    return Reading({"request": text}, "")


def _signature(payload: Mapping[str, Any]) -> Reading:
    faults = _unknown(payload, {"signature"})
    text = _hex(payload, "signature", _HEX_LONG, faults)
    refuse_if_any(faults, "terminals.payload_wrong")
    return Reading({"signature": text}, "")


def _unknown(payload: Mapping[str, Any], known: set[str]) -> list[Fault]:
    return [Fault(str(name)[:30], "terminals.field_unknown", {}) for name in sorted(set(payload) - known, key=str)]


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _hex(
    payload: Mapping[str, Any], name: str, form: re.Pattern[str], faults: list[Fault], *, empty: bool = False
) -> str:
    value = _text(payload, name).lower()
    if not form.fullmatch(value) and not (empty and not value):
        faults.append(Fault(name, "terminals.field_wrong", {}))
    return value


_READERS: dict[str, Callable[[Mapping[str, Any]], Reading]] = {
    "id_reader": _identity,
    "card_slot": _card,
    "pin_pad": _pin,
    "pin_pad_new": _pin,
    "camera": _camera,
    "sign_key": _sign_key,
    "signature": _signature,
}
