"""Opening the savings function at the machine: all seven steps of document 004, one question a screen.

The card in the slot says whose opening it is. Steps 1 to 4 are questions (`savings_asked`), 5 and 6 happen at the devices:
ID compared, agreement signed on the pad or printed for paper, 7 gives the guide. What was done at home is not asked again.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import acts
from sscard.bank.savings_opening import agree, identify, rules
from sscard.bank.savings_opening.case import account as account_of
from sscard.control import door
from sscard.documents import kept
from sscard.kernel.refusals import Refusal
from sscard.portal import evidence, looks
from sscard.portal import savings_steps as steps
from sscard.portal.savings_steps import Standing
from sscard.portal.terminal import savings_asked, savings_screens
from sscard.portal.terminal.kiosk import PURPOSE, AtKiosk, bank_rule, for_kiosk
from sscard.portal.terminal.matters import SAVINGS
from sscard.portal.terminal.savings_screens import HERE
from sscard.terminals import evidence as terminals

RIGHT = "bank.savings_serve"
IDENTIFY, SIGN = "identify", "sign"
MATTERS = {IDENTIFY: identify.MATTER, SIGN: agree.SIGN}
START, LEAVE, DEVICES = "/terminal/", "/terminal/leave/", "/terminal/devices/"


@for_kiosk
def savings(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    if at.visit().name != SAVINGS:
        return HttpResponseRedirect(START)
    if not at.visit().account:
        return _whose(at)
    of = standing(at)
    return _send(at, of) if request.method == "POST" else _screen(at, of)


def _whose(at: AtKiosk) -> HttpResponse:
    """The card has been read: from here on the visit is about its account."""
    visit = at.visit()
    if not visit.session or not evidence.panel(at.acting(), visit.session, at.lang).complete:
        return HttpResponseRedirect(DEVICES if visit.session else START)
    seen = evidence.card_in(at.acting(), visit.session, PURPOSE)
    if seen.account is None:
        raise Refusal("terminals.card_without_bank")
    at.put(replace(visit, account=str(seen.account.view.account_id), area=seen.area))
    return HttpResponseRedirect(HERE)


def standing(at: AtKiosk) -> Standing:
    visit = at.visit()
    with door.reading(at.acting(), right=RIGHT, purpose=PURPOSE, area=visit.area) as inside:
        return steps.standing(inside, account_of(inside, uuid.UUID(visit.account)), at.lang)


def _screen(at: AtKiosk, of: Standing) -> HttpResponse:
    phase = at.visit().phase
    if of.due in (5, 6) and phase:
        told = terminals.peek(uuid.UUID(at.visit().session), at.acting(), at.lang)
        if told["state"] == "open":
            return savings_screens.devices(at, of, told, steps.device_step(told, MATTERS[phase]))
        at.put(replace(at.visit(), phase=""))
    if of.due in savings_asked.QUESTIONS:
        return savings_asked.first(at, of, of.due)
    return savings_screens.due(at, of)


def _send(at: AtKiosk, of: Standing) -> HttpResponse:
    """What this screen's button asks for. A step that is not due any more shows the one that is."""
    post = at.request.POST
    if change := post.get("change", ""):
        return _change(at, of, steps.asked(of, change))
    number = steps.asked(of, post.get("step", ""))
    if post.get("step") != str(number):
        return HttpResponseRedirect(HERE)
    if number == 1:
        return _begin(at, of)
    if number == 3:
        return _where(at, of)
    if number in savings_asked.QUESTIONS:
        return savings_asked.answered(at, of, number)
    if of.due == 5:
        return _identify(at, of)
    if of.due == 6:
        return _agree(at, of)
    if of.due == 7:
        return _hand_over(at, of)
    return HttpResponseRedirect(HERE)


def _change(at: AtKiosk, of: Standing, number: int) -> HttpResponse:
    """An earlier step once more, as long as it may be put right; what hangs on it follows by itself."""
    if number == of.due:
        return HttpResponseRedirect(HERE)
    if number in savings_asked.QUESTIONS:
        return savings_asked.first(at, of, number)
    return savings_screens.where(at, of) if number == 3 else HttpResponseRedirect(HERE)


def _begin(at: AtKiosk, of: Standing) -> HttpResponse:
    """Nobody looks at the papers here, so he says of each that he has it; what is missing is named."""
    if faults := savings_screens.papers_missing(at, of):
        return savings_screens.papers(at, of, faults)
    at.perform(steps.ACTS[1], acts.SavingsBegin(of.mirror.account_id, papers_seen=True), area=of.mirror.area_code)
    return HttpResponseRedirect(HERE)


