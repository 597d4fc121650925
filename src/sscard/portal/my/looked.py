"""Who has looked at my record, when, and why (SEC-1). One's own looks are there too, behind a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse

from sscard.control.models import Organisation
from sscard.kernel import clock, words
from sscard.people import reads as people
from sscard.people.reads import Look
from sscard.portal import looks, purposes
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_holder

MOST, FIRST = 1000, 50


@dataclass(frozen=True, slots=True)
class Line:
    """One look, in words. `why` is empty where the act itself says it."""

    day: str
    time: str
    who: str
    where: str
    what: str
    why: str
    refused: bool


@for_holder
def looked(request: HttpRequest, at: AtPage) -> HttpResponse:
    """`?own=1` shows one's own looks as well, `?all=1` the older ones."""
    whole, with_own = request.GET.get("all") == "1", request.GET.get("own") == "1"
    with looking(at, "who_looked") as (inside, whose):
        every = people.who_looked(inside, whose.person.person_id, most=MOST)
        codes = {look.organisation for look in every}
        names = {one.code: one.name(at.lang) for one in Organisation.objects.filter(code__in=codes)}
    mine = [look for look in every if _own(at, look)]
    found = every if with_own else [look for look in every if not _own(at, look)]
    lines = [_line(at, look, names) for look in (found if whole else found[:FIRST])]
    own = "own=1" if with_own else ""
    switch = Link(at.word("my.looked.show_own", count=len(mine)), "?own=1")
    if with_own:
        switch = Link(at.word("my.looked.hide_own"), request.path)
    return at.render(
        "portal/my/looked.html",
        title=at.word("my.looked.title" if whose.own else "my.looked.title_ward", name=whose.person.name_mask),
        lead=at.word("my.looked.lead"),
        whose=whose,
        days=[(day, list(group)) for day, group in groupby(lines, key=lambda line: line.day)],
        older=f"?{own}&all=1" if len(found) > FIRST and not whole else "",
        switch=switch if mine else None,
    )


def _line(at: AtPage, look: Look, names: Mapping[str, str]) -> Line:
    local = look.at.astimezone(clock.CHINA)
    return Line(
        day=looks.show_day(local.date(), at.lang),
        time=f"{local:%H:%M}",
        who=at.word("my.looked.you") if _own(at, look) else _who(at, look),
        where=names.get(look.organisation, "") or at.word(_place(look)),
        what=_what(at, look),
        why=purposes.said(look.purpose, at.lang),
        refused=look.result == "refused",
    )


def _own(at: AtPage, look: Look) -> bool:
    """The holder himself: he belongs to no organisation and stands there with the mask of his own name."""
    return not look.organisation and look.who == at.caller.name


def _who(at: AtPage, look: Look) -> str:
    return look.who if look.who and look.channel != "job" else at.word("my.looked.system")


def _place(look: Look) -> str:
    return "my.looked.automatic" if look.channel == "job" else "my.looked.online"


def _what(at: AtPage, look: Look) -> str:
    """The act's own name; a look says what was looked at. A refused try says that it was refused."""
    if words.has("page", f"my.verb.{look.verb}"):
        told = at.word(f"my.verb.{look.verb}")
    elif words.has("act", look.verb) and not look.read:
        told = words.text("act", look.verb, at.lang)
    else:
        told = at.word("my.verb.look")
    return at.word("my.looked.refused", what=told) if look.result == "refused" else told
