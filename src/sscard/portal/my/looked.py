"""Who has looked at my record, when, and why (SEC-1). One's own looks are there too, behind a switch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.control.models import Organisation
from sscard.kernel import words
from sscard.people import reads as people
from sscard.people.reads import Look
from sscard.portal import purposes
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_holder
from sscard.portal.tables import Column, Row, table_of

MOST = 300


@for_holder
def looked(request: HttpRequest, at: AtPage) -> HttpResponse:
    """`?own=1` shows one's own looks as well."""
    with looking(at, "who_looked") as (inside, whose):
        every = people.who_looked(inside, whose.person.person_id, most=MOST)
        names = {
            one.code: one.name(at.lang)
            for one in Organisation.objects.filter(code__in={look.organisation for look in every})
        }
    with_own = request.GET.get("own") == "1"
    mine = [look for look in every if _own(at, look)]
    shown = every if with_own else [look for look in every if not _own(at, look)]
    columns = [
        Column("at", at.word("my.looked.at"), "moment"),
        Column("who", at.word("my.looked.who")),
        Column("where", at.word("my.looked.where")),
        Column("what", at.word("my.looked.what")),
        Column("why", at.word("my.looked.why")),
    ]
    rows = [
        Row(
            {
                "at": look.at,
                "who": at.word("my.looked.you") if _own(at, look) else _who(at, look),
                "where": names.get(look.organisation, "") or at.word(_place(look)),
                "what": _what(at, look),
                "why": purposes.said(look.purpose, at.lang),
            },
            tone="bad" if look.result == "refused" else "plain",
        )
        for look in shown
    ]
    table = table_of(
        request,
        at.word("my.looked.caption"),
        columns,
        rows,
        empty_text=at.word("my.looked.empty"),
        filterable=len(rows) > 5,
    )
    switch = (
        Link(at.word("my.looked.hide_own"), request.path)
        if with_own
        else Link(at.word("my.looked.show_own", count=len(mine)), "?own=1")
    )
    return at.render(
        "portal/my/looked.html",
        title=at.word("my.looked.title" if whose.own else "my.looked.title_ward", name=whose.person.name_mask),
        lead=at.word("my.looked.lead"),
        whose=whose,
        table=table,
        switch=switch if mine else None,
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
    if words.has("act", look.verb):
        told = words.text("act", look.verb, at.lang)
    elif words.has("page", f"my.verb.{look.verb}"):
        told = at.word(f"my.verb.{look.verb}")
    else:
        told = at.word("my.verb.look")
    return at.word("my.looked.refused", what=told) if look.result == "refused" else told
