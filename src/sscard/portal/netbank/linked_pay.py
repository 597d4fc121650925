"""Paying one charge from the linked account, and how a payment stands."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.linked import looking, paying, receipts
from sscard.bank.linked.looking import PaymentView
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.netbank.linked import away, pdf
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Link
from sscard.portal.tables import Column, Row, Table, table_of


@for_customer
def pay(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    """One charge: the holder agrees to it, with its amount, at the bureau's page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return away(paying.begin(at.caller, link, request.POST.get("charge", "")).url)


@for_customer
def payments(request: HttpRequest, at: AtBank) -> HttpResponse:
    """All that was ever paid here, also through links that have ended: its receipts are the customer's."""
    title = at.word("linked.pay.all")
    return at.render(
        "netbank/linked_payments.html",
        title=title,
        lead=at.word("linked.pay.all_lead"),
        table=table(request, at, looking.all_payments(at.caller)),
        here="/card/",
        crumbs=[*at.crumbs(("nav.card", "/card/"), ("linked.title", "/linked/")), Link(title)],
    )


def table(request: HttpRequest, at: AtBank, found: list[PaymentView]) -> Table | None:
    """Payments in a table, each leading to its page; None without any."""
    if not found:
        return None
    columns = [
        Column("at", at.word("linked.pay.at"), "day", sortable=False),
        Column("what", at.word("linked.pay.what"), sortable=False),
        Column("amount", at.word("linked.pay.amount"), "money", sortable=False),
        Column("state", at.word("linked.pay.state"), "state", sortable=False),
    ]
    rows = [
        Row(
            {"at": one.at, "what": one.label, "amount": one.amount_fen, "state": f"bank.link_payment.{one.state}"},
            url=f"/linked/payments/{one.payment}/",
        )
        for one in found
    ]
    return table_of(request, at.word("linked.pay.list"), columns, rows, filterable=False)


@for_customer
def payment(request: HttpRequest, at: AtBank, payment: uuid.UUID) -> HttpResponse:
    """What became of it. POST asks the bureau once more about one in doubt."""
    if request.method == "POST":
        paying.look_again(at.caller, payment)
        return HttpResponseRedirect(request.path, status=303)
    one = paying.one(at.caller, payment)
    if one.state in ("asked", "ended"):
        raise Refusal("bank.link_declined")
    link = paying.link_of(at.caller, payment)
    lines = [
        Answer(at.word("linked.pay.what"), one.label),
        Answer(at.word("linked.pay.amount"), looks.show_money(one.amount_fen)),
        Answer(at.word("linked.pay.at"), looks.show_moment(one.at, at.lang)),
    ]
    if one.receipt_code:
        lines.append(Answer(at.word("linked.pay.code"), one.receipt_code))
    live = {one.link for one in looking.links(at.caller)}
    steps = [Link(at.word("linked.overview"), f"/linked/{link}/")] if link in live else []
    steps.append(Link(at.word("linked.pay.all"), "/linked/payments/"))
    if one.state == "paid":
        steps.insert(0, Link(at.word("linked.pay.receipt"), f"/linked/payments/{payment}/receipt.pdf"))
    template = "portal/done.html" if one.state == "paid" else "netbank/linked_payment.html"
    return at.render(
        template,
        title=at.word(f"linked.pay.{one.state}"),
        sentence=at.word(f"linked.pay.{one.state}_text"),
        lines=lines,
        next_steps=steps,
        doubt=one.state in ("held", "doubt"),
        action=request.path,
        here="/card/",
    )


@for_customer
def receipt(request: HttpRequest, at: AtBank, payment: uuid.UUID) -> HttpResponse:
    return pdf(receipts.receipt(at.caller, payment), "receipt")
