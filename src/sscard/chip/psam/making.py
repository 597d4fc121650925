"""How a PSAM comes to the terminal's half of an area's own keys: the key service's loading commands, run into a blank one.

    00 84 00 00 08          GET CHALLENGE
    80 82 00 00 10          AUTHENTICATE TRANSPORT KEY, as with a blank card (`card.blank`)
    84 D4 usage id Lc       LOAD, as with a card; usage = dispersals << 5 (`keys.loads.terminal_commands`)
    80 F2 00 00 00          END: from now on it is a PSAM, for good

A PSAM's number has 16 digits, the area first; it is the factor of its transport key, so that what is loaded for one PSAM
opens in no other. Nothing of a blank is kept before END.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms

from sscard.chip.card import messaging, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.crypto.channel import Channel
from sscard.chip.crypto.ciphers import NAMES, cipher
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.files.table import KeyRule, key_rules
from sscard.chip.psam.card import Psam
from sscard.kernel.typed import ready
from sscard.keys import loads, recipes
from sscard.keys.errors import KeyFault
from sscard.keys.seal_file import seal_key
from sscard.keys.store import write_durably

LOAD, END = (0x84, 0xD4), (0x80, 0xF2)
TRIES: Final = 3
SEALED: Final = b"chip.psam|held"


class Package(msgspec.Struct, array_like=True, frozen=True):
    """What the key service gives for one PSAM. `label` tells whose keys these are."""

    number: str
    algorithm: int
    label: str
    transport: bytes
    commands: list[bytes]


class Held(msgspec.Struct, array_like=True):
    """What a finished PSAM holds: "psam id/version" → (dispersals left, key)."""

    number: str
    algorithm: int
    label: str
    keys: dict[str, tuple[int, bytes]]

    def __repr__(self) -> str:
        return f"Held({self.number!r}, {len(self.keys)} keys)"


def plan() -> tuple[tuple[str, str, int, int, int], ...]:
    """(application, name, PSAM id, version, dispersals) of every key that a terminal has."""
    return tuple(
        (rule.application, rule.name, rule.psam, version, rule.dispersals)
        for rule in key_rules().values()
        for version in range(1, rule.versions + 1)
    )


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """The keys of a finished PSAM, as `Psam` asks for them."""

    held: Held

    @property
    def label(self) -> str:
        return self.held.label

    def terminal_key(self, rule: KeyRule, version: int, area: str, algorithm: int) -> bytes:
        return self._of(rule, version)[1]

    def levels(self, rule: KeyRule) -> int:
        return self._of(rule, 1)[0]

    def card_key(self, rule: KeyRule, version: int, area: str, atr: bytes, algorithm: int) -> bytes:
        raise Status(status.CONDITIONS)

    def issuer_code(self, area: str, data: bytes, algorithm: int) -> bytes:
        raise Status(status.CONDITIONS)

    def _of(self, rule: KeyRule, version: int) -> tuple[int, bytes]:
        found = self.held.keys.get(f"{rule.psam:02X}/{version}")
        if found is None:
            raise Status(status.KEY_MISSING)
        return found


def psam(held: Held) -> Psam:
    """The PSAM, to be put into a reader."""
    name = next(word for word, number in NAMES.items() if number == held.algorithm)
    return Psam(LoadedKeys(held), held.number[:6], name)


class BlankPsam:
    """A PSAM as it is delivered, with its transport key inside. `finished` is what it holds after END."""

    def __init__(self, number: str, algorithm: int, label: str, own: bytes) -> None:
        self._how, self._own = cipher(algorithm), own
        self._channel = Channel(self._how, own)
        self._held = Held(number, algorithm, label, {})
        self._challenge, self._tries, self._trusted = b"", TRIES, False

    finished: Held | None = None

    def run(self, raw: bytes) -> tuple[bytes, int]:
        """One command: data and status word."""
        try:
            return self._answer(Command.parse(raw)), status.DONE
        except Status as refused:
            return b"", refused.sw
        except ChipFault:
            return b"", status.DATA

    def _answer(self, command: Command) -> bytes:
        what = (command.cla, command.ins)
        if self.finished is not None or self._channel.broken or not self._tries:
            raise Status(status.CONDITIONS)
        if what == (0x00, 0x84):
            self._challenge = secrets.token_bytes(8)
            return self._challenge
        if what == (0x80, 0x82):
            return self._authenticate(command)
        if not self._trusted:
            raise Status(status.SECURITY)
        if what == LOAD:
            return self._load(command)
        if what == END and self._held.keys:
            self.finished = self._held
            return b""
        raise Status(status.INSTRUCTION)

    def _authenticate(self, command: Command) -> bytes:
        command.need(16)
        challenge, self._challenge = self._challenge, b""
        if not challenge:
            raise Status(status.NO_CHALLENGE)
        self._tries -= 1
        session = self._how.session(self._own, challenge)
        if not hmac.compare_digest(self._how.authenticate(session, command.data[8:]), command.data[:8]):
            raise status.tries(self._tries)
        self._tries, self._trusted = TRIES, True
        return b""

    def _load(self, command: Command) -> bytes:
        if len(command.data) < 5 + loads.MAC_BYTES:
            raise Status(status.LENGTH)
        if not self._channel.fits(messaging.covered(command), command.data[-loads.MAC_BYTES :]):
            raise Status(status.MAC_WRONG)
        version, algorithm, kcv, secret = command.data[0], command.data[1], command.data[2:5], command.data[5:-4]
        how = self._how
        if algorithm != how.id or len(secret) % how.block:
            raise Status(status.DATA)
        value = self._channel.opened(secret)
        if len(value) not in (8, 16) or how.blocks(value, bytes(how.block))[: loads.KCV_BYTES] != kcv:
            raise Status(status.DATA)
        self._held.keys[f"{command.p2:02X}/{version}"] = (command.p1 >> 5, value)
        return b""


def make(package: Package, unwrap: Callable[[bytes], bytes]) -> Held:
    """Load a blank PSAM. `unwrap` is that of the machine the package is wrapped for. Raises keys.wrap_broken,
    chip.transport_key, StatusRefused where the PSAM refuses a command."""
    transport = unwrap(package.transport)
    if len(transport) != loads.TRANSPORT_BYTES:
        raise ChipFault("chip.transport_key")
    how = cipher(package.algorithm)
    own = loads.card_transport(how, transport, bytes.fromhex(package.number))
    blank = BlankPsam(package.number, package.algorithm, package.label, own)
    original = secrets.token_bytes(8)
    session = how.session(own, _run(blank, bytes.fromhex("0084000008")))
    _run(blank, bytes.fromhex("8082000010") + how.authenticate(session, original) + original)
    for command in (*package.commands, bytes((*END, 0, 0, 0))):
        _run(blank, command)
    assert blank.finished is not None
    return blank.finished


def read(file: Path) -> Package:
    """The package in a file. Raises chip.psam_package for any other file."""
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=ready(Package))
    except (OSError, msgspec.MsgspecError):
        raise ChipFault("chip.psam_package", file=file.name) from None


def keep(held: Held, file: Path) -> None:
    """A finished PSAM in a file, sealed under `psam.seal` beside it: the file alone tells no key."""
    write_durably(file, recipes.seal(_seal(file), 1, SEALED, msgspec.msgpack.encode(held)))


def kept(file: Path) -> Held:
    """Raises chip.psam_package for any other file, and for one without its seal."""
    try:
        return msgspec.msgpack.decode(recipes.unseal(_seal(file), SEALED, file.read_bytes()), type=ready(Held))
    except (OSError, msgspec.MsgspecError, KeyFault):
        raise ChipFault("chip.psam_package", file=file.name) from None


def _seal(file: Path) -> algorithms.SM4:
    return algorithms.SM4(seal_key(file.with_name("psam.seal"), 16)[:16])


def _run(blank: BlankPsam, command: bytes) -> bytes:
    data, sw = blank.run(command)
    if sw != status.DONE:
        raise StatusRefused("PSAM " + command[:4].hex(" ").upper(), sw)
    return data
