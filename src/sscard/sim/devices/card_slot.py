"""The virtual card slot, and the virtual card that answers in it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from sscard.sim.devices.wallet import VirtualCard
from sscard.terminals.client import Device


def insert(device: Device, card: VirtualCard) -> dict[str, Any]:
    """Put a card in: it answers the session's challenge."""
    session = device.session()
    return device.send(session, "card_slot", payload(card, bytes.fromhex(session["challenge"])))


def payload(card: VirtualCard, challenge: bytes) -> dict[str, str]:
    return {
        "card_id_code": card.card_id_code,
        "card_number": card.card_number,
        "pan": card.pan,
        "answer": answer(card, challenge).hex(),
    }


def answer(card: VirtualCard, challenge: bytes) -> bytes:
    """HMAC-SM3(card key, challenge): what the chip will compute."""
    return hmac.new(bytes.fromhex(card.key), challenge, lambda: hashlib.new("sm3")).digest()
