"""The social password at the desk: changed by who knows it, unlocked or replaced for who has lost it. With a chip in the reader
the chip does it; the register follows when the chip has shown that it is done."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.cards.acts import ChangeSocialPassword, PermitUnlock, UnlockSocialPassword
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import purposes
from sscard.portal.desk.at_devices import (
    CHANGE,
    UNLOCK,
    agent_papers,
    choose,
    device_page,
    done,
    faults_here,
    matter_of,
    open_session,
    terminals_with,
)  # fmt: skip
from sscard.portal.forms import uuid_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff
from sscard.terminals.evidence import peek


@for_staff("cards.password")
@purposes.asked
def change(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    """Card in the reader; the old one, and a new one twice."""
    matter, url = matter_of(request, at, card, placed=False), f"/cards/{card}/change-password/"
    if request.method == "POST" and request.POST.get("step") == "open":
        return open_session(request, at, CHANGE, url)
    faults: tuple[Fault, ...] = ()
    session = request.POST.get("session") or request.GET.get("session", "")
    if request.method == "POST":
        try:
            at.perform(CHANGE, ChangeSocialPassword(uuid_of(session), card), purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_here(refusal, "session")
        else:
            return done(at, matter, "change_password", Link(at.word("desk.nav"), "/desk/"))
    if not session:
        return choose(at, matter, _somewhere(at, CHANGE), "change_password")
    return device_page(request, at, matter, "change_password", session, [], faults)


@for_staff("cards.unlock")
@purposes.asked
def unlock(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    """Who stands here is checked before the chip is opened, and again when the register follows."""
    matter, url = matter_of(request, at, card, placed=False), f"/cards/{card}/unlock-password/"
    if request.method == "POST" and request.POST.get("step") == "open":
        more = ("pin_pad",) if request.POST.get("reset") == "yes" else ()
        return open_session(request, at, UNLOCK, url, *more)
    faults: tuple[Fault, ...] = ()
    session = request.POST.get("session") or request.GET.get("session", "")
    if request.method == "POST":
        reset = "pin_pad" in {one["kind"] for one in peek(uuid_of(session), at.caller)["devices"]}
        first = request.POST.get("first") == "yes"
        given = (uuid_of(session), card, reset, tuple(request.POST.getlist("agent_papers")))
        try:
            if first:
                at.perform("cards.permit_unlock", PermitUnlock(*given), purpose=purposes.of(request))
            else:
                at.perform(UNLOCK, UnlockSocialPassword(*given), purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_here(refusal, "agent_papers")
        else:
            if first:
                return HttpResponseRedirect(f"{url}?session={session}")
            return done(at, matter, "unlock_password", Link(at.word("desk.nav"), "/desk/"))
    if not session:
        forgotten = (("yes", at.word("unlock_password.reset"), at.word("unlock_password.reset_hint")),)
        more = Field("reset", at.word("unlock_password.forgotten"), kind="checkbox", required=False, options=forgotten)
        return choose(at, matter, _somewhere(at, UNLOCK), "unlock_password", (more,))
    return device_page(
        request, at, matter, "unlock_password", session, [agent_papers(at)], faults, "unlock_password.permit"
    )


def _somewhere(at: AtPage, matter: str) -> list:
    found = terminals_with(at, matter)
    if not found:
        raise Refusal("portal.no_terminal")
    return found
