"""Verbs of the card key tree. None of them answers a key in clear: card keys leave inside loading commands, sub-keys
sealed for another key service, authentication codes as what they authenticate.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms as block_ciphers

from sscard.keys import loads, recipes
from sscard.keys.catalogue import Algorithm, Purpose
from sscard.keys.ceremony import kcv
from sscard.keys.errors import KeyFault
from sscard.keys.tree import factors, receivers, sets
from sscard.keys.tree.sets import KeySet
from sscard.keys.verbs import FROM, House, verb

MOST_KEYS: Final = 400
CARDS_AT_ONCE: Final = 5
"""Cards between two looks at other callers: some milliseconds."""
MOST_LOAD_NAME: Final = 80
"""Of a load: the batch and what makes it unlike every other."""
SHORT: Final = "STK"
"""Keys of this name have 8 bytes on a DES card (card.md §7.1)."""
SUBKEYS: Final = "key_sets"
Plan = list[tuple[int, str, str, int, int]]
Blanks = list[tuple[str, bytes, bytes]]


def set_for(house: House, area: str, algorithm: int, key_set: str) -> KeySet:
    """The set that a caller named, or the one that serves the area; test keys where virtual devices are allowed."""
    return sets.find(house.ring, area, algorithm, key_set, test=house.virtual_devices)


@verb()
def card_key_set(house: House, area: str, algorithm: int, key_set: str) -> dict[str, str]:
    """Which set serves new cards of an area (or whether this one still serves): name, label, check value."""
    found = set_for(house, area, algorithm, key_set)
    for one in house.ring.held(sets.ring_name(found.level, algorithm)) if found.generation else ():
        if one.version == found.generation:
            return {"set": found.name, "label": found.label, "kcv": one.record.kcv, "state": str(one.record.state)}
    return {"set": found.name, "label": found.label, "kcv": "", "state": "active"}


@verb()
def load_transport(house: House, load: str, area: str, algorithm: int, key_set: str, receiver: bytes) -> bytes:
    """KT of one load, wrapped for the producer's HSM. Real keys go to admitted receivers only."""
    return wrapped_transport(house, load, area, algorithm, key_set, receiver)


@verb(by_item=True, slice_of=CARDS_AT_ONCE)
def card_loads(
    house: House, load: str, area: str, algorithm: int, key_set: str, receiver: bytes, plan: Plan, blanks: Blanks
) -> list[tuple[list[bytes], list[bytes]]]:
    """For each blank card its loading commands and proofs (`keys.loads`), in the order of `plan`."""
    if len(plan) > MOST_KEYS:
        raise KeyFault("keys.too_many", most=str(MOST_KEYS))
    how, found = sets.cipher(algorithm), set_for(house, area, algorithm, key_set)
    slots = [_slot(*line) for line in plan]
    cards = [loads.Blank(*blank) for blank in blanks]
    if any(card.area != area or len(card.factor) != sets.FACTOR for card in cards):
        raise KeyFault("keys.tree_foreign", set=area)
    own = [b"" if slot.usage is loads.Usage.PIN else _city_key(found, area, slot) for slot in slots]
    made = loads.commands(how, transport(house, load, area, receiver), slots, own, cards)
    return [(one.commands, one.proofs) for one in made]


@verb(by_item=True)
def issuer_codes(house: House, area: str, algorithm: int, items: list[bytes]) -> list[bytes]:
    """Authentication codes of card identification codes: 4 bytes each."""
    how = sets.cipher(algorithm)
    key = set_for(house, area, algorithm, "").city_key(area, sets.ISSUER)
    return [how.mac(how.session(key, item[-8:]), item) for item in items]


@verb()
def subkeys_for(house: House, level: str, area: str, algorithm: int, wanted: list[str], public: bytes) -> bytes:
    """The keys of our active set, dispersed to a province or city (`area` lies in it), sealed for its key service."""
    if len(wanted) > MOST_KEYS:
        raise KeyFault("keys.too_many", most=str(MOST_KEYS))
    source = _above(house, level, area, algorithm)
    held = {ref: _dispersed(source, level, area, ref) for ref in wanted}
    file_key = secrets.token_bytes(16)
    about = f"{level}|{algorithm}|{source.name}"
    body = recipes.seal(block_ciphers.SM4(file_key), 1, about.encode(), sets.packed(held))
    return msgspec.msgpack.encode((about, recipes.sm2_encrypt(public, file_key), body))


