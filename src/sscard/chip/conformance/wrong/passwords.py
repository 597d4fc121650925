"""Wrong behaviour: what a card does otherwise with its password."""

from __future__ import annotations

from sscard.chip.card import messaging, pins
from sscard.chip.card.apdu import Command
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.status import Status


def uncounted_verify(card: VirtualCard, command: Command) -> bytes:
    tries = card.image.pin_tries
    try:
        return pins.verify(card, command)
    except Status as refused:
        card.image.pin_tries = tries
        card.keep()
        raise refused from None


def uncounted_change(card: VirtualCard, command: Command) -> bytes:
    """A wrong old password is refused and not counted: it can be guessed for ever."""
    tries = card.image.pin_tries
    try:
        return pins.change(card, command)
    except Status as refused:
        card.image.pin_tries = tries
        card.keep()
        raise refused from None


def two_bytes_verify(card: VirtualCard, command: Command) -> bytes:
    """Compares the first two bytes only."""
    right = card.image.secrets.pin
    if len(command.data) >= 2 and command.data[:2] == right[:2]:
        command = command._replace(data=right)
    return pins.verify(card, command)


def longer_verify(card: VirtualCard, command: Command) -> bytes:
    """Takes the right password with more digits behind it."""
    right = card.image.secrets.pin
    if command.data.startswith(right) and len(command.data) <= 8:
        command = command._replace(data=right)
    return pins.verify(card, command)


def two_bytes_change(card: VirtualCard, command: Command) -> bytes:
    """Compares the first two bytes of the old password only."""
    right = card.image.secrets.pin
    if command.data[:2] == right[:2]:
        command = command._replace(data=right + b"\xff" + command.data.partition(b"\xff")[2])
    return pins.change(card, command)


def kept_count_verify(card: VirtualCard, command: Command) -> bytes:
    """A right password gives no tries back."""
    tries = card.image.pin_tries
    found = pins.verify(card, command)
    if command.data:
        card.image.pin_tries = tries
        card.keep()
    return found


def any_length_verify(card: VirtualCard, command: Command) -> bytes:
    if len(command.data) in (1, 9):
        pins.prove(card, command.data)
    return pins.verify(card, command)


def unblock_without_puk(card: VirtualCard, command: Command) -> bytes:
    card.session.keys.add("PUK")
    return pins.unblock(card, command)


def unblock_with_any_key(card: VirtualCard, command: Command) -> bytes:
    if card.session.keys:
        card.session.keys.add("PUK")
    return pins.unblock(card, command)


def reload_with_any_key(card: VirtualCard, command: Command) -> bytes:
    return unblock_with_any_key(card, command) if command.p2 else pins.unblock(card, command)


def reload_of_nothing(card: VirtualCard, command: Command) -> bytes:
    """RELOAD answers 9000 and the password stays."""
    pin = card.image.secrets.pin
    found = pins.unblock(card, command)
    card.image.secrets.pin = pin
    card.keep()
    return found


def reload_without_mac(card: VirtualCard, command: Command) -> bytes:
    """RELOAD under any MAC."""
    if not command.p2 or "PUK" not in card.session.keys:
        return pins.unblock(card, command)
    session = card.cipher.session(card.key("SSSE", "STKSSSE"), card.spend_challenge())
    card.image.secrets.pin = card.cipher.decrypt(session, command.data[: -messaging.MAC_BYTES])
    card.image.pin_tries = card.image.choices.pin_tries
    card.keep()
    return b""


def kept_proof_verify(card: VirtualCard, command: Command) -> bytes:
    """A wrong password leaves the proof of an earlier right one standing."""
    proved = card.session.pin
    try:
        return pins.verify(card, command)
    except Status as refused:
        card.session.pin = proved
        raise refused from None


def change_without_old(card: VirtualCard, command: Command) -> bytes:
    pins.replace(card, command.data.partition(b"\xff")[2])
    return b""


def endless_verify(card: VirtualCard, command: Command) -> bytes:
    """The last try is never taken."""
    card.image.pin_tries = max(card.image.pin_tries, 2)
    return pins.verify(card, command)
