"""Slots of lower rooms that room cards fills."""

from __future__ import annotations

from django.db.models import Count

from sscard.cards.models import Card
from sscard.keys import reach

GONE = ("destroyed", "written_off", "withdrawn")
"""Production states of cards that nobody can use any more."""


def fill() -> None:
    reach.cards_in = cards_in


def cards_in(area: str) -> tuple[int, int]:
    """Living cards of the area and the people who hold them."""
    found = Card.objects.filter(area_code=area).exclude(production__in=GONE)
    counted = found.aggregate(cards=Count("card_id"), people=Count("person_id", distinct=True))
    return counted["cards"], counted["people"]
