"""Cards in whole batches: their numbers and their production status, set by set, under the tables of room cards."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final

from django.db import connection

from sscard.cards.events import event_row
from sscard.cards.models import Card, CardEvent
from sscard.cards.numbers import CardNumbers
from sscard.cards.states import PRODUCTION, next_state
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.personal import codes as identification
from sscard.codes import card_identification_code, card_number
from sscard.control.inside import Inside
from sscard.issuing.bulk import insert_many
from sscard.issuing.custody import Key
from sscard.issuing.personalising import algorithm_of
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_many
from sscard.law.areas import Area

_ROUNDS: Final = 12
_FIRST, _HOW_MANY = 9_000_000, 1_000_000  # the series of cards.numbers: after the letter comes a 9


def move_many(
    inside: Inside,
    cards: Sequence[Card],
    act: str,
    *,
    place: str = "",
    facts: Mapping[str, bool] | None = None,
    reasons: Mapping[uuid.UUID, str] | None = None,
) -> None:
    """What `cards.events.move` does for one card, for many: the table decides, the status in the database is
    compared, an event stays for each. `reasons`: card_id → why."""
    events: list[CardEvent] = []
    for was, group in groupby(sorted(cards, key=lambda card: card.production), key=lambda card: card.production):
        some = list(group)
        became = next_state(PRODUCTION, was, act, facts or {})
        if isinstance(became, Refusal):
            raise became
        with connection.cursor() as cursor:
            cursor.execute(
                "update cards_card c set production = %s, changed_at = %s"
                " from unnest(%s::bigint[], %s::uuid[]) as one(person_id, card_id)"
                " where c.person_id = one.person_id and c.card_id = one.card_id and c.production = %s",
                [became, inside.now, [c.person_id for c in some], [c.card_id for c in some], was],
            )
            if cursor.rowcount != len(some):
                raise Refusal("cards.changed_meanwhile")
        for card in some:
            card.production = became
        events += [
            event_row(
                card, "production", was=was, became=became, act=act, place=place or inside.caller.organisation,
                actor=inside.caller.id, at=inside.now, reason=(reasons or {}).get(card.card_id, ""),
            )
            for card in some
        ]  # fmt: skip
    insert_many(events)


def cards_of(keys: Sequence[Key], *, lock: bool = False) -> list[Card]:
    """The card rows of these keys, in their order."""
    query = Card.objects.select_for_update() if lock else Card.objects
    persons, cards = [key[0] for key in keys], [key[1] for key in keys]
    found = {card.card_id: card for card in query.filter(person_id__in=persons, card_id__in=cards).order_by("card_id")}
    if len(found) != len(keys):
        raise Refusal("control.not_found")
    return [found[card_id] for _, card_id in keys]


def number_many(area: Area, cards: Sequence[Key], spec_version: str) -> list[CardNumbers]:
    """Fresh numbers for new cards of one version, each taken in the look-up; drawn at random, so that one says nothing of
    the next."""
    numbers = _draw(
        area, cards, "card_number",
        lambda places: [
            card_number.construct(area.card_number_letter, _FIRST + secrets.randbelow(_HOW_MANY)) for _ in places
        ],
        lambda number: f"{area.code}:{number}",
    )  # fmt: skip
    codes = identify_many(area, cards, [spec_version] * len(cards))
    return [CardNumbers(number, code, serial) for number, (code, serial) in zip(numbers, codes, strict=True)]


def identify_many(area: Area, cards: Sequence[Key], specs: Sequence[str]) -> list[tuple[str, str]]:
    """Fresh card identification codes, with the issuer's authentication codes, and chip serials: for new cards, and for
    a piece that is made again. `specs`: the cards' versions."""
    kinds = [NAMES[algorithm_of(spec)] for spec in specs]
    codes = _draw(
        area, cards, "card_id_code",
        lambda places: identification.fresh(area.code, [kinds[at] for at in places], sandbox=area.sandbox),
        lambda code: code,
    )  # fmt: skip
    return [(code, card_identification_code.get_serial(code).hex().upper()) for code in codes]


def disown_codes(indexes: Sequence[bytes]) -> None:
    """A spoiled piece's code stays taken for ever, but leads to no card any more: should the piece turn up, no terminal
    takes it for the card that was made in its place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update people_lookup set object_id = null where kind = 'card_id_code' and value = any(%s)", [list(indexes)]
        )


def take_public_ids(area: Area, kind: str, keys: Sequence[Key]) -> None:
    """Enter public ids ("card", "application") in the look-up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_lookup (kind, value, area_code, person_id, object_id)"
            " select %s, uuid_send(id), %s, person_id, id from unnest(%s::bigint[], %s::uuid[]) as one(person_id, id)",
            [kind, area.code, [key[0] for key in keys], [key[1] for key in keys]],
        )


def _draw(
    area: Area, cards: Sequence[Key], kind: str, make: Callable[[Sequence[int]], list[str]],
    normal: Callable[[str], str],
) -> list[str]:  # fmt: skip
    """A value for each card that nobody had; what was taken meanwhile is drawn again, a bounded number of times."""
    found: list[str] = [""] * len(cards)
    open_ = list(range(len(cards)))
    for _ in range(_ROUNDS):
        if not open_:
            return found
        for at, value in zip(open_, make(open_), strict=True):
            found[at] = value
        indexes = blind_many(kind, [normal(found[at]) for at in open_])
        wanted = dict(zip(indexes, open_, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into people_lookup (kind, value, area_code, person_id, object_id)"
                " select %s, value, %s, person_id, card_id"
                " from unnest(%s::bytea[], %s::bigint[], %s::uuid[]) as one(value, person_id, card_id)"
                " on conflict do nothing returning value",
                [
                    kind, area.code, list(wanted), [cards[at][0] for at in wanted.values()],
                    [cards[at][1] for at in wanted.values()],
                ],
            )  # fmt: skip
            won = {bytes(row[0]) for row in cursor.fetchall()}
        taken = {at for index, at in wanted.items() if index in won}
        open_ = [at for at in open_ if at not in taken]
    raise Refusal("cards.numbers_used_up", **area.naming())
