"""Which slots of lower floors and of its own this room fills."""

from __future__ import annotations


def fill() -> None:
    from sscard.bank import ecard, from_card
    from sscard.bank.savings import jobs, orders
    from sscard.cards import events
    from sscard.cards.electronic import holding

    events.after_social = from_card.follow
    holding.bank_side = ecard.side_of
    orders.hurry = jobs.hurry
