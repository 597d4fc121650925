"""Applying for a card: at a desk, by the holder or his guardian, by an employer, or by campaign for a whole roster."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from sscard.cards.models import Card
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.issuing import gates, production, rules
from sscard.issuing.bulk import insert_many
from sscard.issuing.models import Application
from sscard.issuing.states import APPLICATION, APPLICATION_LIVE, after
from sscard.kernel import ids
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.people import reads as people
from sscard.people.models import Person

LIVE_CARD_ENDS = ("destroyed", "written_off", "withdrawn")
"""Production states of a card that is no more; a cancelled one is no more either."""


@dataclass(frozen=True, slots=True)
class Apply:
    """`papers`: codes of the papers seen at the desk. `guardian`: public id of the guardian who stands there for a
    child; a guardian who applies on-line is known by his sign-in."""

    person: uuid.UUID
    bank: str
    outlet: str
    papers: tuple[str, ...] = ()
    guardian: uuid.UUID | None = None


@act("issuing.apply", right="issuing.apply", clause="M47-5", about_person=True)
def apply(inside: Inside, request: Apply) -> dict[str, Any]:
    """One person's application. Refuses with every reason at its place."""
    gates.approved(inside)
    person = people.require(inside, request.person, lock=True, what="application")
    _is_ours(inside, person)
    guardian = _guardian(inside, request, person)
    demands = demands_of(inside)
    at_desk = inside.caller.kind == "staff" and "employer_handler" not in inside.caller.roles
    faults = rules.may_apply(
        applicant(person, live_of(person.person_id)),
        demands,
        bank=request.bank,
        outlet=request.outlet,
        papers=request.papers if at_desk else None,
        by_guardian=guardian is not None or inside.caller.organisation_kind == "employer",
        on=inside.today,
    )
    refuse_if_any(gates.papers_named(inside.area, "apply", faults), "issuing.cannot_apply")
    made = _application(inside, person.person_id, request.bank, request.outlet, _way(inside))
    made.guardian = guardian
    made.papers = sorted(set(request.papers)) if at_desk else []
    made.papers_due = [] if at_desk else sorted(demands.papers - {"id_card"})
    _insert(inside, [made])
    inside.object = f"application:{made.application_id}"
    inside.emit("application.made", {"application": str(made.application_id), "person": str(person.public_id)})
    return {"application": str(made.application_id), "state": made.state, "papers_due": made.papers_due}


@dataclass(frozen=True, slots=True)
class ApplyMany:
    """A campaign: everybody of the roster who is eligible and has no card. `outlet` is where their cards go. `employer`
    (credit code) and `category` narrow it; `most` bounds it."""

    bank: str
    outlet: str
    most: int = rules.MOST_CARDS
    employer: str = ""
    category: str = ""


@act("issuing.apply_many", right="issuing.apply_many", clause="M47-5")
def apply_many(inside: Inside, request: ApplyMany) -> dict[str, Any]:
    """Applications for all who may have a card; the answer tells how many were left out for which reason. The maker's
    own record and his relatives' are left to a colleague."""
    gates.approved(inside)
    demands = demands_of(inside)
    most = min(request.most, rules.MOST_CARDS)
    probe = rules.Applicant(inside.today.replace(year=1980, day=1), "active", has_photo=True, has_phone=True)
    refuse_if_any(
        rules.may_apply(
            probe, demands, bank=request.bank, outlet=request.outlet, papers=None, by_guardian=True, on=inside.today
        ),
        "issuing.cannot_apply",
    )
    persons = _without_card(inside, request, most)
    own = gates.own_and_relatives(inside, [person.person_id for person in persons])
    campaign, left_out = ids.new_id(), dict[str, int]()
    made = []
    for person in persons:
        reasons = [fault.code for fault in rules.standing(applicant(person), demands, inside.today)]
        if person.person_id in own:
            reasons.append("issuing.own_left_to_colleague")
        for code in reasons:
            left_out[code] = left_out.get(code, 0) + 1
        if not reasons:
            one = _application(inside, person.person_id, request.bank, request.outlet, "campaign")
            one.campaign_id = campaign
            made.append(one)
    if not made:
        raise Refusal("issuing.nobody_to_apply", looked_at=len(persons))
    _insert(inside, made)
    gates.note_all(inside, [one.person_id for one in made], what="application")
    inside.object = f"campaign:{campaign}"
    inside.detail |= {"applications": len(made), "left_out": left_out}
    inside.emit("campaign.made", {"campaign": str(campaign), "applications": len(made)})
    return {"campaign": str(campaign), "applications": len(made), "left_out": left_out}


