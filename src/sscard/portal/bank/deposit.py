"""Paying in: for the customer at the desk, or by anybody with a card or account number. Who pays in learns no balance."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sscard.bank.acts import Deposit
from sscard.bank.cash import require_deposit
from sscard.bank.reads_life import account_of_number
from sscard.bank.standing import find
from sscard.kernel import money
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.bank import counter, receipts
from sscard.portal.bank.counter import PURPOSE
from sscard.portal.bank.customer import seen_now
from sscard.portal.bank.matter import rule
from sscard.portal.forms import faults_of
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import AtPage, for_staff, fresh_key

PLACES = {
    "kernel.amount": "amount",
    "ledger.amount": "amount",
    "bank.cash_above": "amount",
    "bank.number_unknown": "number",
    "bank.other_bank": "number",
}


@for_staff("bank.deposit")
def deposit(request: HttpRequest, at: AtPage) -> HttpResponse:
    """Form, check, act: the amount is read back before the cash goes into the drawer."""
    if request.method != "POST":
        return _form(at, {})
    post = request.POST
    on_desk = counter.desk(at)
    number = "" if on_desk.account else post.get("number", "").strip()
    faults: list[Fault] = []
    amount = 0
    try:
        amount = money.fen(post.get("amount", ""))
    except Refusal as refusal:
        faults += faults_of(refusal, PLACES)
    if not faults:
        faults += _amount_faults(at, amount)
    if not on_desk.account:
        faults += _number_faults(at, number)
    if faults:
        return _form(at, post, tuple(faults))
    if post.get("step") != "do":
        return _check(at, amount, number)
    account = counter.account(on_desk) if on_desk.account else None
    area = on_desk.area or None
    try:
        outcome = at.perform("bank.deposit", Deposit(amount, account, number), purpose=PURPOSE, area=area)
    except Refusal as refusal:
        return _form(at, post, faults_of(refusal, PLACES))
    return receipts.receipt(at, "deposit", outcome, amount_fen=amount)


def _amount_faults(at: AtPage, amount: int) -> tuple[Fault, ...]:
    """Before the cash is counted; the bank's rule where the account is may say otherwise, and the act goes by that one."""
    if not amount:
        return (Fault("amount", "ledger.amount"),)
    try:
        require_deposit(rule(at), amount)
    except Refusal as refusal:
        return faults_of(refusal, PLACES)
    return ()


def _number_faults(at: AtPage, number: str) -> tuple[Fault, ...]:
    """Before the cash is counted: whose account it is need not be known, but that it is one of this bank."""
    try:
        with at.reading("bank.deposit", PURPOSE) as inside:
            find(inside, account_of_number(number))
    except Refusal as refusal:
        return faults_of(refusal, PLACES)
    return ()


def _form(at: AtPage, values: object, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    on_desk = counter.desk(at)
    most = looks.show_money(rule(at).limits.cash_deposit_fen)
    fields = [
        Field(
            "amount", at.word("counter.amount"), kind="money", width="10", hint=at.word("counter.cash_most", most=most)
        )
    ]
    lead = at.word("counter.before.deposit_number")
    if on_desk.account:
        lead = at.word("counter.before.deposit", name=seen_now(at).name)
    else:
        fields.insert(
            0,
            Field("number", at.word("counter.number"), kind="digits", hint=at.word("counter.number_hint"), width="20"),
        )
    return at.render(
        "portal/form.html",
        title=at.word("counter.do.deposit"),
        lead=lead,
        fields=fields,
        values=values,
        faults=tuple(
            fault if fault.place != "amount_fen" else Fault("amount", fault.code, fault.facts) for fault in faults
        ),
        action="/bank/deposit/",
        submit_label=at.word("counter.continue"),
        hidden={"key": fresh_key()},
        cancel_url="/bank/customer/" if on_desk.account else "/bank/",
        here="/bank/deposit/",
    )


def _check(at: AtPage, amount: int, number: str) -> HttpResponse:
    lines = [Answer(at.word("counter.amount"), looks.show_money(amount), "/bank/deposit/")]
    if number:
        lines.insert(0, Answer(at.word("counter.number"), looks.grouped(number), "/bank/deposit/"))
    else:
        lines.insert(0, Answer(at.word("counter.name"), seen_now(at).name))
    return at.render(
        "portal/check.html",
        title=at.word("counter.check.deposit"),
        lines=lines,
        action="/bank/deposit/",
        submit_label=at.word("counter.submit.deposit"),
        hidden={"key": fresh_key(), "step": "do", "amount": money.yuan(amount), "number": number},
        warning=at.word("counter.count_cash"),
        crumbs=[Link(at.word("counter.nav"), "/bank/"), Link(at.word("counter.do.deposit"))],
        here="/bank/deposit/",
    )
