"""Wrong behaviour: single commands that answer otherwise."""

from __future__ import annotations

from collections.abc import Callable

from sscard.chip.card import (
    authentication,
    binary,
    blocking,
    certificates,
    messaging,
    purse,
    records,
    selecting,
    status,
)
from sscard.chip.card.apdu import Command
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.status import Status
from sscard.chip.card.store import MemoryStore

Handler = Callable[[VirtualCard, Command], bytes]


def altered(cla: int, ins: int, handler: Handler, side: str = "social") -> type[VirtualCard]:
    """A card with another handler for one command. `side`: social, payment or pki."""
    return type("Altered", (VirtualCard,), {side: {**getattr(VirtualCard, side), (cla, ins): handler}})


def external_uncounted(card: VirtualCard, command: Command) -> bytes:
    tries = dict(card.image.key_tries)
    try:
        return authentication.external(card, command)
    except Status as refused:
        card.image.key_tries = tries
        raise refused from None


def half_a_proof(card: VirtualCard, command: Command) -> bytes:
    """Compares the first four bytes of an authentication only."""
    rule, version = card.key_rule(command.p2), authentication.version_of(command)
    if len(command.data) >= 16 and card.session.challenge:
        session = card.cipher.session(card.key(rule.application, rule.name, version), card.session.challenge)
        right = card.cipher.authenticate(session, command.data[8:16])
        if right[:4] == command.data[:4]:
            command = command._replace(data=right + command.data[8:])
    return authentication.external(card, command)


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


def binary_mac_not_checked(card: VirtualCard, command: Command) -> bytes:
    card.spend_challenge()
    return binary.update(card, command._replace(cla=0x00, data=command.data[: -messaging.MAC_BYTES]))


def mac_not_checked_below(card: VirtualCard, command: Command) -> bytes:
    """The MAC is checked in the environment and not in its applications."""
    if card.home == "SSSE":
        return records.update(card, command)
    card.spend_challenge()
    return mac_not_checked(card, command)


def any_mac_but_zeros(card: VirtualCard, command: Command) -> bytes:
    """Refuses a MAC of zeros and takes all others."""
    if not any(command.data[-messaging.MAC_BYTES :]):
        return records.update(card, command)
    card.spend_challenge()
    return mac_not_checked(card, command)


def half_a_mac(card: VirtualCard, command: Command) -> bytes:
    """Compares the first two bytes of the MAC only."""
    session = card.cipher.session(card.key(card.home, messaging.stk(card.home)), card.session.challenge)
    right = card.cipher.mac(session, messaging.covered(command))
    if right[:2] == command.data[-4:-2]:
        command = command._replace(data=command.data[:-4] + right)
    return records.update(card, command)


def update_of_nothing(card: VirtualCard, command: Command) -> bytes:
    """UPDATE RECORD under a MAC answers 9000 and writes nothing."""
    messaging.checked(card, command)
    return b""


def record_of_nothing(card: VirtualCard, command: Command) -> bytes:
    """UPDATE RECORD answers 9000 and writes nothing."""
    card.may_write(records.target(card, command.p2 >> 3))
    return b""


def binary_of_nothing(card: VirtualCard, command: Command) -> bytes:
    """UPDATE BINARY answers 9000 and writes nothing."""
    card.may_write(binary.place(card, command)[0])
    return b""


def record_in_memory(card: VirtualCard, command: Command) -> bytes:
    """What UPDATE RECORD writes is gone with the power."""
    kept, card.store = card.store, MemoryStore(card.image)
    try:
        return records.update(card, command)
    finally:
        card.store = kept


def block_any_mac(card: VirtualCard, command: Command) -> bytes:
    """CARD BLOCK after BK under any MAC."""
    if "BK" not in card.session.keys:
        raise Status(status.SECURITY)
    blocking.block_card(card)
    return b""


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
