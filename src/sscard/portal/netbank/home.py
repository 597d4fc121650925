"""Home: the accounts, each with its balance behind the eye, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from sscard.bank import customers_notices, customers_reads
from sscard.bank.customers_reads import Money, OnlineAccount
from sscard.bank.savings.orders import OrderView, orders
from sscard.bank.savings.states import Way
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.forms import uuid_of
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Act, Notice

HIDDEN = "¥＊＊＊＊"
RECENT = 20
"""So many of the newest orders are looked at for what is still on its way."""


@for_customer
def home(request: HttpRequest, at: AtBank) -> HttpResponse:
    return _page(at)


def _page(at: AtBank, shown: str = "", money: Money | None = None) -> HttpResponse:
    with at.reading() as inside:
        accounts = customers_reads.accounts(inside)
        under_way = [
            order
            for one in accounts
            if not one.closed_because
            for order in orders(inside, one.account_id, limit=RECENT)
            if order.way == Way.TRANSFER and order.ended_at is None
        ]
        unread = customers_notices.notices(inside, most=0).unread
    return at.render(
        "netbank/home.html",
        title=at.word("home.title"),
        accounts=[_account(at, one, money if str(one.account_id) == shown else None) for one in accounts],
        notices=[*_what_next(at, accounts), *_on_the_way(at, under_way)],
        tiles=_tiles(at, accounts),
        unread=unread,
    )


def _account(at: AtBank, one: OnlineAccount, money: Money | None) -> dict[str, object]:
    why = Refusal(one.closed_because) if one.closed_because else None
    return {
        "id": one.account_id,
        "number": f"**** {one.pan_mask[-4:]}",
        "name": one.name_mask,
        "state": f"bank.{one.status}",
        "restrictions": [f"bank.{each}" for each in one.restrictions],
        "class": at.word("home.class", number={"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ"}.get(one.account_class, "")),
        "why": why.sentence(at.lang) if why else "",
        "next": why.next_step(at.lang) if why else "",
        "hidden": HIDDEN,
        "shown": _said(at, money) if money else "",
    }


def _said(at: AtBank, money: Money) -> str:
    if money.available_fen == money.balance_fen:
        return looks.show_money(money.balance_fen)
    available = looks.show_money(money.available_fen)
    return at.word("home.balance_less", balance=looks.show_money(money.balance_fen), available=available)


def _what_next(at: AtBank, accounts: list[OnlineAccount]) -> list[Notice]:
    """What stands in the way, with the step that removes it; nothing when all is well."""
    if not accounts:
        return [Notice(at.word("home.none"), at.word("home.none_next"), "wait")]
    found = []
    for one in accounts:
        if code := one.closed_because or one.transfer_closed_because:
            why = Refusal(code)
            tone = "wait" if one.asleep else "bad"
            found.append(Notice(why.sentence(at.lang), why.next_step(at.lang), tone))
    return found


def _on_the_way(at: AtBank, under_way: list[OrderView]) -> list[Notice]:
    """Money that is set aside, what can still be taken back and what can't: else the balance would not explain itself."""
    found = []
    for name, can_recall in (("waiting", True), ("sending", False)):
        those = [one.amount_fen for one in under_way if one.can_recall is can_recall]
        if those:
            said = at.word(f"home.{name}", count=len(those), sum=looks.show_money(sum(those)))
            found.append(Notice(said, "", "wait", "/orders/", at.word("home.waiting_see")))
    return found


def _tiles(at: AtBank, accounts: list[OnlineAccount]) -> list[Act]:
    """What people come for. What an account that is asleep can't do is not offered."""
    awake = [one for one in accounts if not one.closed_because]
    names = ("transfer", "statement", "recharge", "card") if awake else ("card",)
    tiles = [Act(at.word(f"nav.{name}"), f"/{name}/", hint=at.word(f"home.hint.{name}")) for name in names]
    if awake:
        tiles += [
            Act(at.word("nav.bills"), "/bills/", hint=at.word("home.hint.bills")),
            Act(at.word("linked.title"), "/linked/", hint=at.word("home.hint.linked")),
        ]
    return tiles


@for_customer
def reveal(request: HttpRequest, at: AtBank) -> HttpResponse:
    """The eye: one account's balance, written down as a look of the customer himself."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account = uuid_of(request.POST.get("about", ""))
    with at.reading() as inside:
        one = customers_reads.account(inside, account)
        money = customers_reads.money(inside, one)
    if money is None:
        raise Refusal(one.closed_because)
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": _said(at, money), "said": ""})
    return _page(at, str(account), money)
