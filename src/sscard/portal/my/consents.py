"""My consents: who may see what of mine, what was looked at and when, and one click that ends it. Requests that wait for me
(CIBA) are answered here too, with the same proof as at the client's redirect."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.binding import reads, rules
from sscard.binding.card_to_card import BindBankCard
from sscard.binding.deciding import ACTION, RENEWING, Authorise, Decline, Renew
from sscard.binding.ending import Revoke
from sscard.binding.paying import USED
from sscard.binding.reads import ConsentView
from sscard.kernel import clock, words
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.consent import proving
from sscard.portal.my import card as cards
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Link, Notice
from sscard.portal.signed import AtPage, for_holder, fresh_key

HERE = "/my/consents/"
LOOKS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One look of a client, in words."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A consent with everything that its holder may want to know and do."""

    view: ConsentView
    client: str
    organisation: str
    state: str
    lines: list[Any]
    wants: list[str]
    looks: list[Line]
    more_looks: int
    ended: str
    can_renew: bool


@for_holder
def consents(request: HttpRequest, at: AtPage) -> HttpResponse:
    with looking(at, "consents") as (inside, whose):
        found = reads.of_person(inside, whose.person.person_id)
    shown = [_shown(at, one) for one in found]
    notices = [Notice(at.word("consent.ended_title"), at.word("consent.ended_text"))] if "ended" in request.GET else []
    return at.render(
        "portal/my/consents.html",
        title=at.word("consent.mine_title" if whose.own else "consent.mine_title_ward", name=whose.person.name_mask),
        lead=at.word("consent.mine_lead"),
        whose=whose,
        waiting=[one for one in shown if one.view.state == "AWAITING_AUTHORISATION" and one.view.way == "backchannel"],
        live=[one for one in shown if one.view.live],
        over=[one for one in shown if not one.view.live and one.view.state != "AWAITING_AUTHORISATION"],
        notices=notices,
        key=fresh_key(),
        here=HERE,
    )


