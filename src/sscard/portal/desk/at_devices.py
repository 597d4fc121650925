"""Matters with devices at the desk: handing a card over, and enabling it. A device session is opened for one matter; the page
shows what has been read, and the act takes the evidence once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.cards import reads as cards
from sscard.cards.acts import Enable
from sscard.codes import documents
from sscard.issuing import reads as issuing
from sscard.issuing.acts import HandOver
from sscard.issuing.handing import BY_EYE
from sscard.issuing.rules import CHILD_PAPERS
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.people import reads as people
from sscard.portal import looks, purposes
from sscard.portal.card_reader import card_reader, may_order
from sscard.portal.desk.changing import crumbs
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Device, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.portal.stock.whereabouts import names_of
from sscard.terminals.acts import OpenSession
from sscard.terminals.evidence import peek
from sscard.terminals.reads import TerminalView, terminals_for
from sscard.terminals.rules import DEVICE_OF

HAND_OVER, ENABLE = "issuing.hand_over", "cards.enable"
CHANGE, UNLOCK = "cards.change_social_password", "cards.unlock_social_password"
WANTED = {
    HAND_OVER: ("id_reader",),
    ENABLE: ("id_reader", "card_slot", "pin_pad"),
    CHANGE: ("card_slot", "pin_pad", "pin_pad_new"),
    UNLOCK: ("id_reader", "card_slot"),
}
AGENT = ("holder_id", "mandate")
MENDED_HERE = (
    "terminals.evidence", "terminals.card", "cards.password", "cards.chip", "cards.agent", "codes.", "issuing.document",
)  # fmt: skip
"""Refusals that another try on the same page can mend."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What the page knows of the card before it."""

    card: uuid.UUID
    person: uuid.UUID
    name: str
    outlet: str


def matter_of(request: HttpRequest, at: AtPage, card: uuid.UUID, *, placed: bool) -> Matter:
    with at.reading("people.view", purposes.of(request)) as inside:
        found = cards.require(inside, card)
        person = people.by_id(inside, found.person_id)
        outlet = issuing.where(inside, card).organisation if placed else ""
        return Matter(card, person.public_id, person.name_mask, outlet)


