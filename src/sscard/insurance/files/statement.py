"""One row of an account statement: a personal account in one year, as the handling agency states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sscard.codes.errors import NumberFault
from sscard.insurance import rules
from sscard.insurance.files import cells
from sscard.insurance.files.cells import tidy
from sscard.insurance.files.values import FileValues, at
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Fault
from sscard.people.roster.cells import person_name

AMOUNTS = ("opening", "principal_in", "interest_in", "paid_out", "closing")
_YEAR = re.compile("(19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """Fen. `account` is "pension" or "medical"."""

    id_number: str
    name: str
    account: str
    year: int
    opening_fen: int
    principal_in_fen: int
    interest_in_fen: int
    paid_out_fen: int
    closing_fen: int


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    row: StatementRow | None
    id_number: str
    name: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def check(row: Mapping[str, str | None], values: FileValues) -> CheckedStatement:
    """The row's values, or every fault: known account, real year, and the closing identity of GB/T 40217 table 6."""
    faults: list[Fault] = []
    id_number, account = "", ""
    try:
        id_number = values.id_number(row.get("id_number"))
    except NumberFault as fault:
        faults += at("id_number", fault)
    try:
        kind = values.kind(row.get("insurance"), row.get("scheme"))
        account = rules.OF_BRANCH.get(kind.branch, "")
        if kind.kind not in rules.WITH_ACCOUNT or not values.has_account(account):
            faults.append(Fault("insurance", "insurance.no_account", {"zh": kind.zh, "en": kind.en}))
    except NumberFault as fault:
        faults += at("insurance", fault)
    text = tidy(row.get("year") or "").removesuffix(".0").removesuffix("年")
    year = int(text) if _YEAR.fullmatch(text) else 0
    if not year or year > values.today.year:
        faults.append(Fault("year", "insurance.year_unreal", {"given": text[:20]}))
    told: dict[str, int] = {}
    for name in AMOUNTS:
        fen = cells.amount(row.get(name))
        if fen is None:
            faults.append(Fault(name, "insurance.amount_unreadable", {"given": tidy(row.get(name) or "")[:20]}))
        else:
            told[name] = fen
    if len(told) == len(AMOUNTS):
        expected = rules.closing_fen(*(told[name] for name in AMOUNTS[:4]))
        if expected != told["closing"]:
            shown = yuan(expected)
            facts = {"given": yuan(told["closing"]), "expected": shown}
            faults.append(Fault("closing", "insurance.closing_wrong", facts))
    name = person_name(row.get("name") or "")
    if faults:
        return CheckedStatement(None, id_number, name, tuple(faults))
    return CheckedStatement(
        StatementRow(id_number, name, account, year, *(told[one] for one in AMOUNTS)), id_number, name, ()
    )
