"""One row of a contributions file: its values, and every fault with its column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sscard.codes import credit_code
from sscard.codes.errors import NumberFault
from sscard.codes.insurance_kinds import InsuranceKind
from sscard.insurance import rules
from sscard.insurance.files import cells
from sscard.insurance.files.cells import tidy
from sscard.insurance.files.values import Dues, FileValues, at
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Fault
from sscard.law.schema import percent_of
from sscard.people.roster.cells import number, person_name

Cells = Mapping[str, str | None]
DUES = ("employer_due", "person_due")
AMOUNTS = (
    "base", "employer_due", "employer_due_account", "person_due", "person_due_account", "total_due",
    "employer_paid", "employer_to_account", "person_paid", "person_to_account",
)  # fmt: skip
LONGEST_EMPLOYER, LONGEST_NAME = 20, 100
_name = lru_cache(16_384)(person_name)
CREDIT_CODE = 18


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """A row in normal form. `entry` holds what rules need; the kind is kept under its canonical (scheme, code)."""

    id_number: str
    name: str
    scheme: str
    code: str
    entry: rules.Entry
    employer_name: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`row` is None where there are faults. `id_number` and `name` are told as soon as they are known, so that the
    person can be looked up for a faulty row too. Warnings do not keep a row out."""

    row: ContributionRow | None
    id_number: str
    name: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


def check(row: Cells, values: FileValues) -> Checked:
    faults: list[Fault] = []
    warnings: list[Fault] = []
    id_number, kind = "", None
    try:
        id_number = values.id_number(row.get("id_number"))
    except NumberFault as fault:
        faults += at("id_number", fault)
    try:
        kind = values.kind(row.get("insurance"), row.get("scheme"))
    except NumberFault as fault:
        faults += at("insurance", fault)
    insurance = rules.OF_BRANCH.get(kind.branch, "") if kind else ""
    if kind and not insurance:
        faults.append(Fault("insurance", "insurance.not_of_the_five", {"zh": kind.zh, "en": kind.en}))
    elif insurance and (outer := values.within(insurance)):
        faults.append(Fault("insurance", "insurance.collected_within", _names(values, insurance, outer)))
    month = _month(row, kind, values, faults)
    told = _amounts(row, faults)
    employer = _employer(row, faults)
    settlement = _settlement(row, values, faults)
    arrived = _arrival(row, values, faults)
    _inner(told, faults)
    if kind and insurance and month and all(name in told for name in AMOUNTS):
        _against_rules(row, kind, insurance, month, told, employer, values, faults, warnings)
    posted = _posted(row, told, arrived, faults)
    name = _name(row.get("name") or "")
    if faults or kind is None:
        return Checked(None, id_number, name, tuple(faults), tuple(warnings))
    entry = rules.Entry(
        insurance=insurance,
        kind=kind.kind,
        month=month,
        employer=employer,
        base_fen=told["base"],
        employer_due_fen=told["employer_due"],
        employer_paid_fen=told["employer_paid"],
        person_due_fen=told["person_due"],
        person_paid_fen=told["person_paid"],
        to_account_fen=told["employer_to_account"] + told["person_to_account"],
        settlement_month=settlement,
        arrived_on=arrived,
        posted=posted,
    )
    scheme, code = rules.canonical(kind)
    employer_name = tidy(row.get("employer_name") or "")[:LONGEST_NAME]
    good = ContributionRow(id_number, name, scheme, code, entry, employer_name)
    return Checked(good, id_number, name, (), tuple(warnings))


# --- single cells ---------------------------------------------------------------------------------------------------


def _month(row: Cells, kind: InsuranceKind | None, values: FileValues, faults: list[Fault]) -> int:
    """The month owed, or 0 with a fault. Yearly payments are made ahead for the next year."""
    text = tidy(row.get("month") or "")
    month = cells.month(text)
    if month is None:
        faults.append(Fault("month", "insurance.month_unreal", {"given": text[:20]}))
        return 0
    ahead = kind is not None and kind.kind in rules.YEARLY
    last = (values.today.year + 1) * 100 + 12 if ahead else values.month
    if month > last:
        faults.append(Fault("month", "insurance.month_future", {"given": month, "last": last}))
        return 0
    return month


def _amounts(row: Cells, faults: list[Fault]) -> dict[str, int]:
    told: dict[str, int] = {}
    for name in AMOUNTS:
        fen = cells.amount(row.get(name))
        if fen is None:
            faults.append(Fault(name, "insurance.amount_unreadable", {"given": tidy(row.get(name) or "")[:20]}))
        else:
            told[name] = fen
    return told


def _employer(row: Cells, faults: list[Fault]) -> str:
    code, wrong = _employer_code(row.get("employer_code") or "")
    faults += wrong
    return code


@lru_cache(4_096)
def _employer_code(text: str) -> tuple[str, tuple[Fault, ...]]:
    """A credit code, checked, or a number of the agency's own, taken as it is."""
    code = number(text).removesuffix(".0")
    if len(code) == CREDIT_CODE:
        try:
            return credit_code.validate(code), ()
        except NumberFault as fault:
            return code, fault.at("employer_code")
    if len(code) > LONGEST_EMPLOYER:
        fault_ = Fault("employer_code", "insurance.employer_too_long", {"limit": LONGEST_EMPLOYER})
        return code[:LONGEST_EMPLOYER], (fault_,)
    return code, ()


def _settlement(row: Cells, values: FileValues, faults: list[Fault]) -> int:
    text = tidy(row.get("settlement") or "")
    if not text:
        return 0
    month = cells.month(text)
    if month is None:
        faults.append(Fault("settlement", "insurance.month_unreal", {"given": text[:20]}))
        return 0
    if month > values.month:
        faults.append(Fault("settlement", "insurance.month_future", {"given": month, "last": values.month}))
    return month


