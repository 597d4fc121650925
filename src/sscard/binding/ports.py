"""Which slots of lower floors this room fills."""

from __future__ import annotations


def fill() -> None:
    from sscard.bank import standing
    from sscard.binding import follow
    from sscard.cards import events

    if follow.card_moved not in events.watchers:
        events.watchers.append(follow.card_moved)
    if follow.account_closed not in standing.closed:
        standing.closed.append(follow.account_closed)
