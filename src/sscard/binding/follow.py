"""What happens to the card closes and opens the doors of its consents, in the same transaction as the event.

Loss suspends, finding resumes; a card that was cancelled, a number that has changed and an account that was closed revoke.
A death that a bank was told of suspends every consent of the holder until the heirs or a correction settle it.
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
DEAD = str(Restriction.DECEASED)
BY = "card_event"


def card_moved(inside: Inside, card: Card, side: str, was: str, became: str) -> None:
    """A watcher of `cards.events`. `became` is the social status, or the bank's (LOST, MOVED …)."""
    if became == DEAD:
        _move(inside, _of_person(card.person_id, "AUTHORISED"), "suspend")
    elif was == DEAD and not dead(card.person_id):
        _move(inside, [one for one in _of_person(card.person_id, "SUSPENDED") if not _lost(one)], "resume")
    elif became in _LOST:
        _move(inside, _of_card(card, "AUTHORISED"), "suspend")
    elif became in ("cancelled", "MOVED"):
        _move(inside, _of_card(card, "AWAITING_AUTHORISATION", "AUTHORISED", "SUSPENDED"), "close")
    elif became in ("normal", "ACTIVE") and not _lost_anywhere(card) and not dead(card.person_id):
        _move(inside, _of_card(card, "SUSPENDED"), "resume")


def account_closed(inside: Inside, person_id: int, account_id: uuid.UUID) -> None:
    """A watcher of room bank: consents that pay from this account end with it."""
    rows = Consent.objects.select_for_update().filter(person_id=person_id, paying_reference=str(account_id))
    live = rows.filter(state__in=("AWAITING_AUTHORISATION", "AUTHORISED", "SUSPENDED"))
    _move(inside, list(live.order_by("consent_id")), "close")


def dead(person_id: int) -> bool:
    """Was any of the house's banks told of this person's death?"""
    mirrors = AccountStatus.objects.filter(person_id=person_id).values_list("restrictions", flat=True)
    return any(DEAD in one for one in mirrors)


def lost_at_bank(card: Card) -> bool:
    mirrors = AccountStatus.objects.filter(person_id=card.person_id, card_id=card.card_id)
    return any(Restriction.LOST in one for one in mirrors.values_list("restrictions", flat=True))


def _of_person(person_id: int, state: str) -> list[Consent]:
    """Locked."""
    rows = Consent.objects.select_for_update().filter(person_id=person_id, state=state)
    return list(rows.order_by("consent_id"))


def _lost(consent: Consent) -> bool:
    return _lost_anywhere(Card.objects.get(person_id=consent.person_id, card_id=consent.card_id))


def _of_card(card: Card, *states: str) -> list[Consent]:
    return [one for one in consents.live_of_card(card.person_id, card.card_id) if one.state in states]


def _lost_anywhere(card: Card) -> bool:
    """Reported at the bureau or at the bank: either is enough."""
    return card.social != "normal" or lost_at_bank(card)


def _move(inside: Inside, found: Iterable[Consent], act: str) -> None:
    """What is over by time already is written down as that."""
    for consent in found:
        if consents.state_now(consent, inside.now) == "EXPIRED":
            consents.move(inside, consent, "lapse", "time")
        else:
            consents.move(inside, consent, act, BY)
