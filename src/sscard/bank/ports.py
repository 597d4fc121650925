"""Which slots of lower floors and of its own this room fills."""

from __future__ import annotations


def fill() -> None:
    from sscard.bank import from_card
    from sscard.bank.savings import jobs, orders
    from sscard.cards import events

    events.after_social = from_card.follow
    orders.hurry = jobs.hurry
