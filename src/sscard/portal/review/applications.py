"""Checking applications: the claim and the evidence side by side, by another person than the one who took it in."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.issuing import reads as issuing
from sscard.issuing.acts import Check, CheckCampaign
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import reads as people
from sscard.portal import looks, purposes
from sscard.portal.forms import data_uri
from sscard.portal.shapes import Answer, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.tables import Column, Row, table_of

RIGHT = "issuing.check"


def naming(at: AtPage) -> tuple[dict[str, str], dict[str, str]]:
    """Names of the area's banks and outlets by code."""
    area = areas.get(at.caller.area)
    outlets = {one.code: one.name.of(at.lang) for one in area.outlets()}
    return {one.code: one.short.of(at.lang) for one in area.banks_file.bank}, outlets


@for_staff(RIGHT)
@purposes.asked
def queue(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Single applications, the oldest first, and campaigns by their numbers."""
    with at.reading("issuing.view", "check") as inside:
        found = issuing.applications(inside, state="applied")
        campaigns = issuing.campaigns(inside)
    banks, outlets = naming(at)
    columns = [
        Column("name", at.word("person.name")),
        Column("bank", at.word("apply.bank")),
        Column("outlet", at.word("apply.outlet")),
        Column("way", at.word("applications.way")),
        Column("who", at.word("applications.taken_by")),
        Column("at", at.word("applications.at"), "moment"),
    ]
    rows = [
        Row(
            {
                "name": one["name"],
                "bank": banks.get(one["bank"], one["bank"]),
                "outlet": outlets.get(one["outlet"], one["outlet"]),
                "way": at.word(f"applications.way_{one['way']}"),
                "who": one["applied_name"],
                "at": one["applied_at"],
            },
            url=f"/applications/{one['application']}/",
        )
        for one in found
    ]
    table = table_of(
        request, at.word("applications.caption"), columns, rows, sort="at", empty_text=at.word("applications.empty")
    )
    named = [
        {
            **one,
            "bank": banks.get(one["bank"], one["bank"]),
            "outlet": outlets.get(one["outlet"], one["outlet"]),
            "key": fresh_key(),
        }
        for one in campaigns
    ]
    return at.render(
        "portal/review/applications.html",
        title=at.word("review.nav_applications"),
        lead=at.word("applications.lead"),
        table=table,
        campaigns=named,
        here="/applications/",
    )


@for_staff(RIGHT)
@purposes.asked
def detail(request: HttpRequest, at: AtPage, application: uuid.UUID) -> HttpResponse:
    return _detail(request, at, application)


def _detail(request: HttpRequest, at: AtPage, application: uuid.UUID, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    with at.reading("issuing.view", purposes.of(request) or "check") as inside:
        one = issuing.application(inside, application)
        person = people.require(inside, uuid.UUID(one["person"]), what="application")
        picture = people.photo(inside, person)
    banks, outlets = naming(at)
    claim = [
        Answer(at.word("apply.bank"), banks.get(one["bank"], one["bank"])),
        Answer(at.word("apply.outlet"), outlets.get(one["outlet"], one["outlet"])),
        Answer(at.word("applications.way"), at.word(f"applications.way_{one['way']}")),
        Answer(
            at.word("applications.taken_by"), one["applied_name"], note=looks.show_moment(one["applied_at"], at.lang)
        ),
    ]
    evidence = [
        Answer(at.word("person.name"), one["name"]),
        Answer(at.word("person.id_number"), one["id_number"]),
        Answer(at.word("person.birth_date"), looks.show_day(person.birth_date, at.lang)),
        Answer(at.word("person.category"), at.word(f"category.{person.category}")),
    ]
    return at.render(
        "portal/review/application.html",
        title=at.word("applications.title", name=one["name"]),
        one=one,
        claim=claim,
        evidence=evidence,
        papers=_papers(one, at),
        photo=data_uri(*picture) if picture else "",
        key=fresh_key(),
        state=f"issuing.application.{one['state']}",
        may="issuing.check" in one["next_acts"],
        faults=faults,
        values={"reason": request.POST.get("reason", "")},
        here="/applications/",
        person_url=f"/people/{one['person']}/",
        crumbs=[Link(at.word("review.nav_applications"), "/applications/"), Link(one["name"])],
    )


def _papers(one: dict[str, Any], at: AtPage) -> list[dict[str, str]]:
    """Seen, to be seen at the hand-over, missing, or not needed and why."""
    found = []
    for paper in one["papers"]:
        state = "seen" if paper["seen"] else "due" if paper["due"] else "missing" if paper["needed"] else "idle"
        found.append({"name": paper[f"name_{at.lang}"], "why": paper[f"why_{at.lang}"], "state": f"paper.{state}"})
    return found


@for_staff(RIGHT)
def check(request: HttpRequest, at: AtPage, application: uuid.UUID) -> HttpResponse:
    """Accepted, or sent back with the reason; then on to the next in the queue."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    accept = request.POST.get("accept") == "yes"
    try:
        at.perform(RIGHT, Check(application, accept, "" if accept else request.POST.get("reason", "")), purpose="check")
    except Refusal as refusal:
        if refusal.code != "control.reason_missing":
            raise
        return _detail(request, at, application, (Fault("reason", refusal.code, refusal.facts),))
    with at.reading("issuing.view", "check") as inside:
        waiting = issuing.applications(inside, state="applied", most=1)
    return HttpResponseRedirect(f"/applications/{waiting[0]['application']}/" if waiting else "/applications/")


@for_staff(RIGHT)
def check_campaign(request: HttpRequest, at: AtPage, campaign: uuid.UUID) -> HttpResponse:
    """All of a campaign, as many as the reviewer saw in the list."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    seen = request.POST.get("applications", "")
    at.perform(
        "issuing.check_campaign",
        CheckCampaign(campaign, int(seen) if seen.isdecimal() and len(seen) < 8 else 0),
        purpose="check",
    )
    return HttpResponseRedirect("/applications/")