@verb()
def subkeys_take(house: House, level: str, algorithm: int, package: bytes) -> dict[str, Any]:
    """Take a set of sub-keys in, as a new generation of this level; the one before answers for its cards."""
    about, wrapped, body = _packages.decode(package)
    if about.split("|")[:2] != [level, str(algorithm)]:
        raise KeyFault("keys.tree_foreign", set=about[:40])
    for one in house.ring.versions(Purpose.UNWRAP, SUBKEYS):
        try:
            file_key = recipes.sm2_decrypt(one.secret, wrapped)
        except KeyFault:
            continue
        clear = recipes.unseal(block_ciphers.SM4(file_key), about.encode(), body)
        name = sets.ring_name(level, algorithm)
        value, origin = kcv(clear).hex(), about.rpartition("|")[2]
        for key in house.ring.held(name):  # taken in before, and the record of it was lost
            if (key.record.kcv, key.record.note) == (value, FROM + origin):
                return {"set": f"{level}#{key.version}", "kcv": value, "from": origin}
        generation = house.ring.hold(name, Algorithm.KEY_SET, clear, value, FROM + origin)
        return {"set": f"{level}#{generation}", "kcv": value, "from": origin}
    raise KeyFault("keys.wrap_broken")


@verb()
def key_set_retire(house: House, key_set: str, algorithm: int) -> None:
    """A set answers no more, and its keys are destroyed here. An active one is rotated first."""
    level, _, generation = key_set.partition("#")
    house.ring.retire(sets.ring_name(level, algorithm), int(generation) if generation.isdecimal() else 0)


_packages = msgspec.msgpack.Decoder(tuple[str, bytes, bytes])


def _above(house: House, level: str, area: str, algorithm: int) -> KeySet:
    """The set from which a level's keys are dispersed: the province's or the ministry's for a city."""
    sets.ring_name(level, algorithm)
    fits = level in (f"province:{area[:2]}", f"city:{area}")
    if not fits:
        raise KeyFault("keys.tree_foreign", set=level)
    above = (f"province:{area[:2]}", "ministry") if level.startswith("city") else ("ministry",)
    for one in above:
        name = sets.ring_name(one, algorithm)
        if house.ring.held(name):
            return sets.opened(house.ring.active(Purpose.TREE, name), one, algorithm)
    raise KeyFault("keys.tree_none", area=area)


def _dispersed(source: KeySet, level: str, area: str, ref: str) -> bytes:
    short = ref.partition("/")[2].startswith(SHORT)
    if level.startswith("city"):
        return source.city_key(area, ref, short=short)
    return sets.cipher(source.algorithm).diversify(source.key(ref, short=short), factors.province(area))


def _slot(usage: int, application: str, name: str, number: int, version: int) -> loads.Slot:
    try:
        return loads.Slot(loads.Usage(usage), application, name, number, version)
    except ValueError:
        raise KeyFault("keys.tree_ref") from None


def _city_key(found: KeySet, area: str, slot: loads.Slot) -> bytes:
    ref = f"{slot.application}/{slot.name}/{slot.version}"
    return found.city_key(area, ref, short=slot.name.startswith(SHORT))


def wrapped_transport(house: House, load: str, area: str, algorithm: int, key_set: str, receiver: bytes) -> bytes:
    """KT, wrapped. Real keys go to admitted receivers only."""
    if set_for(house, area, algorithm, key_set).level != sets.TEST and not receivers.admitted(house, receiver):
        raise KeyFault("keys.receiver_unknown")
    return recipes.sm2_encrypt(receiver, transport(house, load, area, receiver))


def transport(house: House, load: str, area: str, receiver: bytes) -> bytes:
    """KT: new for each load, bound to area and receiver, so that a load asked for one never opens for another."""
    if not 1 <= len(load) <= MOST_LOAD_NAME:
        raise KeyFault("keys.tree_ref")
    master = house.ring.active(Purpose.TRANSPORT, "batch")
    return recipes.derive(master.hmac, receiver, f"{area}|{load}", loads.TRANSPORT_BYTES)
