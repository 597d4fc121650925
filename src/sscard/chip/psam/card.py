"""A software PSAM (S9, card.md §7): keys of the root or the city, dispersed to one card on demand, never told.

    00 A4 04 00 D15600000590          select
    00 84 00 00 08                    GET CHALLENGE (of the PSAM itself)
    BF EC 00 vv 01 pp                 environment: province of the card (first byte of its identification code); P2 =
    key version BF DE usage id Lc f3 ‖ f2 ‖ f1 ‖ r   session key for one card; usage = dispersals << 5 | type (7
    encrypt, 6 MAC, 8 both) 80 FA 00 00 Lc data               encrypt under the session key (whole blocks)
    80 FA 05 00 Lc iv ‖ data          MAC: the first block is the IV (00s for a user card)

The factors come most specific first, only as many as the key's remaining levels. A key that was loaded further down the
tree than terminals expect (a city's own) takes the usage and factors that they send all the same, and answers for its
own city's cards only: the factors above must be its city's. A session key serves until the next BF DE, for the type of
its usage only. P2 of BF EC, the version, is our choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.status import Status
from sscard.chip.crypto import factors as all_factors
from sscard.chip.crypto.ciphers import NAMES, cipher
from sscard.chip.crypto.tree import KeySource, dispersed
from sscard.chip.files.table import KeyRule, key_rules

AID: Final = bytes.fromhex("D15600000590")
ATR: Final = bytes.fromhex("3B6D0000") + b"\x00\x90SSCARDPSAM\x01"
ENCRYPT, MAC, BOTH = 7, 6, 8
FACTOR: Final = 8


@dataclass(slots=True)
class _Opened:
    """One session key and what it may do."""

    key: bytes = field(repr=False)
    type: int


class Psam:
    """A PSAM of one city for cards of one algorithm. It keeps no state over power-off."""

    def __init__(self, source: KeySource, area: str, algorithm: str = "3des") -> None:
        self.source, self.area, self.algorithm = source, area, NAMES[algorithm]
        self._by_id = {rule.psam: rule for rule in key_rules().values()}
        self._selected, self._version, self._opened = False, 1, None

    _opened: _Opened | None

    def power_on(self) -> bytes:
        self._selected, self._version, self._opened = False, 1, None
        return ATR

    def power_off(self) -> None:
        self.power_on()

    def transmit(self, raw: bytes) -> bytes:
        try:
            return self._answer(Command.parse(raw)) + status.DONE.to_bytes(2, "big")
        except Status as refused:
            return refused.sw.to_bytes(2, "big")

    def _answer(self, command: Command) -> bytes:
        if (command.cla, command.ins) == (0x00, 0xA4):
            if command.p1 != 0x04 or command.data != AID:
                raise Status(status.FILE_MISSING)
            self._selected = True
            return b""
        if not self._selected:
            raise Status(status.CONDITIONS)
        match (command.cla, command.ins):
            case (0x00, 0x84):
                import secrets

                return secrets.token_bytes(command.le or 8)
            case (0xBF, 0xEC):
                return self._environment(command)
            case (0xBF, 0xDE):
                return self._open(command)
            case (0x80, 0xFA):
                return self._use(command)
        raise Status(status.INSTRUCTION)

    def _environment(self, command: Command) -> bytes:
        command.need(1)
        self._version, self._opened = command.p2 or 1, None
        return b""

    def _open(self, command: Command) -> bytes:
        how, rule = cipher(self.algorithm), self._by_id.get(command.p2)
        wide = 8 if how.block == 8 else 16
        if rule is None or self._version > rule.versions:
            raise Status(status.KEY_MISSING)
        levels, kind = command.p1 >> 5, command.p1 & 0x1F
        if levels != rule.dispersals or kind not in (ENCRYPT, MAC, BOTH):
            raise Status(status.CONDITIONS)
        command.need(levels * FACTOR + wide)
        factors = [command.data[at : at + FACTOR] for at in range(0, levels * FACTOR, FACTOR)]
        key = self._card_key(rule, tuple(reversed(factors)))
        self._opened = _Opened(how.session(key, command.data[levels * FACTOR :]), kind)
        return b""

    def _card_key(self, rule: KeyRule, way: tuple[bytes, ...]) -> bytes:
        own = self.source.terminal_key(rule, self._version, self.area, self.algorithm)
        above = len(way) - self.source.levels(rule)
        if above > 0 and way[:above] != (all_factors.province(self.area), all_factors.city(self.area))[:above]:
            raise Status(status.KEY_MISSING)  # another city's card
        return dispersed(cipher(self.algorithm), own, way[max(above, 0) :])

    def _use(self, command: Command) -> bytes:
        how, opened = cipher(self.algorithm), self._opened
        if opened is None:
            raise Status(status.CONDITIONS)
        if command.p1 == 0x00 and opened.type in (ENCRYPT, BOTH):
            if not command.data or len(command.data) % how.block:
                raise Status(status.LENGTH)
            return how.blocks(opened.key, command.data)
        if command.p1 == 0x05 and opened.type in (MAC, BOTH):
            if len(command.data) < how.block or any(command.data[: how.block]):
                raise Status(status.DATA)  # user cards take zero vectors only
            return how.mac(opened.key, command.data[how.block :])
        raise Status(status.CONDITIONS)
