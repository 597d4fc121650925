"""APPLICATION BLOCK and CARD BLOCK (S5 6.1, 6.2; S7 13): for good. LK or BK first, and a MAC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscard.chip.card import messaging, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard


def application(card: VirtualCard, command: Command) -> bytes:
    """After it, SELECT and all commands of the application answer 9303."""
    command.at(0x00, 0x01)
    command.need(4)
    if "LK" not in card.session.keys:
        raise Status(status.SECURITY)
    messaging.checked(card, command)
    block_application(card, card.home)
    return b""


def block_application(card: VirtualCard, name: str) -> None:
    if name not in card.image.blocked_applications:
        card.image.blocked_applications.append(name)
    card.keep()


def card(card: VirtualCard, command: Command) -> bytes:
    """After it, everything answers 6A81."""
    command.at(0x00, 0x00)
    command.need(4)
    if "BK" not in card.session.keys:
        raise Status(status.SECURITY)
    messaging.opened(card, command, "SSSE")
    block_card(card)
    return b""


def block_card(card: VirtualCard) -> None:
    card.image.blocked = True
    card.keep()