def demands_of(inside: Inside) -> rules.Demands:
    area, on = inside.area, inside.today
    return rules.Demands(
        photo_free_below_age=area.value("photo_free_below_age", on),
        guardian_age=area.value("guardian_age", on),
        banks=frozenset(bank.code for bank in area.banks(on)),
        outlets={outlet.code: outlet.bank for outlet in area.outlets()},
        papers=frozenset(paper.code for paper in area.papers("apply") if paper.needed),
    )


def applicant(person: Person, live: str = "") -> rules.Applicant:
    return rules.Applicant(person.birth_date, person.state, person.has_photo, bool(person.phone_mask), live)


def _way(inside: Inside) -> str:
    if inside.caller.kind == "holder":
        return "self"
    return "employer" if "employer_handler" in inside.caller.roles else "desk"


def _is_ours(inside: Inside, person: Person) -> None:
    """An employer's handler reaches the employer's own staff only; anybody else is not there for him."""
    if "employer_handler" not in inside.caller.roles:
        return
    code = Organisation.objects.filter(code=inside.caller.organisation).values_list("credit_code", flat=True).first()
    if not code or person.employer != code:
        raise Refusal("control.not_found")


def _guardian(inside: Inside, request: Apply, person: Person) -> int | None:
    """person_id of the guardian who applies, if it is one of record."""
    guardians = people.guardians_of(person.person_id)
    if inside.caller.kind == "holder":
        return next((one for one in guardians if one in inside.caller.persons), None)
    if request.guardian is None:
        return None
    guardian = people.require(inside, request.guardian, what="guardian")
    if guardian.person_id not in guardians:
        refuse_if_any([Fault("guardian", "issuing.not_the_guardian")], "issuing.cannot_apply")
    return guardian.person_id


def live_of(person_id: int) -> str:
    """Why this person cannot apply now: "card", "application" or ""."""
    return _lives([person_id]).get(person_id, "")


def _lives(persons: Sequence[int]) -> dict[int, str]:
    """Who has an application under way or a living card."""
    live = dict.fromkeys(
        Card.objects.filter(person_id__in=persons)
        .exclude(production__in=LIVE_CARD_ENDS)
        .exclude(social="cancelled")
        .values_list("person_id", flat=True),
        "card",
    )
    applied = Application.objects.filter(person_id__in=persons, state__in=APPLICATION_LIVE)
    return live | dict.fromkeys(applied.values_list("person_id", flat=True), "application")


def _without_card(inside: Inside, request: ApplyMany, most: int) -> list[Person]:
    """Active persons without card and application; those who lack something are looked at too, so that the answer can
    say so, but only twice as many as are wanted."""
    from django.db.models import Exists, OuterRef

    query = Person.objects.filter(area_code=inside.area_code, state="active").exclude(
        Exists(Application.objects.filter(person_id=OuterRef("person_id"), state__in=APPLICATION_LIVE))
    )
    query = query.exclude(
        Exists(
            Card.objects.filter(person_id=OuterRef("person_id"))
            .exclude(production__in=LIVE_CARD_ENDS)
            .exclude(social="cancelled")
        )
    )
    if request.employer:
        query = query.filter(employer=request.employer)
    if request.category:
        query = query.filter(category=request.category)
    demands = demands_of(inside)
    persons, ready = [], 0
    for person in query.defer("facts").order_by("created_at", "person_id")[: 2 * most].iterator(chunk_size=2_000):
        persons.append(person)
        ready += not list(rules.standing(applicant(person), demands, inside.today))
        if ready == most:
            break
    return persons


def _application(inside: Inside, person_id: int, bank: str, outlet: str, way: str) -> Application:
    caller = inside.caller
    return Application(
        person_id=person_id,
        application_id=ids.new_id(),
        area_code=inside.area_code,
        bank=bank,
        outlet=outlet,
        state=after(APPLICATION, "", "issuing.apply", "issuing.application_state"),
        way=way,
        applied_by=caller.id,
        applied_person=caller.person_index,
        applied_name=caller.name[:60],
        applied_at=inside.now,
        changed_at=inside.now,
    )


def _insert(inside: Inside, made: Sequence[Application]) -> None:
    """The database has the last word on one live application a person."""
    try:
        with transaction.atomic():
            insert_many(made)
    except IntegrityError as error:
        if "issuing_application_one_live" not in str(error):
            raise
        raise Refusal("issuing.has_application") from None
    production.take_public_ids(inside.area, "application", [(one.person_id, one.application_id) for one in made])
