"""Finding an electronic card, and how it stands by its plastic card's state."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sscard.cards.electronic import rules
from sscard.cards.electronic.models import ElectronicCard
from sscard.cards.models import Card
from sscard.cards.states import USABLE_BY_ITS_HOLDER, expired
from sscard.control.inside import Inside
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.law.areas import Area


@dataclass(frozen=True, slots=True)
class BankSide:
    """What level 2 needs of the card's own account: activated, and a telephone kept at the bank."""

    active: bool
    phone: bool


def _no_bank(_inside: Inside, _card: Card) -> BankSide:
    return BankSide(active=False, phone=False)


bank_side: Callable[[Inside, Card], BankSide] = _no_bank
"""Port, filled by room bank."""


def _not_known(_inside: Inside, _person_id: int) -> bool | None:
    return None


insured: Callable[[Inside, int], bool | None] = _not_known
"""Port, filled by room insurance: contributions in the last three months; None where nobody knows."""


def find(person_id: int, *, lock: bool = False) -> ElectronicCard | None:
    """The signed electronic card of a person whom the caller has named."""
    rows = ElectronicCard.objects.select_for_update() if lock else ElectronicCard.objects.all()
    return rows.filter(person_id=person_id, state="signed").first()


def require(person_id: int, *, lock: bool = False) -> ElectronicCard:
    found = find(person_id, lock=lock)
    if found is None:
        raise Refusal("cards.ecard_none")
    return found


def card_of(ecard: ElectronicCard) -> Card:
    return Card.objects.get(person_id=ecard.person_id, card_id=ecard.card_id)


def why_not(area: Area, on: date, ecard: ElectronicCard, card: Card) -> str:
    """ "" while it works (`rules.standing`)."""
    return rules.standing(
        signed=ecard.state == "signed",
        social=card.social,
        in_hand=card.production == USABLE_BY_ITS_HOLDER,
        loss_rule=str(area.value("ecard_on_temp_loss", on)),
        allowed=ecard.allowed_loss is not None and ecard.allowed_loss == card.changed_at,
        expired=expired(card.expires_on, on) and not area.value("expired_social_function_works", on),
    )


def plastic_why_not(area: Area, on: date, card: Card) -> str:
    """The same question for the plastic card itself: nothing is allowed during a loss."""
    return rules.standing(
        signed=True,
        social=card.social,
        in_hand=card.production == USABLE_BY_ITS_HOLDER,
        loss_rule="stop",
        allowed=False,
        expired=expired(card.expires_on, on) and not area.value("expired_social_function_works", on),
    )


def stopped(why: str) -> Refusal:
    """The refusal that tells the holder why his electronic card does not work now."""
    told = words.entry("state", f"ecard.{why}")
    return Refusal("cards.ecard_stopped", why=why, why_zh=told["zh"], why_en=told["en"])


def handle_day(day: date, ecard: uuid.UUID) -> bytes:
    """What the keyed handle of an electronic card for one day is made of."""
    return f"{ecard}|{day:%Y%m%d}".encode()


def number_of(inside: Inside, card: Card) -> str:
    """The card number in full: a recorded unmask."""
    return str(open_one(card, "facts", inside).get("card_number") or "")
