"""My limits, channels and notices: stricter at once; looser with the second factor given anew."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.bank.customers_reads import OnlineAccount
from sscard.bank.savings import acts_settings, settings
from sscard.bank.savings.acts_settings import OwnLimit, SetSettings, SettingsView
from sscard.kernel import money
from sscard.kernel.refusals import Fault, Refusal
from sscard.portal import looks
from sscard.portal.amounts import TOO_BIG
from sscard.portal.netbank import confirm, which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Field
from sscard.portal.signed import fresh_key

HERE = "/settings/limits/"
ON, OFF = "on", "off"
NOT_TYPED = ("csrfmiddlewaretoken", "key", "code", "answer", "step")


@for_customer
def limits(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading("bank.statement") as inside:
        account, every = which.chosen(inside, request)
        if account.closed_because:
            raise Refusal(account.closed_because)
        found = acts_settings.view(inside, account.account_id)
    if request.method != "POST":
        return _page(at, account, every, found, _values(found))
    wanted, faults = _wanted(request.POST, account, found)
    if faults or request.POST.get("step") == "change":
        return _page(at, account, every, found, request.POST, faults)
    caller = at.caller
    try:
        if request.POST.get("step") == "do" and not confirm.given_for(at, wanted.matter):
            caller = confirm.step_up(at, wanted.matter)
        AtBank(request, caller, at.lang).perform("bank.settings", wanted)
    except Refusal as refusal:
        if refusal.code == "bank.step_up_settings":
            return _check(at, found, wanted)
        if refusal.code in confirm.WRONG:
            return _check(at, found, wanted, (Fault("code", refusal.code, refusal.facts),))
        if not refusal.faults:
            raise
        faults = [Fault(_place(one.place), one.code, one.facts) for one in refusal.faults]
        return _page(at, account, every, found, request.POST, faults)
    return HttpResponseRedirect(f"{HERE}?account={account.account_id}&saved=1")


def _check(at: AtBank, found: SettingsView, wanted: SetSettings, faults: tuple[Fault, ...] = ()) -> HttpResponse:
    """What will change, with the second factor for just this."""
    confirm.forget(at)
    word, post = at.word, at.request.POST
    typed = {name: post[name] for name in post if name not in NOT_TYPED}
    own = {one.name: one.most_fen for one in wanted.limits}
    lines = [
        Answer(word(f"limits.{name}"), looks.show_money(own[name]) if name in own else word("limits.none"))
        for name in found.bounds
        if own.get(name) != found.own.get(name)
    ]
    lines += [
        Answer(word(f"limits.channel.{name}"), word(f"limits.{OFF if name in wanted.channels_off else ON}"))
        for name in settings.CHANNELS
        if (name in wanted.channels_off) != (name in found.channels_off)
    ]
    return at.render(
        "netbank/check.html", title=word("limits.check"), lines=lines, fields=[confirm.code_field(at)],
        passkey_options=confirm.passkey_options(at), values={}, faults=faults, action=HERE,
        hidden={**typed, "step": "do", "key": fresh_key()}, change={**typed, "step": "change"},
        submit_label=word("limits.submit"), here="/settings/",
        crumbs=at.crumbs(("settings.title", "/settings/"), ("limits.title", HERE), ("limits.check", "")),
    )  # fmt: skip


def of_customer(at: AtBank, account: OnlineAccount, fault: Fault) -> Fault:
    """An amount beyond what the books hold, told by the customer's own limits on transfers."""
    if fault.code != TOO_BIG:
        return fault
    with at.reading("bank.statement") as inside:
        found = acts_settings.view(inside, account.account_id)
    bounds = [fen for name, fen in found.effective.items() if name.startswith("transfer_")]
    if not bounds:
        return Fault(fault.place, "portal.amount_unreal")
    return Fault(fault.place, "portal.amount_over_own", {"most": money.yuan(min(bounds))})


def _place(place: str) -> str:
    return place.replace(".", "_").replace("notice_over_fen", "notice_over")


def _values(found: SettingsView) -> dict[str, Any]:
    """The form as it stands: an own limit, or nothing where the bank's holds."""
    values: dict[str, Any] = {
        f"limits_{name}": money.yuan(fen).replace(",", "") for name, fen in found.own.items() if name in found.bounds
    }
    values |= {f"channel_{name}": OFF if name in found.channels_off else ON for name in settings.CHANNELS}
    values["notices"] = OFF if found.notice_over_fen is None else ON
    if found.notice_over_fen:
        values["notice_over"] = money.yuan(found.notice_over_fen).replace(",", "")
    return values


def _wanted(post: Any, account: OnlineAccount, found: SettingsView) -> tuple[SetSettings, list[Fault]]:
    faults: list[Fault] = []

    def amount(place: str) -> int | None:
        text = post.get(place, "").strip()
        try:
            return money.fen(text) if text else None
        except Refusal as refusal:
            faults.append(Fault(place, refusal.code, refusal.facts))
            return None

    own = []
    for name, most in found.bounds.items():
        fen = amount(f"limits_{name}")
        if fen is not None and fen > most:
            faults.append(Fault(f"limits_{name}", "portal.limit_above", {"most": money.yuan(most)}))
        elif fen is not None:
            own.append(OwnLimit(name, fen))
    over = (amount("notice_over") or 0) if post.get("notices") == ON else None
    off = tuple(name for name in settings.CHANNELS if post.get(f"channel_{name}") == OFF)
    return SetSettings(account.account_id, tuple(own), off, over), faults


def _page(
    at: AtBank, account: OnlineAccount, every: list[OnlineAccount], found: SettingsView, values: Any,
    faults: Any = (),
) -> HttpResponse:  # fmt: skip
    word = at.word
    switch = ((ON, word("limits.on"), ""), (OFF, word("limits.off"), ""))
    amounts = [
        Field(
            f"limits_{name}", word(f"limits.{name}"), kind="money", width="10", required=False,
            hint=word("limits.bank_most", most=looks.show_money(most)),
        )
        for name, most in found.bounds.items()
    ]  # fmt: skip
    channels = [
        Field(f"channel_{name}", word(f"limits.channel.{name}"), kind="radio", options=switch)
        for name in settings.CHANNELS
    ]
    notices = [
        Field("notices", word("limits.notices"), kind="radio", options=switch),
        Field("notice_over", word("limits.notice_over"), kind="money", width="10", required=False),
    ]
    return at.render(
        "netbank/limits.html",
        title=word("limits.title"),
        lead=word("limits.lead"),
        number=which.short(account),
        groups=[
            (word("limits.amounts"), amounts), (word("limits.channels"), channels), (word("limits.tell_me"), notices),
        ],
        values=values,
        fields=[*amounts, *channels, *notices],  # so that the summary of faults names them
        faults=tuple(faults),
        saved=at.request.GET.get("saved") == "1" and not faults,
        hidden={"account": str(account.account_id), "key": fresh_key()},
        others=[(f"?account={one.account_id}", which.short(one)) for one in every if one is not account],
        here="/settings/",
        crumbs=at.crumbs(("settings.title", "/settings/"), ("limits.title", "")),
    )  # fmt: skip
