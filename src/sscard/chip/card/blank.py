"""A blank card: the same engine before it is anybody's card, with the commands by which it is personalised.

The standard leaves file creation and key loading to the maker of the COS (S10 5): these commands are ours, class 80
without and 84 with MAC, and nothing here claims conformance.

    00 84 00 00 08          GET CHALLENGE
    80 82 00 00 10          AUTHENTICATE TRANSPORT KEY: authentication(8) original(8); nothing else goes before it
    80 F0 00 00 Lc          ACTIVATE: version (an 4), tries of the password, tries of keys, historical bytes (13)
    80 F0 01 00 Lc          OPTIONS: UTF-8 lines, the label of the keys, then choices name=value
    80 E0 38 00 Lc name     CREATE APPLICATION, which is then the current one
    80 E0 02 id 04          CREATE FILE in it: kind, number of records, size(2); its items are there and empty
    84 D4 usage id Lc       LOAD: a key, a master key, the password, or the next challenge (`sscard.keys.loads`)
    00 82, 00 A4, 00 DC, 00 D6   as on any card: proofs under the loaded keys, and the personal data
    80 E2 00 00 Lc          STORE ACCOUNT: what the payment application holds
    80 46 00 00 40          GENERATE KEY PAIR, answers the public key; 80 DA P1P2 Lc STORE CERTIFICATE at that offset
    80 F2 00 00 00          END: the card is a card from now on, for good; answers its audit record

Until END nothing is kept: a card that lost power begins anew. A wrong MAC, a command left out, repeated or out of its
order ends the loading (6988), since the MACs are a chain; a transport key that was missed three times is locked.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from cryptography.hazmat.primitives import hashes

from sscard.chip.card import authentication, binary, messaging, records, selecting, status
from sscard.chip.card.apdu import Command
from sscard.chip.card.audit import Audit
from sscard.chip.card.creating import fresh, shape
from sscard.chip.card.engine import VirtualCard, rules_of
from sscard.chip.card.image import Elementary, Image, Payment
from sscard.chip.card.pins import well_formed
from sscard.chip.card.status import Status
from sscard.chip.choices import Choices
from sscard.chip.codec import tlv
from sscard.chip.crypto.channel import Channel
from sscard.chip.crypto.ciphers import cipher
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import VERSIONS, applications, files, key_rules
from sscard.keys import loads
from sscard.keys.loads import Usage

if TYPE_CHECKING:
    from sscard.chip.card.engine import VirtualCard as Card

HISTORY: Final = 13
TRIES: Final = 3
PAN, EXPIRES, HOLDER = 0x5A, 0x24, 0x20
ACTIVATE, CREATE, LOAD, ACCOUNT, PAIR, CERTIFICATE, END = 0xF0, 0xE0, 0xD4, 0xE2, 0x46, 0xDA, 0xF2
LIVE: Final = frozenset({(0x00, 0x84), (0x80, 0x82), (0x80, PAIR), (0x80, CERTIFICATE)})
"""What the machine says by itself; everything else is the script, over which the audit record goes."""


@dataclass(slots=True)
class _Work:
    """How far the personalisation has come."""

    trusted: bool = False
    tries: int = TRIES
    made: dict[str, list[int]] = field(default_factory=dict)


class _OnTheBench:
    """Nothing is kept before END."""

    def __init__(self, image: Image) -> None:
        self.image = image

    def load(self) -> Image:
        return self.image

    def save(self, image: Image) -> None:
        pass


class BlankCard(VirtualCard):
    """A card as the chip maker delivers it, with its transport key inside. `finished` is the card after END."""

    social: ClassVar[dict[tuple[int, int], Callable[[Card, Command], bytes]]] = {
        (0x00, 0x84): authentication.challenge, (0x00, 0x82): authentication.external,
        (0x00, 0xA4): selecting.select, (0x00, 0xDC): records.update, (0x00, 0xD6): binary.update,
    }  # fmt: skip

    def __init__(self, algorithm: int, transport: bytes, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """`transport`: this card's own transport key."""
        image = Image("3.0", algorithm, bytes.fromhex("3B600000"), "", "blank", absent=list(_everything()))
        super().__init__(_OnTheBench(image), chance)
        self.work, self.finished = _Work(), None
        self._transport = transport
        self._channel = Channel(cipher(algorithm), transport)
        self._hash = hashes.Hash(hashes.SM3())
        self._own: dict[tuple[int, int], Callable[[Command], bytes]] = {
            (0x80, 0x82): self._authenticate, (0x80, ACTIVATE): self._activate, (0x80, CREATE): self._create,
            (0x84, LOAD): self._load, (0x80, ACCOUNT): self._account, (0x80, PAIR): self._pair,
            (0x80, CERTIFICATE): self._certificate, (0x80, END): self._end,
        }  # fmt: skip

    finished: Image | None

    def run(self, raw: bytes) -> tuple[bytes, int]:
        """One command: data and status word."""
        try:
            return self._run(raw)
        except Status as refused:
            return b"", refused.sw
        except ChipFault:
            return b"", status.DATA

    def _run(self, raw: bytes) -> tuple[bytes, int]:
        command = Command.parse(raw)
        what = (command.cla, command.ins)
        if self.finished is not None or self._channel.broken or not self.work.tries:
            raise Status(status.CONDITIONS)
        if not self.work.trusted and what not in ((0x00, 0x84), (0x80, 0x82)):
            raise Status(status.SECURITY)
        if what not in LIVE:
            self._hash.update(raw)
        if own := self._own.get(what):
            return own(command), status.DONE
        data, sw = self.execute(command)
        if sw == status.DONE and command.ins in (0xDC, 0xD6):
            self._count(2)
        return data, sw

    def _authenticate(self, command: Command) -> bytes:
        command.at(0x00, 0x00)
        command.need(16)
        session = self.cipher.session(self._transport, self.spend_challenge())
        self.work.tries -= 1
        if not hmac.compare_digest(self.cipher.authenticate(session, command.data[8:]), command.data[:8]):
            raise status.tries(self.work.tries)
        self.work.tries, self.work.trusted = TRIES, True
        return b""

    def _activate(self, command: Command) -> bytes:
        if command.p1 == 0x01:
            return self._options(command)
        command.at(0x00, 0x00)
        command.need(6 + HISTORY)
        version = command.data[:3].decode("ascii", "replace")
        if version not in VERSIONS or self.image.label != "blank":
            raise Status(status.DATA)
        self.image.version, self.image.label = version, ""
        self.image.pin_tries, key_tries = command.data[4], command.data[5]
        self.image.choices = Choices(pin_tries=self.image.pin_tries, key_tries=key_tries)
        self.image.atr = bytes.fromhex("3B6D0000") + command.data[6:]
        return b""

    def _options(self, command: Command) -> bytes:
        label, *rows = command.data.decode("utf-8", "replace").split("\n")
        self.image.label = label
        given = dict(row.split("=", 1) for row in rows if "=" in row)
        tries = {"pin_tries": str(self.image.pin_tries), "key_tries": str(self.image.choices.key_tries)}
        self.image.choices = Choices.of(given | tries)
        return b""

    def _create(self, command: Command) -> bytes:
        if command.p1 == 0x38:
            found = next((one for one in applications() if one.df_name == command.data), None)
            if found is None or self.image.version not in found.versions or found.name not in self.image.absent:
                raise Status(status.DATA)
            self.image.absent.remove(found.name)
            self.work.made[found.name] = [0, 0, 0]
            self.enter(found.name)
            return b""
        command.need(4)
        rule = rules_of(self.image).get((self.home, command.p2))
        if command.p1 != 0x02 or rule is None or rule.place not in self.image.absent or command.data != shape(rule):
            raise Status(status.DATA)
        self._count(0)
        self.image.absent.remove(rule.place)
        self.image.files[rule.key] = fresh(rule)
        return b""

    def _load(self, command: Command) -> bytes:
        """The MAC goes on from the command before; what it guards is believed only after it."""
        if len(command.data) < 5 + loads.MAC_BYTES:
            raise Status(status.LENGTH)
        how = self.cipher
        if not self._channel.fits(messaging.covered(command), command.data[-loads.MAC_BYTES :]):
            raise Status(status.MAC_WRONG)
        version, algorithm, kcv, secret = command.data[0], command.data[1], command.data[2:5], command.data[5:-4]
        if algorithm != how.id or len(secret) % how.block:
            raise Status(status.DATA)
        value = self._channel.opened(secret)
        if command.p1 in (Usage.KEY, Usage.MASTER):
            if len(value) not in (8, 16) or how.blocks(value, bytes(how.block))[: loads.KCV_BYTES] != kcv:
                raise Status(status.DATA)
            self._keep_key(command, version, value)
        elif command.p1 == Usage.PIN:
            well_formed(value)
            self.image.secrets.pin = value
        elif command.p1 == Usage.CHALLENGE and len(value) == 8:
            self.session.challenge = value
        else:
            raise Status(status.DATA)
        return b""

    def _keep_key(self, command: Command, version: int, value: bytes) -> None:
        if command.p1 == Usage.MASTER:
            name = f"{self.home if self.session.application != 'MF' else 'MF'}/MK"
        else:
            rule = _key_ids().get((self.home, command.p2))
            if rule is None:
                raise Status(status.KEY_MISSING)
            name = f"{self.home}/{rule}"
            self._count(1)
        versions = self.image.secrets.keys.setdefault(name, [])
        if version != len(versions) + 1:
            raise Status(status.KEY_INDEX)
        versions.append(value)

    def _account(self, command: Command) -> bytes:
        told = dict(tlv.split(command.data))
        if not {PAN, EXPIRES} <= told.keys():
            raise Status(status.DATA)
        self.image.payment = Payment(
            told[PAN].hex().rstrip("f"), told[EXPIRES].hex(), told.get(HOLDER, b"").decode("ascii", "replace")
        )
        return b""

    def _pair(self, command: Command) -> bytes:
        """The private key never leaves the card."""
        import gmssl_pyx

        command.at(0x00, 0x00)
        self.image.sign_public, self.image.secrets.signing = gmssl_pyx.sm2_key_generate()
        return self.image.sign_public

    def _certificate(self, command: Command) -> bytes:
        if len(self.image.certificate) != command.p1 << 8 | command.p2:
            raise Status(status.OFFSET)
        self.image.certificate += command.data
        return b""

    def _end(self, command: Command) -> bytes:
        """A card without its own number, its keys or its master key is no card."""
        command.at(0x00, 0x00)
        rows = self.image.files.get("SSSE/05", Elementary()).records
        if not rows or rows[0][2:5] == b"\xff\xff\xff" or "MF/MK" not in self.image.secrets.keys:
            raise Status(status.CONDITIONS)
        self.image.area = rows[0][2:5].hex()
        of_version = {rule.place for rule in rules_of(self.image).values()} | {
            one.name for one in applications() if self.image.version in one.versions
        }
        self.image.absent = [place for place in self.image.absent if place in of_version]
        audit = Audit(
            {name: (made[0], made[1], made[2]) for name, made in self.work.made.items()}, self._hash.finalize()
        ).raw()
        self.image.audit = audit
        self.finished = self.image
        return audit

    def _count(self, column: int) -> None:
        """Files, keys or records of the current application. Raises 6985 where none was created."""
        if self.home not in self.work.made:
            raise Status(status.CONDITIONS)
        made = self.work.made[self.home]
        made[column] = min(made[column] + 1, 255)


@cache
def _key_ids() -> dict[tuple[str, int], str]:
    return {(rule.application, rule.id): rule.name for rule in key_rules().values()}


@cache
def _everything() -> tuple[str, ...]:
    """All that a card may have: what is not created is absent."""
    places = {one.place for version in VERSIONS for one in files(version)}
    return (*(one.name for one in applications()), *sorted(places))
