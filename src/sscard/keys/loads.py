"""Key-loading commands: how a card's keys travel from the key service into a blank card, never in clear.

    KT          transport key of one load: 16 random bytes, wrapped (SM2) for the producer's HSM and for nobody else
    card's KT   D(KT, f3), f3 the last factor of the card (8 bytes of its ATR); the HSM puts it into the blank card
    KE, KM      D(card's KT, "SSCARDKE"), D(card's KT, "SSCARDKM"): enciphering, MAC; both 16 bytes
    command     84 D4 usage id Lc  version algorithm KCV(3) ciphertext MAC(4), in the order of the plan
    ciphertext  ECB under KE of length ‖ value, padded with 80 00 … where it does not fill its blocks
    MAC         CBC under KM over header ‖ Lc ‖ data, padded with 80 00 …, 4 bytes as the card's own MAC; the chain goes
    on: the first command starts from zero, each next one from the last cipher block of the one before
    KCV         first 3 bytes of an enciphered zero block; 000000 where the value is no key
    proof       00 82 00 id 11  authentication(8) original(8) version: EXTERNAL AUTHENTICATE for a preset challenge

So a command that is left out, repeated, moved to another card or put in another order is refused by the card. The
layout follows CREATE KEY of the PSAM (84 D4); it is ours, as the standard leaves personalisation to the maker of the
COS. Pure functions of keys and data: the key service and the test keys of sandbox areas share them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

TRANSPORT_BYTES: Final = 16
MAC_BYTES: Final = 4
KCV_BYTES: Final = 3
NO_KCV: Final = bytes(KCV_BYTES)
_KE, _KM = b"SSCARDKE", b"SSCARDKM"
_FIELDS: Final = 5  # version, algorithm, KCV


class Usage(IntEnum):
    """P1 of a loading command: what becomes of its value."""

    KEY = 0x01
    """A diversified key of the card."""
    MASTER = 0x02
    """The final master key of an application or of the card, in the place of the temporary one."""
    PIN = 0x03
    """The initial social password, packed digits."""
    CHALLENGE = 0x04
    """What the card's next challenge is; comes with the proof for it. Only while a card is personalised."""


