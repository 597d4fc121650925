"""The papers of an opening: the agreement with what both sides promise, and the guide that goes home with the card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from sscard.bank.savings_opening.case import Case
from sscard.bank.standing import bank_rule
from sscard.bank.states import Status
from sscard.control.inside import Inside
from sscard.documents.kept import shown
from sscard.documents.pdf import Box, Column, Sheet
from sscard.kernel import clock, money, words
from sscard.kernel.sealed import open_one
from sscard.law import areas
from sscard.law.savings import Savings

__all__ = ["Box", "Paper", "agreement", "digest", "guide", "name_of"]
CLAUSES = 9


@dataclass(frozen=True, slots=True)
class Paper:
    file: bytes
    boxes: Mapping[str, Box]


def agreement(inside: Inside, case: Case, code: str, lang: str, *, signer: Mapping[str, str]) -> Paper:
    """The agreement on the savings function, with places for both signatures."""
    bank = bank_rule(case.mirror, inside)
    form: dict[str, Any] = open_one(case.row, "form", inside)

    def say(name: str, /, **facts: Any) -> str:
        return words.text("notice", f"bank.savings.agreement.{name}", lang, **facts)

    sheet = _sheet(say("title"), bank.name.of(lang), code, lang)
    sheet.facts(
        [
            (say("bank"), bank.name.of(lang)),
            (say("applicant"), f"{signer['name']}  {signer['id_mask']}"),
            (say("account"), case.mirror.pan_mask),
            (say("number"), case.row.number),
            (say("date"), _day(lang)),
        ]
    )
    if case.row.method == "guardian":
        sheet.text(say("for_child"))
    sheet.heading(say("functions"))
    _functions(sheet, case.terms, lang, tuple(case.row.functions), say)
    sheet.heading(say("fees"))
    _fees(sheet, case.terms, lang, say)
    sheet.heading(say("stated"))
    sheet.facts(
        [
            (say("phone"), str(form["phone"])),
            (say("address"), str(form["address"])),
            *((say(one), words.text("notice", f"bank.savings.{one}.{form[one]}", lang)) for one in
              ("occupation", "use", "tax")),
        ]
    )  # fmt: skip
    sheet.heading(say("terms"))
    sheet.listing(
        [say(f"clause_{number}", bank=bank.short.of(lang), hotline=bank.hotline) for number in range(1, CLAUSES + 1)]
    )
    consent = words.text("notice", f"bank.savings.consent.{case.row.agreement_form}", lang)
    sheet.text(consent)
    sheet.signature("applicant", say("signed_by", name=signer["name"]))
    sheet.signature("bank", say("sealed_by", bank=bank.name.of(lang)), column=1)
    sheet.text(say("check"), small=True)
    return Paper(sheet.output(), dict(sheet.boxes))


def guide(inside: Inside, case: Case, code: str, lang: str) -> bytes:
    """What to do with it from now on: wake the account if it sleeps, the bank's site, functions, fees, safety, where to ask."""
    bank, area = bank_rule(case.mirror, inside), areas.get(case.mirror.area_code)

    def say(name: str, /, **facts: Any) -> str:
        return words.text("notice", f"bank.savings.guide.{name}", lang, **facts)

    def of_agreement(name: str, /, **facts: Any) -> str:
        return words.text("notice", f"bank.savings.agreement.{name}", lang, **facts)

    asleep = case.mirror.status != Status.ACTIVE
    sheet = _sheet(say("title"), bank.name.of(lang), code, lang)
    sheet.text(say("asleep" if asleep else "awake", bank=bank.short.of(lang)))
    if asleep:
        sheet.listing([say(f"wake_{number}") for number in (1, 2, 3)])
    if site := settings.CONFIG.bank_url(bank.code):
        sheet.heading(say("online"))
        sheet.text(say("online_where", bank=bank.short.of(lang), site=site))
        sheet.listing([say(f"online_{number}", site=site) for number in (1, 2, 3)])
    sheet.heading(of_agreement("functions"))
    _functions(sheet, case.terms, lang, tuple(case.row.functions), of_agreement)
    sheet.heading(of_agreement("fees"))
    _fees(sheet, case.terms, lang, of_agreement)
    sheet.heading(say("two_passwords"))
    sheet.text(say("two_passwords_text"))
    sheet.heading(say("safety"))
    sheet.listing([say(f"safety_{number}", hotline=bank.hotline) for number in (1, 2, 3, 4)], numbered=False)
    sheet.heading(say("where"))
    sheet.table(
        [Column(say("outlet"), 36), Column(say("place"), 34), Column(say("hours"), 26), Column(say("telephone"), 18)],
        [
            (one.name.of(lang), one.address.of(lang), one.hours.of(lang), one.phone)
            for one in area.outlets(kind="bank", bank=bank.code)
        ],
    )
    sheet.text(say("ask", bank=bank.short.of(lang), bank_hotline=bank.hotline, hotline=area.hotline))
    return sheet.output()


def name_of(signer: Mapping[str, str]) -> str:
    return signer["name"]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sheet(title: str, issuer: str, code: str, lang: str) -> Sheet:
    foot = words.text("notice", "bank.savings.agreement.foot", lang, code=shown(code))
    return Sheet(title, made_at=clock.real_now(), issuer=issuer, foot=foot, lang=lang)


def _day(lang: str) -> str:
    now = clock.real_now().astimezone(clock.CHINA)
    return f"{now.year}年{now.month}月{now.day}日" if lang == "zh" else f"{now.day} {now:%B %Y}"


def _functions(sheet: Sheet, terms: Savings, lang: str, chosen: tuple[str, ...], say: Any) -> None:
    rows = [
        (
            words.text("notice", f"bank.savings.function.{one.code}", lang),
            say("yes") if one.code in chosen else say("not_chosen") if one.offered else say("not_offered"),
            one.terms.of(lang),
        )
        for one in terms.function
    ]
    sheet.table([Column(say("function"), 26), Column(say("opened"), 16), Column(say("how"), 60)], rows)


def _fees(sheet: Sheet, terms: Savings, lang: str, say: Any) -> None:
    rows = [
        (one.name.of(lang), fee_text(one.amount_fen, one.per, lang), one.note.of(lang) if one.note else "")
        for one in terms.fee
    ]
    sheet.table([Column(say("fee"), 40), Column(say("amount"), 22, "right"), Column(say("note"), 42)], rows)


def fee_text(amount_fen: int, per: str, lang: str) -> str:
    """ "免费", or the amount with what it is for."""
    if not amount_fen:
        return words.text("notice", "bank.savings.free", lang)
    return words.text("notice", f"bank.savings.per.{per}", lang, amount=f"¥{money.yuan(amount_fen)}")
