"""At the desk: the card in the slot and the person before it, out of a session's evidence."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sscard.cards.models import Card
from sscard.cards.rules import who_acts
from sscard.cards.states import SOCIAL, next_state
from sscard.control.inside import Inside
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Refusal
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.terminals.evidence import Taken


def card_in_slot(inside: Inside, taken: Taken, expected: uuid.UUID | None) -> tuple[Card, Person]:
    """The card that answered the challenge, and its person. `expected`: the card that the page shows.

    Refuses cards.card_unknown, cards.not_this_card, cards.other_area; own records and relatives' are refused by the
    door.
    """
    assert taken.card is not None, "ask `take` for the card slot"
    found = lookup.find("card_id_code", taken.card.card_id_code_index)
    if found is None or found.object_id is None:
        raise Refusal("cards.card_unknown")
    if expected is not None and found.object_id != expected:
        raise Refusal("cards.not_this_card")
    if found.area != inside.area_code:
        raise Refusal("cards.other_area")
    person = people.by_id(inside, people.true_person(found.person_id), what="card")
    if found.person_id != person.person_id:
        inside.about(found.person_id)
    card = Card.objects.filter(person_id=found.person_id, card_id=found.object_id).first()
    if card is None:
        raise Refusal("cards.card_unknown")
    inside.object = f"card:{card.card_id}"
    return card, person


def standing(inside: Inside, taken: Taken, person: Person, papers: Collection[str]) -> str:
    """As what the person at the reader acts: holder, guardian or agent. The document must be the original and in
    force."""
    identity = taken.identity
    assert identity is not None, "ask `take` for the ID reader"
    if not identity.original:
        raise Refusal("cards.id_copy")
    if identity.expired(inside.today):
        raise Refusal("cards.id_expired")
    if identity.id_index == inside.caller.person_index:
        raise Refusal("control.own_record")
    if identity.id_index in inside.caller.relatives:
        raise Refusal("control.relatives_record")
    guardians = people.guardians_of(person.person_id)
    indexes = Person.objects.filter(person_id__in=guardians, state="active").values_list("id_index", flat=True)
    return who_acts(
        in_reader=identity.id_index,
        holder=bytes(person.id_index),
        guardians=frozenset(bytes(index) for index in indexes),
        minor=age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today),
        agents=inside.area.value("password_reset_by_agent", inside.today),
        papers=papers,
    )


def may(card: Card, name: str, facts: dict[str, bool]) -> None:
    """Refuse by the social side's table before anything is written or any password is touched."""
    outcome = next_state(SOCIAL, card.social, name, facts)
    if isinstance(outcome, Refusal):
        raise outcome


def password_hints(inside: Inside, person: Person) -> dict[str, str]:
    """What a new password must not be taken from (security.md §5)."""
    facts = people.facts(inside, person)
    return {
        "birthday": f"{person.birth_date:%Y%m%d}",
        "id_number": str(facts.get("id_number") or ""),
        "phone": str(facts.get("phone") or ""),
    }
