"""Charges of the levy as lines of a page, at the desk and for the holder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sscard.insurance.charges import ChargeView
from sscard.law import areas
from sscard.portal import looks


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """`paid`: when and through whom; `document`: address of the receipt, "" where none is kept."""

    name: str
    reference: str
    months: str
    amount_fen: int
    due_on: date
    state: str
    paid: str = ""
    document: str = ""


def lines_of(found: Sequence[ChargeView], lang: str) -> list[ChargeLine]:
    return [_line(one, lang) for one in found]


def _line(one: ChargeView, lang: str) -> ChargeLine:
    first, last = (looks.show_day(month, lang) for month in (one.first_month, one.last_month))
    paid, document = "", ""
    if one.paid is not None:
        at, bank = looks.show_moment(one.paid.booked_at, lang), _bank(one.paid.payer, lang)
        paid = looks.word("charges.paid_by", lang, at=at, bank=bank, masked=one.paid.paying_masked)
        document = f"/papers/{one.paid.document}/" if one.paid.document else ""
    return ChargeLine(
        looks.word(f"insurance.{one.insurance}", lang), one.reference, first if first == last else f"{first} – {last}",
        one.amount_fen, one.due_on, f"insurance.charge.{one.state}", paid, document,
    )  # fmt: skip


def _bank(code: str, lang: str) -> str:
    for area in areas.all_areas():
        for bank in area.banks_file.bank:
            if bank.code == code:
                return bank.short.of(lang)
    return code
