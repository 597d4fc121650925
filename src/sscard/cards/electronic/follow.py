"""One to one with the plastic card: when a new card takes the old one's place, the electronic card goes over to it in the
same transaction, without another application (regulations.md §2.4)."""

from __future__ import annotations

from sscard.cards.electronic.models import ElectronicCard
from sscard.cards.models import Card
from sscard.control.inside import Inside


def card_changed(inside: Inside, card: Card, became: str) -> None:
    """Called by `events.move` after each change of the social side. Whichever comes first, enabling the new card or
    cancelling the old one: the second of the two moves the electronic card."""
    if became not in ("normal", "cancelled"):
        return
    ecard = ElectronicCard.objects.filter(person_id=card.person_id, state="signed").first()
    if ecard is None:
        return
    if became == "normal" and ecard.card_id != card.card_id:
        old = Card.objects.filter(person_id=card.person_id, card_id=ecard.card_id).first()
        if old is None or old.social == "cancelled":
            _move(inside, ecard, card)
    elif became == "cancelled" and ecard.card_id == card.card_id:
        others = Card.objects.filter(person_id=card.person_id, social="normal").exclude(card_id=card.card_id)
        if (new := others.order_by("-created_at").first()) is not None:
            _move(inside, ecard, new)


def _move(inside: Inside, ecard: ElectronicCard, card: Card) -> None:
    ElectronicCard.objects.filter(person_id=ecard.person_id, ecard_id=ecard.ecard_id).update(
        card_id=card.card_id, allowed_loss=None
    )
    inside.emit("ecard.moved", {"ecard": str(ecard.ecard_id), "card": str(card.card_id)})
