"""Where the bank's switch asks for it: a member of the bank's staff compares the customer with his ID and confirms here,
with his own two factors, for this one visit."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control import signin
from sscard.control.caller import Caller
from sscard.control.models import Staff
from sscard.control.rights import decide
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal.shapes import Field
from sscard.portal.signed import fresh_key
from sscard.portal.terminal.kiosk import AtKiosk, for_kiosk
from sscard.portal.terminal.matters import MATTERS
from sscard.portal.terminal.start import open_devices
from sscard.terminals.acts import stands_with


@for_kiosk
def staff(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    matter = MATTERS.get(at.visit().name)
    if matter is None:
        return HttpResponseRedirect("/terminal/")
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            member = _confirmed(at)
        except Refusal as refusal:
            faults = (Fault("username", refusal.code, refusal.facts),)
        else:
            at.put(replace(at.visit(), session="", staff=str(member.staff_id)))
            return open_devices(at, matter, request.POST.get("key", ""))
    fields = [
        Field("username", at.word("front.username")),
        Field("password", at.word("front.password"), kind="password"),
        Field("code", at.word("front.code"), kind="digits", width="6"),
    ]
    return at.render(
        "portal/terminal/form.html",
        title=at.word("kiosk.staff"),
        lead=at.word("kiosk.staff_lead"),
        fields=fields,
        values={"username": request.POST.get("username", "")},
        faults=faults,
        action="/terminal/staff/",
        submit_label=at.word("kiosk.staff_confirm"),
        hidden={"key": fresh_key()},
        seconds=120,
    )


def _confirmed(at: AtKiosk) -> Staff:
    """The member of staff behind the two factors, if he is of this terminal's bank and may activate."""
    post = at.request.POST
    member = signin.staff(
        post.get("username", ""),
        post.get("password", ""),
        post.get("code", ""),
        address=at.caller.address,
        channel="terminal",
    )
    caller = Caller.of_staff(member, channel="terminal")
    if not decide(caller, "bank.activate") or not stands_with(at.terminal, caller):
        raise Refusal("terminals.not_yours", terminal=at.terminal.code)
    return member
