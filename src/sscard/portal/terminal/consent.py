"""A bank's or partner's request that waits for its holder (CIBA), decided at the machine: ID and card at the devices, which of
the waiting messages the other screen shows, what is asked for, and his answer."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.binding import at_desk
from sscard.binding.reads import ConsentView
from sscard.control import door
from sscard.kernel.refusals import Refusal
from sscard.portal import evidence
from sscard.portal.consent import proving
from sscard.portal.shapes import Answer
from sscard.portal.signed import fresh_key
from sscard.portal.terminal.kiosk import PURPOSE, RESULT_SECONDS, AtKiosk, for_kiosk
from sscard.portal.terminal.matters import CONSENT
from sscard.portal.terminal.savings_screens import READING_SECONDS

HERE, START, DEVICES = "/terminal/consent/", "/terminal/", "/terminal/devices/"
RIGHT = "binding.at_desk"


@for_kiosk
def consent(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    visit = at.visit()
    if visit.name != CONSENT or not visit.session:
        return HttpResponseRedirect(START)
    if not evidence.panel(at.acting(), visit.session, at.lang).complete:
        return HttpResponseRedirect(DEVICES)
    area = evidence.card_in(at.acting(), visit.session, PURPOSE).area
    with door.reading(at.acting(), right=RIGHT, purpose=PURPOSE, area=area) as inside:
        waiting = at_desk.waiting(inside, uuid.UUID(visit.session))
    if not waiting:
        raise Refusal("binding.no_such_request")
    message, decision = request.POST.get("message", ""), request.POST.get("decision", "")
    asked = next((one for one in waiting if one.message == message), None)
    if asked is None:
        return _which(at, waiting)
    return _decided(at, asked, area, agree=decision == "agree") if decision in ("agree", "decline") else _ask(at, asked)


def _which(at: AtKiosk, waiting: list[ConsentView]) -> HttpResponse:
    choices = [(one.message, one.message, one.client(at.lang)) for one in waiting]
    return _screen(at, "which", question="message", choices=choices, lead=at.word("kiosk.consent.which_lead"))


def _ask(at: AtKiosk, asked: ConsentView) -> HttpResponse:
    comma = "；" if at.lang == "zh" else "; "
    wants = Answer(at.word("consent.what"), comma.join(proving.wants_of(asked, at.lang)))
    choices = [
        (one, at.word(f"kiosk.consent.{one}"), at.word(f"kiosk.consent.{one}_hint")) for one in ("agree", "decline")
    ]
    return _screen(
        at, "ask", question="decision", choices=choices, lines=[*proving.lines_of(asked, at.lang), wants],
        carried=[("message", asked.message)], seconds=READING_SECONDS,
    )  # fmt: skip


def _screen(at: AtKiosk, name: str, **more: Any) -> HttpResponse:
    title = at.word(f"kiosk.consent.{name}")
    return at.render("portal/terminal/question.html", title=title, action=HERE, key=fresh_key(), **more)


def _decided(at: AtKiosk, asked: ConsentView, area: str, *, agree: bool) -> HttpResponse:
    """The same evidence serves the decision, and nothing else after it."""
    session = uuid.UUID(at.visit().session)
    at.perform(at_desk.MATTER, at_desk.DecideAtDesk(session, asked.message, agree), area=area)
    at.clear()
    name = "agreed" if agree else "declined"
    return at.render(
        "portal/terminal/done.html", title=at.word(f"desk_consent.{name}"), lead=at.word(f"desk_consent.{name}_text"),
        lines=[], seconds=RESULT_SECONDS,
    )  # fmt: skip
