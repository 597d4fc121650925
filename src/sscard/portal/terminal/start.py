"""The clean screen, what to do, and the way back to the clean screen."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.portal import evidence, looks
from sscard.portal.signed import fresh_key
from sscard.portal.terminal.kiosk import AtKiosk, Visit, for_kiosk
from sscard.portal.terminal.matters import MATTERS, Matter, needs_staff, offered, wanted


@for_kiosk
def start(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Nobody is here. Whatever a visit left is ended first."""
    at.clear()
    return at.render(
        "portal/terminal/start.html",
        title=at.word("kiosk.start"),
        lead=at.word("kiosk.start_lead"),
        matters=[(one.name, at.word(f"kiosk.do.{one.name}"), at.word(f"kiosk.hint.{one.name}")) for one in offered(at)],
        key=fresh_key(),
        leaves=False,
    )


@for_kiosk
def begin(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    matter = MATTERS.get(request.POST.get("matter", ""))
    if request.method != "POST" or matter is None or matter not in offered(at):
        return HttpResponseRedirect("/terminal/")
    at.clear()
    at.put(Visit(name=matter.name))
    if needs_staff(at, matter):
        return HttpResponseRedirect("/terminal/staff/")
    return open_devices(at, matter, request.POST.get("key", ""))


def open_devices(at: AtKiosk, matter: Matter, key: str) -> HttpResponse:
    visit = at.visit()
    session = evidence.begin(at.acting(), at.terminal.code, matter.act, wanted(at, matter), key)
    at.put(replace(visit, session=str(session)))
    return HttpResponseRedirect("/terminal/devices/")


@for_kiosk
def leave(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The card was pulled, the time is over, or the customer has had enough: a clean screen at once, in Chinese and normal
    size for the next one. It only ends things, so the slot's driver may simply open this address."""
    at.clear()
    response = looks.forget_choice(HttpResponseRedirect("/terminal/"))
    response["Clear-Site-Data"] = '"cache"'
    return response
