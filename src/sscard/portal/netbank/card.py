"""The entry "social security card": is the card all right, does it have the savings function, and what comes next (ACT-5).

The bank knows its own side; of the social-security side it shows its customer what he may see of his own card anywhere: in
use or not. Nothing else of the bureau's stands here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.bank import customers_reads
from sscard.bank.customers_reads import FrozenAmount, OnlineAccount
from sscard.bank.savings_opening.function import Told
from sscard.bank.states import Restriction, Status
from sscard.cards import reads as cards
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.portal import looks
from sscard.portal.netbank import which
from sscard.portal.netbank.signed import AtBank, for_customer
from sscard.portal.shapes import Answer, Link, Switch

ORDER = (
    Restriction.FULL_FREEZE,
    Restriction.DEBIT_FREEZE,
    Restriction.LOST,
    Restriction.PIN_LOCKED,
    Restriction.CREDIT_FREEZE,
    Restriction.COUNTER_ONLY,
)
"""Which restriction speaks first."""


@for_customer
def card(request: HttpRequest, at: AtBank) -> HttpResponse:
    with at.reading() as inside:
        found = [
            (
                one,
                _switches(inside, at, one),
                customers_reads.savings(inside, one),
                customers_reads.frozen_amounts(inside, one),
            )
            for one in customers_reads.accounts(inside)
        ]
    shown = [_shown(at, one, sides, told, frozen) for one, sides, told, frozen in found]
    return at.render("netbank/card.html", title=at.word("card.title"), cards=shown)


def _switches(inside: Inside, at: AtBank, account: OnlineAccount) -> tuple[Switch, Switch] | None:
    (person_id,) = at.caller.persons
    card = Card.objects.filter(person_id=person_id, card_id=account.card_id).first()
    if card is None:
        return None
    social, bank = cards.switches(card, _bank_side(at, account), at.lang, on=inside.today)
    return _switch(social), _switch(bank)


def _switch(side: dict[str, Any]) -> Switch:
    sentence = " ".join(part for part in (side["sentence"], side["next_step"]) if part)
    return Switch(side["side"], side["on"], side["state"], sentence, side["tone"])


def _bank_side(at: AtBank, account: OnlineAccount) -> dict[str, Any]:
    """A restriction speaks before the status."""
    told = str(account.status)
    if account.status is Status.ACTIVE:
        told = next((str(one) for one in ORDER if one in account.restrictions), told)
    tone = {"ACTIVE": "good", "CLOSED": "plain", "NOT_ACTIVATED": "wait", "PENDING_OPEN": "wait"}.get(told, "bad")
    return {
        "on": told == "ACTIVE",
        "state": looks.word(f"my.bank.{told}.name", at.lang),
        "tone": tone,
        "sentence": looks.word(f"my.bank.{told}.text", at.lang),
        "next_step": "",
    }


def _shown(
    at: AtBank, account: OnlineAccount, sides: tuple[Switch, Switch] | None, savings: Told, frozen: list[FrozenAmount]
) -> dict[str, Any]:
    lines = [
        Answer(at.word("card.number"), which.short(account)),
        Answer(at.word("card.savings"), savings.sentence(at.lang)),
        Answer(at.word("card.phone"), account.phone_mask or "—"),
        *(_frozen(at, one) for one in frozen),
    ]
    why = Refusal(account.closed_because or account.transfer_closed_because) if _closed(account) else None
    steps = [Link(at.word(f"nav.{name}"), f"/{name}/") for name in ("transfer", "statement")] if why is None else []
    return {
        "lines": lines,
        "sides": sides,
        "next": why.next_step(at.lang) if why else at.word("card.next_none"),
        "steps": steps,
    }


def _frozen(at: AtBank, one: FrozenAmount) -> Answer:
    who = one.authority_name or words.text("state", f"bank.authority.{one.authority}", at.lang)
    return Answer(
        at.word("card.frozen"), looks.show_money(one.amount_fen), note=at.word("card.frozen_by", authority=who)
    )


def _closed(account: OnlineAccount) -> bool:
    return bool(account.closed_because or account.transfer_closed_because)
