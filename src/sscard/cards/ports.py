"""Slots of lower rooms that room cards fills."""

from __future__ import annotations

from sscard.cards.key_sets import reached
from sscard.keys import reach


def fill() -> None:
    reach.cards_in = reached
