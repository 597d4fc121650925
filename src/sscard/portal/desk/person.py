"""A person's page: everything that stands to his name, what may be done now, and what not with the reason.

Opening it is one recorded look; the eye is another, with the field that was shown.
"""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from sscard.codes import nations
from sscard.control.models import Organisation
from sscard.kernel import words
from sscard.kernel.dates import age_on
from sscard.people import reads as people
from sscard.people.reads import Look
from sscard.portal import looks, purposes
from sscard.portal.desk import allowed, person_facts
from sscard.portal.shapes import Answer, Link
from sscard.portal.signed import AtPage, for_staff
from sscard.portal.tables import Column, Row, Table, table_of

REVEALED = ("name", "id_number", "phone", "live_address", "household_address")
LOOKS_SHOWN = 5


@for_staff("people.view")
@purposes.asked
def show(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    return page(request, at, person)


def page(request: HttpRequest, at: AtPage, person: uuid.UUID, shown: dict[str, str] | None = None) -> HttpResponse:
    """`shown`: values that a recorded look has just revealed, for browsers without script."""
    with at.reading("people.view", purposes.of(request)) as inside:
        found = people.require(inside, person)
        facts = person_facts.gather(inside, found, at)
        acts = allowed.acts_for(inside, at, found, facts)
        seen = [_look(one, at) for one in people.who_looked(inside, found.person_id, most=LOOKS_SHOWN)]
        age = age_on(found.birth_date, inside.today)
    return at.render(
        "portal/desk/person.html", title=found.name_mask, person=found, facts=facts, acts=acts, seen=seen, age=age,
        shown=shown or {}, crumbs=[Link(at.word("desk.nav"), "/desk/"), Link(found.name_mask)],
        purpose=purposes.said(purposes.of(request), at.lang), here="/desk/",
        category=at.word(f"category.{found.category}"), sex=at.word(f"sex.{found.sex}"),
        nation=nations.name(found.nation, at.lang) if found.nation else "",
        reveal_url=f"/people/{person}/reveal/", phone=found.phone_mask or at.word("person.not_given"),
        person_state=f"people.{found.state}", application_title=at.word("person.applications"),
        application_lines=_application_lines(facts, at),
    )  # fmt: skip


@for_staff("people.view")
@purposes.asked
def reveal(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    """The eye: one field in clear, with who, why and which field in the audit row."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    field = request.POST.get("field", "")
    field = field if field in REVEALED else "id_number"
    with at.reading("people.view", purposes.of(request)) as inside:
        found = people.require(inside, person, what="unmask")
        inside.detail["field"] = field
        value = str(people.facts(inside, found).get(field) or at.word("person.not_given"))
    value = looks.grouped(value) if field == "phone" else value
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": value, "said": at.word("masked.was_recorded")})
    return page(request, at, person, {field: value})


@for_staff("people.view")
@purposes.asked
def who_looked(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    """Everybody who looked at or changed this record, as its holder sees it too."""
    with at.reading("people.view", purposes.of(request)) as inside:
        found = people.require(inside, person)
        rows = people.who_looked(inside, found.person_id)
    names = {
        one.code: one.name(at.lang) for one in Organisation.objects.filter(code__in={r.organisation for r in rows})
    }
    return at.render(
        "portal/desk/looks.html", title=at.word("person.looks_of", name=found.name_mask), here="/desk/",
        table=_looks_table(request, at, rows, names),
        crumbs=[Link(at.word("desk.nav"), "/desk/"), Link(found.name_mask, f"/people/{person}/"), Link(at.word("person.looks"))],
    )  # fmt: skip


def _looks_table(request: HttpRequest, at: AtPage, rows: list[Look], names: dict[str, str]) -> Table:
    columns = [
        Column("at", at.word("person.look_at"), "moment"), Column("who", at.word("person.look_who")),
        Column("office", at.word("person.look_office")), Column("what", at.word("person.look_what")),
        Column("why", at.word("person.look_why")), Column("result", at.word("person.look_result"), "state"),
    ]  # fmt: skip
    made = [
        Row(
            {
                "at": one.at, "who": one.who, "office": names.get(one.organisation, one.organisation),
                "what": verb(one.verb, at.lang), "why": purposes.said(one.purpose, at.lang), "result": f"audit.{one.result}",
            },
            tone="bad" if one.result == "refused" else "plain",
        )
        for one in rows
    ]  # fmt: skip
    return table_of(request, at.word("person.looks"), columns, made, sort="-at")


def _application_lines(facts: person_facts.PersonFacts, at: AtPage) -> list[Answer]:
    """Applications with their state; one that was sent back says why."""
    return [
        Answer(
            looks.show_day(one.applied_at, at.lang),
            looks.state_word(f"issuing.application.{one.state}", at.lang),
            note=at.word("person.returned", reason=one.reason) if one.reason else "",
        )
        for one in facts.applications
    ]


def _look(one: Look, at: AtPage) -> dict[str, object]:
    return {"at": one.at, "who": one.who, "what": verb(one.verb, at.lang), "why": purposes.said(one.purpose, at.lang)}


def verb(name: str, lang: str) -> str:
    """An act's or a reading's name in words."""
    if words.has("act", name):
        return words.text("act", name, lang)
    return looks.word(f"verb.{name}", lang) if words.has("page", f"verb.{name}") else name