class Cipher(Protocol):
    """The card's cipher, 3DES or SM4 (`chip.crypto.ciphers`)."""

    block: int
    id: int

    def diversify(self, key: bytes, factor: bytes) -> bytes: ...
    def diversify_many(self, key: bytes, ways: Sequence[bytes]) -> list[bytes]: ...
    def session(self, key: bytes, r: bytes) -> bytes: ...
    def authenticate(self, session: bytes, original: bytes) -> bytes: ...
    def framed(self, clear: bytes) -> bytes: ...
    def blocks(self, session: bytes, data: bytes) -> bytes: ...
    def chained(self, key: bytes, start: bytes, pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One line of a plan, the same for all cards of a call: key `name` of `application`, its `id` on the card, one of
    its versions. A CHALLENGE names the key that is to be proved; a PIN has no name."""

    usage: Usage
    application: str
    name: str
    id: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank card that waits for its keys: its identification code (32 hex, the area stands first), its last factor
    (8 bytes), its initial password (packed digits, empty for none)."""

    card_id_code: str
    factor: bytes
    pin: bytes = field(default=b"", repr=False)

    @property
    def area(self) -> str:
        return self.card_id_code[:6]


@dataclass(frozen=True, slots=True)
class Loads:
    """For one card: a command for each slot of the plan, and a proof for each CHALLENGE, both in the plan's order."""

    commands: list[bytes]
    proofs: list[bytes]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The answer of a key service. `transport` is KT, wrapped for the receiver; `label` tells whose keys these are."""

    transport: bytes
    cards: list[Loads]
    label: str
    key_set: str = "test"
    """The set that they are of, as the key service names it."""


@dataclass(frozen=True, slots=True)
class LoadCommand:
    """A loading command taken apart."""

    usage: int
    id: int
    version: int
    algorithm: int
    kcv: bytes
    secret: bytes
    mac: bytes
    covered: bytes
    """What the MAC goes over."""

    @classmethod
    def parse(cls, raw: bytes) -> LoadCommand:
        """Raises ValueError for bytes that are none."""
        if raw[:2] != b"\x84\xd4" or len(raw) < 5 + _FIELDS + MAC_BYTES or raw[4] != len(raw) - 5:
            raise ValueError("no loading command")
        body, mac = raw[5:-MAC_BYTES], raw[-MAC_BYTES:]
        return cls(raw[2], raw[3], body[0], body[1], body[2:5], body[_FIELDS:], mac, raw[:-MAC_BYTES])


def fresh_transport() -> bytes:
    return secrets.token_bytes(TRANSPORT_BYTES)


def card_transport(how: Cipher, transport: bytes, factor: bytes) -> bytes:
    """A card's own transport key."""
    return how.diversify(transport, factor)


def channel(how: Cipher, own: bytes) -> tuple[bytes, bytes]:
    """(KE, KM) of a card's transport key: the temporary master keys of its personalisation."""
    return how.diversify(own, _KE), how.diversify(own, _KM)


def commands(
    how: Cipher, transport: bytes, plan: Sequence[Slot], city_keys: Sequence[bytes], blanks: Sequence[Blank]
) -> list[Loads]:
    """The loads of many cards of one area. `city_keys`: for each slot the key at the city's level (root dispersed by
    province and city), of which the card's key is one dispersal away; b"" for PIN."""
    ways = [blank.factor for blank in blanks]
    columns = [how.diversify_many(key, ways) if key else [] for key in city_keys]
    return [_of_card(how, transport, plan, columns, at, blank) for at, blank in enumerate(blanks)]


def _of_card(
    how: Cipher, transport: bytes, plan: Sequence[Slot], columns: Sequence[list[bytes]], at: int, blank: Blank
) -> Loads:
    ke, km = channel(how, card_transport(how, transport, blank.factor))
    heads, frames, proofs = [], [], []
    zero = bytes(how.block)
    for slot, column in zip(plan, columns, strict=True):
        kcv = NO_KCV
        if slot.usage == Usage.PIN:
            value = blank.pin
        elif slot.usage == Usage.CHALLENGE:
            value = secrets.token_bytes(8)
            proofs.append(_proof(how, column[at], value, slot))
        else:
            value = column[at]
            kcv = how.blocks(value, zero)[:KCV_BYTES]
        frame = how.framed(value)
        frames.append(frame)
        size = _FIELDS + len(frame) + MAC_BYTES
        heads.append(bytes((0x84, 0xD4, slot.usage, slot.id, size, slot.version, how.id)) + kcv)
    return Loads(_closed(how, ke, km, heads, frames), proofs)


@dataclass(frozen=True, slots=True)
class TerminalKey:
    """A key as a PSAM holds it: how often it can still be dispersed, its id there, its version."""

    levels: int
    id: int
    version: int
    value: bytes = field(repr=False)


def terminal_commands(how: Cipher, own: bytes, keys: Sequence[TerminalKey]) -> list[bytes]:
    """Loading commands of a PSAM whose own transport key is `own`: as a card's, with levels << 5 in the place of the
    usage (card.md §7.2)."""
    ke, km = channel(how, own)
    heads, frames = [], []
    for one in keys:
        frame = how.framed(one.value)
        size = _FIELDS + len(frame) + MAC_BYTES
        head = bytes((0x84, 0xD4, one.levels << 5, one.id, size, one.version, how.id))
        heads.append(head + how.blocks(one.value, bytes(how.block))[:KCV_BYTES])
        frames.append(frame)
    return _closed(how, ke, km, heads, frames)


def _closed(how: Cipher, ke: bytes, km: bytes, heads: Sequence[bytes], frames: Sequence[bytes]) -> list[bytes]:
    """Commands: the frames enciphered in one go, each behind its head, and the chain of MACs over them."""
    secret, place, covered = how.blocks(ke, b"".join(frames)), 0, []
    for head, frame in zip(heads, frames, strict=True):
        covered.append(head + secret[place : place + len(frame)])
        place += len(frame)
    macs, _ = how.chained(km, b"", covered)
    return [one + mac for one, mac in zip(covered, macs, strict=True)]


def _proof(how: Cipher, key: bytes, r: bytes, slot: Slot) -> bytes:
    original = secrets.token_bytes(8)
    answer = how.authenticate(how.session(key, r), original)
    return bytes((0x00, 0x82, 0x00, slot.id, 0x11)) + answer + original + bytes((slot.version,))
