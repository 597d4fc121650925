"""Handing a card over, against identity: what the ID reader saw, or the clerk's own comparison where there is no
reader."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.cards import events
from sscard.cards.rules import who_acts
from sscard.codes import person_number
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.issuing import custody, gates, production, rules, shipping
from sscard.issuing.models import Application
from sscard.issuing.states import APPLICATION, after
from sscard.kernel import ids
from sscard.kernel.dates import age_on
from sscard.kernel.masked import mask_id
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import blind_index
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.terminals.evidence import take
from sscard.terminals.models import Device

MATTER = "issuing.hand_over"
BY_EYE = ("id_card", "household_book", "birth_certificate", "passport", "residence_permit")
"""Documents whose original a clerk may compare by himself where no reader stands."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """`session`: the device session with the collector's ID document. Only where the outlet has no reader: `document`
    and `id_number`, as the clerk read them from the original in his hand. `papers`: what else was shown; of an agent
    also "holder_id" and "mandate"."""

    card: uuid.UUID
    outlet: str
    session: uuid.UUID | None = None
    document: str = ""
    id_number: str = ""
    papers: tuple[str, ...] = ()


@act("issuing.hand_over", right="issuing.hand_over", clause="M47-13", about_person=True)
def hand_over(inside: Inside, request: HandOver) -> dict[str, Any]:
    """To the holder, his guardian, or his agent with both documents (regulations.md §3.8). Whoever reviewed the
    application hands no card over; without a reader's evidence neither does who took it in (security.md T01)."""
    gates.approved(inside)
    outlet = gates.at_outlet(inside, request.outlet)
    ((person_id, card_id),) = shipping.keys_of(inside, (request.card,))
    person = people.by_id(inside, person_id, lock=True, what="card")
    application = Application.objects.select_for_update().get(person_id=person_id, card_id=card_id)
    became = after(APPLICATION, application.state, "issuing.hand_over", "issuing.application_state")
    _other_person(inside, application, by_eye=request.session is None)
    index, seen = _identity(inside, request)
    if index == inside.caller.person_index:
        raise Refusal("control.own_record")
    if index in inside.caller.relatives:
        raise Refusal("control.relatives_record")
    collector, receipt = _who(inside, person, index, request.papers), f"H-{ids.new_reference()}"
    _papers(inside, application, person, {*request.papers, *seen})
    custody.move(
        inside, [(person_id, card_id)], "outlet",
        custody.Place("holder", outlet.code, collector, _masked(person, index, collector), None, receipt),
        organisation=outlet.code,
    )  # fmt: skip
    (card,) = production.cards_of([(person_id, card_id)])
    events.move(
        inside, card, "production", "hand_over", outlet.code, facts={"collector_identified": True}, reason=collector
    )
    application.state, application.changed_at = became, inside.now
    application.save(update_fields=["state", "changed_at"])
    inside.object = f"card:{card_id}"
    inside.detail |= {"collector": collector, "evidence": "reader" if request.session else request.document}
    inside.emit("card.handed_over", {"card": str(card_id), "collector": collector, "outlet": outlet.code})
    return {
        "card": str(card_id), "production": card.production, "collector": collector, "outlet": outlet.code,
        "receipt": receipt,
    }  # fmt: skip


def _other_person(inside: Inside, application: Application, *, by_eye: bool) -> None:
    mine = inside.caller.person_index
    involved = [application.checked_person, application.applied_person if by_eye else None]
    if mine is not None and any(one is not None and bytes(one) == mine for one in involved):
        raise Refusal("issuing.hand_over_third_person")


def _identity(inside: Inside, request: HandOver) -> tuple[bytes, set[str]]:
    """Blind index of the collector's number, and which paper that was."""
    if request.session is not None:
        taken = take(inside, request.session, matter=MATTER, wanted=frozenset({"id_reader"}))
        identity = taken.identity
        assert identity is not None, "the reader's evidence was asked for"
        if taken.terminal.outlet and taken.terminal.outlet != request.outlet:
            raise Refusal("terminals.wrong_terminal")
        if not identity.original:
            raise Refusal("cards.id_copy")
        if identity.expired(inside.today):
            raise Refusal("cards.id_expired")
        return identity.id_index, {"id_card"}
    if Device.objects.filter(
        terminal__outlet=request.outlet, terminal__active=True, kind="id_reader", active=True
    ).exists():
        raise Refusal("issuing.reader_there")
    if request.document not in BY_EYE:
        raise Refusal("issuing.document_unknown")
    number = person_number.parse(request.id_number, on=inside.today).number
    return blind_index("id_number", number), {request.document}


def _who(inside: Inside, person: Person, index: bytes, papers: tuple[str, ...]) -> str:
    guardians = Person.objects.filter(person_id__in=people.guardians_of(person.person_id), state="active")
    return who_acts(
        in_reader=index,
        holder=bytes(person.id_index),
        guardians=frozenset(bytes(one) for one in guardians.values_list("id_index", flat=True)),
        minor=age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today),
        agents="yes",  # to fetch a card an agent is enough everywhere; to set its password he is not
        papers=papers,
    )


def _papers(inside: Inside, application: Application, person: Person, seen: set[str]) -> None:
    """What the area asks for, and what nobody saw when the application was made on-line."""
    needed = {paper.code for paper in inside.area.papers("collect") if paper.needed} | set(application.papers_due)
    seen |= {"id_card"} if seen & set(BY_EYE) else set()
    child = age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today)
    lacking = [
        Fault("papers", "issuing.paper_missing", {"paper": paper})
        for paper in rules.lacking_papers(needed, seen, child=child)
    ]
    refuse_if_any(gates.papers_named(inside.area, "collect", lacking), "issuing.papers_missing")


def _masked(person: Person, index: bytes, collector: str) -> str:
    """Whose hands, as lists may show it."""
    if collector == "holder":
        return person.name_mask
    other = Person.objects.filter(id_index=index, state="active").first()
    return other.name_mask if other is not None else mask_id("*" * 18)
