"""The first page: is my card all right, and what do I do next?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.reads import AccountView
from sscard.bank.reads_life import left_behind
from sscard.law.areas import Area
from sscard.portal.my import card as cards
from sscard.portal.my import running
from sscard.portal.my import steps as guide
from sscard.portal.my.card import Shown
from sscard.portal.my.steps import Step
from sscard.portal.my.whose import CHOSEN, Whose, looking
from sscard.portal.shapes import Notice
from sscard.portal.signed import AtPage, for_holder


@for_holder
def start(request: HttpRequest, at: AtPage) -> HttpResponse:
    with looking(at, "card") as (inside, whose):
        shown = cards.current(inside, at, whose.person)
        behind = left_behind(inside, whose.person.person_id)
        area = inside.area
        steps = guide.steps(inside, at, shown) if shown and not shown.dead else []
        applied = running.application(whose.person.person_id, shown)
        under_way = running.running(at, running.account(whose.person.person_id), applied, inside)
        awaited = running.awaited(applied)
        way = running.way(at, inside, applied) if shown is None and applied is not None and awaited else ()
        collect = running.to_collect(at, inside, applied) if shown is None and applied is not None and awaited else ()
        without = shown is None and not awaited
        apply = guide.papers(inside.area, running.APPLY, at.lang) if without else ()
        places = guide.bureau_places(inside.area, at.lang) if without else ()
    step = guide.what_next(steps)
    return at.render(
        "portal/my/start.html",
        title=_headline(at, shown, step, whose, awaited=awaited),
        lead=_lead(at, shown, step, awaited=awaited),
        shown=shown,
        step=step,
        steps=steps,
        running=under_way,
        way=way,
        collect=collect,
        whose=whose,
        apply=apply,
        places=places,
        notices=[_behind(at, area, one) for one in behind],
        here="/my/",
    )


def _behind(at: AtPage, area: Area, one: AccountView) -> Notice:
    """Money may lie on an account that stayed at the bank of an earlier card: he settles it there himself."""
    bank = area.bank(one.bank)
    facts = {"bank": bank.short.of(at.lang), "number": one.pan_mask[-4:], "hotline": bank.hotline}
    return Notice(
        at.word("my.behind.title", **facts),
        at.word("my.behind.text", **facts),
        "wait",
        f"/banks/{area.code}/",
        at.word("my.behind.where"),
    )


def _headline(at: AtPage, shown: Shown | None, step: Step | None, whose: Whose, *, awaited: bool) -> str:
    """The answer itself, as the page's heading."""
    who = "own" if whose.own else "ward"
    name = whose.person.name_mask
    if awaited and (shown is None or shown.dead):
        return at.word(f"my.head.awaited_{who}", name=name)
    if shown is None:
        return at.word(f"my.head.none_{who}", name=name)
    if shown.dead:
        return at.word(f"my.head.dead_{who}", name=name)
    if step is not None:
        return at.word(f"my.head.{step.matter}_{who}", name=name)
    return at.word(f"my.head.{'good' if shown.ready else 'look'}_{who}", name=name)


def _lead(at: AtPage, shown: Shown | None, step: Step | None, *, awaited: bool) -> str:
    if awaited and (shown is None or shown.dead):
        return at.word("my.lead.awaited")
    if shown is None:
        return at.word("my.lead.none")
    if step is not None:
        return step.sentence
    return at.word("my.lead.good" if shown.ready else "my.lead.look")


@for_holder
def choose(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Switch between oneself and one's children. What is not one's own is ignored: `looking` falls back to oneself."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    request.session[CHOSEN] = request.POST.get("whose", "")[:36]
    return HttpResponseRedirect("/my/")
