"""What stands to a person's name, gathered in one reading: data, photo, guardians, cards with way and switches,
applications, contributions. Of the bank's side only the state: the bureau never sees a balance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sscard.bank import reads as bank
from sscard.cards import reads as cards
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.control.rights import decide
from sscard.insurance import charges as levied
from sscard.insurance import reads as insurance
from sscard.issuing.models import Application
from sscard.people import reads as people
from sscard.people.models import DuplicateCase, HolderAccount, Person
from sscard.people.reads import PersonView
from sscard.portal import charts, looks
from sscard.portal.charge_lines import ChargeLine, lines_of
from sscard.portal.forms import data_uri
from sscard.portal.shapes import CardFace, Contribution, Station, Switch
from sscard.portal.signed import AtPage
from sscard.portal.stock import whereabouts

YEARS = 2
"""Years of contributions that the page draws, the newest first."""


@dataclass(frozen=True, slots=True)
class CardOnPage:
    """One card as the page draws it."""

    card: Card
    face: CardFace
    way: list[Station]
    social: Switch
    bank: Switch
    production: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    photo: str
    guardians: list[PersonView]
    wards: list[PersonView]
    has_account: bool
    doubts: int
    cards: list[CardOnPage]
    applications: list[Application] = field(default_factory=list)
    years: list[tuple[int, list[Contribution], int]] = field(default_factory=list)
    charges: list[ChargeLine] = field(default_factory=list)


def gather(inside: Inside, person: Person, at: AtPage) -> PersonFacts:
    """Inside a reading that has named the person."""
    picture = people.photo(inside, person)
    return PersonFacts(
        data_uri(*picture) if picture else "",
        _views(people.guardians_of(person.person_id)),
        _views(people.wards_of(person.person_id)),
        HolderAccount.objects.filter(person_id=person.person_id, active=True).exists(),
        DuplicateCase.objects.filter(person_id=person.person_id, state="open").count(),
        [card_on_page(inside, card, at) for card in cards.cards_of(inside, person.person_id)],
        list(Application.objects.filter(person_id=person.person_id).defer("account").order_by("-applied_at")),
        _contributions(inside, person.person_id),
        _charges(inside, person.person_id, at.lang),
    )


def _views(ids: Iterable[int]) -> list[PersonView]:
    return [PersonView.of(one) for one in Person.objects.filter(person_id__in=list(ids))]


def card_on_page(inside: Inside, card: Card, at: AtPage) -> CardOnPage:
    accounts = bank.accounts_of(inside, card.person_id, card.card_id)
    account = accounts[0] if accounts else None
    told = cards.switches(card, _bank_side(account, at.lang) if account else None, at.lang)
    social, bank_side = (
        Switch(one["side"], one["on"], one["state"], one["sentence"], one["tone"]) for one in told
    )  # fmt: skip
    return CardOnPage(
        card,
        face_of(cards.picture(card, inside.area, at.lang), account.pan_mask if account else ""),
        [
            Station(stop["label"], stop["state"], stop["on"], stop["place"], stop["note"])
            for stop in cards.way(card.person_id, card.card_id, at.lang)
        ],
        social,
        bank_side,
        f"cards.production.{card.production}",
        whereabouts.sentence(inside, card, at.lang),
    )


def face_of(picture: dict[str, Any], bank_number: str) -> CardFace:
    """The drawing's facts out of what room cards says is printed."""
    mark = {"back_upper_right": "back", "": "none"}.get(picture["bank_mark"], picture["bank_mark"])
    return CardFace(
        picture["area_name"], picture["name"], picture["social_number"], picture["card_number"], picture["issued"],
        picture["valid_until"], picture["bank_code"], picture["bank_name"], bank_number, mark, picture["bank_phone"],
        picture["generation"],
    )  # fmt: skip


def _bank_side(account: bank.AccountView, lang: str) -> dict[str, Any]:
    """State and restrictions, in words; no balance is known here."""
    code = f"bank.{account.status}"
    sentence = looks.word(f"person.bank_side.{account.status}", lang)
    if account.restrictions:
        held = looks.word("frame.comma", lang).join(
            looks.state_word(f"bank.{one}", lang) for one in account.restrictions
        )
        sentence += " " + looks.word("person.bank_held", lang, held=held)
    tone = "bad" if account.restrictions else looks.state_tone(code)
    return {"on": account.status == "ACTIVE", "state": looks.state_word(code, lang), "tone": tone, "sentence": sentence}


def _contributions(inside: Inside, person_id: int) -> list[tuple[int, list[Contribution], int]]:
    """(year, pieces of its bars, last month that could be booked), for those who may see records."""
    if not decide(inside.caller, "insurance.view"):
        return []
    today = inside.today
    return [
        (
            year,
            [Contribution(one.month, one.insurance, one.employer_fen, one.person_fen, one.state) for one in pieces],
            charts.last_due(year, today),
        )
        for year, pieces in list(insurance.contribution_years(inside, person_id).items())[:YEARS]
    ]


def _charges(inside: Inside, person_id: int, lang: str) -> list[ChargeLine]:
    """What he has to pay himself, and what was paid, for those who may see records."""
    if not decide(inside.caller, "insurance.view"):
        return []
    return lines_of(levied.of_person(inside, person_id), lang)
