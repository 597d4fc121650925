"""The port to whoever can tell a chip's answer from a made-up one; room `chip` fills it.

Nothing that stands here needs a key: what a chip is asked is derived from the device session, so that an answer belongs
to one act at one terminal, and an answer recorded in another session fits no question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from sscard.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ChipSeen:
    """A chip as a reader describes it. `algorithm`: 1 3DES, 3 SM4 (the FCI's number). What is not true of it shows: its
    key is derived from these three."""

    card_id_code: str
    atr: bytes
    algorithm: int


class Chips(Protocol):
    """Raise chip.* refusals for a chip whose keys are not ours."""

    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        """Is this the chip's answer to INTERNAL AUTHENTICATE with these 16 bytes (factor ‖ original)?"""
        ...

    def signed(self, chip: ChipSeen, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """Did the chip sign this, which it only does after its password was right?"""
        ...

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        """The command that unblocks, for the chip's own challenge: "puk" proves the issuer, "counter" gives the tries
        back, "empty" takes a forgotten password away as well."""
        ...


class NoChips:
    """Before the house is joined."""

    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        raise Refusal("terminals.chips_unknown")

    def signed(self, chip: ChipSeen, certificate: bytes, message: bytes, signature: bytes) -> bool:
        raise Refusal("terminals.chips_unknown")

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        raise Refusal("terminals.chips_unknown")


chips: Chips = NoChips()


def question(session: str, matter: str, nonce: bytes, challenge: bytes) -> bytes:
    """16 bytes: factor and original of INTERNAL AUTHENTICATE. Both sides compute them."""
    return _digest("sscard-chip-1", session, matter, nonce.hex(), challenge.hex())[:16]


def password_message(
    session: str, matter: str, nonce: bytes, challenge: bytes, card_id_code: str, result: str
) -> bytes:
    """What the chip signs when its password was right: which card, for what, in which session."""
    return _digest("sscard-chip-password-1", session, matter, nonce.hex(), challenge.hex(), card_id_code, result)


def ticket_message(device: str, session: str, origin: str) -> bytes:
    """What the ticket of a page covers, with which it may order the reader service of this terminal in this session.
    The beginning differs from all messages of devices: a ticket is never evidence."""
    return f"sscard-ticket-1\n{device}\n{session}\n{origin}".encode()


def _digest(*parts: str) -> bytes:
    return hashlib.new("sm3", "\n".join(parts).encode()).digest()
