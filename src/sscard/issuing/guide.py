"""What is missing for this card, where to go, what to bring: in the order that document 001 recommends (ACT-1).

Fetch the card, have the social-security side enabled, then have the bank account activated at the bank on the card. The
two switches are independent: the order is advice, never a condition. Page, API and phone read the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from sscard.bank.reads import AccountView
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.issuing.models import CardPosition
from sscard.law.areas import Area, Branch, BureauOutlet

DONE_WITH = ("cancelled", "formal_loss", "temp_loss")
"""A card in one of these states is not made ready for use; other matters come first."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. `matter`: collect, enable or bank_activation; what to bring for it tells `law.papers`. `rule`: for
    the bank, which of its outlets count (issuing_outlet, issuing_area, nationwide)."""

    matter: str
    outlets: tuple[BureauOutlet | Branch, ...]
    rule: str = ""
    bank: str = ""


def todo(inside: Inside, card: Card, account: AccountView | None) -> tuple[Todo, ...]:
    """What the holder still has to do; empty when both switches are on. The caller has named the person."""
    area = inside.area
    if card.social in DONE_WITH:
        return ()
    found = []
    if card.production == "outlet_stock":
        place = CardPosition.objects.filter(person_id=card.person_id, card_id=card.card_id).first()
        here = tuple(one for one in area.outlets() if place is not None and one.code == place.organisation)
        found.append(Todo("collect", here))
    if card.social == "sealed":
        found.append(Todo("enable", area.outlets(kind="bureau")))
    if account is not None and account.asleep:
        found.append(_bank(area, inside, account.bank))
    return tuple(found)


def _bank(area: Area, inside: Inside, code: str) -> Todo:
    rule = area.bank(code, inside.today).activation_outlets
    return Todo("bank_activation", area.outlets(kind="bank", bank=code), rule, code)
