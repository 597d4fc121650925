"""Paying one charge from the linked account, and how a payment stands."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.linked import looking, paying
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.netbank.linked import away, pdf
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Link


@for_customer
def pay(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    """One charge: the holder agrees to it, with its amount, at the bureau's page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return away(paying.begin(at.caller, link, request.POST.get("charge", "")).url)


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
    steps = [Link(at.word("linked.overview"), f"/linked/{link}/")]
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
    link = paying.link_of(at.caller, payment)
    return pdf(looking.receipt(at.caller, link, payment), "receipt")
