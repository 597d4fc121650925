"""Top-up from one's own card at another bank: from where and how much → check → asked for. The other bank's answer moves it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank.acts import Recharge
from sscard.bank.customers_reads import OnlineAccount
from sscard.bank.savings import payee
from sscard.kernel import clock
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas
from sscard.portal import amounts, looks
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Field, Link
from sscard.portal.signed import fresh_key

HERE = "/recharge/pull/"
TYPED = ("from_bank", "from_number", "amount", "account")
AT_FIELD = {
    "amount_fen": "amount", "bank.balance_ceiling": "amount", "bank.payee_bank_unknown": "from_bank",
    "bank.recharge_own_bank": "from_bank",
}  # fmt: skip


@for_customer
def top_up(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading() as inside:
        account, _ = which.chosen(inside, request)
    if account.closed_because:
        raise Refusal(account.closed_because)
    if request.method != "POST" or request.POST.get("step") == "change":
        return _form(at, account)
    fen, faults = amounts.typed("amount", request.POST.get("amount", ""))
    faults = [Fault(one.place, "portal.amount_unreal") if one.code == amounts.TOO_BIG else one for one in faults]
    if not any(code == request.POST.get("from_bank") for code, _, _ in _banks(at)):
        faults = [*faults, Fault("from_bank", "bank.payee_bank_unknown", {"bank": ""})]
    if not payee.number_fits(request.POST.get("from_number", "")):
        faults = [*faults, Fault("from_number", "bank.payee_number_form")]
    if faults:
        return _form(at, account, tuple(faults))
    return _do(at, account, fen) if request.POST.get("step") == "do" else _check(at, account, fen)


def _banks(at: AtBank) -> list[tuple[str, str, str]]:
    """The other banks that take part, each once."""
    found = {
        bank.code: (bank.code, bank.name.of(at.lang), "")
        for area in areas.all_areas()
        for bank in area.banks(clock.today(area.code))
        if bank.code != at.bank
    }
    return list(found.values())


def _typed(at: AtBank) -> dict[str, str]:
    return {name: at.request.POST.get(name, "").strip() for name in TYPED}


def _form(at: AtBank, account: OnlineAccount, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    word = at.word
    fields = [
        Field("from_bank", word("top_up.from_bank"), kind="select", options=tuple(_banks(at))),
        Field("from_number", word("top_up.from_number"), kind="digits", width="20", hint=word("top_up.own_only")),
        Field("amount", word("transfer.amount"), kind="money", width="10"),
    ]
    return at.render(
        "portal/form.html", title=word("top_up.title"), lead=word("top_up.lead"), fields=fields, values=_typed(at),
        hidden={"step": "form", "account": str(account.account_id)}, faults=faults, action=HERE,
        submit_label=word("transfer.next"), cancel_url="/recharge/", here="/",
        crumbs=at.crumbs(("recharge.title", "/recharge/"), ("top_up.title", "")),
    )  # fmt: skip


def _check(at: AtBank, account: OnlineAccount, fen: int) -> HttpResponse:
    word, typed = at.word, _typed(at)
    bank = next(text for code, text, _ in _banks(at) if code == typed["from_bank"])
    lines = [
        Answer(word("top_up.from_number"), looks.grouped(typed["from_number"]), note=bank),
        Answer(word("transfer.to_name"), account.name_mask),
        Answer(word("top_up.into"), which.named(account, at.lang)),
        Answer(word("transfer.amount"), looks.show_money(fen)),
    ]
    return at.render(
        "netbank/check.html", title=word("top_up.check"), lines=lines, fields=[], values={}, faults=(),
        hidden={**typed, "step": "do", "key": fresh_key()}, change={**typed, "step": "change"}, action=HERE,
        warning=word("top_up.warning"), submit_label=word("top_up.submit", amount=looks.show_money(fen)), here="/",
    )  # fmt: skip


def _do(at: AtBank, account: OnlineAccount, fen: int) -> HttpResponse:
    typed = _typed(at)
    wanted = Recharge(account.account_id, fen, typed["from_number"], typed["from_bank"])
    try:
        answer = at.perform("bank.recharge", wanted).answer
    except Refusal as refusal:
        told = refusal.faults or (Fault(refusal.code, refusal.code, refusal.facts),)
        if not refusal.faults and refusal.code not in AT_FIELD:
            raise
        faults = tuple(Fault(AT_FIELD.get(one.place, one.place), one.code, one.facts) for one in told)
        return _form(at, account, faults)
    return _asked(at, answer)


def _asked(at: AtBank, answer: dict[str, Any]) -> HttpResponse:
    word = at.word
    lines = [
        Answer(word("transfer.amount"), looks.show_money(answer["amount_fen"])),
        Answer(word("top_up.from_number"), answer["from_number_mask"][-8:]),
        Answer(word("transfer.at"), looks.show_moment(answer["at"], at.lang)),
    ]
    return at.render(
        "portal/done.html", title=word("top_up.done"), sentence=word("top_up.done_text"),
        number=str(answer["order"])[-12:].upper(), lines=lines,
        next_steps=[Link(word("orders.title"), "/orders/"), Link(word("nav.home"), "/")], here="/",
    )  # fmt: skip
