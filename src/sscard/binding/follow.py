"""What happens to the card closes and opens the doors of its consents, in the same transaction as the event.

Loss suspends, finding resumes; a card that was cancelled, a number that has changed and an account that was closed revoke.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sscard.bank.models import AccountStatus
from sscard.bank.states import Restriction
from sscard.binding import consents
from sscard.binding.models import Consent
from sscard.cards.models import Card
from sscard.control.inside import Inside

_LOST = frozenset({"temp_loss", "formal_loss", "LOST"})
BY = "card_event"


def card_moved(inside: Inside, card: Card, side: str, was: str, became: str) -> None:
    """A watcher of `cards.events`. `became` is the social status, or the bank's (LOST, MOVED …)."""
    if became in _LOST:
        _move(inside, _of_card(card, "AUTHORISED"), "suspend")
    elif became in ("cancelled", "MOVED"):
        _move(inside, _of_card(card, "AWAITING_AUTHORISATION", "AUTHORISED", "SUSPENDED"), "close")
    elif became in ("normal", "ACTIVE") and not _lost_anywhere(card):
        _move(inside, _of_card(card, "SUSPENDED"), "resume")


def account_closed(inside: Inside, person_id: int, account_id: uuid.UUID) -> None:
    """A watcher of room bank: consents that pay from this account end with it."""
    rows = Consent.objects.select_for_update().filter(person_id=person_id, paying_reference=str(account_id))
    live = rows.filter(state__in=("AWAITING_AUTHORISATION", "AUTHORISED", "SUSPENDED"))
    _move(inside, list(live.order_by("consent_id")), "close")


def _of_card(card: Card, *states: str) -> list[Consent]:
    return [one for one in consents.live_of_card(card.person_id, card.card_id) if one.state in states]


def _lost_anywhere(card: Card) -> bool:
    """Reported at the bureau or at the bank: either is enough."""
    if card.social != "normal":
        return True
    mirrors = AccountStatus.objects.filter(person_id=card.person_id, card_id=card.card_id)
    return any(Restriction.LOST in one for one in mirrors.values_list("restrictions", flat=True))


def _move(inside: Inside, found: Iterable[Consent], act: str) -> None:
    """What is over by time already is written down as that."""
    for consent in found:
        if consents.state_now(consent, inside.now) == "EXPIRED":
            consents.move(inside, consent, "lapse", "time")
        else:
            consents.move(inside, consent, act, BY)
