"""The card itself: power, what is selected, what was proved, and which command is answered by whom.

Security state (S7 5.8, 6.6): a right password counts until power-off; an external authentication until power-off or
until another application is selected; a challenge for one use. Counters are written before anything is compared.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Final

from sscard.chip.card import (
    authentication,
    binary,
    blocking,
    certificates,
    messaging,
    payment,
    pins,
    purse,
    records,
    selecting,
    status,
)
from sscard.chip.card.apdu import Command
from sscard.chip.card.image import Elementary, Image
from sscard.chip.card.status import Status
from sscard.chip.card.store import Store
from sscard.chip.choices import Choices
from sscard.chip.crypto.ciphers import CardCipher, cipher
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import FileRule, KeyRule, Rule, files, key_rules

PAYMENT: Final = frozenset({"PSE", "PPSE", "PAY"})
PKI: Final = frozenset({"PKI", "CERT"})


@dataclass(slots=True)
class Session:
    """What a card knows until power goes off."""

    application: str = "MF"
    file: FileRule | None = None
    pointer: int | None = None
    pin: bool = False
    keys: set[str] = field(default_factory=set)
    challenge: bytes = b""
    purse: purse.Begun | None = None


def rules_of(image: Image) -> dict[tuple[str, int], FileRule]:
    """(application, number) → file, under the choices that the card was made with."""
    return _rules(image.version, image.choices.reserved_size, image.choices.certificate_number_type)


@lru_cache(maxsize=32)
def _rules(version: str, reserved_size: int, certificate_number: str) -> dict[tuple[str, int], FileRule]:
    chosen = Choices(reserved_size=reserved_size, certificate_number_type=certificate_number)
    return {(one.application, one.id): one for one in files(version, chosen)}


class VirtualCard:
    """One card. `chance` gives random bytes: the seam for replays in tests. Subclasses are the suite's wrong cards."""

    social: ClassVar[dict[tuple[int, int], Callable[[VirtualCard, Command], bytes]]] = {
        (0x00, 0xA4): selecting.select, (0x00, 0xB2): records.read, (0x00, 0xB0): binary.read,
        (0x00, 0xDC): records.update, (0x04, 0xDC): records.update, (0x00, 0xD6): binary.update,
        (0x04, 0xD6): binary.update, (0x00, 0x20): pins.verify, (0x80, 0x5E): pins.change, (0x84, 0x24): pins.unblock,
        (0x00, 0x84): authentication.challenge, (0x00, 0x88): authentication.internal,
        (0x00, 0x82): authentication.external, (0x84, 0x1E): blocking.application, (0x84, 0x16): blocking.card,
        (0xB0, 0x28): purse.initialise, (0xB0, 0x2A): purse.credit, (0xB0, 0x2C): purse.debit,
        (0xB0, 0x26): purse.balance, (0xB0, 0x2E): purse.prove, (0xB0, 0x56): purse.start_day,
    }  # fmt: skip
    payment: ClassVar[dict[tuple[int, int], Callable[[VirtualCard, Command], bytes]]] = {
        (0x00, 0xA4): selecting.select, (0x00, 0xB2): payment.read, (0x80, 0xA8): payment.options,
        (0x80, 0xCA): payment.data, (0x00, 0x84): authentication.challenge,
    }  # fmt: skip
    pki: ClassVar[dict[tuple[int, int], Callable[[VirtualCard, Command], bytes]]] = {
        (0x00, 0xA4): selecting.select, (0x00, 0xB0): certificates.read, (0x00, 0x2A): certificates.sign,
        (0x00, 0x20): pins.verify, (0x00, 0x84): authentication.challenge,
    }  # fmt: skip

    def __init__(self, store: Store, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.store, self.chance = store, chance
        self.image = store.load()
        self.session = Session()
        self._check()

    def _check(self) -> None:
        """A card file whose contents cannot be a card is refused now, not at some later command."""
        if self.image.version not in ("1.0", "2.0", "3.0") or len(self.image.atr) < 4:
            raise ChipFault("chip.card_file", file=self.image.label)

    # -- power ------------------------------------------------------------------------------------------------------------
    def power_on(self) -> bytes:
        """Answer to reset. What was not saved is gone."""
        self.image = self.store.load()
        self.session = Session()
        return self.image.atr

    def reset(self) -> bytes:
        return self.power_on()

    def power_off(self) -> None:
        self.session = Session()

    # -- commands -----------------------------------------------------------------------------------------------------------
    def execute(self, command: Command) -> tuple[bytes, int]:
        """Data and status word of one command. Never raises: what is wrong is a status word."""
        try:
            return self._answer(command), status.DONE
        except Status as refused:
            return b"", refused.sw
        except OSError:
            self.image = self.store.load()  # could not be kept: nothing has happened
            return b"", 0x6581

    def _answer(self, command: Command) -> bytes:
        if self.image.blocked:
            raise Status(status.UNSUPPORTED)
        table = self._table()
        handler = table.get((command.cla, command.ins))
        if handler is None:
            known = any(cla == command.cla for cla, _ in table)
            raise Status(status.INSTRUCTION if known else status.CLASS)
        if command.ins != 0xA4 and self.is_blocked(self.session.application):
            raise Status(status.APPLICATION_BLOCKED)
        if command.cla != 0xB0:
            self.session.purse = None
        return handler(self, command)

    def _table(self) -> dict[tuple[int, int], Callable[[VirtualCard, Command], bytes]]:
        """The firewall (S4 5.1): in the payment application no command of the social side exists, and the other way."""
        if self.session.application in PAYMENT:
            return self.payment
        return self.pki if self.session.application in PKI else self.social

    # -- what commands ask ----------------------------------------------------------------------------------------------------
    @property
    def home(self) -> str:
        """The application whose files and keys are current; the MF may stand for SSSE (choice `ssse_in_mf`)."""
        if self.session.application == "MF":
            return "SSSE" if self.image.choices.ssse_in_mf else ""
        return self.session.application

    @property
    def cipher(self) -> CardCipher:
        try:
            return cipher(self.image.algorithm)
        except ChipFault:
            raise Status(status.UNSUPPORTED) from None

    def is_blocked(self, application: str) -> bool:
        return application in self.image.blocked_applications

    def file(self, number: int) -> FileRule:
        """The file of the current application. Raises 6A82."""
        found = rules_of(self.image).get((self.home, number))
        if found is None or (self.image.absent and found.place in self.image.absent):
            raise Status(status.FILE_MISSING)
        return found

    def contents(self, file: FileRule) -> Elementary:
        found = self.image.files.get(file.key)
        if found is None:
            found = self.image.files[file.key] = Elementary()
        return found

    def require(self, rule: Rule) -> None:
        """Raises 6982 unless the rule's conditions are reached."""
        if rule.text == "free":
            return
        reached = self.session.keys | {"PIN"} if self.session.pin else self.session.keys
        if not rule.holds(reached):
            raise Status(status.SECURITY)

    def may_read(self, file: FileRule) -> None:
        self.require(file.read)

    def may_write(self, file: FileRule) -> None:
        self.require(file.write)

    def key(self, application: str, name: str, version: int = 0) -> bytes:
        """A key's value; version 0 is the default one. Raises 6A88."""
        versions = self.image.secrets.keys.get(f"{application}/{name}", [])
        number = version or min(self.image.choices.version_default, len(versions))
        if not 1 <= number <= len(versions):
            raise Status(status.KEY_MISSING)
        return versions[number - 1]

    def key_rule(self, number: int) -> KeyRule:
        """The key with this id: of SSSE, or with bit 8 of the current application. Raises 6A88."""
        application = self.home if number & 0x80 else "SSSE"
        for rule in key_rules().values():
            if rule.application == application and rule.id == number:
                return rule
        raise Status(status.KEY_MISSING)

    def spend_challenge(self) -> bytes:
        """The last challenge, once. Raises 6984 when there is none."""
        found, self.session.challenge = self.session.challenge, b""
        if not found:
            raise Status(status.NO_CHALLENGE)
        return found

    def plain(self, command: Command, *, always: bool = False) -> bytes:
        """The data of a command, its MAC checked and taken off where it has one."""
        return messaging.checked(self, command) if always or command.cla & 0x04 else command.data

    def enter(self, application: str) -> None:
        """Another application: what was authenticated is dropped, the password stays proved."""
        same = application == self.session.application and self.image.choices.same_application_keeps_state
        if not same:
            self.session.keys = set()
        self.session.application = application
        self.session.file = self.session.pointer = self.session.purse = None

    def open(self, file: FileRule, pointer: int | None = None) -> None:
        self.session.file, self.session.pointer = file, pointer

    def keep(self) -> None:
        """What changed is safe when this returns."""
        self.store.save(self.image)
