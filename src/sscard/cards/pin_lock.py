"""Locking the social side after the last wrong entry, whoever counted: the house or the chip."""

from __future__ import annotations

from sscard.cards.aside import aside
from sscard.cards.events import event_row
from sscard.cards.models import Card
from sscard.control.inside import Inside


def lock(inside: Inside, card: Card) -> None:
    """normal → locked with its event, beside the act: the act that made the last wrong entry is refused and rolls back.
    Only the social side is touched (regulations.md §3.5: lock of one password never locks the other application)."""
    event = event_row(
        card,
        "social",
        was="normal",
        became="locked",
        act="lock",
        place=inside.caller.organisation,
        actor=inside.caller.id,
        at=inside.now,
    )
    columns = [field.column for field in event._meta.concrete_fields if field.column]
    with aside(card.area_code) as cursor:
        cursor.execute(
            "update cards_card set social = 'locked', changed_at = %s"
            " where person_id = %s and card_id = %s and social = 'normal'",
            [inside.now, card.person_id, card.card_id],
        )
        if cursor.rowcount:
            names, holes = ", ".join(columns), ", ".join(["%s"] * len(columns))
            cursor.execute(
                f"insert into cards_cardevent ({names}) values ({holes})",  # noqa: S608 - column names of our own model
                [getattr(event, name) for name in columns],
            )
            card.social = "locked"
