"""ID, card, PIN, done: the devices one after the other, the last question, the act, the result."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank.acts_activate import JUDGE
from sscard.cards.judged_at_pad import JudgeNewPassword
from sscard.control import door
from sscard.kernel.keyclient import PinRefused
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import bank_sites, evidence, looks
from sscard.portal.card_reader import may_order
from sscard.portal.evidence import Panel, Seen
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import fresh_key
from sscard.portal.terminal.kiosk import COPYING_SECONDS, DEVICE_SECONDS, PURPOSE, RESULT_SECONDS, AtKiosk, for_kiosk
from sscard.portal.terminal.matters import (
    CONSENT,
    MATTERS,
    SAVINGS,
    Matter,
    Onward,
    needs_staff,
    onward,
    request_of,
    wanted,
)
from sscard.portal.terminal.start import open_devices

DO, LEAVE = "/terminal/do/", "/terminal/leave/"
SCREENS = {SAVINGS: "/terminal/savings/", CONSENT: "/terminal/consent/"}
"""Matters that go on at screens of their own."""
PADS = ("pin_pad", "pin_pad_new")
JUDGED = {"activate": JUDGE, "enable": "cards.judge_new_password", "change": "cards.judge_new_password"}
"""Matters in which a new password is chosen, and the act that judges it."""


@for_kiosk
def devices(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    visit, matter = at.visit(), MATTERS.get(at.visit().name)
    if matter is None or not visit.session:
        return HttpResponseRedirect("/terminal/")
    shown = _shown(at, matter, visit.session)
    if shown.complete:
        return HttpResponseRedirect(DO)
    if shown.over:
        return HttpResponseRedirect(LEAVE)
    answer = at.render(
        "portal/terminal/devices.html",
        title=at.word(f"kiosk.do.{matter.name}"),
        lead=at.word("kiosk.devices"),
        devices=shown.devices,
        live_url="/terminal/live/",
        seconds=DEVICE_SECONDS,
        reader=evidence.reader_of(request, at.acting(), visit.session, at.lang),
    )
    return may_order(answer)


def _shown(at: AtKiosk, matter: Matter, session: str) -> Panel:
    """The devices one by one, each asking the customer himself."""
    shown = evidence.panel(at.acting(), session, at.lang, one_by_one=True)
    asked = [
        replace(
            one, sentence=at.word(f"kiosk.ask_pin.{matter.name}" if one.kind == "pin_pad" else f"kiosk.ask.{one.kind}")
        )
        if one.state in ("waiting", "idle")
        else replace(one, sentence=f"{one.sentence} {at.word('kiosk.ask.pin_again')}")
        if one.kind in PADS and one.state == "refused"
        else one
        for one in shown.devices
    ]
    return replace(shown, devices=tuple(asked))


@for_kiosk
def live(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The devices again; without a visit the screen goes clean."""
    visit, matter = at.visit(), MATTERS.get(at.visit().name)
    if matter is None or not visit.session:
        return looks.render(request, "portal/parts/evidence_inner.html", title="", devices=(), go=LEAVE)
    shown = _shown(at, matter, visit.session)
    return evidence.fragment(request, shown, DO, LEAVE)


