"""The kiosk behind a request: its program is signed in once by staff, the session stays; the customer's part is `Visit`,
which ends with the card's leaving. A refusal is a screen of the kiosk, never an ordinary page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import Program, Staff
from sscard.control.sessions import token_hash
from sscard.kernel.refusals import Refusal
from sscard.law import areas, clauses
from sscard.law.areas import Bank
from sscard.portal import errors, evidence, looks
from sscard.portal.trace import trace_of
from sscard.terminals.models import Terminal

VISIT, TERMINAL = "visit", "kiosk_terminal"
PURPOSE = "terminal"
IDLE_SECONDS, DEVICE_SECONDS, RESULT_SECONDS, COPYING_SECONDS = 60, 150, 30, 120
"""The last: a code of ten characters is copied by hand."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer's stay. `staff`: the member of staff who has confirmed at this terminal, for this visit only.
    `area`: the card's, where its bank's rule asks for more than this terminal's own area does. While the savings function is
    opened: `account` of the card in the slot, `phase` at the devices, `papers` that may be printed."""

    name: str = ""
    session: str = ""
    staff: str = ""
    area: str = ""
    account: str = ""
    phase: str = ""
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtKiosk:
    request: HttpRequest
    caller: Caller
    terminal: Terminal
    lang: str

    def word(self, code: str, /, **facts: Any) -> str:
        return looks.word(code, self.lang, **facts)

    def visit(self) -> Visit:
        return Visit(**(self.request.session.get(VISIT) or {}))

    def put(self, visit: Visit) -> None:
        self.request.session[VISIT] = asdict(visit)

    def acting(self) -> Caller:
        """Whoever acts in this visit: the terminal, or the member of staff who confirmed at it."""
        visit = self.visit()
        if not visit.staff:
            return self.caller
        member = (
            Staff.objects.select_related("organisation").filter(staff_id=uuid.UUID(visit.staff), active=True).first()
        )
        if member is None:
            raise Refusal("control.not_allowed", act="terminal")
        area = {} if member.area_code else {"area": self.caller.area}
        caller = Caller.of_staff(member, channel="terminal", **area)
        return replace(caller, address=self.caller.address, session=self.caller.session)

    def perform(self, act: str, request: Any, *, area: str | None = None) -> door.Outcome:
        key = self.request.POST.get("key", "")
        return door.perform(self.acting(), act, request, key=key, purpose=PURPOSE, area=area)

    def clear(self) -> None:
        """The card has left: device session closed, nothing kept."""
        visit = self.visit()
        if visit.session:
            evidence.end(self.acting(), visit.session)
        self.request.session.pop(VISIT, None)

    def render(
        self, template: str, *, title: str, seconds: int = IDLE_SECONDS, leaves: bool = True, **more: Any
    ) -> HttpResponse:
        place = self.terminal.organisation.name(self.lang)
        leave = {"leave_url": "/terminal/leave/", "seconds": seconds} if leaves else {}
        return looks.render(self.request, template, title=title, area_name=place, **{**leave, **more})


View = Callable[..., HttpResponse]


def for_kiosk(view: View) -> View:
    """Only for a signed-in terminal. What is refused becomes a screen with the next step and the way out."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = at_kiosk(request)
        if at is None:
            return HttpResponseRedirect("/terminal/sign-in/")
        try:
            return view(request, at, *args, **kwargs)
        except Refusal as refusal:
            return refused(at, refusal)

    return inner


def at_kiosk(request: HttpRequest) -> AtKiosk | None:
    session = request.session
    if session.get("kind") != "program" or not session.get("subject"):
        return None
    program = (
        Program.objects.select_related("organisation")
        .filter(program_id=uuid.UUID(session["subject"]), role="terminal", active=True)
        .first()
    )
    terminal = (
        Terminal.objects.select_related("organisation").filter(code=session.get(TERMINAL, ""), active=True).first()
    )
    if program is None or terminal is None or terminal.organisation != program.organisation:
        return None
    caller = Caller.of_program(
        program,
        channel="terminal",
        session=token_hash(session.session_key or "").hex()[:32],
        address=str(request.META.get("REMOTE_ADDR", ""))[:45],
        request_id=trace_of(request),
    )
    return AtKiosk(request, caller, terminal, looks.language(request))


def refused(at: AtKiosk, refusal: Refusal) -> HttpResponse:
    return at.render(
        "portal/terminal/refused.html",
        title=at.word("kiosk.refused"),
        what=refusal.sentence(at.lang),
        fault_lines=errors.beside(refusal),
        next=refusal.next_step(at.lang),
        clause=clauses.basis(refusal.clause, at.lang),
        code=refusal.code,
        trace=trace_of(at.request),
        again_url="/terminal/savings/" if at.visit().account else "",
        status=refusal.status,
    )


def bank_rule(at: AtKiosk) -> Bank | None:
    """The rule of this terminal's bank: in the card's area once the card was read, before that where the terminal
    stands."""
    try:
        return areas.get(at.visit().area or at.terminal.area_code).bank(at.caller.bank)
    except Refusal:
        return None
