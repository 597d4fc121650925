"""Secure messaging: the MAC of 84 and 04 commands, under a session key of STK and the last challenge (S4)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

MAC_BYTES = 4


def checked(card: VirtualCard, command: Command) -> bytes:
    """The data without its MAC."""
    return opened(card, command, card.home)[0]


def opened(card: VirtualCard, command: Command, application: str) -> tuple[bytes, bytes]:
    """(data without MAC, session key). Raises 6984 without a challenge, 6988 for a MAC that does not fit. The
    challenge is spent in any case."""
    session = card.cipher.session(card.key(application, stk(application)), card.spend_challenge())
    data, given = command.data[:-MAC_BYTES], command.data[-MAC_BYTES:]
    check(card, session, covered(command), given)
    return data, session


def check(card: VirtualCard, session: bytes, data: bytes, given: bytes) -> None:
    if len(given) != MAC_BYTES or not hmac.compare_digest(card.cipher.mac(session, data), given):
        raise Status(status.MAC_WRONG)


def covered(command: Command) -> bytes:
    """What the MAC goes over: header, Lc with the MAC counted, data."""
    return command.header + bytes((len(command.data),)) + command.data[:-MAC_BYTES]


def stk(application: str) -> str:
    return "STKSSSE" if application == "SSSE" else "STK"