@for_kiosk
def do(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    visit, matter = at.visit(), MATTERS.get(at.visit().name)
    if matter is None or not visit.session:
        return HttpResponseRedirect("/terminal/")
    if matter.name in SCREENS:
        return HttpResponseRedirect(SCREENS[matter.name])
    if request.method != "POST":
        if not evidence.panel(at.acting(), visit.session, at.lang).complete:
            return HttpResponseRedirect("/terminal/devices/")
        return _more_is_asked(at, matter) or _pin_again(at, matter) or _ask(at, matter)
    seen = evidence.card_in(at.acting(), visit.session, PURPOSE)
    phone = request.POST.get("phone", "")
    try:
        outcome = at.perform(matter.act, request_of(matter, visit.session, seen, phone), area=seen.area)
    except Refusal as refusal:
        if refusal.faults and {fault.place for fault in refusal.faults} == {"phone"}:
            return _ask(at, matter, phone, refusal.faults)
        again = _pin_again(at, matter, phone) if isinstance(refusal, PinRefused) else None
        if again is None:
            raise
        return again
    lines = [
        Answer(at.word(f"kiosk.{name}"), looks.show_money(outcome.once[name]))
        for name in ("balance_fen", "available_fen")
        if name in outcome.once
    ]
    if "code" in outcome.once:
        lines.append(
            Answer(at.word("kiosk.online_code"), " ".join((outcome.once["code"][:5], outcome.once["code"][5:])))
        )
    site = bank_sites.set_up(at.caller.bank, at.lang) if "code" in outcome.once else None
    at.clear()
    return at.render(
        "portal/terminal/done.html",
        small=[site.line] if site else [],
        site=site,
        title=at.word(f"kiosk.done.{matter.name}"),
        lead=at.word(f"kiosk.done_lead.{matter.name}"),
        lines=lines,
        onward=_next(at, matter, seen),
        seconds=COPYING_SECONDS if "code" in outcome.once else RESULT_SECONDS,
    )


def _next(at: AtKiosk, matter: Matter, seen: Seen) -> Onward | None:
    """Whoever has just had the one side switched on mostly wants the other; then the bank at home."""
    asleep = seen.account is not None and seen.account.view.asleep
    if matter.name == "enable" and asleep:
        return onward(at, "activate")
    return onward(at, "online") if matter.name == "activate" else None


def _more_is_asked(at: AtKiosk, matter: Matter) -> HttpResponse | None:
    """A card of another area may have a stricter rule than this terminal's own: then staff confirm, or the camera looks, and
    the devices are asked again."""
    visit = at.visit()
    if matter.name != "activate" or visit.area:
        return None
    seen = evidence.card_in(at.acting(), visit.session, PURPOSE)
    before = wanted(at, matter)
    at.put(replace(visit, area=seen.area))
    if needs_staff(at, matter) and not visit.staff:
        return HttpResponseRedirect("/terminal/staff/")
    return open_devices(at, matter, fresh_key()) if wanted(at, matter) != before else None


def _pin_again(at: AtKiosk, matter: Matter, phone: str = "") -> HttpResponse | None:
    """A new password that is easy to guess is said at once, and the pad asks for another; the cards stay where they are."""
    if matter.name not in JUDGED:
        return None
    seen = evidence.card_in(at.acting(), at.visit().session, PURPOSE)
    session = at.visit().session
    asked: object = JudgeNewPassword(uuid.UUID(session), matter.act, seen.card)
    if matter.name == "activate":
        asked = request_of(matter, session, seen, phone)
    judged = door.perform(at.acting(), JUDGED[matter.name], asked, key=fresh_key(), purpose=PURPOSE, area=seen.area)
    return None if judged.answer["good"] else HttpResponseRedirect("/terminal/devices/")


def _ask(at: AtKiosk, matter: Matter, phone: str = "", faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """The last question: the mobile number, or just yes."""
    fields = []
    if matter.asks_phone:
        fields.append(
            Field("phone", at.word("kiosk.phone"), kind="phone", hint=at.word("kiosk.phone_hint"), maxlength=11)
        )
    return at.render(
        "portal/terminal/form.html",
        title=at.word("kiosk.phone_title" if matter.asks_phone else f"kiosk.last.{matter.name}"),
        lead=at.word(f"kiosk.last_lead.{matter.name}"),
        fields=fields,
        values={"phone": phone},
        faults=faults,
        action=DO,
        submit_label=at.word(f"kiosk.submit.{matter.name}"),
        hidden={"key": fresh_key()},
        keypad="phone" if matter.asks_phone else "",
        keys=[*"123456789"],
        seconds=90,
    )
