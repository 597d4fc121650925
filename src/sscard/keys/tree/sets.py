"""Key sets: which one answers for an area, and the keys in it.

`ref` names a key as the card knows it, `application/name/version`: "DF03/RK1/2"; ISSUER is the key of the
authentication code in card identification codes. On a DES card some keys have 8 bytes (`short`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import msgspec

from sscard.keys import recipes
from sscard.keys.catalogue import Algorithm, Purpose, State
from sscard.keys.errors import KeyFault
from sscard.keys.ring import Key, KeyRing
from sscard.keys.tree import factors
from sscard.keys.tree.ciphers import CIPHERS, DES, NAMES, KeyCipher

TEST: Final = "test"
TEST_LABEL: Final = "sscard TEST KEYS 测试密钥"
ISSUER: Final = "issuer"
SECRET_BYTES: Final = 32
FACTOR: Final = 8
"""Bytes of a dispersal factor."""
_LEVEL: Final = re.compile(r"ministry|province:[0-9]{2}|city:[0-9]{6}")
_SET: Final = re.compile(r"(ministry|province:[0-9]{2}|city:[0-9]{6})#([1-9][0-9]{0,2})")
_REF: Final = re.compile(r"[0-9A-Z]{2,8}/[0-9A-Za-z]{1,12}/[1-9]|issuer")
_held = msgspec.msgpack.Decoder(dict[str, bytes])


@dataclass(frozen=True)
class KeySet:
    """One level, one algorithm, one generation. `held`: the keys themselves, or empty where they come from `secret`."""

    level: str
    generation: int
    algorithm: int
    secret: bytes = field(default=b"", repr=False)
    held: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return f"{self.level}#{self.generation}" if self.generation else self.level

    @property
    def label(self) -> str:
        """What a report says of whose keys these are."""
        return TEST_LABEL if self.level == TEST else f"sscard {self.name}"

    def key(self, ref: str, *, short: bool = False) -> bytes:
        """The set's own key. 8 bytes where `short` and DES."""
        if not _REF.fullmatch(ref):
            raise KeyFault("keys.tree_ref")
        size = 8 if short and self.algorithm == DES else 16
        if self.level == TEST:
            return _test_root(self.algorithm, ref)[:size]
        if self.secret:
            return _root(self.secret, self.algorithm, ref)[:size]
        if ref not in self.held:
            raise KeyFault("keys.tree_lacks", set=self.name, key=ref)
        return self.held[ref][:size]

    def city_key(self, area: str, ref: str, *, short: bool = False) -> bytes:
        """The key dispersed down to the city of `area`."""
        return down(cipher(self.algorithm), self.key(ref, short=short), self.level, area)

    def terminal_key(self, area: str, ref: str, levels: int, *, short: bool = False) -> tuple[int, bytes]:
        """What a PSAM of the city holds of a key that terminals disperse `levels` times, and how often it can still be
        dispersed: the set's own key, or the city's where the set stands above what terminals get."""
        here = 1 if self.level.startswith("city") else 2 if self.level.startswith("province") else 3
        if levels >= here:
            return here, self.key(ref, short=short)
        if levels == 1:
            return 1, self.city_key(area, ref, short=short)
        return 2, cipher(self.algorithm).diversify(self.key(ref, short=short), factors.province(area))


def down(how: KeyCipher, key: bytes, level: str, area: str) -> bytes:
    """What is left of the way from a level to the city."""
    if level.startswith("city"):
        return key
    if not level.startswith("province"):
        key = how.diversify(key, factors.province(area))
    return how.diversify(key, factors.city(area))


def cipher(algorithm: int) -> KeyCipher:
    if algorithm not in CIPHERS:
        raise KeyFault("keys.tree_algorithm")
    return CIPHERS[algorithm]


def ring_name(level: str, algorithm: int) -> str:
    """Under which name the ring keeps a level's sets; the generation is the version."""
    if not _LEVEL.fullmatch(level):
        raise KeyFault("keys.tree_level")
    cipher(algorithm)
    words = {number: word for word, number in NAMES.items()}
    return f"{Purpose.TREE}.{level}.{words[algorithm]}"


def find(ring: KeyRing, area: str, algorithm: int, name: str, *, test: bool) -> KeySet:
    """The set for an area: by name, or the active one nearest to the city. `test`: test keys are allowed where nothing
    else is held. Raises keys.tree_none, keys.tree_retired, keys.tree_foreign."""
    cipher(algorithm)
    if not re.fullmatch(r"[0-9]{6}", area):
        raise KeyFault("keys.tree_level")
    levels = (f"city:{area}", f"province:{area[:2]}", "ministry")
    if name and name != TEST:
        return _named(ring, algorithm, name, levels)
    if not name:
        for level in levels:
            for key in ring.held(ring_name(level, algorithm)):
                if key.record.state is State.ACTIVE:
                    return opened(key, level, algorithm)
    if not test:
        raise KeyFault("keys.tree_none", area=area)
    return KeySet(TEST, 0, algorithm)


def _named(ring: KeyRing, algorithm: int, name: str, levels: tuple[str, ...]) -> KeySet:
    split = _SET.fullmatch(name)
    if split is None:
        raise KeyFault("keys.tree_level")
    level, generation = split[1], int(split[2])
    if level not in levels:
        raise KeyFault("keys.tree_foreign", set=name)
    for key in ring.held(ring_name(level, algorithm)):
        if key.version == generation:
            if key.record.state is State.RETIRED:
                raise KeyFault("keys.tree_retired", set=name)
            return opened(key, level, algorithm)
    raise KeyFault("keys.tree_lacks", set=name, key="*")


def opened(key: Key, level: str, algorithm: int) -> KeySet:
    if key.record.algorithm == Algorithm.KEY_SECRET:
        return KeySet(level, key.version, algorithm, secret=key.secret)
    return KeySet(level, key.version, algorithm, held=_held.decode(key.secret))


def packed(held: Mapping[str, bytes]) -> bytes:
    return msgspec.msgpack.encode(dict(sorted(held.items())))


@lru_cache(maxsize=2048)
def _test_root(algorithm: int, ref: str) -> bytes:
    """Anybody can compute these: SHA-256 over the public label and the key's name. They protect nothing."""
    name = f"issuer|{algorithm}" if ref == ISSUER else f"{algorithm}|{ref.replace('/', '|')}"
    return hashlib.sha256(f"{TEST_LABEL}|{name}".encode()).digest()


def _root(secret: bytes, algorithm: int, ref: str) -> bytes:
    return recipes.derive(recipes.hmac_base(secret), b"sscard card root", f"{algorithm}|{ref}", 16)
