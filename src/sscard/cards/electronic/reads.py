"""What the holder's pages show of an electronic card."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sscard.cards.electronic import holding, passwords
from sscard.cards.electronic.models import EcardRelative, ElectronicCard
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.people.models import Person


@dataclass(frozen=True, slots=True)
class EcardView:
    """`why` "" while it works, else a reason of `state.ecard`. `may_allow`: the holder can go on during this loss."""

    ecard: uuid.UUID
    card: uuid.UUID
    level: int
    why: str
    may_allow: bool
    name_mask: str
    card_mask: str
    bank: str
    signed_at: datetime
    locked_until: datetime | None
    row: ElectronicCard


@dataclass(frozen=True, slots=True)
class RelativeView:
    """One line of the family page. `mine`: he shows my card; else I show his."""

    relative: uuid.UUID
    person: uuid.UUID
    name_mask: str
    kind: str
    state: str
    mine: bool


def of(inside: Inside, person: Person) -> EcardView | None:
    """The electronic card of a person whom the caller has named."""
    row = holding.find(person.person_id)
    if row is None:
        return None
    card, today = holding.card_of(row), inside.today
    why = holding.why_not(inside.area, today, row, card)
    rule = inside.area.value("ecard_on_temp_loss", today)
    return EcardView(
        ecard=row.ecard_id,
        card=row.card_id,
        level=row.level,
        why=why,
        may_allow=why == "card_temp_loss" and rule == "needs_holder_consent",
        name_mask=person.name_mask,
        card_mask=card.card_number_mask,
        bank=card.bank,
        signed_at=row.signed_at,
        locked_until=passwords.locked_until(row, inside.now),
        row=row,
    )


def card_to_sign(inside: Inside, person_id: int) -> tuple[Card | None, str]:
    """The plastic card of which an electronic one can be signed, and why it can't: (card or None, reason)."""
    cards = list(Card.objects.filter(person_id=person_id).order_by("-created_at"))
    live = [one for one in cards if one.social != "cancelled"]
    if not live:
        return None, "card_cancelled" if cards else "no_card"
    good = next((one for one in live if one.social == "normal"), live[0])
    return good, holding.plastic_why_not(inside.area, inside.today, good)


def relatives(inside: Inside, person_id: int) -> list[RelativeView]:
    """Both directions, those that live."""
    rows = list(
        EcardRelative.objects.filter(keeper_person_id=person_id, state__in=("asked", "active"))
    ) + list(EcardRelative.objects.filter(person_id=person_id, state__in=("asked", "active")))  # fmt: skip
    others = {one.person_id if one.keeper_person_id == person_id else one.keeper_person_id for one in rows}
    names = {one.person_id: one for one in Person.objects.filter(person_id__in=others)}
    found = []
    for one in rows:
        mine = one.person_id == person_id
        other = names[one.keeper_person_id if mine else one.person_id]
        asked_by_me = not mine and one.state == "asked"
        # before he has agreed I see nothing but that I asked: whether the number was somebody's is not told (T11)
        if not asked_by_me:
            found.append(
                RelativeView(one.relative_id, other.public_id, other.name_mask, one.kind, one.state, mine)
            )  # fmt: skip
    return found
