"""The holder's page about the savings function: the one sentence, the seven steps, the form of the step that is due, his
papers. Steps 5 to 7 happen at the bank, and the page says where and what to bring."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.acts import SavingsWithdraw
from sscard.bank.models import AccountStatus
from sscard.bank.savings_opening.apply import stated
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import bank_sites
from sscard.portal import savings_questions as questions
from sscard.portal import savings_steps as steps
from sscard.portal.my.whose import looking
from sscard.portal.signed import AtPage, for_holder, fresh_key

HERE, FORM, BRING = "/my/savings/", 4, 5
"""The page; the step whose form holds personal facts; the last step to which papers are brought."""


@for_holder
def savings(request: HttpRequest, at: AtPage) -> HttpResponse:
    of, whose, stated = _standing(at)
    if of is None:
        return at.render("portal/my/savings_none.html", title=at.word("savings.my.none"), whose=whose, here=HERE)
    if request.method == "POST":
        try:
            steps.send(at, of, request.POST, purpose="my")
        except Refusal as refusal:
            return _page(at, of, whose, stated, steps.typed(request.POST), steps.faults_of(refusal))
        return HttpResponseRedirect(HERE)
    return _page(at, of, whose, stated)


@for_holder
def withdraw(request: HttpRequest, at: AtPage) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    of, _, _ = _standing(at)
    if of is None:
        raise Refusal("control.not_found")
    at.perform("bank.savings_withdraw", SavingsWithdraw(steps.application_of(of)), purpose="my")
    return HttpResponseRedirect(HERE)


def _step(at: AtPage, of: steps.Standing) -> int:
    return steps.asked(of, (at.request.POST or at.request.GET).get("step", ""))


def _standing(at: AtPage) -> tuple[steps.Standing | None, Any, dict[str, Any]]:
    """How far it is, whose it is, and what he wrote in the form if that is what he puts right."""
    with looking(at, "savings") as (inside, whose):
        mirror = AccountStatus.objects.filter(person_id=whose.person.person_id).order_by("-opened_at").first()
        of = steps.standing(inside, mirror, at.lang) if mirror else None
        again = of is not None and _step(at, of) == FORM != of.due
        return of, whose, stated(inside, steps.application_of(of)) if of is not None and again else {}


def _page(
    at: AtPage, of: steps.Standing, whose: Any, written: dict[str, Any], values: dict[str, Any] | None = None,
    faults: tuple[Fault, ...] = (),
) -> HttpResponse:  # fmt: skip
    step = _step(at, of)
    fields, answered = questions.fields_of(at, of, step, written)
    at_bank = of.due > max(steps.NAMES)
    return at.render(
        "portal/my/savings.html",
        title=at.word("savings.my.title"),
        lead=of.told.sentence(at.lang),
        next_step=of.told.next_step(at.lang),
        whose=whose,
        tasks=steps.tasks(of, at.lang, HERE),
        due=of.due,
        asked=step,
        due_name=at.word(f"savings.step.do_{step}") if step else "",
        fields=fields,
        values=values or answered,
        faults=faults,
        bring=of.comparison["papers"] if of.due in (1, 5) else (),
        at_bank_text=at.word("savings.my.at_bank" + (f"_{of.due}" if of.due > BRING else "")) if at_bank else "",
        at_bank=at_bank and step == of.due,
        place=steps.place(of, at.lang) if at_bank else [],
        site=bank_sites.link(of.mirror.area_code, of.mirror.bank, at.lang) if of.told.has else None,
        chosen=steps.chosen(of, at.lang),
        papers=steps.papers(of, at.lang),
        can_withdraw=steps.can_withdraw(of),
        key=fresh_key(),
        area=of.mirror.area_code,
        here=HERE,
        status=422 if faults else 200,
    )
