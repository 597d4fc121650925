"""What a lost carrier can reach: which keys, and how many cards and people of the area carry them.

Each card names the set that it was made with, so the count is exact: a carrier of one set reaches the cards of this set,
and of the sets that were dispersed from it. A carrier that names no set may hold any: then all cards of the area count.

Two ports, filled by the rooms above: `psam_keys` names the keys that a PSAM holds (room chip), `cards_in` counts the
area's living cards of some sets (None: of all) and their holders (room cards).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sscard.kernel.keyclient import keys
from sscard.keys.models import Carrier

NATIONWIDE = "*"
"""Marks a key whose reach does not end at the area: the ministry's own."""


def _no_keys() -> tuple[str, ...]:
    return ()


def _no_cards(_area: str, _key_sets: Collection[str] | None) -> tuple[int, int]:
    return 0, 0


psam_keys: Callable[[], tuple[str, ...]] = _no_keys
cards_in: Callable[[str, Collection[str] | None], tuple[int, int]] = _no_cards


@dataclass(frozen=True, slots=True)
class Reach:
    """`keys`: names, those of the ministry's level with a *; none while too few shares are lost to make a secret."""

    keys: tuple[str, ...]
    cards: int
    people: int


def of(carrier: Carrier) -> Reach:
    """Read inside a unit of work of the carrier's area. The carrier itself counts as lost."""
    opened = _keys(carrier)
    return Reach(opened, *cards_in(carrier.area_code, below(carrier.key_set))) if opened else Reach((), 0, 0)


def below(key_set: str) -> frozenset[str] | None:
    """The set and all that were dispersed from it, as far as this house's key service took them in; None for a carrier
    of no named set."""
    if not key_set:
        return None
    found, before = {key_set}, 0
    origins = [
        (f"{one['name'].partition('.')[2].rpartition('.')[0]}#{one['version']}", one["from"])
        for one in keys().status()["keys"]
        if one["from"]
    ]
    while len(found) != before:
        before = len(found)
        found |= {name for name, origin in origins if origin in found}
    return frozenset(found)


def _keys(carrier: Carrier) -> tuple[str, ...]:
    if carrier.kind == "psam":
        return psam_keys()
    if carrier.kind == "share":
        return (carrier.key_set,) if _enough(carrier) else ()
    return (carrier.key_set or NATIONWIDE,)


def _enough(carrier: Carrier) -> bool:
    """Are the lost shares of this set as many as bring its secret back?"""
    from sscard.keys.models import Ceremony

    made = Ceremony.objects.filter(area_code=carrier.area_code, key_set=carrier.key_set, kind="make").first()
    lost = Carrier.objects.filter(area_code=carrier.area_code, kind="share", key_set=carrier.key_set, state="lost")
    return lost.exclude(carrier_id=carrier.carrier_id).count() + 1 >= (made.need if made else 2)
