"""The guide (ACT-1): which step is missing, where to go, what to bring, and where on the card to look for its bank."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.portal.my import card as cards
from sscard.portal.my import steps as guide
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_holder


@for_holder
def guide_page(request: HttpRequest, at: AtPage) -> HttpResponse:
    with looking(at, "guide") as (inside, whose):
        shown = cards.current(inside, at, whose.person)
        steps = guide.steps(inside, at, shown) if shown and not shown.dead else []
        face = inside.area.card_face(inside.today)
        hotline = inside.area.hotline
    crumbs = [Link(at.word("my.nav"), "/my/"), Link(at.word("my.guide.title"))]
    return at.render(
        "portal/my/guide.html",
        title=at.word("my.guide.title"),
        lead=at.word("my.guide.lead"),
        steps=steps,
        crumbs=crumbs,
        where_to_look=face.where_to_look.of(at.lang) if shown and shown.card.bank else "",
        hotline=hotline,
        here="/my/",
    )
