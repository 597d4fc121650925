"""Reading about cards and accounts: for the desk, for a bank's counter or kiosk, for the holder himself."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from sscard.api import auth
from sscard.api.plain import language, plain, purpose
from sscard.bank import reads as bank
from sscard.bank.in_slot import account_in_slot
from sscard.cards import reads as cards
from sscard.cards.models import Card
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.insurance import charges
from sscard.insurance import reads as insurance
from sscard.issuing import guide
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.law.areas import Branch, BureauOutlet
from sscard.law.papers import bring
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person


def mount(api: NinjaAPI) -> None:
    @api.get(
        "/people/{person}/cards", tags=["cards"], summary="a person's cards, both switches, what is missing · 名下的卡"
    )
    def of_person(request: HttpRequest, person: uuid.UUID) -> list[dict[str, Any]]:
        lang = language(request)
        who = auth.caller(request)
        with reading(who, right="people.view", purpose=purpose(request, who, "people.view")) as inside:
            found = people.require(inside, person)
            return [_card(inside, card, lang) for card in cards.cards_of(inside, found.person_id)]

    @api.get("/people/{person}/contributions", tags=["insurance"], summary="contribution record · 缴费记录")
    def contributions(request: HttpRequest, person: uuid.UUID) -> dict[str, Any]:
        who = auth.caller(request)
        with reading(who, right="insurance.view", purpose=purpose(request, who, "insurance.view")) as inside:
            return _record(inside, people.require(inside, person).person_id)

    @api.get("/bank/slot/{session}", tags=["bank"], summary="the account of the card in the slot · 卡槽中卡的账户")
    def in_slot(request: HttpRequest, session: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="bank.activate", purpose=purpose(request)) as inside:
            found = account_in_slot(inside, session)
            answer = {"account": str(found.account_id), "bank": found.bank, "pan_mask": found.pan_mask}
            mine = found.bank == inside.caller.bank
            return {**answer, "status": found.status if mine else ""}

    @api.get("/bank/accounts/{account}", tags=["bank"], summary="an account as its bank's teller sees it · 柜面视图")
    def at_counter(request: HttpRequest, account: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="bank.view", purpose=purpose(request)) as inside:
            return plain(asdict(bank.at_counter(inside, account)))

    @api.get("/my", tags=["holder"], summary="my card: its way, both switches, what to do next · 我的卡")
    def my(request: HttpRequest) -> dict[str, Any]:
        lang = language(request)
        with reading(auth.caller(request), right="people.view_self", purpose=purpose(request)) as inside:
            me = _me(inside)
            inside.about(me.person_id, what="cards")
            return {
                "name": me.name_mask,
                "id_number": me.id_mask,
                "phone": me.phone_mask,
                "cards": [_card(inside, card, lang) for card in cards.cards_of(inside, me.person_id)],
            }

    @api.get("/my/charges", tags=["holder"], summary="my charges, paid and unpaid · 我的应缴保险费")
    def my_charges(request: HttpRequest) -> Any:
        with reading(auth.caller(request), right="insurance.view_self", purpose=purpose(request)) as inside:
            me = _me(inside)
            inside.about(me.person_id, what="charges")
            return plain(charges.of_person(inside, me.person_id))

    @api.get("/my/facts", tags=["holder"], summary="what is kept about me · 我的登记信息")
    def my_facts(request: HttpRequest) -> dict[str, Any]:
        """In clear, for himself: a recorded opening of his own record."""
        with reading(auth.caller(request), right="people.view_self", purpose=purpose(request)) as inside:
            me = people.by_id(inside, _me(inside).person_id, what="facts")
            clear = {"sex": me.sex, "birth_date": me.birth_date, "nation": me.nation, "category": me.category}
            return plain({**people.facts(inside, me), **clear, "has_photo": me.has_photo})

    @api.get("/my/contributions", tags=["holder"], summary="my contributions, month by month · 我的缴费记录")
    def my_contributions(request: HttpRequest) -> dict[str, Any]:
        with reading(auth.caller(request), right="insurance.view_self", purpose=purpose(request)) as inside:
            return _record(inside, _me(inside).person_id)

    @api.get("/my/accounts", tags=["holder"], summary="medical account and bank account, side by side · 我的账户")
    def my_accounts(request: HttpRequest) -> dict[str, Any]:
        """Two things that are never added up: what is for medical care, and money at the bank."""
        with reading(auth.caller(request), right="bank.own", purpose=purpose(request)) as inside:
            me = _me(inside)
            medical = insurance.record(inside, me.person_id).medical_account
            own = bank.own_accounts(inside, me.person_id, entries=20)
            return {"medical": plain(asdict(medical)), "bank": [_own(one) for one in own]}

    @api.get("/my/looks", tags=["holder"], summary="who has looked at my record · 谁看过我的档案")
    def looks(request: HttpRequest) -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="people.view_self", purpose=purpose(request)) as inside:
            me = _me(inside)
            inside.about(me.person_id, what="looks")
            return [plain(asdict(one)) for one in people.who_looked(inside, me.person_id)]


def _me(inside: Inside) -> Person:
    """The holder's own person."""
    found = lookup.find("id_number", inside.caller.person_index) if inside.caller.person_index else None
    if found is None or inside.caller.kind != "holder":
        raise Refusal("control.not_found")
    return Person.objects.get(person_id=people.true_person(found.person_id))


