"""What happened with my sign-in and my account lately: each sign-in, also a refused one, and each act in my name."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank import customers_reads
from sscard.bank.customers_reads import Happening
from sscard.kernel import clock, words
from sscard.portal import looks
from sscard.portal.netbank.signed import AtBank, for_customer

OWN_WORDS = ("control.sign_in", "bank.online_set_up", "bank.step_up")


@for_customer
def notices(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading() as inside:
        found = customers_reads.happenings(inside)
    lines = [_line(at, one) for one in found]
    return at.render(
        "netbank/notices.html",
        title=at.word("notices.title"),
        lead=at.word("notices.lead"),
        days=[(day, list(group)) for day, group in groupby(lines, key=lambda line: line["day"])],
        here="/settings/",
        crumbs=at.crumbs(("settings.title", "/settings/"), ("notices.title", "")),
    )


def _line(at: AtBank, one: Happening) -> dict[str, Any]:
    local = one.at.astimezone(clock.CHINA)
    what = at.word(f"notices.{one.verb}") if one.verb in OWN_WORDS else words.text("act", one.verb, at.lang)
    return {
        "day": looks.show_day(local.date(), at.lang),
        "time": f"{local:%H:%M}",
        "what": what,
        "refused": one.refused,
        "channel": at.word("notices.by_program") if one.channel == "api" else "",
    }
