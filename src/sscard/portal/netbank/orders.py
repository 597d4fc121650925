"""Transfers that wait or went to another bank: how each stands, and taking back what has not left."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from sscard.bank.savings import orders as savings
from sscard.bank.savings.orders import OrderView, RecallTransfer
from sscard.bank.savings.states import Order, Way
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.signed import fresh_key

HERE = "/orders/"


@for_customer
def orders(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading("bank.statement") as inside:
        account, _ = which.chosen(inside, request)
        if account.closed_because:
            raise Refusal(account.closed_because)
        found = savings.orders(inside, account.account_id)
    return at.render(
        "netbank/orders.html",
        title=at.word("orders.title"),
        lead=at.word("orders.lead"),
        account=account.account_id,
        orders=[_shown(at, one) for one in found],
        fresh=fresh_key(),
        here="/transfer/",
        crumbs=at.crumbs(("nav.transfer", "/transfer/"), ("orders.title", "")),
    )


def _shown(at: AtBank, one: OrderView) -> dict[str, Any]:
    codes = (("notice", f"bank.order_reason.{one.reason}"), ("state", f"bank.return.{one.reason}"))
    return {
        "id": one.order,
        "state": f"bank.order.{_state(one)}",
        "why": next(
            (words.text(kind, code, at.lang) for kind, code in codes if one.reason and words.has(kind, code)), ""
        ),
        "amount": looks.show_money(one.amount_fen),
        "arrow": "←" if one.way == Way.PULL else "→",
        "whom": f"{one.payee_name_mask} {one.payee_number_mask[-8:]}",
        "memo": one.memo,
        "made": one.made_at,
        "leaves": one.leaves_at if one.can_recall else None,
        "can_recall": one.can_recall,
    }


def _state(one: OrderView) -> str:
    """As the customer sees it: what went in real time does not wait for him, and of a top-up nothing of his was held."""
    if one.state == Order.WAITING and not one.can_recall:
        return "sending"
    return "not_paid" if one.way == Way.PULL and one.state == Order.REJECTED else one.state


@for_customer
def recall(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The money is free again at once; what has left says so."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account, order = uuid_of(request.POST.get("account", "")), uuid_of(request.POST.get("order", ""))
    at.perform("bank.transfer_recall", RecallTransfer(account, order))
    return HttpResponseRedirect(f"{HERE}?account={account}")
