"""GET CHALLENGE, INTERNAL and EXTERNAL AUTHENTICATE (S5 6.4–6.6, S4): the card proves itself, the terminal proves
itself."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.crypto.ciphers import DES
from sscard.chip.files.table import KeyRule

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard

PROVES = ("UK", "RK", "PUK", "BK", "LK")
"""Kinds of keys that a terminal may prove; IRK, STK and the purse's are for other commands."""


def challenge(card: VirtualCard, command: Command) -> bytes:
    """4, 8 or 16 random bytes. Only the last challenge counts."""
    command.at(0x00, 0x00)
    if command.data or command.le not in (4, 8, 16):
        raise Status(status.LENGTH)
    if command.le > 8 and card.image.algorithm == DES and card.image.choices.long_challenge == "refuse":
        raise Status(status.LENGTH)
    card.session.challenge = card.chance(command.le)
    return card.session.challenge


def internal(card: VirtualCard, command: Command) -> bytes:
    """factor(8) ‖ original(8) [‖ key version] → 8 bytes under IRK."""
    command.at(0x00, 0x00)
    command.need(16, 17)
    key = card.key("SSSE", "IRK", version_of(command))
    return card.cipher.authenticate(card.cipher.session(key, command.data[:8]), command.data[8:16])


def external(card: VirtualCard, command: Command) -> bytes:
    """authentication(8) ‖ original(8) [‖ key version] for the key P2, against the last challenge."""
    if command.p1:
        raise Status(status.P1P2)
    command.need(16, 17)
    rule = card.key_rule(command.p2)
    if not rule.name.startswith(PROVES):
        raise Status(status.KEY_MISSING)
    key = card.key(rule.application, rule.name, version_of(command))
    if tries(card, rule) <= 0:
        raise Status(status.BLOCKED)
    session = card.cipher.session(key, card.spend_challenge())
    count(card, rule)
    wanted = card.cipher.authenticate(session, command.data[8:16])
    if not hmac.compare_digest(wanted, command.data[:8]):
        raise status.tries(tries(card, rule))
    uncount(card, rule)
    card.session.keys.add(rule.name)
    return b""


def version_of(command: Command) -> int:
    """The optional 17th byte; 0 where it is absent. A version 0 that is asked for does not exist."""
    if len(command.data) == 17:
        if not command.data[16]:
            raise Status(status.KEY_MISSING)
        return command.data[16]
    return 0


def tries(card: VirtualCard, rule: KeyRule) -> int:
    return card.image.key_tries.get(f"{rule.application}/{rule.name}", card.image.choices.key_tries)


def count(card: VirtualCard, rule: KeyRule) -> None:
    """Written before the compare. Keys of blocking are not counted: nobody shall lock them by guessing (S7 13)."""
    if rule.counted:
        card.image.key_tries[f"{rule.application}/{rule.name}"] = tries(card, rule) - 1
        card.keep()


def uncount(card: VirtualCard, rule: KeyRule) -> None:
    if card.image.key_tries.pop(f"{rule.application}/{rule.name}", None) is not None:
        card.keep()
