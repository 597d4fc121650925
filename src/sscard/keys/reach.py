"""What a lost carrier can reach: which keys, and how many cards and people of the area carry them.

Two ports, filled by the rooms above: `psam_keys` names the keys that a PSAM holds (room chip), `cards_in` counts the
area's living cards and their holders (room cards).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sscard.keys.models import Carrier

NATIONWIDE = "*"
"""Marks a key whose reach does not end at the area: the ministry's own."""


def _no_keys() -> tuple[str, ...]:
    return ()


def _no_cards(_area: str) -> tuple[int, int]:
    return 0, 0


psam_keys: Callable[[], tuple[str, ...]] = _no_keys
cards_in: Callable[[str], tuple[int, int]] = _no_cards


@dataclass(frozen=True, slots=True)
class Reach:
    """`keys`: names, those of the ministry's level with a *; none while too few shares are lost to make a secret."""

    keys: tuple[str, ...]
    cards: int
    people: int


def of(carrier: Carrier) -> Reach:
    """Read inside a unit of work of the carrier's area. The carrier itself counts as lost."""
    keys = _keys(carrier)
    return Reach(keys, *cards_in(carrier.area_code)) if keys else Reach((), 0, 0)


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
