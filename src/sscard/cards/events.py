"""The one way to change a card's status: the table decides, the event stays."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from sscard.cards.electronic import follow
from sscard.cards.models import Card, CardEvent
from sscard.cards.states import TABLES, next_state
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal


def _nobody(_inside: Inside, _card: Card, _was: str, _became: str) -> None:
    return None


after_social: Callable[[Inside, Card, str, str], None] = _nobody
"""Port, filled by room bank: what the social side's change (card, was, became) means for the bank's, in the same
transaction."""

Watcher = Callable[[Inside, Card, str, str, str], None]
watchers: list[Watcher] = []
"""Port, filled by rooms above: each is told (card, side, was, became) of every change of the social and the bank side, in
the same transaction, after the bank's side has followed. "MOVED": the bank's account went over to another card."""


def move(
    inside: Inside,
    card: Card,
    side: str,
    act: str,
    place: str = "",
    *,
    facts: Mapping[str, bool] | None = None,
    reason: str = "",
) -> str:
    """Change the production or social status and write the event. `place` is the organisation's code where it happened
    (default: the caller's), `facts` are the guards that the caller has checked. Answers with the new state; raises the
    table's refusal.

    The status in the database is compared, so that of two acts on the same card at once the second is refused.
    """
    was = getattr(card, side)
    became = next_state(TABLES[side], was, act, facts or {})
    if isinstance(became, Refusal):
        raise became
    changed = Card.objects.filter(person_id=card.person_id, card_id=card.card_id, **{side: was}).update(
        **{side: became, "changed_at": inside.now}
    )
    if not changed:
        raise Refusal("cards.changed_meanwhile")
    setattr(card, side, became)
    card.changed_at = inside.now
    write_event(inside, card, side, was=was, became=became, act=act, place=place, reason=reason)
    if side == "social":
        follow.card_changed(inside, card, became)
        after_social(inside, card, was, became)
        _tell(inside, card, side, was, became)
    return became


def begin(inside: Inside, card: Card, place: str = "") -> None:
    """The first event of a card that was just inserted."""
    write_event(inside, card, "production", was="", became=card.production, act="apply", place=place)


def note_bank(inside: Inside, card: Card, *, was: str, became: str, act: str, place: str = "") -> None:
    """The bank says that its side changed. An event only: the bank's status stands in the bank's own tables."""
    write_event(inside, card, "bank", was=was, became=became, act=act, place=place)
    _tell(inside, card, "bank", was, became)


def left_behind(inside: Inside, card: Card) -> None:
    """The bank's account of this card stands on another card from now on: the number has changed."""
    _tell(inside, card, "bank", "ACTIVE", "MOVED")


def _tell(inside: Inside, card: Card, side: str, was: str, became: str) -> None:
    for watcher in watchers:
        watcher(inside, card, side, was, became)


def write_event(
    inside: Inside, card: Card, side: str, *, was: str, became: str, act: str, place: str = "", reason: str = ""
) -> None:
    """An event row as of now. Bulk work that moves whole batches builds rows with `event_row` and inserts them
    together."""
    event_row(
        card,
        side,
        was=was,
        became=became,
        act=act,
        place=place or inside.caller.organisation,
        actor=inside.caller.id,
        reason=reason,
        at=inside.now,
    ).save(force_insert=True)


def event_row(
    card: Card,
    side: str,
    *,
    was: str,
    became: str,
    act: str,
    place: str,
    actor: uuid.UUID | None,
    at: datetime,
    reason: str = "",
) -> CardEvent:
    return CardEvent(
        person_id=card.person_id,
        card_id=card.card_id,
        event_id=ids.new_id(),
        area_code=card.area_code,
        side=side,
        was=was,
        became=became,
        act=act,
        place=place[:60],
        actor=actor,
        reason=reason[:60],
        at=at,
    )