def _where(at: AtKiosk, of: Standing) -> HttpResponse:
    """Here at once, or at the counter: then the card goes back and the counter goes on from this step."""
    channel = at.request.POST.get("channel", "")
    asked = acts.SavingsWhere(steps.application_of(of), channel, at.terminal.outlet)
    at.perform(steps.ACTS[3], asked, area=of.mirror.area_code)
    if channel != rules.COUNTER:
        return HttpResponseRedirect(HERE)
    place = steps.place_name(of, at.terminal.outlet, at.lang)
    at.clear()
    return savings_screens.to_the_counter(at, at.word("kiosk.savings.counter_lead", place=place))


def _at_devices(at: AtKiosk, phase: str, wanted: tuple[str, ...]) -> HttpResponse:
    key = f"{at.request.POST.get('key', '')[:80]}:{phase}"
    session = evidence.begin(at.acting(), at.terminal.code, MATTERS[phase], wanted, key, keep_card=True)
    at.put(replace(at.visit(), session=str(session), phase=phase))
    return HttpResponseRedirect(HERE)


def _identify(at: AtKiosk, of: Standing) -> HttpResponse:
    visit = at.visit()
    if visit.phase != IDENTIFY:
        rule = bank_rule(at)
        camera = ("camera",) if rule is not None and rule.terminal_live_face else ()
        return _at_devices(at, IDENTIFY, ("id_reader", "card_slot", *camera))
    at.put(replace(visit, phase=""))  # whatever comes of it, the next try reads anew
    asked = acts.SavingsIdentify(steps.application_of(of), uuid.UUID(visit.session), rules.SELF)
    at.perform(identify.MATTER, asked, area=of.mirror.area_code)
    return HttpResponseRedirect(HERE)


def _agree(at: AtKiosk, of: Standing) -> HttpResponse:
    """His choice, his consent, the pad's key, the agreement to read, his signature; or the same agreement on paper."""
    post, visit, area = at.request.POST, at.visit(), of.mirror.area_code
    application = steps.application_of(of)
    if post.get("form") == rules.PAPER:
        asked = acts.SavingsAgree(application, rules.PAPER, consent=False, lang=at.lang)
        done = at.perform(agree.AGREE, asked, area=area).answer
        at.put(replace(visit, phase="", papers=(done["document"],)))
        return savings_screens.on_paper(at, done["document"])
    if visit.phase != SIGN:
        if post.get("form") != rules.ELECTRONIC:
            return HttpResponseRedirect(HERE)
        if post.get("consent") != "yes":
            return savings_screens.consent(at, of)
        return _at_devices(at, SIGN, ("sign_key", "signature"))
    session = uuid.UUID(visit.session)
    told = terminals.peek(session, at.acting(), at.lang)
    ready = steps.device_step(told, agree.SIGN)
    if ready == "prepare":
        at.perform(agree.AGREE, acts.SavingsAgree(application, rules.ELECTRONIC, True, session, at.lang), area=area)
    elif ready == "sign":
        at.put(replace(visit, phase=""))
        at.perform(agree.SIGN, acts.SavingsSign(application, session), area=area)
    return HttpResponseRedirect(HERE)


def _hand_over(at: AtKiosk, of: Standing) -> HttpResponse:
    asked = acts.SavingsHandOver(steps.application_of(of), at.lang)
    done = at.perform(agree.HAND_OVER, asked, area=of.mirror.area_code).answer
    at.put(replace(at.visit(), phase="", papers=(done["guide"], done["agreement"])))
    return savings_screens.opened(at, standing(at), done)


@for_kiosk
def live(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The devices again; without a visit the screen goes clean."""
    visit = at.visit()
    if visit.name != SAVINGS or not visit.session or visit.phase not in MATTERS:
        return looks.render(request, "portal/parts/evidence_inner.html", title="", devices=(), go=LEAVE)
    told = terminals.peek(uuid.UUID(visit.session), at.acting(), at.lang)
    shown = evidence.panel(at.acting(), visit.session, at.lang, one_by_one=True)
    shown = savings_screens.asked(at, shown)
    ready = bool(steps.device_step(told, MATTERS[visit.phase]))
    return evidence.fragment(request, replace(shown, complete=ready), HERE, HERE)


@for_kiosk
def draft(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The agreement as it waits for the signature, to be read before it is given."""
    if not at.visit().account:
        raise Refusal("control.not_found")
    of = standing(at)
    with door.reading(at.acting(), right=RIGHT, purpose=PURPOSE, area=of.mirror.area_code) as inside:
        return _pdf(agree.draft(inside, steps.application_of(of)))


@for_kiosk
def paper(request: HttpRequest, at: AtKiosk, document: uuid.UUID) -> HttpResponse:
    """For the printer of the machine: a paper of this very visit, and of no other."""
    if str(document) not in at.visit().papers:
        raise Refusal("control.not_found")
    with door.reading(at.acting(), right=RIGHT, purpose=PURPOSE, area=at.visit().area) as inside:
        return _pdf(kept.download(inside, document)[1])


def _pdf(file: bytes) -> HttpResponse:
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{uuid.uuid4().hex[:8]}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
