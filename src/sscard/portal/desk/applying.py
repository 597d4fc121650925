"""Applying for a card at the desk: which bank, which outlet, which papers were seen, and which nobody needs."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse

from sscard.issuing.acts import Apply
from sscard.issuing.applying import demands_of
from sscard.issuing.rules import CHILD_PAPERS
from sscard.kernel import clock
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.people.reads import PersonView
from sscard.portal import purposes
from sscard.portal.desk.changing import crumbs
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

PLACES = {"issuing.has_application": "bank"}


@for_staff("issuing.apply")
@purposes.asked
def apply(request: HttpRequest, at: AtPage, person: uuid.UUID) -> HttpResponse:
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        guardian = request.POST.get("guardian", "")
        wanted = Apply(
            person, request.POST.get("bank", ""), request.POST.get("outlet", ""),
            tuple(request.POST.getlist("papers")), uuid_of(guardian) if guardian else None,
        )  # fmt: skip
        try:
            at.perform("issuing.apply", wanted, purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_of(refusal, PLACES)
        else:
            return at.render(
                "portal/done.html", title=at.word("apply.done"), sentence=at.word("apply.done_text"), here="/desk/",
                next_steps=[Link(at.word("register.open"), f"/people/{person}/"), Link(at.word("desk.nav"), "/desk/")],
            )  # fmt: skip
    with at.reading("people.view", purposes.of(request)) as inside:
        found = people.require(inside, person, what="application")
        child = age_on(found.birth_date, inside.today) < demands_of(inside).guardian_age
        ids = people.guardians_of(found.person_id)
        guardians = [PersonView.of(one) for one in Person.objects.filter(person_id__in=ids)]
    fields, idle = _fields(at, child, guardians)
    values = {
        "bank": request.POST.get("bank", ""), "outlet": request.POST.get("outlet", ""),
        "papers": request.POST.getlist("papers"), "guardian": request.POST.get("guardian", ""),
    }  # fmt: skip
    return at.render(
        "portal/desk/apply.html", title=at.word("apply.title"), lead=at.word("apply.lead", name=found.name_mask),
        fields=fields, idle=idle, values=values, faults=faults, action=f"/people/{person}/apply/", here="/desk/",
        submit_label=at.word("apply.button"), hidden={"key": fresh_key()}, cancel_url=f"/people/{person}/",
        crumbs=crumbs(at, person, found.name_mask, at.word("apply.title")),
    )  # fmt: skip


def _fields(at: AtPage, child: bool, guardians: list[PersonView]) -> tuple[list[Field], list[tuple[str, str]]]:
    """The questions, and the papers that nobody needs, each with why."""
    area, on, lang = areas.get(at.caller.area), clock.today(at.caller.area), at.lang
    banks = tuple((bank.code, bank.name.of(lang), "") for bank in area.banks(on))
    outlets = [("", at.word("register.choose"), "")]
    for outlet in area.outlets():
        whose = area.bank(outlet.bank, on).short.of(lang) if outlet.bank else at.word("apply.bureau")
        outlets.append((outlet.code, outlet.name.of(lang), whose))
    papers = area.papers("apply")
    asked = [one for one in papers if one.needed or (child and one.code in CHILD_PAPERS)]
    fields = [
        Field("bank", at.word("apply.bank"), kind="radio", hint=at.word("apply.bank_hint"), options=banks),
        Field(
            "outlet", at.word("apply.outlet"), kind="select", hint=at.word("apply.outlet_hint"), options=tuple(outlets)
        ),
    ]
    if child or guardians:
        options = (
            ("", at.word("apply.no_guardian"), ""),
            *((str(g.public_id), g.name, g.id_number) for g in guardians),
        )
        fields.append(Field("guardian", at.word("apply.guardian"), kind="select", options=options, required=child))
    fields.append(
        Field(
            "papers", at.word("apply.papers"), kind="checkbox", hint=at.word("apply.papers_hint"),
            options=tuple((one.code, one.name.of(lang), one.why.of(lang)) for one in asked),
        )
    )  # fmt: skip
    idle = [(one.name.of(lang), one.why.of(lang)) for one in papers if one not in asked]
    return fields, idle
