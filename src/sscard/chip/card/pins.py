"""The social password on the chip: VERIFY, CHANGE PIN, PIN CHANGE/UNBLOCK (S5 6.3, 6.15, 6.16; S7 13).

A try is written before the compare; a right one gives all tries back. The bank's password never comes here: in the
payment application there is no VERIFY at all.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sscard.chip.card import authentication, messaging, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.faults import ChipFault

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard


def verify(card: VirtualCard, command: Command) -> bytes:
    """No data: how many tries are left (63Cx), or 9000 where there is no password."""
    command.at(0x00, 0x00)
    if not command.data:
        if card.image.secrets.pin:
            raise status.tries(card.image.pin_tries) if card.image.pin_tries else Status(status.BLOCKED)
        return b""
    if not 2 <= len(command.data) <= 8:
        raise Status(status.LENGTH)
    prove(card, command.data)
    card.session.pin = True
    return b""


def prove(card: VirtualCard, given: bytes) -> None:
    """Count, keep, compare. Raises 6985 without a password, 6983 without tries, 63Cx for a wrong one."""
    if not card.image.secrets.pin:
        raise Status(status.CONDITIONS)
    if card.image.pin_tries <= 0:
        raise Status(status.BLOCKED)
    count(card)
    if not hmac.compare_digest(given, card.image.secrets.pin):
        card.session.pin = False
        raise status.tries(card.image.pin_tries)
    card.image.pin_tries = card.image.choices.pin_tries
    card.keep()


def count(card: VirtualCard) -> None:
    card.image.pin_tries -= 1
    card.keep()


def change(card: VirtualCard, command: Command) -> bytes:
    """old ‖ FF ‖ new; old is absent where there is none, a new one that is absent takes the password away."""
    command.at(0x01, 0x00)
    if not 3 <= len(command.data) <= 17:
        raise Status(status.LENGTH)
    old, mark, new = command.data.partition(b"\xff")
    if not mark or len(old) > 8:
        raise Status(status.DATA)
    well_formed(new)
    if card.image.secrets.pin or old:
        prove(card, old)
    replace(card, new)
    return b""


def unblock(card: VirtualCard, command: Command) -> bytes:
    """P2 00: the counter is full again. P2 01: a new password too, enciphered. PUK must be authenticated, a MAC is
    needed; failures count on PUK."""
    command.at(0x00, 0x00, 0x01)
    block = 8 if card.cipher.block == 8 else 16
    command.need(4 if command.p2 == 0 else block + 4)
    may_unblock(card)
    try:
        secret, session = messaging.opened(card, command, "SSSE")
        new = card.cipher.decrypt(session, secret) if command.p2 else b""
        well_formed(new)
    except (Status, ChipFault) as refused:
        sw = refused.sw if isinstance(refused, Status) else status.DATA
        if sw != status.NO_CHALLENGE:
            authentication.count(card, card.key_rule(0x06))
            card.session.keys.discard("PUK")
        raise Status(sw) from None
    if command.p2:
        card.image.secrets.pin = new
    card.image.pin_tries = card.image.choices.pin_tries
    card.keep()
    return b""


def may_unblock(card: VirtualCard) -> None:
    if "PUK" not in card.session.keys:
        raise Status(status.SECURITY)


def replace(card: VirtualCard, new: bytes) -> None:
    card.image.secrets.pin = new
    card.session.pin = False
    card.keep()


def well_formed(pin: bytes) -> None:
    """Four digits or more, two a byte, an odd last one with F; or empty. Raises 6A80."""
    text = pin.hex()
    digits = text[:-1] if text.endswith("f") else text
    if pin and (not 2 <= len(pin) <= 8 or not digits.isdigit() or len(digits) < 4):
        raise Status(status.DATA)


def packed(digits: str) -> bytes:
    """A password as it goes to the card: two digits a byte, F behind an odd number of them. Raises chip.pin_form.

    >>> packed("12345").hex()
    '12345f'
    """
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 16):
        raise ChipFault("chip.pin_form")
    return bytes.fromhex(digits + "f" * (len(digits) % 2))
