"""The customer's side during the opening: ID and card for the comparison; the pad that makes a key and signs. The page
waits; when something is there, one button does what comes next."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import acts
from sscard.bank.savings_opening import agree as savings_agree
from sscard.bank.savings_opening import identify as savings_identify
from sscard.kernel.refusals import Refusal
from sscard.law import clauses
from sscard.portal import errors, evidence
from sscard.portal import savings_steps as steps
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.shapes import Link
from sscard.portal.signed import AtPage, for_staff, fresh_key
from sscard.terminals import evidence as terminals

HERE, BACK, RIGHT = "/bank/savings/devices/", "/bank/savings/", "bank.savings_serve"
PROOF, PAPERS = "counter_relation_proof", "counter_papers_seen"
MATTERS = (savings_identify.MATTER, savings_agree.SIGN)


def begin(
    at: AtPage, matter: str, wanted: tuple[str, ...], *, method: str = "self", proof: bool = False,
    papers: tuple[str, ...] = (),
) -> HttpResponse:  # fmt: skip
    """A fresh device session; what was open at this counter ends with it."""
    key = at.request.POST.get("key", "")
    session = evidence.begin(at.caller, counter.terminal(at), matter, wanted, f"{key[:80]}:{matter}")
    counter.put(at, replace(counter.desk(at), session=str(session), matter=matter, method=method))
    at.request.session[PROOF], at.request.session[PAPERS] = proof, list(papers)
    return HttpResponseRedirect(HERE)


def _due(at: AtPage) -> str:
    """What can be done now; "" while the devices are waited for."""
    on_desk = counter.desk(at)
    return steps.device_step(terminals.peek(uuid.UUID(on_desk.session), at.caller, at.lang), on_desk.matter)


@for_staff(RIGHT)
def devices(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.session or on_desk.matter not in MATTERS:
        return HttpResponseRedirect(BACK)
    due = _due(at)
    if request.method == "POST" and due:
        try:
            return _do(at, due)
        except Refusal as refusal:
            way = Link(at.word("savings.desk.back"), BACK)
            return errors.refusal_page(request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))
    told = terminals.peek(uuid.UUID(on_desk.session), at.caller, at.lang)
    shown = _panel(at, told)
    return at.render(
        "portal/bank/savings_devices.html",
        title=at.word("savings.step.do_5" if on_desk.matter == savings_identify.MATTER else "savings.step.do_6"),
        lead=at.word("counter.over" if shown.over else "counter.devices_lead"),
        devices=shown.devices,
        over=shown.over,
        due=due,
        button=at.word(f"savings.desk.{due}") if due else "",
        asked=told["asked"],
        key=fresh_key(),
        crumbs=[Link(at.word("counter.nav"), "/bank/"), Link(at.word("savings.my.crumb"), BACK)],
        here="/bank/",
    )


def _panel(at: AtPage, told: dict[str, Any]) -> evidence.Panel:
    """The pad is asked to sign only when there is an agreement to read; before that it makes its key."""
    shown = evidence.panel(at.caller, counter.desk(at).session, at.lang)
    early = told["matter"] == savings_agree.SIGN and not told["asked"]
    return replace(shown, devices=shown.devices[:1]) if early else shown


def _do(at: AtPage, due: str) -> HttpResponse:
    from sscard.portal.bank.savings import standing

    on_desk, area = counter.desk(at), counter.desk(at).area or None
    application, session = steps.application_of(standing(at)), uuid.UUID(on_desk.session)
    if due == "identify":
        proof = bool(at.request.session.get(PROOF))
        papers = tuple(at.request.session.get(PAPERS, ()))
        asked = acts.SavingsIdentify(application, session, on_desk.method, proof, papers)
        at.perform(savings_identify.MATTER, asked, purpose=PURPOSE, area=area)
        return HttpResponseRedirect(BACK)
    if due == "prepare":
        ready = acts.SavingsAgree(application, "electronic", True, session, at.lang)
        at.perform(savings_agree.AGREE, ready, purpose=PURPOSE, area=area)
        return HttpResponseRedirect(HERE)
    at.perform(savings_agree.SIGN, acts.SavingsSign(application, session), purpose=PURPOSE, area=area)
    return HttpResponseRedirect(BACK)


@for_staff(RIGHT)
def live(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.session or on_desk.matter not in MATTERS:
        raise Http404
    shown = _panel(at, terminals.peek(uuid.UUID(on_desk.session), at.caller, at.lang))
    return evidence.fragment(request, replace(shown, complete=bool(_due(at))), HERE, HERE)
