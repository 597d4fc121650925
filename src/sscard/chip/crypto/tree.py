"""Keys from the root to a card: ministry → province → city → card.

`KeySource` is what personalisation and the PSAM ask. `TestKeys` derives every root from a public label, so that
anybody can make cards and terminals that understand each other; such cards are labelled as test cards. For areas in
earnest the key service answers in its place, with commands and never with keys (`personal.service_loading`, `proof`,
`psam.making`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from sscard.chip.choices import DEFAULT, Choices
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import DES, CardCipher, cipher
from sscard.chip.files.table import KeyRule, key_rules

LABEL: Final = "sscard TEST KEYS 测试密钥"


class KeySource(Protocol):
    """`label` tells in every report whose keys these are."""

    label: str

    def card_key(self, rule: KeyRule, version: int, area: str, atr: bytes, algorithm: int) -> bytes: ...
    def terminal_key(self, rule: KeyRule, version: int, area: str, algorithm: int) -> bytes: ...
    def levels(self, rule: KeyRule) -> int: ...
    def issuer_code(self, area: str, data: bytes, algorithm: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TestKeys:
    """Roots from a label: anybody can compute them, so they protect nothing. `seed` makes other test worlds."""

    seed: str = ""
    choices: Choices = DEFAULT
    __test__ = False

    @property
    def label(self) -> str:
        return LABEL + (f" {self.seed}" if self.seed else "")

    def card_key(self, rule: KeyRule, version: int, area: str, atr: bytes, algorithm: int) -> bytes:
        """The card's own key: three dispersals below the root."""
        way = factors.all_three(area, atr, self.choices.factor3)
        return dispersed(cipher(algorithm), self._root(rule, version, algorithm), way)

    def terminal_key(self, rule: KeyRule, version: int, area: str, algorithm: int) -> bytes:
        """What the PSAM of a city holds: the root's key, or the city's for those that stay at home."""
        root = self._root(rule, version, algorithm)
        if rule.dispersals == 3:
            return root
        return dispersed(cipher(algorithm), root, (factors.province(area), factors.city(area)))

    def levels(self, rule: KeyRule) -> int:
        """How often the terminal's key is still to be dispersed."""
        return rule.dispersals

    def issuer_code(self, area: str, data: bytes, algorithm: int) -> bytes:
        """The authentication code of a card identification code (choice `identification_code`)."""
        how = cipher(algorithm)
        root = _digest(f"{self.label}|issuer|{algorithm}")[:16]
        key = how.diversify(how.diversify(root, factors.province(area)), factors.city(area))
        return how.mac(how.session(key, data[-8:]), data)

    def _root(self, rule: KeyRule, version: int, algorithm: int) -> bytes:
        size = 8 if rule.short_des and algorithm == DES else 16
        return _digest(f"{self.label}|{algorithm}|{rule.application}|{rule.name}|{version}")[:size]


@lru_cache(maxsize=4096)
def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def dispersed(how: CardCipher, key: bytes, way: tuple[bytes, ...]) -> bytes:
    for factor in way:
        key = how.diversify(key, factor)
    return key


def card_keys(
    source: KeySource, version: str, area: str, atr: bytes, algorithm: int
) -> Iterator[tuple[KeyRule, list[bytes]]]:
    """Every key of a card of this version, with all its versions."""
    from sscard.chip.files.table import applications_of

    there = {one.name for one in applications_of(version)}
    for rule in key_rules().values():
        if rule.application in there:
            yield rule, [source.card_key(rule, n, area, atr, algorithm) for n in range(1, rule.versions + 1)]
