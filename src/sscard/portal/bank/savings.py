"""The counter's page about the savings function: the one sentence, the seven steps, the form of the one that is due.
Steps 1 to 4 may have been done at home; 5 to 7 are done here."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse

from sscard.bank import acts
from sscard.bank.savings_opening import agree as savings_agree
from sscard.bank.savings_opening import apply as savings_apply
from sscard.bank.savings_opening import identify as savings_identify
from sscard.bank.savings_opening.case import account as account_of
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.law import clauses
from sscard.portal import errors, looks
from sscard.portal import savings_steps as steps
from sscard.portal.bank import counter, savings_devices, savings_page
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.bank.savings_page import HERE, page
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff

RIGHT = "bank.savings_serve"


@for_staff(RIGHT)
def savings(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.account:
        return HttpResponseRedirect("/bank/")
    of, stated = _seen(at)
    if request.method != "POST":
        return page(at, of, stated)
    try:
        return _send(at, of)
    except Refusal as refusal:
        try:
            faults = steps.faults_of(refusal)
        except Refusal:
            way = Link(at.word("savings.desk.back"), HERE)
            return errors.refusal_page(request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))
        return page(at, of, stated, steps.typed(request.POST), faults)


def standing(at: AtPage) -> steps.Standing:
    return _seen(at)[0]


def _seen(at: AtPage, field: str = "") -> tuple[steps.Standing, dict[str, Any]]:
    """How far it is, and what the customer wrote. `field`: the one that the eye shows, for the audit row."""
    on_desk = counter.desk(at)
    with at.reading(RIGHT, PURPOSE, area=on_desk.area or None) as inside:
        mirror = account_of(inside, counter.account(on_desk))
        if field:
            inside.about(mirror.person_id, mirror.area_code, what="unmask")
            inside.detail["field"] = field
        of = steps.standing(inside, mirror, at.lang)
        written = of.seen is not None and of.due > max(steps.NAMES)
        return of, savings_apply.stated(inside, steps.application_of(of)) if written else {}


@for_staff(RIGHT)
def reveal(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The eye: phone or address in clear, with who and which in the audit row."""
    field = request.POST.get("field", "")
    if request.method != "POST" or field not in savings_page.MASKS:
        raise Refusal("control.not_found")
    of, stated = _seen(at, field)
    value = str(stated.get(field, ""))
    value = looks.grouped(value) if field == "phone" else value
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": value, "said": at.word("masked.was_recorded")})
    return page(at, of, stated, shown={field: value})


@for_staff(RIGHT)
def withdraw(request: HttpRequest, at: AtPage) -> HttpResponse:
    """At the customer's wish, until both have signed."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = acts.SavingsWithdraw(steps.application_of(standing(at)))
    at.perform(steps.WITHDRAW, asked, purpose=PURPOSE, area=counter.desk(at).area or None)
    return HttpResponseRedirect(HERE)


def _send(at: AtPage, of: steps.Standing) -> HttpResponse:
    post, area = at.request.POST, counter.desk(at).area or None
    if steps.asked(of, post.get("step", "")) in steps.NAMES:
        steps.send(at, of, post, purpose=PURPOSE, area=area)
    elif of.due == 5:
        method = "guardian" if post.get("method") == "guardian" else "self"
        proof, papers = post.get("relation_proof") == "yes", savings_page.papers_seen(at, of)
        return savings_devices.begin(
            at, savings_identify.MATTER, ("id_reader", "card_slot"), method=method, proof=proof, papers=papers
        )
    elif of.due == 6:
        return _agree(at, of, area)
    elif of.due == 7:
        if post.get("card_back") != "yes":
            refuse_if_any([Fault("card_back", "bank.savings_card_back")])
        application = steps.application_of(of)
        at.perform(savings_agree.HAND_OVER, acts.SavingsHandOver(application, at.lang), purpose=PURPOSE, area=area)
    return HttpResponseRedirect(HERE)


def _agree(at: AtPage, of: steps.Standing, area: str | None) -> HttpResponse:
    """His choice: on the pad, or on paper; paper that is signed is registered by its number."""
    post, application = at.request.POST, steps.application_of(of)
    if post.get("filed"):
        at.perform(savings_agree.PAPER, acts.SavingsPaper(application, post["filed"]), purpose=PURPOSE, area=area)
        return HttpResponseRedirect(HERE)
    if post.get("form") == "electronic" and post.get("consent") == "yes":
        return savings_devices.begin(at, savings_agree.SIGN, ("sign_key", "signature"))
    request = acts.SavingsAgree(application, post.get("form", ""), consent=False, lang=at.lang)
    at.perform(savings_agree.AGREE, request, purpose=PURPOSE, area=area)
    return HttpResponseRedirect(HERE)


@for_staff(RIGHT)
def draft(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The agreement as it waits for the signature, on the customer's screen."""
    of = standing(at)
    with at.reading(RIGHT, PURPOSE, area=counter.desk(at).area or None) as inside:
        file = savings_agree.draft(inside, steps.application_of(of))
    answer = HttpResponse(file, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{uuid.uuid4().hex[:8]}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
