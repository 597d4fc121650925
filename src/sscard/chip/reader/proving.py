"""What a card proves of itself to a house far away: that it is this card, that its password was right just now."""

from __future__ import annotations

from typing import Final

from sscard.chip.card.selecting import CERT, PKI
from sscard.chip.codec import tlv
from sscard.chip.faults import StatusRefused
from sscard.chip.reader.terminal import Terminal
from sscard.keys import recipes

PAYMENT: Final = bytes.fromhex("A000000333010101")
PAYMENT_FILES: Final = (2, 3, 16)
"""Short identifiers that fielded cards keep the account in, tried in this order (card.md §10)."""
MOST_CERTIFICATE: Final = 4096


def answer(terminal: Terminal, question: bytes) -> bytes:
    """INTERNAL AUTHENTICATE with factor and original from the house. Raises StatusRefused."""
    return terminal.send("INTERNAL AUTHENTICATE", b"\x00\x88\x00\x00\x10" + question)


def bank_number(terminal: Terminal) -> str:
    """The number in the payment application, read without processing options; "" on a card without bank account."""
    if not terminal.select(PAYMENT).good:
        return ""
    for sfi in PAYMENT_FILES:
        found = terminal.read_record(sfi, 1)
        number = tlv.ber_find(found.data, (0x70, 0x5A)) if found.good else None
        if number:
            return number.hex().rstrip("f")
    return ""


def certificate(terminal: Terminal) -> bytes:
    """The card's certificate (DER), piece by piece; its application stays selected. Raises StatusRefused."""
    for name in (PKI, CERT):
        chosen = terminal.select(name)
        if not chosen.good:
            raise StatusRefused("SELECT", chosen.sw)
    found = terminal.send("READ BINARY certificate", bytes((0x00, 0xB0, 0x81, 0x00, 0x04)))
    size = min(4 + int.from_bytes(found[2:4], "big"), MOST_CERTIFICATE)
    while len(found) < size:
        at, step = len(found).to_bytes(2, "big"), min(size - len(found), 128)
        found += terminal.send("READ BINARY certificate", b"\x00\xb0" + at + bytes((step,)))
    return found


def signature(terminal: Terminal, message: bytes) -> bytes:
    """r ‖ s over the message by the card's key; it signs only after the password. `certificate` was read before."""
    public = terminal.send("READ BINARY public key", bytes((0x00, 0xB0, 0x82, 0x00, 0x40)))
    digest = recipes.sm3(recipes.sm2_za(public) + message)
    return terminal.send("SIGN", b"\x00\x2a\x9e\x9a\x20" + digest)
