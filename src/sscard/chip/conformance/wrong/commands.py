"""Wrong behaviour: single commands that answer otherwise."""

from __future__ import annotations

from collections.abc import Callable

from sscard.chip.card import authentication, blocking, certificates, messaging, pins, purse, records, selecting, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.status import Status

Handler = Callable[[VirtualCard, Command], bytes]


def altered(cla: int, ins: int, handler: Handler, side: str = "social") -> type[VirtualCard]:
    """A card with another handler for one command. `side`: social, payment or pki."""
    return type("Altered", (VirtualCard,), {side: {**getattr(VirtualCard, side), (cla, ins): handler}})


def uncounted_verify(card: VirtualCard, command: Command) -> bytes:
    tries = card.image.pin_tries
    try:
        return pins.verify(card, command)
    except Status as refused:
        card.image.pin_tries = tries
        card.keep()
        raise refused from None


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


def change_without_old(card: VirtualCard, command: Command) -> bytes:
    pins.replace(card, command.data.partition(b"\xff")[2])
    return b""


def external_uncounted(card: VirtualCard, command: Command) -> bytes:
    tries = dict(card.image.key_tries)
    try:
        return authentication.external(card, command)
    except Status as refused:
        card.image.key_tries = tries
        raise refused from None


def long_internal(card: VirtualCard, command: Command) -> bytes:
    return authentication.internal(card, command) * 2


def same_challenge(card: VirtualCard, command: Command) -> bytes:
    authentication.challenge(card, command)
    card.session.challenge = bytes(range(command.le or 8))
    return card.session.challenge


def any_proof_verify(card: VirtualCard, command: Command) -> bytes:
    """A wrong authentication with the write key counts as a right one."""
    rule = card.key_rule(command.p2)
    try:
        return authentication.external(card, command)
    except Status:
        if rule.name != "UKSSSE":
            raise
        card.session.keys.add(rule.name)
        return b""


def endless_verify(card: VirtualCard, command: Command) -> bytes:
    """The last try is never taken."""
    card.image.pin_tries = max(card.image.pin_tries, 2)
    return pins.verify(card, command)


def endless_external(card: VirtualCard, command: Command) -> bytes:
    card.image.key_tries = {name: max(left, 2) for name, left in card.image.key_tries.items()}
    return authentication.external(card, command)


def free_signature(card: VirtualCard, command: Command) -> bytes:
    card.session.pin = True
    return certificates.sign(card, command)


def purchase_without_password(card: VirtualCard, command: Command) -> bytes:
    card.session.pin = True
    return purse.initialise(card, command)


def nothing_said(card: VirtualCard, command: Command) -> bytes:
    """An instruction that does not exist is answered with 9000."""
    return b""


def mac_not_checked(card: VirtualCard, command: Command) -> bytes:
    plain = Command(0x00, command.ins, command.p1, command.p2, command.data[:-4])
    return records.update(card, plain)


def block_ignored(card: VirtualCard, command: Command) -> bytes:
    if "LK" not in card.session.keys:
        raise Status(status.SECURITY)
    messaging.checked(card, command)
    return b""


def card_block_ignored(card: VirtualCard, command: Command) -> bytes:
    if "BK" not in card.session.keys:
        raise Status(status.SECURITY)
    messaging.checked(card, command)
    return b""


def card_block_without_bk(card: VirtualCard, command: Command) -> bytes:
    blocking.block_card(card)
    return b""


def tlv_unchecked(card: VirtualCard, command: Command) -> bytes:
    file = records.target(card, command.p2 >> 3)
    card.may_write(file)
    if command.p2 & 0x07 == 4 and command.data and file.structure == "variable":
        rows = card.contents(file).records
        rows[command.p1 - 1] = command.data
        card.keep()
        return b""
    return records.update(card, command)


def select_without_algorithm(card: VirtualCard, command: Command) -> bytes:
    found = selecting.select(card, command)
    return found.replace(selecting.algorithm(card), b"\x9f\x0c\x03\x87\x01\x03")
