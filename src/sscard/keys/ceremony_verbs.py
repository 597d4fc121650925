"""Verbs of ceremonies (`keys.ceremony`). They answer a share once, to one person, and check values; never a secret."""

from __future__ import annotations

from typing import Any, Final

from sscard.keys.catalogue import Algorithm, State
from sscard.keys.ceremony import Ceremony, kcv
from sscard.keys.errors import KeyFault
from sscard.keys.tree.ciphers import DES, SM4
from sscard.keys.tree.sets import ring_name
from sscard.keys.verbs import House, verb

BOTH: Final = (DES, SM4)
"""One ceremony makes the sets of both algorithms: their keys come from one secret under names of their own."""
ROOT: Final = "root"


@verb()
def ceremony_begin(
    house: House, ceremony: str, kind: str, subject: str, need: int, of: int, openers: list[bytes]
) -> dict[str, Any]:
    """`subject`: "ministry", "city:990100" to make a set; "ministry#1" to prove one; "root" for the store's root key."""
    more: dict[str, Any] = {}
    if kind in ("root", "open"):
        if subject != ROOT:
            raise KeyFault("keys.ceremony_form")
        more = house.sealed_store.expected(making=kind == "root")
    elif kind == "prove":
        more = _expected(house, subject)
    else:
        ring_name(subject, SM4)
    if more.get("need"):
        need, of = more.pop("need"), more.pop("of")
    new = Ceremony.begin(kind, subject, need, of, openers, **more)
    house.ceremonies.begin(ceremony, new)
    return new.state()


@verb()
def ceremony_share(house: House, ceremony: str, person: bytes, told: int | None) -> str:
    """A custodian's share, told once; `told`: tellings on record (`Ceremony.share`)."""
    return house.ceremonies.get(ceremony).share(person, told)


@verb()
def ceremony_confirm(house: House, ceremony: str, person: bytes, words: str) -> dict[str, Any]:
    """A custodian reads his share back."""
    found = house.ceremonies.get(ceremony)
    found.confirm(person, words)
    return found.state()


@verb()
def ceremony_give(house: House, ceremony: str, person: bytes, words: str) -> dict[str, Any]:
    """A custodian brings his share. The sealed store opens with the last one that is needed: it has no auditor, as nobody
    can sign in before it is open."""
    found = house.ceremonies.get(ceremony)
    found.give(person, words)
    if found.kind == "open" and len(found.taken) == found.need:
        try:
            house.open(found.combined())
        finally:
            house.ceremonies.end(ceremony)
    return found.state()


@verb()
def ceremony_finish(house: House, ceremony: str, auditor: bytes) -> dict[str, Any]:
    """The auditor closes it: what was made is held from now on, what was proved is proved. Sets and check value. Asked again
    it answers the same, also after a restart: the caller's record of the first time may have been lost."""
    if (known := house.ceremonies.result(ceremony, auditor) or _made_before(house, ceremony)) is not None:
        return known
    found = house.ceremonies.get(ceremony)
    secret = found.finish(auditor)
    value = kcv(secret).hex()
    sets: list[str] = []
    if found.kind == "make":
        for algorithm in BOTH:
            name = ring_name(found.subject, algorithm)
            note = f"{found.number}/{found.need}/{found.of}/{ceremony}"
            generation = house.ring.hold(name, Algorithm.KEY_SECRET, secret, value, note)
            sets.append(f"{found.subject}#{generation}")
    elif found.kind == "root":
        house.sealed_store.make(secret, value, found.number, found.need, found.of)
        house.open(secret)
    found.ended({"sets": sorted(set(sets)) or [found.subject], "kcv": value, **found.state()})
    assert found.result is not None
    return found.result


@verb()
def ceremony_cancel(house: House, ceremony: str, person: bytes) -> None:
    """Only somebody who takes part may stop it."""
    house.ceremonies.cancel(ceremony, person)


@verb()
def ceremony_state(house: House, ceremony: str) -> dict[str, Any]:
    return house.ceremonies.get(ceremony).state()


def _made_before(house: House, ceremony: str) -> dict[str, Any] | None:
    """The set that came out of this ceremony, by its record."""
    for record in house.held.records() if house.held else ():
        if record.note.endswith(f"/{ceremony}") and record.algorithm == Algorithm.KEY_SECRET:
            level = record.name.partition(".")[2].rpartition(".")[0]
            return {"sets": [f"{level}#{record.version}"], "kcv": record.kcv}
    return None


def _expected(house: House, key_set: str) -> dict[str, Any]:
    """Check value, identifier and quorum of a set that came out of a ceremony."""
    level, _, generation = key_set.partition("#")
    for key in house.ring.held(ring_name(level, SM4)):
        if str(key.version) == generation:
            if key.record.state is State.RETIRED:
                raise KeyFault("keys.tree_retired", set=key_set)
            if key.record.algorithm != Algorithm.KEY_SECRET:
                raise KeyFault("keys.ceremony_none", set=key_set)
            number, need, of = (int(part) for part in key.record.note.split("/")[:3])
            return {"expected": key.record.kcv, "number": number, "need": need, "of": of}
    raise KeyFault("keys.tree_lacks", set=key_set[:40], key="*")
