"""The counter's first page: read the customer's card."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control.rights import decide
from sscard.law import areas
from sscard.portal import evidence
from sscard.portal.bank import counter
from sscard.portal.bank.counter import LOOK, Desk
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.terminals.models import Terminal


@for_staff("bank.view")
def start(request: HttpRequest, at: AtPage) -> HttpResponse:
    if not decide(at.caller, evidence.RIGHT):
        return HttpResponseRedirect("/bank/approvals/")
    there = counter.counters(at)
    code = counter.terminal(at)
    if there and not code:
        return _ask_counter(at)
    on_desk = counter.desk(at)
    return at.render(
        "portal/bank/start.html",
        title=at.word("counter.title"),
        lead=at.word("counter.lead"),
        terminal=code,
        place=_place(there, code, at.lang),
        several=len(there) > 1,
        key=fresh_key(),
        customer=bool(on_desk.card),
        here="/bank/",
    )


def _place(there: list[Terminal], code: str, lang: str) -> str:
    """The counter by the name of its outlet; by its code as well where the outlet has several."""
    here = next((one for one in there if one.code == code), None)
    if here is None:
        return code
    outlets = areas.get(here.area_code).outlets() if here.area_code else ()
    name = next((one.name.of(lang) for one in outlets if one.code == here.outlet), "")
    alone = sum(one.outlet == here.outlet for one in there) == 1
    return name if name and alone else f"{name} {code}".strip()


def _ask_counter(at: AtPage) -> HttpResponse:
    there = counter.counters(at)
    options = tuple((one.code, _place(there, one.code, at.lang), "") for one in there)
    if not options:
        return HttpResponseRedirect("/bank/")  # which says that no counter is registered here
    field = Field("terminal", at.word("counter.which"), kind="radio", options=options)
    return at.render(
        "portal/form.html",
        title=at.word("counter.which"),
        lead=at.word("counter.which_lead"),
        fields=[field],
        values={"terminal": options[0][0]},
        action="/bank/counter/",
        submit_label=at.word("counter.choose"),
        hidden={"key": fresh_key()},
        here="/bank/",
    )


@for_staff("bank.view")
def choose(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Sit down at a counter; a code of another house is not taken."""
    if request.method != "POST":
        return _ask_counter(at)
    asked = request.POST.get("terminal", "")
    if asked in {one.code for one in counter.counters(at)}:
        request.session[counter.TERMINAL] = asked
    return HttpResponseRedirect("/bank/")


@for_staff("bank.view")
def read(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A fresh session for the card alone; the one before ends with it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    counter.clear(at)
    session = evidence.begin(at.caller, counter.terminal(at), LOOK, ("card_slot",), request.POST.get("key", ""))
    counter.put(at, Desk(session=str(session), matter=LOOK))
    return HttpResponseRedirect("/bank/devices/")


@for_staff("bank.view")
def next_customer(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    counter.clear(at)
    return HttpResponseRedirect("/bank/")
