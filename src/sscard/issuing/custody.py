"""The one place that moves a card: present position, event, counts of the batch and of the stock, in one set-based
step.

Whoever wants to know where a card is reads `CardPosition`; whoever moves one calls `move`, which refuses unless every
card named really is where the caller believes it to be.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal

Key = tuple[int, uuid.UUID]
"""person_id, card_id"""

COUNTED: Final = {
    "transit": "in_transit",
    "stock": "in_stock",
    "outlet": "at_outlet",
    "holder": "handed_over",
    "destroyed": "destroyed",
}
"""Place of a good card → its column of the batch. Ordered, at the producer, scrapped or missing: not a good one
(yet)."""
HELD: Final = ("stock", "outlet")
"""Places where an organisation keeps a stock."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where cards are and in whose hands. See tables.custody for the words."""

    place: str
    organisation: str
    hands_kind: str
    hands: str
    shipment_id: uuid.UUID | None = None
    receipt: str = ""


def begin(inside: Inside, batch_id: uuid.UUID, cards: Sequence[Key], to: Place) -> None:
    """First position of cards that were just ordered; or of those that are ordered again, after a spoiled piece or
    out of a batch that was dissolved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into issuing_cardposition (person_id, card_id, area_code, batch_id, place, organisation,"
            " hands_kind, hands, shipment_id, receipt, since, event_id)"
            " select person_id, card_id, %s, %s, %s, %s, %s, %s, %s, %s, %s, gen_random_uuid()"
            " from unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id)"
            " on conflict (person_id, card_id) do update set batch_id = excluded.batch_id, place = excluded.place,"
            " organisation = excluded.organisation, hands_kind = excluded.hands_kind, hands = excluded.hands,"
            " shipment_id = excluded.shipment_id, receipt = excluded.receipt, since = excluded.since,"
            " event_id = excluded.event_id where issuing_cardposition.place in ('scrapped', 'order')",
            [inside.area_code, batch_id, *_values(inside, to), *_columns(cards)],
        )
        if cursor.rowcount != len(cards):
            raise Refusal("issuing.card_elsewhere", count=len(cards) - cursor.rowcount)
    _write_events(inside, cards)


def move(inside: Inside, cards: Sequence[Key], was: str, to: Place, *, organisation: str | None = None) -> None:
    """Move cards that all are at place `was` (of `organisation`, if given). Raises issuing.card_elsewhere if one is
    not."""
    if not cards:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select p.batch_id, p.organisation from issuing_cardposition p"
            " join unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id) using (person_id, card_id)"
            " where p.place = %s and (%s::text is null or p.organisation = %s)"
            " order by p.person_id, p.card_id for no key update of p",
            [*_columns(cards), was, organisation, organisation],
        )
        from_ = Counter(cursor.fetchall())
        if sum(from_.values()) != len(cards):
            raise Refusal("issuing.card_elsewhere", count=len(cards) - sum(from_.values()))
        cursor.execute(
            "update issuing_cardposition p set place = %s, organisation = %s, hands_kind = %s, hands = %s,"
            " shipment_id = %s, receipt = %s, since = %s, event_id = gen_random_uuid()"
            " from unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id)"
            " where p.person_id = one.person_id and p.card_id = one.card_id",
            [*_values(inside, to), *_columns(cards)],
        )
        assert cursor.rowcount == len(cards), "positions are locked and found just above"
    _write_events(inside, cards)
    batches: Counter[uuid.UUID] = Counter()
    for (batch_id, _), count in from_.items():
        batches[batch_id] += count
    for batch_id, count in sorted(batches.items()):
        _count_in_batch(batch_id, was, to.place, count)
    for (batch_id, owner), count in sorted(from_.items()):
        if was in HELD:
            _count_in_stock(inside.area_code, owner, batch_id, -count)
        if to.place in HELD:
            _count_in_stock(inside.area_code, to.organisation, batch_id, count)


def _values(inside: Inside, to: Place) -> list[object]:
    return [to.place, to.organisation, to.hands_kind, to.hands[:60], to.shipment_id, to.receipt, inside.now]


def _columns(cards: Sequence[Key]) -> tuple[list[int], list[uuid.UUID]]:
    return [person for person, _ in cards], [card for _, card in cards]


def _write_events(inside: Inside, cards: Sequence[Key]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into issuing_custodyevent (person_id, card_id, event_id, area_code, batch_id, place, organisation,"
            " hands_kind, hands, shipment_id, receipt, since, act, actor, maker)"
            " select p.person_id, p.card_id, p.event_id, p.area_code, p.batch_id, p.place, p.organisation,"
            " p.hands_kind, p.hands, p.shipment_id, p.receipt, p.since, %s, %s, %s from issuing_cardposition p"
            " join unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id) using (person_id, card_id)",
            [inside.act, inside.caller.id, inside.maker, *_columns(cards)],
        )


def _count_in_batch(batch_id: uuid.UUID, was: str, became: str, count: int) -> None:
    """The sums are kept in one statement, as the database checks them: a good card that goes missing is good no
    more."""
    changes: Counter[str] = Counter()
    for place, sign in ((was, -1), (became, 1)):
        if column := COUNTED.get(place):
            changes[column] += sign * count
    good = (became in COUNTED) - (was in COUNTED)
    if good:
        changes["good"] += good * count
    if "missing" in (was, became) and good:
        changes["missing"] -= good * count
    sets = ", ".join(f"{column} = {column} + {change:d}" for column, change in changes.items() if change)
    if sets:
        with connection.cursor() as cursor:
            cursor.execute(f"update issuing_batch set {sets} where batch_id = %s", [batch_id])  # noqa: S608 - our names


def _count_in_stock(area: str, organisation: str, batch_id: uuid.UUID, change: int) -> None:
    with connection.cursor() as cursor:
        if change > 0:
            cursor.execute(
                "insert into issuing_stockline (area_code, organisation, batch_id, cards) values (%s, %s, %s, %s)"
                " on conflict (area_code, organisation, batch_id) do update set cards = issuing_stockline.cards + %s",
                [area, organisation, batch_id, change, change],
            )
            return
        cursor.execute(
            "update issuing_stockline set cards = cards + %s"
            " where area_code = %s and organisation = %s and batch_id = %s",
            [change, area, organisation, batch_id],
        )
        assert cursor.rowcount == 1, "what leaves a stock was in it"