def _card(inside: Inside, card: Card, lang: str) -> dict[str, Any]:
    account = next(iter(bank.accounts_of(inside, card.person_id, card.card_id)), None)
    switches = cards.switches(card, _bank_side(account, lang), lang, on=inside.today)
    return {
        "card": str(card.card_id),
        "card_number": card.card_number_mask,
        "bank": card.bank,
        "production": card.production,
        "social": card.social,
        "account": account and {"account": str(account.account_id), "pan": account.pan_mask, "status": str(account.status),
                                "asleep": account.asleep},
        "picture": plain(cards.picture(card, inside.area, lang)),
        "way": plain(cards.way(card.person_id, card.card_id, lang)),
        "switches": plain(switches),
        "todo": [_todo(one, inside, lang) for one in guide.todo(inside, card, account)],
    }  # fmt: skip


def _bank_side(account: bank.AccountView | None, lang: str) -> dict[str, Any] | None:
    """The bank's switch in words; never a balance."""
    if account is None:
        return None
    told = words.text("state", f"bank.{account.status}", lang)
    return {"on": account.status == "ACTIVE", "state": told, "sentence": told, "tone": "plain"}


def _todo(one: guide.Todo, inside: Inside, lang: str) -> dict[str, Any]:
    return {
        "matter": one.matter,
        "rule": one.rule,
        "bank": one.bank,
        "outlets": [_outlet(outlet, lang) for outlet in one.outlets],
        "papers": [paper.told() for paper in bring(inside.area, one.matter, lang)],
    }


def _outlet(outlet: BureauOutlet | Branch, lang: str) -> dict[str, Any]:
    return {
        "code": outlet.code, "name": outlet.name.of(lang), "address": outlet.address.of(lang),
        "hours": outlet.hours.of(lang), "phone": outlet.phone, "terminal": outlet.terminal,
    }  # fmt: skip


def _own(one: bank.OwnAccount) -> dict[str, Any]:
    """Before activation there is no balance, not even zero; `closed_because` says why in words."""
    closed = Refusal(one.closed_because) if one.closed_because else None
    return {
        **plain(asdict(one)),
        "notice": closed.sentence("en") if closed else "",
        "notice_zh": closed.sentence("zh") if closed else "",
    }


def _record(inside: Inside, person_id: int) -> dict[str, Any]:
    found = insurance.record(inside, person_id)
    shown = plain(asdict(found))
    del shown["person_id"]
    return shown
