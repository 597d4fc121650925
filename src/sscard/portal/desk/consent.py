"""A request for consent that waits for its holder (CIBA), decided at the counter: his original ID and card at the devices, the
message of the other screen, what is asked for, and what he decides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.binding import at_desk
from sscard.binding.at_desk import MATTER, WANTED, DecideAtDesk
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.consent import proving
from sscard.portal.desk.at_devices import devices_of, having
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.terminals.acts import OpenSession
from sscard.terminals.evidence import peek

HERE = "/desk/consent/"
MENDED_HERE = ("terminals.evidence", "binding.no_such_request", "cards.card_unknown")
"""Refusals that another message or another reading mends."""


@for_staff("binding.at_desk")
def decide(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Open the devices, find the request, show it, record the decision."""
    step, session = request.POST.get("step", ""), request.POST.get("session") or request.GET.get("session", "")
    if step == "open":
        asked = OpenSession(request.POST.get("terminal", ""), MATTER, WANTED)
        made = at.perform("terminals.open_session", asked)
        return HttpResponseRedirect(f"{HERE}?session={made.answer['session']}")
    if not session:
        return _choose(at)
    if step == "decide" and request.POST.get("decision") in ("agree", "decline"):
        return _decided(at, session)
    if step in ("find", "decide"):
        return _found(at, session)
    return _ask(at, session)


def _choose(at: AtPage) -> HttpResponse:
    terminals = having(at, WANTED)
    if not terminals:
        return at.render(
            "portal/desk/no_terminal.html", title=at.word("desk_consent.title"), here=HERE,
            sentence=Refusal("portal.no_terminal").sentence(at.lang),
            next_step=Refusal("portal.no_terminal").next_step(at.lang),
        )  # fmt: skip
    options = tuple((one.code, one.code, "") for one in terminals)
    return at.render(
        "portal/form.html", title=at.word("desk_consent.title"), lead=at.word("desk_consent.lead"), here=HERE,
        fields=[Field("terminal", at.word("device.terminal"), kind="radio", options=options)], action=HERE,
        values={"terminal": terminals[0].code}, submit_label=at.word("device.open"),
        hidden={"key": fresh_key(), "step": "open"}, cancel_url="/",
    )  # fmt: skip


def _ask(at: AtPage, session: str, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """Which message does the other screen show?"""
    message = Field("message", at.word("desk_consent.message"), hint=at.word("desk_consent.message_hint"), width="20")
    return _page(at, session, "find", [message], "desk_consent.lead", "desk_consent.find", faults=faults)


def _found(at: AtPage, session: str) -> HttpResponse:
    message = at.request.POST.get("message", "")
    try:
        with at.reading("binding.at_desk", "counter") as inside:
            view = at_desk.shown(inside, uuid_of(session), message)
    except Refusal as refusal:
        if not refusal.code.startswith(MENDED_HERE):
            raise
        return _ask(at, session, (Fault("message", refusal.code, refusal.facts),))
    options = tuple((one, at.word(f"desk_consent.{one}"), "") for one in ("agree", "decline"))
    return _page(
        at, session, "decide", [Field("decision", at.word("desk_consent.decision"), kind="radio", options=options)],
        "desk_consent.show_lead", "desk_consent.decide", more={"message": message},
        lines=proving.lines_of(view, at.lang),
        wants=proving.wants_of(view, at.lang),
    )  # fmt: skip


def _decided(at: AtPage, session: str) -> HttpResponse:
    agree = at.request.POST["decision"] == "agree"
    at.perform(MATTER, DecideAtDesk(uuid_of(session), at.request.POST.get("message", ""), agree), purpose="counter")
    name = "agreed" if agree else "declined"
    return at.render(
        "portal/done.html", title=at.word(f"desk_consent.{name}"), sentence=at.word(f"desk_consent.{name}_text"),
        next_steps=[Link(at.word("desk_consent.nav"), HERE)], here=HERE,
    )  # fmt: skip


def _page(
    at: AtPage, session: str, step: str, fields: list[Field], lead: str, button: str, *,
    faults: tuple[Fault, ...] = (), more: dict[str, str] | None = None, **around: Any,
) -> HttpResponse:  # fmt: skip
    seen = peek(uuid_of(session), at.caller, at.lang)
    if seen["state"] != "open":
        raise Refusal(f"terminals.session_{seen['state']}")
    return at.render(
        "portal/desk/consent.html", title=at.word("desk_consent.title"), lead=at.word(lead), here=HERE, action=HERE,
        fields=fields, faults=faults, values=at.request.POST, devices=devices_of(seen), seen=seen,
        live_url=f"/desk/devices/{session}/", submit_label=at.word(button), cancel_url=HERE, again_url=HERE,
        hidden={"key": fresh_key(), "session": session, "step": step, **(more or {})}, **around,
    )  # fmt: skip
