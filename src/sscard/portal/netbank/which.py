"""Which of the customer's accounts a page is about: the one that the address names, else the first that can be asked."""

from __future__ import annotations

from django.http import HttpRequest

from sscard.bank import customers_reads
from sscard.bank.customers_reads import OnlineAccount
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.forms import uuid_of


def chosen(inside: Inside, request: HttpRequest) -> tuple[OnlineAccount, list[OnlineAccount]]:
    """The account and all of them. Somebody else's is like none (T12); one that can't be asked says why."""
    every = customers_reads.accounts(inside)
    asked = request.POST.get("account") or request.GET.get("account") or ""
    if asked:
        wanted = uuid_of(asked)
        found = next((one for one in every if one.account_id == wanted), None)
    else:
        found = next((one for one in every if not one.closed_because), every[0] if every else None)
    if found is None:
        raise Refusal("control.not_found")
    return found, every


def short(one: OnlineAccount) -> str:
    """As people tell their accounts apart: the last four places."""
    return f"**** {one.pan_mask[-4:]}"


def named(one: OnlineAccount, lang: str) -> str:
    """With what the number is: the bank card's, as it is printed on the card."""
    return f"{looks.word('netbank.bank_card', lang)} {short(one)}"


def options(every: list[OnlineAccount], lang: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((str(one.account_id), named(one, lang), "") for one in every)
