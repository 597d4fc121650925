"""Queries for screens: a card's way, its two switches, its picture."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sscard.cards.models import Card, CardEvent
from sscard.cards.states import expired
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.kernel import clock, words
from sscard.kernel.refusals import Refusal
from sscard.law.areas import Area
from sscard.people import lookup
from sscard.people.models import Person

STATIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("applied", "production", frozenset({"applied"})),
    ("checked", "production", frozenset({"checked"})),
    ("made", "production", frozenset({"made"})),
    ("at_outlet", "production", frozenset({"outlet_stock"})),
    ("handed_over", "production", frozenset({"handed_out"})),
    ("enabled", "social", frozenset({"normal"})),
    ("activated", "bank", frozenset({"ACTIVE"})),
)
"""Stations in order: code, side of the event, states that mean the station was reached."""
_OFF_THE_WAY = frozenset({"quality_failed", "spoiled", "missing", "destroyed", "written_off", "withdrawn"})
_MARKS = {"back": "back_upper_right", "none": ""}


def require(inside: Inside, card_id: uuid.UUID, *, lock: bool = False, what: str = "card") -> Card:
    """The card behind a public id, its person noted in the audit row. Raises control.not_found as for a missing one."""
    found = lookup.require("card", card_id, area=inside.area_code)
    inside.about(found.person_id, what=what)
    query = Card.objects.select_for_update() if lock else Card.objects
    card = query.filter(person_id=found.person_id, card_id=card_id).first()
    if card is None:
        raise Refusal("control.not_found")
    return card


def cards_of(inside: Inside, person_id: int) -> list[Card]:
    """All cards of a person, the newest first."""
    inside.about(person_id, what="cards")
    return list(Card.objects.filter(person_id=person_id).order_by("-created_at"))


def way(person_id: int, card_id: uuid.UUID, lang: str = "zh") -> list[dict[str, Any]]:
    """The line of stations: {"code", "label", "state": done|now|later|wrong, "on": datetime|None, "place", "note"}.

    A station not yet reached is named as a thing to do, and the first of them is "now": what comes next. It is "wrong", with
    a note, while the card has left its way (spoiled, missing …). A card without bank has no station "activated". Runs
    inside a unit of work that has named the person.
    """
    card = Card.objects.filter(person_id=person_id, card_id=card_id).first()
    if card is None:
        raise Refusal("control.not_found")
    events = list(CardEvent.objects.filter(person_id=person_id, card_id=card_id).order_by("at"))
    places = _places(events, lang)
    line: list[dict[str, Any]] = []
    for code, side, states in STATIONS:
        if code == "activated" and not card.bank:
            continue
        event = _reached(events, side, states)
        said = "station" if event is not None else "station_ahead"
        stop = {
            "code": code,
            "label": words.text("notice", f"cards.{said}.{code}", lang),
            "on": None,
            "place": "",
            "note": "",
        }
        stop["state"] = "later" if event is None else "done"
        if event is not None:
            stop |= {"on": event.at, "place": places.get(event.place, "")}
        line.append(stop)
    waiting = next((stop for stop in line if stop["state"] == "later"), None)
    if waiting is not None:
        off = card.production in _OFF_THE_WAY
        waiting["state"] = "wrong" if off else "now"
        waiting["note"] = describe("production", card.production, lang)["holder"] if off else ""
    return line


def switches(
    card: Card, bank: Mapping[str, Any] | None = None, lang: str = "zh", *, on: date | None = None
) -> list[dict[str, Any]]:
    """The two switches, side by side: {"side", "on", "state", "tone", "sentence", "next_step"}.

    `bank` is what room bank says of its side, with the same keys, or None when nothing may be said or there is no
    account;
    `on` is the day for which expiry is told (default: the area's today). No balance ever stands here.
    """
    on = on or clock.today(card.area_code)
    state = "expired" if expired(card.expires_on, on) and card.social == "normal" else card.social
    if card.production != "handed_out" and card.social == "sealed":
        state = "not_in_hand"
    told = describe("social", state, lang)
    social = {
        "side": "social",
        "on": card.social == "normal",
        "state": told["name"],
        "tone": told["tone"],
        "sentence": told["holder"],
        "next_step": told["next"],
    }
    return [social, _bank_switch(card, bank, lang)]


def describe(side: str, state: str, lang: str = "zh") -> dict[str, str]:
    """A state in words: {"name", "tone", "holder", "clerk", "next"}; the one source for pages, API and command line."""
    entry = words.entry("state", f"cards.{side}.{state}")
    lang = lang if lang in words.LANGUAGES else "zh"
    return {
        "name": str(entry[lang]),
        "tone": str(entry.get("tone", "plain")),
        "holder": str(entry[f"holder_{lang}"]),
        "clerk": str(entry[f"clerk_{lang}"]),
        "next": str(entry.get(f"next_{lang}", "")),
    }


def picture(card: Card, area: Area, lang: str = "zh") -> dict[str, Any]:
    """What is printed on the card, masked, and where its bank's mark stands: "front_upper_left", "front_upper_right",
    "back_upper_right", or "" where the card shows none. Runs inside a unit of work that has named the person."""
    person = Person.objects.get(person_id=card.person_id)
    made_on = card.issue_date or card.created_at.astimezone(clock.CHINA).date()
    face = area.card_face(made_on)
    bank = area.bank(card.bank) if card.bank else None
    mark = _MARKS.get(face.bank_mark, face.bank_mark) if bank else ""
    return {
        "area_name": area.name(lang),
        "issuer_name": area.issuer_name(lang),
        "name": person.name_mask,
        "social_number": person.id_mask,
        "card_number": card.card_number_mask,
        "issued": card.issue_date,
        "valid_until": card.expires_on if face.validity_printed else None,
        "bank_code": card.bank,
        "bank_name": bank.short.of(lang) if bank else "",
        "bank_mark": mark,
        "bank_phone": bank.hotline if bank else "",
        "where_to_look": face.where_to_look.of(lang) if bank else "",
        "generation": face.generation,
    }


def _bank_switch(card: Card, bank: Mapping[str, Any] | None, lang: str) -> dict[str, Any]:
    if bank is not None:
        return {"side": "bank", "tone": "plain", "next_step": "", **bank}
    told = describe("bank_side", "unknown" if card.bank else "none", lang)
    return {
        "side": "bank",
        "on": None,
        "state": told["name"],
        "tone": told["tone"],
        "sentence": told["holder"],
        "next_step": told["next"],
    }


def _reached(events: Sequence[CardEvent], side: str, states: frozenset[str]) -> CardEvent | None:
    """The last time a production station was reached (a piece may be made again); the first time a switch went on."""
    hits = [event for event in events if event.side == side and event.became in states]
    if not hits:
        return None
    return hits[-1] if side == "production" else hits[0]


def _places(events: Sequence[CardEvent], lang: str) -> dict[str, str]:
    codes = {event.place for event in events if event.place}
    return {one.code: one.name(lang) for one in Organisation.objects.filter(code__in=codes)}