def _arrival(row: Cells, values: FileValues, faults: list[Fault]) -> date | None:
    text = tidy(row.get("arrival") or "")
    if not text:
        return None
    arrived = cells.day(text)
    if arrived is None:
        faults.append(Fault("arrival", "insurance.day_unreal", {"given": text[:20]}))
    elif arrived > values.today:
        faults.append(Fault("arrival", "insurance.day_future", {"given": arrived.isoformat()}))
    return arrived


def _posted(row: Cells, told: Mapping[str, int], arrived: date | None, faults: list[Fault]) -> bool:
    """The file's own flag; without one, what is fully paid and, where the file tells arrivals, has arrived."""
    text = tidy(row.get("posted") or "")
    full = all(name in told for name in AMOUNTS) and rules.fully_paid(
        told["employer_due"], told["employer_paid"], told["person_due"], told["person_paid"]
    )
    if not text:
        return full and ("arrival" not in row or arrived is not None)
    flag = cells.flag(text)
    if flag is None:
        faults.append(Fault("posted", "insurance.flag_unreadable", {"given": text[:20]}))
    elif flag and not full and not {f.place for f in faults} & set(AMOUNTS):
        faults.append(Fault("posted", "insurance.flag_but_short"))
    return bool(flag)


# --- amounts against each other and against the area's rates --------------------------------------------------------


def _inner(told: Mapping[str, int], faults: list[Fault]) -> None:
    """paid ≤ due, to account ≤ paid, the sum is the sum (GB/T 40217)."""
    for less, more, code in (
        ("employer_paid", "employer_due", "insurance.paid_over_due"),
        ("person_paid", "person_due", "insurance.paid_over_due"),
        ("employer_to_account", "employer_paid", "insurance.account_over_paid"),
        ("person_to_account", "person_paid", "insurance.account_over_paid"),
        ("employer_due_account", "employer_due", "insurance.account_over_due"),
        ("person_due_account", "person_due", "insurance.account_over_due"),
    ):
        if less in told and more in told and told[less] > told[more]:
            faults.append(Fault(less, code, {"given": yuan(told[less]), "most": yuan(told[more])}))
    if told.get("total_due") and all(name in told for name in DUES):
        total = told["employer_due"] + told["person_due"]
        if told["total_due"] != total:
            facts = {"given": yuan(told["total_due"]), "expected": yuan(total)}
            faults.append(Fault("total_due", "insurance.total_wrong", facts))


def _against_rules(
    row: Cells, kind: InsuranceKind, insurance: str, month: int, told: Mapping[str, int], employer: str,
    values: FileValues, faults: list[Fault], warnings: list[Fault],
) -> None:  # fmt: skip
    if (told["employer_to_account"] or told["person_to_account"]) and (
        kind.kind not in rules.WITH_ACCOUNT or not values.has_account(insurance)
    ):
        faults.append(Fault("person_to_account", "insurance.no_account", {"zh": kind.zh, "en": kind.en}))
    if kind.kind not in rules.RATED:
        return
    rates = values.rates(insurance, month)
    if rates is None:
        warnings.append(Fault("month", "insurance.no_rates_then", {"month": month}))
        return
    base = told["base"]
    if not rates.floor_fen <= base <= rates.ceiling_fen:
        code = "insurance.base_below" if base < rates.floor_fen else "insurance.base_above"
        facts = {
            "given": yuan(base), "floor": yuan(rates.floor_fen), "ceiling": yuan(rates.ceiling_fen), "month": month,
        }  # fmt: skip
        faults.append(Fault("base", code, facts))
    elif not employer and kind.kind in rules.SELF_PAID:
        _self_paid(row, base, told, faults, warnings)
    else:
        _rated(values.dues(insurance, month, base), base, told, month, faults)


def _rated(expected: Dues, base: int, told: Mapping[str, int], month: int, faults: list[Fault]) -> None:
    for name, amounts in zip(DUES, expected, strict=True):
        if told[name] not in amounts:
            facts = {
                "given": yuan(told[name]), "expected": " / ".join(map(yuan, sorted(amounts))), "base": yuan(base),
                "month": month,
            }  # fmt: skip
            faults.append(Fault(name, "insurance.due_not_by_rate", facts))


def _self_paid(row: Cells, base: int, told: Mapping[str, int], faults: list[Fault], warnings: list[Fault]) -> None:
    """A person without employer (灵活就业) owes all himself, at the rate in his row: the pack holds none."""
    if told["employer_due"]:
        facts = {"given": yuan(told["employer_due"])}
        faults.append(Fault("employer_due", "insurance.employer_missing", facts))
    text = tidy(row.get("person_rate") or "")
    if not text:
        warnings.append(Fault("person_rate", "insurance.rate_not_told"))
        return
    percent: Decimal | None = cells.rate(text)
    if percent is None:
        faults.append(Fault("person_rate", "insurance.rate_unreadable", {"given": text[:20]}))
    elif told["person_due"] != (expected := percent_of(base, percent)):
        facts = {"given": yuan(told["person_due"]), "base": yuan(base), "rate": f"{percent.normalize():f}",
                 "expected": yuan(expected)}  # fmt: skip
        faults.append(Fault("person_due", "insurance.due_not_by_own_rate", facts))


def _names(values: FileValues, insurance: str, outer: str) -> dict[str, str]:
    one, other = values.area.insurance(insurance).name, values.area.insurance(outer).name
    return {"zh": one.zh, "en": one.en, "outer_zh": other.zh, "outer_en": other.en}
