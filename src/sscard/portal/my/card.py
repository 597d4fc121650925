"""The chosen person's card as the pages show it: picture, way, both switches. Room bank is asked for its side only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.bank import reads as bank_reads
from sscard.bank.reads import AccountView
from sscard.bank.states import Restriction, Status
from sscard.cards import reads as cards
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.kernel.dates import age_on
from sscard.people.models import Person
from sscard.portal.shapes import CardFace, Station, Switch
from sscard.portal.signed import AtPage

MARKS = {"": "none", "back_upper_right": "back"}
OVER = frozenset({"cancelled", "formal_loss"})
NEVER_MADE = frozenset({"withdrawn", "spoiled", "missing", "destroyed", "written_off"})
RESTRICTED = (
    Restriction.FULL_FREEZE,
    Restriction.DEBIT_FREEZE,
    Restriction.LOST,
    Restriction.PIN_LOCKED,
    Restriction.CREDIT_FREEZE,
    Restriction.COUNTER_ONLY,
)
"""Which restriction speaks first on the holder's page."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One card with everything around it. `account` None: no bank account known for this card."""

    card: Card
    face: CardFace
    way: tuple[Station, ...]
    social: Switch
    bank: Switch
    account: AccountView | None
    child: bool
    """Below the area's `guardian_age`: the guardian goes with both papers."""

    @property
    def in_hand(self) -> bool:
        return self.card.production == "handed_out"

    @property
    def needs_enabling(self) -> bool:
        return self.card.social == "sealed"

    @property
    def needs_activation(self) -> bool:
        return self.account is not None and self.account.status is Status.NOT_ACTIVATED

    @property
    def dead(self) -> bool:
        return self.card.social in OVER

    @property
    def ready(self) -> bool:
        bank_well = self.account is None or (self.account.status is Status.ACTIVE and not self.account.restrictions)
        return self.card.social == "normal" and self.social.tone == "good" and bank_well


def current(inside: Inside, at: AtPage, person: Person) -> Shown | None:
    """The card that counts: the newest that is neither cancelled nor was never made; else the newest of all."""
    every = cards.cards_of(inside, person.person_id)
    if not every:
        return None
    card = next((one for one in every if one.social not in OVER and one.production not in NEVER_MADE), every[0])
    account = next(iter(bank_reads.accounts_of(inside, person.person_id, card.card_id)), None)
    side = _bank_side(at, account) if account else None
    social, bank = cards.switches(card, side, at.lang, on=inside.today)
    return Shown(
        card=card,
        face=_face(cards.picture(card, inside.area, at.lang), account),
        way=tuple(_station(stop) for stop in cards.way(person.person_id, card.card_id, at.lang)),
        social=_switch(social),
        bank=_switch(bank),
        account=account,
        child=age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today),
    )


def _face(told: dict[str, Any], account: AccountView | None) -> CardFace:
    return CardFace(
        area_name=told["area_name"],
        name=told["name"],
        social_number=told["social_number"],
        card_number=told["card_number"],
        issued=told["issued"],
        valid_until=told["valid_until"],
        bank_code=told["bank_code"],
        bank_name=told["bank_name"],
        bank_number=account.pan_mask if account else "",
        bank_mark=MARKS.get(told["bank_mark"], told["bank_mark"]),
        bank_phone=told["bank_phone"],
        generation=told["generation"],
    )


def _station(stop: dict[str, Any]) -> Station:
    return Station(stop["label"], stop["state"], stop["on"], stop["place"], stop["note"])


def _switch(side: dict[str, Any]) -> Switch:
    sentence = " ".join(part for part in (side["sentence"], side["next_step"]) if part)
    return Switch(side["side"], side["on"], side["state"], sentence, side["tone"])


def _bank_side(at: AtPage, account: AccountView) -> dict[str, Any]:
    """What the bank's mirror says, in the holder's words; a restriction speaks before the status."""
    told = str(account.status)
    if account.status is Status.ACTIVE:
        told = next((str(one) for one in RESTRICTED if one in account.restrictions), told)
    return {
        "on": account.status is Status.ACTIVE and told == "ACTIVE",
        "state": at.word(f"my.bank.{told}.name"),
        "tone": {"ACTIVE": "good", "CLOSED": "plain", "NOT_ACTIVATED": "wait", "PENDING_OPEN": "wait"}.get(told, "bad"),
        "sentence": at.word(f"my.bank.{told}.text"),
        "next_step": "",
    }
