"""Staff sign the terminal's program in, once; from then on the screen belongs to customers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.control import sessions, signin
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.shapes import Field
from sscard.portal.terminal.kiosk import TERMINAL
from sscard.terminals.models import Terminal


def sign_in(request: HttpRequest) -> HttpResponse:
    """Program name, its key, and at which terminal this screen stands."""
    lang = looks.language(request)
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        try:
            return _enter(request)
        except Refusal as refusal:
            places = {"control.sign_in": "secret"}
            faults = (Fault(places.get(refusal.code, "terminal"), refusal.code, refusal.facts),)
    fields = [
        Field("name", looks.word("kiosk.program", lang), hint=looks.word("kiosk.program_hint", lang)),
        Field("secret", looks.word("kiosk.secret", lang), kind="password"),
        Field("terminal", looks.word("kiosk.terminal", lang), hint=looks.word("kiosk.terminal_hint", lang)),
    ]
    values = {name: request.POST.get(name, "") for name in ("name", "terminal")}
    return looks.render(
        request,
        "portal/form.html",
        title=looks.word("kiosk.sign_in", lang),
        lead=looks.word("kiosk.sign_in_lead", lang),
        fields=fields,
        values=values,
        faults=faults,
        action="/terminal/sign-in/",
        submit_label=looks.word("front.enter", lang),
        hidden={},
    )


def _enter(request: HttpRequest) -> HttpResponse:
    address = str(request.META.get("REMOTE_ADDR", ""))
    program = signin.program(request.POST.get("name", ""), request.POST.get("secret", ""), address=address)
    code = request.POST.get("terminal", "").strip()
    here = Terminal.objects.filter(code=code, kind="kiosk", active=True, organisation=program.organisation).exists()
    if program.role != "terminal" or not here:
        raise Refusal("terminals.terminal_unknown", terminal=code[:30])
    sessions.begin(request.session, kind="program", subject=program.program_id, **{TERMINAL: code})
    return HttpResponseRedirect("/terminal/")


def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    request.session.flush()
    return HttpResponseRedirect("/terminal/sign-in/")