@for_staff(HAND_OVER)
@purposes.asked
def hand_over(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    """With the ID reader; where the outlet has none, by the clerk's own comparison with the original."""
    matter = matter_of(request, at, card, placed=True)
    terminals = terminals_with(at, HAND_OVER, matter.outlet)
    if request.method == "POST" and request.POST.get("step") == "open":
        return open_session(request, at, HAND_OVER, f"/cards/{card}/hand-over/")
    faults: tuple[Fault, ...] = ()
    session = request.POST.get("session") or request.GET.get("session", "")
    if request.method == "POST":
        wanted = HandOver(
            card, matter.outlet, uuid_of(session) if session else None, request.POST.get("document", ""),
            request.POST.get("id_number", ""), tuple(request.POST.getlist("papers")),
        )  # fmt: skip
        try:
            at.perform(HAND_OVER, wanted, purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_here(refusal, "id_number" if not session else "papers")
        else:
            return done(at, matter, "hand_over", Link(at.word("person.act.enable"), f"/cards/{card}/enable/"))
    if terminals and not session:
        return choose(at, matter, terminals, "hand_over")
    fields = [_papers(at)] if session else [*_by_eye(at), _papers(at)]
    return device_page(request, at, matter, "hand_over", session, fields, faults)


@for_staff(ENABLE)
@purposes.asked
def enable(request: HttpRequest, at: AtPage, card: uuid.UUID) -> HttpResponse:
    """ID in the reader, card in the slot, the holder's own new password on the PIN pad."""
    matter = matter_of(request, at, card, placed=False)
    if request.method == "POST" and request.POST.get("step") == "open":
        return open_session(request, at, ENABLE, f"/cards/{card}/enable/")
    faults: tuple[Fault, ...] = ()
    session = request.POST.get("session") or request.GET.get("session", "")
    if request.method == "POST":
        keep = request.POST.get("keep_initial") == "yes"
        wanted = Enable(uuid_of(session), card, keep, tuple(request.POST.getlist("agent_papers")))
        try:
            at.perform(ENABLE, wanted, purpose=purposes.of(request))
        except Refusal as refusal:
            faults = faults_here(refusal, "keep_initial")
        else:
            return done(at, matter, "enable", Link(at.word("desk.nav"), "/desk/"))
    if not session:
        terminals = terminals_with(at, ENABLE)
        if not terminals:
            raise Refusal("portal.no_terminal")
        return choose(at, matter, terminals, "enable")
    fields = [
        Field(
            "keep_initial", at.word("enable.password"), kind="checkbox", required=False,
            options=(("yes", at.word("enable.keep"), at.word("enable.keep_hint")),),
        ),
        agent_papers(at),
    ]  # fmt: skip
    return device_page(request, at, matter, "enable", session, fields, faults)


def agent_papers(at: AtPage) -> Field:
    return Field(
        "agent_papers", at.word("enable.agent"), kind="checkbox", required=False, hint=at.word("enable.agent_hint"),
        options=tuple((one, at.word(f"paper.{one}"), "") for one in AGENT),
    )  # fmt: skip


def terminals_with(at: AtPage, matter: str, outlet: str = "") -> list[TerminalView]:
    """The caller's terminals that have what the matter needs; where cards lie at an outlet, only that outlet's."""
    found = having(at, WANTED[matter])
    return [one for one in found if not outlet or one.outlet in ("", outlet)]


def having(at: AtPage, wanted: tuple[str, ...]) -> list[TerminalView]:
    """The caller's terminals with the devices for this evidence."""
    needed = {DEVICE_OF[kind] for kind in wanted}
    return [one for one in terminals_for(at.caller) if needed <= set(one.devices)]


def open_session(request: HttpRequest, at: AtPage, matter: str, url: str, *more: str) -> HttpResponse:
    """`more`: kinds of evidence that this case asks for besides the matter's own."""
    wanted = OpenSession(request.POST.get("terminal", ""), matter, (*WANTED[matter], *more))
    return HttpResponseRedirect(f"{url}?session={at.perform('terminals.open_session', wanted).answer['session']}")


def choose(
    at: AtPage, matter: Matter, terminals: list[TerminalView], name: str, more: tuple[Field, ...] = ()
) -> HttpResponse:
    """Which desk? With one there is nothing to choose, only to begin."""
    names = names_of((one.organisation for one in terminals), at.lang)
    options = tuple((one.code, one.code, names.get(one.organisation, "")) for one in terminals)
    url = f"/cards/{matter.card}/{name.replace('_', '-')}/"
    return at.render(
        "portal/form.html", title=at.word(f"{name}.title"), lead=at.word("device.lead", name=matter.name), here="/desk/",
        fields=[Field("terminal", at.word("device.terminal"), kind="radio", options=options), *more], action=url,
        values={"terminal": terminals[0].code}, submit_label=at.word("device.open"),
        hidden={"key": fresh_key(), "step": "open"}, cancel_url=f"/people/{matter.person}/",
        crumbs=crumbs(at, matter.person, matter.name, at.word(f"{name}.title")),
    )  # fmt: skip


def device_page(
    request: HttpRequest,
    at: AtPage,
    matter: Matter,
    name: str,
    session: str,
    fields: list[Field],
    faults: Any,
    first: str = "",
) -> HttpResponse:
    """`first`: a button for a step before the last, by its word."""
    seen = peek(uuid_of(session), at.caller, at.lang) if session else None
    if seen and seen["state"] != "open":
        raise Refusal(f"terminals.session_{seen['state']}")
    url = f"/cards/{matter.card}/{name.replace('_', '-')}/"
    lead = f"{name}.lead" if session else f"{name}.lead_by_eye"
    answer = at.render(
        "portal/desk/device_form.html", title=at.word(f"{name}.title"), lead=at.word(lead, name=matter.name),
        fields=fields, faults=faults, values={"papers": request.POST.getlist("papers")}, action=url, here="/desk/",
        devices=devices_of(seen) if seen else [], live_url=f"/desk/devices/{session}/" if session else "", seen=seen,
        submit_label=at.word(f"{name}.button"), hidden={"key": fresh_key(), "session": session, "step": "do"},
        cancel_url=f"/people/{matter.person}/", again_url=url,
        crumbs=crumbs(at, matter.person, matter.name, at.word(f"{name}.title")), first_label=first and at.word(first),
        reader=card_reader(request, seen, at.lang) if seen else None,
    )  # fmt: skip
    return may_order(answer)


def devices_of(seen: dict[str, Any]) -> list[Device]:
    return [
        Device(DEVICE_OF[one["kind"]], one["state"], " ".join(filter(None, (one["sentence"], one["next_step"]))))
        for one in seen["devices"]
    ]


@for_staff("terminals.session")
def devices(request: HttpRequest, at: AtPage, session: uuid.UUID) -> HttpResponse:
    """The live part: what each device has read so far."""
    seen = peek(session, at.caller, at.lang)
    return looks.render(
        request, "portal/desk/devices.html", title="", devices=devices_of(seen), over=seen["state"] != "open", seen=seen
    )


def _by_eye(at: AtPage) -> list[Field]:
    names = dict.fromkeys(BY_EYE, "")
    known = {"id_card": "resident_id", "passport": "passport", "residence_permit": "residence_permit"}
    options = tuple(
        (one, documents.name(known[one], at.lang) if one in known else at.word(f"paper.{one}"), "") for one in names
    )
    return [
        Field("document", at.word("hand_over.document"), kind="select", options=options),
        Field("id_number", at.word("person.id_number"), hint=at.word("hand_over.by_eye"), width="20"),
    ]


def _papers(at: AtPage) -> Field:
    """What else was shown: what the area asks for when a card is collected, and an agent's papers."""
    area = areas.get(at.caller.area)
    known = {one.code: (one.name.of(at.lang), one.why.of(at.lang)) for one in area.papers("collect") if one.needed}
    for one in area.papers("apply"):
        if one.needed or one.code in CHILD_PAPERS:
            known.setdefault(one.code, (one.name.of(at.lang), at.word("hand_over.paper_due")))
    for code in AGENT:
        known[code] = (at.word(f"paper.{code}"), at.word("hand_over.agent_paper"))
    known.pop("id_card", None)
    options = tuple((code, name, why) for code, (name, why) in known.items())
    return Field("papers", at.word("hand_over.papers"), kind="checkbox", required=False, options=options)


def faults_here(refusal: Refusal, place: str) -> tuple[Fault, ...]:
    """What a second try at the devices can mend stays on the page; the rest is a page of its own."""
    if refusal.faults:
        return faults_of(refusal)
    if refusal.code.startswith(MENDED_HERE):
        return (Fault(place, refusal.code, refusal.facts),)
    raise refusal


def done(at: AtPage, matter: Matter, name: str, step: Link) -> HttpResponse:
    return at.render(
        "portal/done.html", title=at.word(f"{name}.done"), sentence=at.word(f"{name}.done_text", name=matter.name),
        next_steps=[step, Link(at.word("register.open"), f"/people/{matter.person}/")], here="/desk/",
    )  # fmt: skip
