"""What a linked card shows at the bank: card and insurance, the two totals, the records of the five insurances, charges.

All of it comes over the bureau's public interface, and the holder sees each look there."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank.linked import looking
from sscard.kernel import clock, words
from sscard.portal import charts, looks
from sscard.portal.netbank import linked_pay
from sscard.portal.netbank.linked import to_bureau
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Contribution, Link
from sscard.portal.signed import fresh_key

TONES = {"current": "good", "interrupted": "wait", "none": "plain"}


@for_customer
def overview(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    """One page: how things stand, what is to be paid, and where the records are."""
    told, totals = looking.status(at.caller, link), looking.totals(at.caller, link)
    charges = looking.charges(at.caller, link)
    answer = at.render(
        "netbank/linked_card.html",
        title=at.word("linked.overview"),
        card=told["card"],
        card_state=f"cards.social.{told['card']['state']}",
        insured=[_insured(at, one) for one in told["insurance"]],
        totals=[_total(at, name, totals[name]) for name in ("pension", "medical")],
        open_charges=[_charge(at, one) for one in charges if one["state"] in ("open", "overdue")],
        paid=linked_pay.table(request, at, looking.payments(at.caller, link)),
        link=link,
        key=fresh_key(),
        here="/card/",
        crumbs=[*at.crumbs(("nav.card", "/card/"), ("linked.title", "/linked/")), Link(at.word("linked.overview"))],
    )
    return to_bureau(at, answer)


@for_customer
def records(request: HttpRequest, at: AtBank, link: uuid.UUID) -> HttpResponse:
    """Month by month, a year at a time; `?year=` chooses."""
    found = looking.contributions(at.caller, link)
    years = sorted((int(year) for year in found), reverse=True)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in found else (years[0] if years else 0)
    pieces = [
        Contribution(one["month"], one["insurance"], one["employer_fen"], one["person_fen"], one["state"])
        for one in found.get(str(year), ())
    ]
    return at.render(
        "netbank/linked_records.html",
        title=at.word("linked.records"),
        year=year,
        pieces=pieces,
        until=charts.last_due(year, clock.today(at.caller.area)),
        years=[Link(looks.word("my.records.year", at.lang, year=one), f"?year={one}", one == year) for one in years],
        here="/card/",
        crumbs=[
            *at.crumbs(("nav.card", "/card/"), ("linked.title", "/linked/"), ("linked.overview", f"/linked/{link}/")),
            Link(at.word("linked.records")),
        ],
    )


def _insured(at: AtBank, one: dict[str, Any]) -> dict[str, str]:
    month = str(one["last_month"] or "")
    return {
        "name": one["name" if at.lang == "zh" else "name_en"],
        "state": at.word(f"linked.insured.{one['state']}"),
        "tone": TONES.get(one["state"], "plain"),
        "last": f"{month[:4]}-{month[4:]}" if month else "—",
    }


def _total(at: AtBank, name: str, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": looks.word(f"my.records.{name}_account", at.lang),
        "balance_fen": one["balance_fen"],
        "notice": words.text("notice", one["notice"], at.lang) if words.has("notice", one["notice"]) else "",
        "as_of": one["as_of"],
    }


def _charge(at: AtBank, one: dict[str, Any]) -> dict[str, Any]:
    name = one["insurance_name" if at.lang == "zh" else "insurance_name_en"]
    return {
        "id": one["charge"],
        "name": name,
        "months": f"{_month(one['first_month'])} – {_month(one['last_month'])}",
        "amount_fen": one["amount_fen"],
        "due_on": one["due_on"],
        "state": f"insurance.charge.{one['state']}",
        "reference": one["reference"],
    }


def _month(number: int) -> str:
    return f"{number // 100}-{number % 100:02d}"
