"""Verbs that work with PINs and with the keys of single devices and cards.

A PIN arrives only as a block from a PIN pad, is compared here and goes nowhere. Tries are counted by the caller,
before.
"""

from __future__ import annotations

from sscard.keys import pinblock, pins, recipes
from sscard.keys.catalogue import Purpose
from sscard.keys.errors import KeyFault
from sscard.keys.ring import Key
from sscard.keys.verbs import House, verb

KINDS = ("social", "bank")
TICKET = b"sscard-ticket-1\n"


@verb()
def pin_set(house: House, kind: str, account: str, pin_block: bytes, terminal: str, hints: dict[str, str]) -> bytes:
    """The verifier of a newly chosen PIN; refused by the rule that it breaks."""
    key = house.ring.active(Purpose.PIN, _kind(kind))
    pin = pinblock.read(_pinpad(house, terminal), account, pin_block)
    try:
        if code := pins.weakness(pin, hints):
            raise KeyFault(code, digits=str(pins.DIGITS))
        return pins.verifier(key, account, pin)
    finally:
        pinblock.wipe(pin)


@verb()
def pin_verify(house: House, kind: str, account: str, pin_block: bytes, terminal: str, verifier: bytes) -> bool:
    """Does the PIN fit? A block that does not fit account and terminal is refused, not "no"."""
    key = house.ring.version(Purpose.PIN, _kind(kind), pins.check_form(verifier))
    pin = pinblock.read(_pinpad(house, terminal), account, pin_block)
    try:
        return recipes.same(pins.verifier(key, account, pin), verifier)
    finally:
        pinblock.wipe(pin)


@verb()
def pin_preset(house: House, account: str, digits: str) -> bytes:
    """A social-security initial password by the area's rule. It is no secret, so it may come in clear and may be weak;
    the caller demands a change at first use. Banks have no such thing."""
    key = house.ring.active(Purpose.PIN, "social")
    pin = bytearray(digits.encode())
    if len(pin) != pins.DIGITS or not digits.isascii() or not digits.isdecimal():
        raise KeyFault("keys.pin_length", digits=str(pins.DIGITS))
    return pins.verifier(key, account, pin)


@verb()
def pinpad_key_for(house: House, terminal: str, public: bytes) -> bytes:
    return _hand_out(house, _pinpad(house, terminal), public)


@verb()
def card_key_for(house: House, card: str, public: bytes) -> bytes:
    return _hand_out(house, _of_one(house, Purpose.CARD, card), public)


@verb()
def device_key_for(house: House, device: str, public: bytes) -> bytes:
    return _hand_out(house, _of_one(house, Purpose.DEVICE, device), public)


@verb()
def card_answer_verify(house: House, card: str, challenge: bytes, answer: bytes) -> bool:
    """Is `answer` HMAC-SM3(card key, challenge)? Short challenges are refused: they could be collected beforehand."""
    if not 8 <= len(challenge) <= 64:
        raise KeyFault("keys.challenge_size")
    return _made_by(house, Purpose.CARD, card, challenge, answer)


@verb()
def device_verify(house: House, device: str, message: bytes, mac: bytes) -> bool:
    """Is `mac` HMAC-SM3(device key, message)?"""
    return _made_by(house, Purpose.DEVICE, device, message, mac)


@verb()
def device_ticket(house: House, device: str, message: bytes) -> bytes:
    """A MAC under the device's key by which it knows that an order comes from this house. Only over tickets: what a
    device itself says can never be made here."""
    if not message.startswith(TICKET):
        raise KeyFault("keys.ticket_only")
    key = _of_one(house, Purpose.DEVICE, device)
    return recipes.hmac_sm3(recipes.hmac_base(key), message)


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise KeyFault("keys.pin_kind", kind=kind[:20])
    return kind


def _pinpad(house: House, terminal: str) -> bytes:
    """SM4 transport key of a terminal's PIN pad. After a rotation of the master each pad needs its key anew."""
    return _of_one(house, Purpose.PINPAD, terminal, 16)


def _of_one(house: House, purpose: Purpose, code: str, size: int = 32) -> bytes:
    """The key of one card, device or PIN pad, under the active master."""
    return _derived(house.ring.active(purpose, "master"), purpose, code, size)


def _made_by(house: House, purpose: Purpose, code: str, message: bytes, mac: bytes) -> bool:
    """Cards and devices made under an older master still answer."""
    masters = house.ring.versions(purpose, "master")
    answers = (recipes.hmac_base(_derived(one, purpose, code, 32)) for one in masters)
    return any([recipes.same(recipes.hmac_sm3(base, message), mac) for base in answers])  # noqa: C419 - all, always


def _derived(master: Key, purpose: Purpose, code: str, size: int) -> bytes:
    if not 1 <= len(code) <= 64:
        raise KeyFault("keys.device_code")
    return recipes.derive(master.hmac, purpose.encode(), code, size)


def _hand_out(house: House, key: bytes, public: bytes) -> bytes:
    """Only virtual devices get their key over this way; a real one is loaded by its own procedure."""
    if not house.virtual_devices:
        raise KeyFault("keys.devices_real")
    return recipes.sm2_encrypt(public, key)
