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
                (customers_reads.savings(inside, one), customers_reads.at_counter(inside, one)),
                customers_reads.frozen_amounts(inside, one),
            )
            for one in customers_reads.accounts(inside)
        ]
    shown = [_shown(at, one, sides, told, frozen) for one, sides, told, frozen in found]
    return at.render("netbank/card.html", title=at.word("card.title"), cards=shown)


def _switches(inside: Inside, at: AtBank, account: OnlineAccount) -> tuple[dict[str, Any], dict[str, Any]] | None:
    (person_id,) = at.caller.persons
    card = Card.objects.filter(person_id=person_id, card_id=account.card_id).first()
    if card is None:
        return None
    social, bank = cards.switches(card, _bank_side(at, account), at.lang, on=inside.today)
    return social, bank


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
    at: AtBank, account: OnlineAccount, sides: tuple[dict[str, Any], dict[str, Any]] | None,
    savings: tuple[Told, tuple[str, ...]], frozen: list[FrozenAmount],
) -> dict[str, Any]:  # fmt: skip
    told, counter = savings
    lines = [
        Answer(at.word("card.number"), which.short(account)),
        Answer(at.word("card.savings"), told.sentence(at.lang)),
        *_at_counter(at, counter),
        Answer(at.word("card.phone"), account.phone_mask or "—"),
        *(_frozen(at, one) for one in frozen),
    ]
    why = Refusal(account.closed_because or account.transfer_closed_because) if _closed(account) else None
    steps = [Link(at.word(f"nav.{name}"), f"/{name}/") for name in ("transfer", "statement")] if why is None else []
    return {
        "lines": lines,
        "sides": [_switch(side) for side in sides] if sides else None,
        "next": _next(at, why, sides[0] if sides else None),
        "steps": steps,
    }


def _next(at: AtBank, why: Refusal | None, social: dict[str, Any] | None) -> str:
    """The bank's side first; a card whose social-security side sleeps is not done."""
    asked = [why.next_step(at.lang)] if why else []
    if social and not social["on"]:
        step = social["next_step"] or social["sentence"]
        asked.append(at.word(f"card.next_social_{'too' if why else 'only'}", step=step))
    return " ".join(asked) or at.word("card.next_none")


def _at_counter(at: AtBank, functions: tuple[str, ...]) -> list[Answer]:
    """What he opened and does not find on this site: where it is done."""
    names = [words.text("notice", f"bank.savings.function.{one}", at.lang) for one in functions]
    if not names:
        return []
    joined = ("、" if at.lang == "zh" else ", ").join(names)
    return [Answer(at.word("card.counter_only"), joined, note=at.word("card.at_counter"))]


def _frozen(at: AtBank, one: FrozenAmount) -> Answer:
    who = one.authority_name or words.text("state", f"bank.authority.{one.authority}", at.lang)
    return Answer(
        at.word("card.frozen"), looks.show_money(one.amount_fen), note=at.word("card.frozen_by", authority=who)
    )


def _closed(account: OnlineAccount) -> bool:
    return bool(account.closed_because or account.transfer_closed_because)
