"""Which key set a card was made with: what its chip is asked under, and whom the loss of a set reaches."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Count

from sscard.cards.models import Card
from sscard.kernel.aside import aside, one
from sscard.kernel.sealed import blind_index
from sscard.people import lookup

GONE = ("destroyed", "written_off", "withdrawn")
"""Production states of cards that nobody can use any more."""


def of_code(card_id_code: str) -> str:
    """The set of the card with this identification code, in whatever area; "" for a card that is not the house's."""
    found = lookup.find("card_id_code", blind_index("card_id_code", card_id_code))
    if found is None or found.object_id is None:
        return ""
    here = Card.objects.filter(person_id=found.person_id, card_id=found.object_id).values_list("key_set", flat=True)
    if (known := here.first()) is not None:
        return str(known)
    with aside(found.area) as cursor:  # the card of another area at this one's desk
        row = one(
            cursor, "select key_set from cards_card where person_id = %s and card_id = %s",
            [found.person_id, found.object_id],
        )  # fmt: skip
    return str(row[0]) if row else ""


def record(cards: Sequence[tuple[int, uuid.UUID]], key_set: str) -> None:
    """The pieces that are ordered now get their keys of this set."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update cards_card c set key_set = %s from unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id)"
            " where c.person_id = one.person_id and c.card_id = one.card_id",
            [key_set, [person for person, _ in cards], [card for _, card in cards]],
        )


def reached(area: str, key_sets: Collection[str] | None) -> tuple[int, int]:
    """Living cards of the area that were made with these sets (None: all cards), and the people who hold them."""
    found = Card.objects.filter(area_code=area).exclude(production__in=GONE)
    if key_sets is not None:
        found = found.filter(key_set__in=list(key_sets))
    counted = found.aggregate(cards=Count("card_id"), people=Count("person_id", distinct=True))
    return counted["cards"], counted["people"]