@for_holder
def end(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    """One click, no question: nothing is lost that could not be agreed to again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("binding.revoke", Revoke(consent), purpose="my")
    return HttpResponseRedirect(f"{HERE}?ended=1")


@for_holder
def bank_card(request: HttpRequest, at: AtPage) -> HttpResponse:
    """BND-1: whoever wants to put another bank's card in place of the card's account is told why not, and what instead."""
    if request.method == "POST":
        with looking(at, "consents") as (inside, whose):
            shown = cards.current(inside, at, whose.person)
        if shown is None:
            raise Refusal("control.not_found")
        at.perform("binding.bind_bank_card", BindBankCard(shown.card.card_id), purpose="my")
    return at.render(
        "portal/my/bank_card.html",
        title=at.word("consent.bank_card_title"),
        lead=at.word("consent.bank_card_lead"),
        key=fresh_key(),
        here=HERE,
        crumbs=[Link(at.word("consent.nav"), HERE), Link(at.word("consent.bank_card_title"))],
    )


@for_holder
def ask(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    """A waiting request (CIBA), or a consent that is to be renewed: what it is, and how one proves that it is he."""
    view, renewing = _decidable(at, consent)
    title = at.word("consent.renew_title" if renewing else "consent.title", client=view.client(at.lang))
    return at.render(
        "portal/my/consent_ask.html",
        title=title,
        lead=at.word("consent.renew_lead" if renewing else "consent.own_lead", days=rules.DAYS_MOST),
        lines=proving.lines_of(view, at.lang),
        wants=proving.wants_of(view, at.lang),
        path=f"{HERE}{consent}/",
        renewing=renewing,
        key=fresh_key(),
        here=HERE,
        crumbs=[Link(at.word("consent.nav"), HERE), Link(title)],
    )


@for_holder
def code(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    view, renewing = _decidable(at, consent)
    if request.method == "POST":
        proving.send_code(request, view, RENEWING if renewing else ACTION)
        return HttpResponseRedirect(f"{HERE}{consent}/code/", status=303)
    return _code_page(at, view, renewing)


@for_holder
def face(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    view, renewing = _decidable(at, consent)
    path = f"{HERE}{consent}/"
    if request.method == "POST":
        url = proving.start_face(request, view, RENEWING if renewing else ACTION, f"{path}face/")
        return HttpResponseRedirect(url, status=303)
    proving.begun(request, consent, "face")
    return _page(at, "portal/consent/face.html", "consent.face_title", "consent.face_lead", view, renewing)


@for_holder
def agree(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    view, renewing = _decidable(at, consent)
    how = request.POST.get("how", "sms")
    begun = proving.begun(request, consent, how)
    typed = request.POST.get("code", "").strip()
    try:
        if renewing:
            at.perform(RENEWING, Renew(consent, how, begun.challenge, typed, rules.DAYS_MOST), purpose="my")
        else:
            at.perform(ACTION, Authorise(consent, how, begun.challenge, typed), purpose="my")
    except Refusal as refusal:
        if how == "sms" and refusal.code in proving.STAY:
            return _code_page(at, view, renewing, proving.at_code(refusal))
        raise
    proving.forget(request, consent)
    return HttpResponseRedirect(HERE, status=303)


@for_holder
def decline(request: HttpRequest, at: AtPage, consent: uuid.UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    at.perform("binding.decline", Decline(consent), purpose="my")
    return HttpResponseRedirect(HERE, status=303)


def _decidable(at: AtPage, consent: uuid.UUID) -> tuple[ConsentView, bool]:
    """The consent, and whether it is to be renewed rather than given."""
    with at.reading("binding.own", "my") as inside:
        view = reads.one(inside, consent)
    if view.state == "AWAITING_AUTHORISATION" and view.way == "backchannel":
        return view, False
    if view.state == "AUTHORISED" and view.duration == "TIME_BOUND":
        return view, True
    raise Refusal("binding.state_conflict", state=words.text("state", f"binding.{view.state}", at.lang), act="decide")


def _code_page(at: AtPage, view: ConsentView, renewing: bool, faults: Any = ()) -> HttpResponse:
    begun = proving.begun(at.request, view.consent_id, "sms")
    return _page(
        at, "portal/consent/code.html", "consent.code_title", "consent.code_lead", view, renewing,
        field=proving.code_field(at.lang, begun.shown), values={}, faults=faults,
    )  # fmt: skip


def _page(
    at: AtPage, template: str, title: str, lead: str, view: ConsentView, renewing: bool, **more: Any
) -> HttpResponse:
    agreed: Callable[..., str] = at.word
    return at.render(
        template,
        title=at.word(title),
        lead=at.word(lead, client=view.client(at.lang)),
        path=f"{HERE}{view.consent_id}/",
        key=fresh_key(),
        agree_label=agreed("consent.renew" if renewing else "consent.agree"),
        here=HERE,
        **more,
    )


def _shown(at: AtPage, view: ConsentView) -> Shown:
    looked = [
        Line(looks.show_moment(one.at, at.lang), _what(at, one.what, one.refused)) for one in view.looks[:LOOKS_SHOWN]
    ]
    ended, paid_at = "", view.payment.booked_at if view.payment else None
    if paid_at and view.state == USED:
        ended = at.word("consent.by.USED", day=looks.show_day(paid_at.astimezone(clock.CHINA).date(), at.lang))
    elif view.ended_at:
        by = f"consent.by.{view.revoked_by or view.state}"
        ended = at.word(by, day=looks.show_day(view.ended_at.astimezone(clock.CHINA).date(), at.lang))
    return Shown(
        view=view,
        client=view.client(at.lang),
        organisation=view.organisation(at.lang),
        state=f"binding.{view.state}",
        lines=proving.lines_of(view, at.lang)[1:],
        wants=proving.wants_of(view, at.lang),
        looks=looked,
        more_looks=max(len(view.looks) - LOOKS_SHOWN, 0),
        ended=ended,
        can_renew=view.state == "AUTHORISED" and view.duration == "TIME_BOUND",
    )


def _what(at: AtPage, what: str, refused: bool) -> str:
    code = f"consent.look.{what}"
    if words.has("page", code):
        told = at.word(code)
    else:
        told = words.text("act", what, at.lang) if words.has("act", what) else at.word("consent.look.other")
    return at.word("consent.look_refused", what=told) if refused else told
