"""Notices: money that came and went, what was stopped, changed and refused; newest first, new ones marked."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank import customers_notices
from sscard.bank.acts import ReadNotices
from sscard.bank.customers_notices import Notice
from sscard.kernel import clock, words
from sscard.portal import looks
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.signed import fresh_key

TONES = {"restricted": "bad", "refused": "bad", "order": "bad", "freed": "good"}


@for_customer
def messages(request: HttpRequest, at: AtBank) -> HttpResponse:
    """Opening the page is seeing them; what was new is marked this once."""
    with at.reading() as inside:
        found = customers_notices.notices(inside)
    if found.unread:
        at.perform("bank.read_notices", ReadNotices(), key=fresh_key())
    lines = [_line(at, one) for one in found.lines]
    return at.render(
        "netbank/messages.html",
        title=at.word("messages.title"),
        lead=at.word("messages.unread", count=found.unread) if found.unread else at.word("messages.lead"),
        days=[(day, list(group)) for day, group in groupby(lines, key=lambda line: line["day"])],
        here="/",
        crumbs=at.crumbs(("home.title", "/"), ("messages.title", "")),
    )


def _line(at: AtBank, one: Notice) -> dict[str, Any]:
    local, lang = one.at.astimezone(clock.CHINA), at.lang
    return {
        "day": looks.show_day(local.date(), lang),
        "time": f"{local:%H:%M}",
        "what": _what(at, one),
        "why": _why(one, lang),
        "account": f"**** {one.pan_mask[-4:]}",
        "amount": (looks.show_money(abs(one.in_fen)), one.in_fen > 0)
        if one.kind == customers_notices.MOVEMENT
        else None,
        "state": at.word(f"messages.{one.kind}"),
        "tone": TONES.get(one.kind, "plain"),
        "fresh": one.fresh,
    }


def _what(at: AtBank, one: Notice) -> str:
    lang = at.lang
    if one.kind == customers_notices.MOVEMENT:
        code = f"bank.entry.{one.what}"
        return words.text("notice", code if words.has("notice", code) else "bank.entry.other", lang)
    if one.kind == customers_notices.ORDER:
        return at.word("messages.order_of", amount=looks.show_money(one.in_fen))
    if one.kind in (customers_notices.RESTRICTED, customers_notices.FREED):
        return looks.state_word(f"bank.{one.what}", lang)
    done = words.text("act", one.what, lang)
    if one.kind == customers_notices.REFUSED and one.in_fen:
        return at.word("messages.refused_of", what=done, amount=looks.show_money(one.in_fen))
    return done


def _why(one: Notice, lang: str) -> str:
    for kind, code in (("notice", f"bank.order_reason.{one.reason}"), ("refusal", one.reason)):
        if one.reason and words.has(kind, code):
            text = str(words.entry(kind, code)[lang])
            return "" if "{" in text else text  # its facts are not kept with the refusal
    return one.reason if one.kind == customers_notices.RESTRICTED else ""
