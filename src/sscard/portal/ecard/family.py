"""Family service: whose cards I show, who shows mine, and asking a relative."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.cards.electronic import reads
from sscard.cards.electronic.family import AnswerRelative, AskRelative, EndRelative
from sscard.kernel.refusals import Refusal
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.portal.ecard.me import looking
from sscard.portal.ecard.sign import HERE
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Field, Link, Notice
from sscard.portal.signed import AtPage, for_holder, fresh_key

PLACES = {"cards.ecard_family_full": "id_number"}


@for_holder
def family(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return _page(at, {}, ())
    wanted = AskRelative(
        name=request.POST.get("name", "").strip(),
        id_number=request.POST.get("id_number", "").strip(),
        kind=request.POST.get("kind", ""),
    )
    try:
        at.perform("cards.ecard_family_ask", wanted)
    except Refusal as refusal:
        return _page(at, request.POST, faults_of(refusal, PLACES))
    return _page(at, {}, (), asked=True)


def _page(at: AtPage, values: Any, faults: Any, *, asked: bool = False) -> HttpResponse:
    with looking(at, "ecard_family") as (inside, me):
        found = reads.relatives(inside, me.person_id)
        most = int(inside.area.value("ecard_family_max", inside.today))
        shown = {one.person for one in found}
        wards = [
            one
            for one in Person.objects.filter(person_id__in=people.wards_of(me.person_id))
            if one.public_id not in shown
        ]
    kinds = tuple((one, at.word(f"ecard.kind.{one}"), "") for one in ("elder", "spouse", "other"))
    fields = [
        Field("name", at.word("ecard.relative_name")),
        Field("id_number", at.word("ecard.relative_id"), maxlength=18),
        Field("kind", at.word("ecard.relative_kind"), kind="radio", options=kinds),
    ]
    title = at.word("ecard.family_title")
    return at.render(
        "portal/ecard/family.html",
        title=title,
        lead=at.word("ecard.family_lead", most=most),
        kept=[one for one in found if not one.mine],
        keepers=[one for one in found if one.mine],
        wards=wards,
        fields=fields,
        values=values,
        faults=faults,
        action="/my/ecard/family/",
        submit_label=at.word("ecard.family_ask"),
        hidden={"key": fresh_key()},
        key=fresh_key(),
        notices=[Notice(at.word("ecard.family_asked"), at.word("ecard.family_asked_text"))] if asked else [],
        crumbs=[Link(at.word("ecard.title"), HERE), Link(title)],
        here=HERE,
    )


@for_holder
def answer(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method == "POST":
        wanted = AnswerRelative(uuid_of(request.POST.get("relative", "")), request.POST.get("agree") == "yes")
        at.perform("cards.ecard_family_answer", wanted)
    return HttpResponseRedirect("/my/ecard/family/")


@for_holder
def end(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method == "POST":
        at.perform("cards.ecard_family_end", EndRelative(uuid_of(request.POST.get("relative", ""))))
    return HttpResponseRedirect("/my/ecard/family/")
