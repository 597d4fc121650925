"""The counter's page about the savings function: the one sentence, the seven steps, the form of the one that is due.
Steps 1 to 4 may have been done at home; 5 to 7 are done here."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import acts
from sscard.bank.savings_opening import agree as savings_agree
from sscard.bank.savings_opening import identify as savings_identify
from sscard.bank.savings_opening.case import account as account_of
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import clauses
from sscard.portal import errors
from sscard.portal import savings_steps as steps
from sscard.portal.bank import counter, savings_devices
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

HERE, RIGHT = "/bank/savings/", "bank.savings_serve"


@for_staff(RIGHT)
def savings(request: HttpRequest, at: AtPage) -> HttpResponse:
    on_desk = counter.desk(at)
    if not on_desk.account:
        return HttpResponseRedirect("/bank/")
    of = standing(at)
    if request.method != "POST":
        return page(at, of)
    try:
        return _send(at, of)
    except Refusal as refusal:
        try:
            faults = steps.faults_of(refusal)
        except Refusal:
            way = Link(at.word("savings.desk.back"), HERE)
            return errors.refusal_page(request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))
        return page(at, of, steps.typed(request.POST), faults)


def standing(at: AtPage) -> steps.Standing:
    on_desk = counter.desk(at)
    with at.reading(RIGHT, PURPOSE, area=on_desk.area or None) as inside:
        mirror = account_of(inside, counter.account(on_desk))
        return steps.standing(inside, mirror, at.lang)


def _send(at: AtPage, of: steps.Standing) -> HttpResponse:
    post, area = at.request.POST, counter.desk(at).area or None
    if of.due in steps.NAMES:
        steps.send(at, of, post, purpose=PURPOSE, area=area)
    elif of.due == 5:
        method = "guardian" if post.get("method") == "guardian" else "self"
        proof = post.get("relation_proof") == "yes"
        return savings_devices.begin(
            at, savings_identify.MATTER, ("id_reader", "card_slot"), method=method, proof=proof
        )
    elif of.due == 6:
        return _agree(at, of, area)
    elif of.due == 7:
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


def page(
    at: AtPage, of: steps.Standing, values: dict[str, object] | None = None, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    fields, answered = steps.fields_of(at, of)
    if of.due > max(steps.NAMES):
        fields, answered = _bank_fields(at, of), {"method": "self"}
    return at.render(
        "portal/bank/savings.html",
        title=at.word("savings.my.title"),
        lead=of.told.sentence(at.lang),
        next_step=of.told.next_step(at.lang),
        tasks=steps.tasks(of, at.lang),
        due=of.due,
        due_name=at.word(f"savings.step.do_{of.due}") if of.due else "",
        fields=fields,
        values=values or answered,
        faults=faults,
        bring=of.comparison["papers"],
        chosen=steps.chosen(of, at.lang),
        papers=steps.papers(of, at.lang),
        key=fresh_key(),
        crumbs=[
            Link(at.word("counter.nav"), "/bank/"),
            Link(at.word("counter.customer_crumb"), "/bank/customer/"),
            Link(at.word("savings.my.crumb")),
        ],
        here="/bank/",
        status=422 if faults else 200,
    )


def _bank_fields(at: AtPage, of: steps.Standing) -> list[Field]:
    if of.due == 5:
        who = tuple(
            (code, at.word(f"counter.by.{code}"), at.word(f"counter.by.{code}_hint")) for code in ("self", "guardian")
        )
        proof = (("yes", at.word("counter.relation_seen"), ""),)
        return [
            Field("method", at.word("counter.method"), kind="radio", options=who),
            Field("relation_proof", at.word("counter.relation"), kind="checkbox", options=proof, required=False),
        ]
    if of.due == 6:
        if of.seen is not None and of.seen.agreement_form == "paper":
            return [Field("filed", at.word("savings.desk.filed"), hint=at.word("savings.desk.filed_hint"), width="20")]
        forms = tuple(
            (one, at.word(f"savings.desk.{one}"), at.word(f"savings.desk.{one}_hint"))
            for one in ("electronic", "paper")
        )
        consent = (("yes", at.word("savings.desk.consent"), at.word("savings.desk.consent_hint")),)
        return [
            Field("form", at.word("savings.signing"), kind="radio", options=forms),
            Field("consent", at.word("savings.desk.consent_head"), kind="checkbox", options=consent, required=False),
        ]
    if of.due == 7:
        back = (("yes", at.word("savings.desk.card_back"), ""),)
        return [Field("card_back", at.word("savings.desk.card"), kind="checkbox", options=back)]
    return []


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
