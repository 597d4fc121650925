"""What two persons of the bank do without the holder: freeze, lift, report a death, settle with the heirs. The teller
fills in the form, the reviewer signs it on his own page."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank import acts as bank
from sscard.bank.freezes import OUTSIDE, RANK, Order, may_freeze
from sscard.bank.reads_life import restrictions_of
from sscard.bank.savings import returns
from sscard.bank.states import Restriction, Status
from sscard.kernel import clock, money, words
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import amounts, errors, looks
from sscard.portal.bank import counter
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

CUSTOMER = "/bank/customer/"
KINDS = (Restriction.DEBIT_FREEZE, Restriction.AMOUNT_FREEZE, Restriction.FULL_FREEZE, Restriction.CREDIT_FREEZE)
PLACES = {"amount_fen": "amount"}


@for_staff("bank.restrict")
def freeze(request: HttpRequest, at: AtPage) -> HttpResponse:
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        post = request.POST
        found: list[Fault] = []
        amount, wrong = 0, []
        if post.get("kind") == Restriction.AMOUNT_FREEZE:
            amount, wrong = amounts.typed("amount", post.get("amount", ""))
        until = _day(post.get("until", ""), wrong)
        if wrong:  # the rest of the form is looked at all the same, so that nobody sends it twice
            found = [*wrong, *_rest(post, amount, at)]
        else:
            made = bank.Restrict(_account(at), post.get("kind", ""), amount_fen=amount, until=until, **_order(post))
            answer = _ask(at, "bank.restrict", made, found)
            if answer is not None:
                return answer
        faults = tuple(found)
    options = tuple((str(one), at.word(f"counter.freeze.{one}"), "") for one in KINDS)
    fields = [
        Field("kind", at.word("counter.order.kind"), kind="radio", options=options),
        Field("amount", at.word("counter.order.amount"), kind="money", width="10"),
        *_order_fields(at),
        Field(
            "until", at.word("counter.order.until"), kind="date", required=False,
            hint=at.word("counter.order.until_hint"),
        ),
    ]  # fmt: skip
    return _form(at, "freeze", fields, faults, {"kind": str(KINDS[0]), "authority": "bank"})


@for_staff("bank.restrict")
def lift(request: HttpRequest, at: AtPage, restriction: str) -> HttpResponse:
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    account = _account(at)
    with at.reading("bank.view", PURPOSE) as inside:
        here = {one.id: one for one in restrictions_of(inside, account) if one.ordered}
    one = here.get(uuid_of(restriction))
    if one is None:
        raise Refusal("bank.freeze_gone")
    faults: list[Fault] = []
    if request.method == "POST":
        answer = _ask(at, "bank.lift", bank.Lift(account, one.id, **_order(request.POST)), faults)
        if answer is not None:
            return answer
    values = {"authority": one.authority, "authority_name": one.authority_name}
    return _form(at, "lift", _order_fields(at), tuple(faults), values, f"/bank/lift/{one.id}/")


@for_staff("bank.death")
def death(request: HttpRequest, at: AtPage) -> HttpResponse:
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    faults: list[Fault] = []
    if request.method == "POST":
        post = request.POST
        made = bank.ReportDeath(_account(at), post.get("document", ""), post.get("source", ""))
        answer = _ask(at, "bank.report_death", made, faults)
        if answer is not None:
            return answer
    sources = tuple((one, at.word(f"counter.death.{one}"), "") for one in ("relatives", "bureau", "police", "hospital"))
    fields = [
        Field("source", at.word("counter.death.source"), kind="radio", options=sources),
        Field("document", at.word("counter.death.document"), maxlength=60),
    ]
    return _form(at, "death", fields, tuple(faults), {"source": "relatives"})


@for_staff("bank.death")
def revoke_death(request: HttpRequest, at: AtPage) -> HttpResponse:
    """The report was wrong: what it had closed opens again, everything else stays."""
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    faults: list[Fault] = []
    if request.method == "POST":
        made = bank.RevokeDeath(_account(at), request.POST.get("document", ""))
        answer = _ask(at, "bank.revoke_death", made, faults)
        if answer is not None:
            return answer
    field = Field("document", at.word("counter.death.proof"), maxlength=60, hint=at.word("counter.death.proof_hint"))
    return _form(at, "revoke_death", [field], tuple(faults), {}, "/bank/death/revoke/")


@for_staff("bank.close")
def heirs(request: HttpRequest, at: AtPage) -> HttpResponse:
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    faults: list[Fault] = []
    if request.method == "POST":
        post = request.POST
        made = bank.CloseByHeirs(_account(at), post.get("heir_name", ""), post.get("inheritance", ""))
        answer = _ask(at, "bank.close_by_heirs", made, faults)
        if answer is not None:
            return answer
    fields = [
        Field("heir_name", at.word("counter.heirs.name"), maxlength=40),
        Field("inheritance", at.word("counter.heirs.paper"), maxlength=60, hint=at.word("counter.heirs.paper_hint")),
    ]
    return _form(at, "heirs", fields, tuple(faults), {})


@for_staff(returns.RIGHT)
def give_back(request: HttpRequest, at: AtPage) -> HttpResponse:
    """A payment from another bank goes back to its payer, whole."""
    if not counter.desk(at).account:
        return HttpResponseRedirect("/bank/")
    account, faults, post = _account(at), list[Fault](), request.POST
    with at.reading("bank.view", PURPOSE) as inside:
        came = returns.came_in(inside, account)
    if request.method == "POST":
        chosen = next((one for one in came if str(one.payment) == post.get("payment")), None)
        reason = post.get("reason", "")
        if chosen is None:
            faults.append(Fault("payment", "bank.return_which"))
        if reason not in returns.REASONS:
            faults.append(Fault("reason", "bank.return_reason"))
        if chosen and not faults:
            made = bank.ReturnPayment(account, chosen.payment, chosen.amount_fen, reason)
            answer = _ask(at, returns.RIGHT, made, faults)
            if answer is not None:
                return answer
    if not came:
        raise Refusal("bank.nothing_to_return")
    names = {one.code: one.short.of(at.lang) for one in areas.get(at.caller.area).banks(clock.today(at.caller.area))}
    payments = tuple(
        (str(one.payment), f"{looks.show_money(one.amount_fen)} · {looks.show_moment(one.at, at.lang)}",
         f"{names.get(one.bank, one.bank)} {one.payer_mask}")
        for one in came
    )  # fmt: skip
    reasons = tuple((one, words.text("state", f"bank.return.{one}", at.lang), "") for one in returns.REASONS)
    fields = [
        Field("payment", at.word("counter.order.payment"), kind="radio", options=payments),
        Field("reason", at.word("counter.order.why_back"), kind="radio", options=reasons),
    ]
    return _form(at, "give_back", fields, tuple(faults), {}, "/bank/return/")


def _account(at: AtPage) -> uuid.UUID:
    return counter.account(counter.desk(at))


def _order(post: Any) -> dict[str, str]:
    """Who orders it, by what paper, why."""
    order = {name: post.get(name, "").strip() for name in ("reason", "authority", "authority_name", "document")}
    if order["authority"] not in OUTSIDE:
        order |= {"authority_name": ""}
    return order


def _order_fields(at: AtPage) -> list[Field]:
    authorities = tuple((one, words.text("state", f"bank.authority.{one}", at.lang), "") for one in RANK)
    return [
        Field("authority", at.word("counter.order.authority"), kind="select", options=authorities),
        Field(
            "authority_name", at.word("counter.order.authority_name"), maxlength=80,
            hint=at.word("counter.order.authority_hint"),
        ),
        Field("document", at.word("counter.order.document"), maxlength=60, hint=at.word("counter.order.authority_hint")),
        Field("reason", at.word("counter.order.reason"), maxlength=60),
    ]  # fmt: skip


def _rest(post: Any, amount: int, at: AtPage) -> list[Fault]:
    """What the act would say of the fields whose form is right."""
    order = Order(post.get("kind", ""), amount_fen=amount or 1, until=None, **_order(post))
    return may_freeze(order, Status.ACTIVE, clock.today(at.caller.area))


def _amount(text: str, faults: list[Fault]) -> int:
    try:
        return money.fen(text)
    except Refusal as refusal:
        faults.append(Fault("amount", refusal.code, refusal.facts))
        return 0


def _day(text: str, faults: list[Fault]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault("until", "bank.freeze_until"))
        return None


def _ask(at: AtPage, act: str, made: Any, faults: list[Fault]) -> HttpResponse | None:
    """Ask for the act; None when the form has faults. What is no matter of the form is a page with the way back."""
    try:
        at.perform(act, made, purpose=PURPOSE)
    except Refusal as refusal:
        if not refusal.faults:
            from sscard.law import clauses

            way = Link(at.word("counter.back_to_customer"), CUSTOMER)
            return errors.refusal_page(at.request, refusal, way=way, clause=clauses.basis(refusal.clause, at.lang))
        found = faults_of(refusal)
        faults += [Fault(PLACES.get(one.place, one.place), one.code, one.facts) for one in found]
        return None
    return at.render(
        "portal/done.html",
        title=at.word("counter.order.asked"),
        sentence=at.word("counter.order.asked_text"),
        next_steps=[Link(at.word("counter.back_to_customer"), CUSTOMER)],
        here="/bank/",
    )


def _form(
    at: AtPage, name: str, fields: list[Field], faults: tuple[Fault, ...], values: dict[str, str], action: str = ""
) -> HttpResponse:
    return at.render(
        "portal/form.html",
        title=at.word(f"counter.do.{name}"),
        lead=at.word(f"counter.before.{name}"),
        fields=fields,
        values=at.request.POST if faults else values,
        faults=faults,
        action=action or f"/bank/{name}/",
        submit_label=at.word("counter.order.submit"),
        hidden={"key": fresh_key()},
        cancel_url=CUSTOMER,
        crumbs=[
            Link(at.word("counter.nav"), "/bank/"),
            Link(at.word("counter.customer_crumb"), CUSTOMER),
            Link(at.word(f"counter.do.{name}")),
        ],
        here="/bank/",
    )
