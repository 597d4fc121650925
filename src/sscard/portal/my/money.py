"""Medical account and bank account side by side. Two kinds of money: nothing here ever adds them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpRequest, HttpResponse

from sscard.bank import reads as bank
from sscard.bank.reads import OwnAccount
from sscard.bank.savings.statement_file import kind_text
from sscard.bank.states import Status
from sscard.control.inside import Inside
from sscard.insurance import reads as insurance
from sscard.insurance.reads import AccountView
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.ledger.reads import EntryLine
from sscard.portal import bank_sites, looks
from sscard.portal.my.whose import looking
from sscard.portal.shapes import Balance, Link
from sscard.portal.signed import AtPage, for_holder

LINES = 20
MEDICAL_USES, MEDICAL_NOT = ("hospital", "pharmacy"), ("cash", "transfer", "shopping")
BANK_USES, ASLEEP_USES, ASLEEP_NOT = ("cash", "transfer", "shopping"), ("deposit",), ("cash", "transfer", "inquiry")


@for_holder
def money(request: HttpRequest, at: AtPage) -> HttpResponse:
    with looking(at, "money") as (inside, whose):
        medical = insurance.record(inside, whose.person.person_id).medical_account
        accounts = bank.own_accounts(inside, whose.person.person_id, entries=LINES)
        account = accounts[0] if accounts else None
        right = _bank(inside, at, account)
        area = inside.area.code
    return at.render(
        "portal/my/money.html",
        title=at.word("my.money.title" if whose.own else "my.money.title_ward", name=whose.person.name_mask),
        lead=at.word("my.money.lead"),
        whose=whose,
        medical=_medical(at, medical),
        bank=right,
        days=_days(at, account),
        site=_site(at, area, account),
        asleep=bool(account and account.view.asleep),
    )


def _medical(at: AtPage, one: AccountView) -> Balance:
    there = one.balance_fen is not None
    return Balance(
        kind="medical",
        title=at.word("my.money.medical"),
        amount_fen=one.balance_fen,
        state=at.word("my.money.medical_usable" if there else "my.money.medical_none"),
        sentence=words.text("notice", one.notice, at.lang),
        usable=_uses(at, MEDICAL_USES) if there else (),
        not_usable=_uses(at, MEDICAL_NOT) if there else (),
        tone="good" if there else "plain",
        as_of=one.as_of,
    )


def _bank(inside: Inside, at: AtPage, one: OwnAccount | None) -> Balance:
    """Before activation there is no figure, not even zero; the sentence says why."""
    if one is None:
        return Balance(
            "bank", at.word("my.money.bank_none"), None, at.word("my.money.none"), at.word("my.money.none_text")
        )
    title = at.word("my.money.bank", bank=inside.area.bank(one.view.bank).short.of(at.lang))
    if one.view.asleep:
        return Balance(
            "bank",
            title,
            None,
            at.word("my.money.asleep"),
            at.word("my.money.asleep_text"),
            _uses(at, ASLEEP_USES),
            _uses(at, ASLEEP_NOT),
            "wait",
        )
    if one.closed_because:
        why = Refusal(one.closed_because)
        state = (
            at.word(f"my.bank.{one.view.status}.name")
            if one.view.status is not Status.ACTIVE
            else at.word("my.money.stopped")
        )
        return Balance("bank", title, None, state, f"{why.sentence(at.lang)} {why.next_step(at.lang)}", tone="bad")
    sentence = at.word("my.money.active_text")
    if one.available_fen != one.balance_fen:
        sentence = at.word("my.money.held_text", available=looks.show_money(one.available_fen))
    return Balance(
        "bank", title, one.balance_fen, at.word("my.money.active"), sentence, _uses(at, BANK_USES), (), "good"
    )


def _uses(at: AtPage, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(at.word(f"my.use.{name}") for name in names)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as people read it: what, how much, what is left."""

    what: str
    amount: str
    balance: str
    came: bool


def _days(at: AtPage, one: OwnAccount | None) -> list[tuple[date, list[Shown]]] | None:
    """The latest entries by day, newest first, as at the bank's own site; None where they can't be asked."""
    if one is None or one.closed_because or one.view.asleep:
        return None
    return [
        (day, [_line(at, line) for line in lines])
        for day, lines in groupby(one.entries, lambda line: line.business_date)
    ]


def _line(at: AtPage, line: EntryLine) -> Shown:
    came = line.side == "C"
    amount = f"{'+' if came else '−'}{looks.show_money(line.amount_fen)}"
    return Shown(kind_text(line.kind, at.lang), amount, looks.show_money(line.balance_fen), came)


def _site(at: AtPage, area: str, one: OwnAccount | None) -> Link | None:
    """The bank's own site, where its money is moved; None where there is nothing to do there yet."""
    if one is None or one.closed_because or one.view.asleep:
        return None
    return bank_sites.link(area, one.view.bank, at.lang)
