"""One row of a charge list: what a person has to pay himself for an insurance and a period, as the levy tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sscard.codes.errors import NumberFault
from sscard.insurance import rules
from sscard.insurance.files import cells
from sscard.insurance.files.cells import tidy
from sscard.insurance.files.values import FileValues, at
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Fault
from sscard.people.roster.cells import person_name

MOST_FEN = 10_000_000_00
MOST_MONTHS = 12
_REFERENCE = re.compile(r"[A-Za-z0-9-]{4,32}")


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """`reference`: the levy's own number of the charge. Months YYYYMM, both inclusive."""

    id_number: str
    name: str
    reference: str
    insurance: str
    first_month: int
    last_month: int
    amount_fen: int
    due_on: date


@dataclass(frozen=True, slots=True)
class CheckedCharge:
    row: ChargeRow | None
    id_number: str
    name: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def check(row: Mapping[str, str | None], values: FileValues) -> CheckedCharge:
    """The row's values, or every fault with its column."""
    faults: list[Fault] = []
    id_number, insurance = "", ""
    try:
        id_number = values.id_number(row.get("id_number"))
    except NumberFault as fault:
        faults += at("id_number", fault)
    try:
        kind = values.kind(row.get("insurance"), row.get("scheme"))
        insurance = rules.OF_BRANCH.get(kind.branch, "")
        if not insurance:
            faults.append(Fault("insurance", "insurance.not_of_the_five", {"zh": kind.zh, "en": kind.en}))
    except NumberFault as fault:
        faults += at("insurance", fault)
    reference = tidy(row.get("reference") or "").removesuffix(".0")
    if not _REFERENCE.fullmatch(reference):
        faults.append(Fault("reference", "insurance.charge_reference", {"given": reference[:40]}))
    first, last = _months(row, faults)
    amount = cells.amount(row.get("amount"))
    if amount is None:
        faults.append(Fault("amount", "insurance.amount_unreadable", {"given": tidy(row.get("amount") or "")[:20]}))
    elif not 0 < amount <= MOST_FEN:
        faults.append(Fault("amount", "insurance.charge_amount", {"given": yuan(amount), "most": yuan(MOST_FEN)}))
    due = cells.day(row.get("due_on"))
    if due is None:
        faults.append(Fault("due_on", "insurance.due_unreal", {"given": tidy(row.get("due_on") or "")[:20]}))
    name = person_name(row.get("name") or "")
    if faults or amount is None or due is None:
        return CheckedCharge(None, id_number, name, tuple(faults))
    made = ChargeRow(id_number, name, reference, insurance, first, last, amount, due)
    return CheckedCharge(made, id_number, name, ())


def _months(row: Mapping[str, str | None], faults: list[Fault]) -> tuple[int, int]:
    """First and last month; one column alone is one month."""
    told = []
    for name in ("first_month", "last_month"):
        text = tidy(row.get(name) or "") or tidy(row.get("first_month") or "")
        month = cells.month(text)
        if month is None:
            faults.append(Fault(name, "insurance.month_unreal", {"given": text[:20]}))
        told.append(month or 0)
    first, last = told
    months = (last // 100 - first // 100) * 12 + last % 100 - first % 100 + 1
    if first and last and not 1 <= months <= MOST_MONTHS:
        faults.append(Fault("last_month", "insurance.charge_months", {"most": MOST_MONTHS}))
    return first, last
