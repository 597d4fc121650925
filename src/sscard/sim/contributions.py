"""The contributions file that a levy system would send for a demo town: 36 months, each person by his category.

Employees pay all five insurances (maternity inside medical where the area collects it so), people without employer
pension and medical by themselves, residents once a year, retirees nothing: they have a medical account, told by the
account statements. Some have a gap, an underpaid month or one settled late. The same seed writes the same file.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from sscard.codes.insurance_kinds import KINDS, InsuranceKind
from sscard.insurance.files.columns import CONTENTS, Column
from sscard.insurance.rules import canonical, closing_fen
from sscard.kernel.dates import month_of, months_between
from sscard.kernel.money import yuan
from sscard.law import areas
from sscard.law.area import Area
from sscard.law.schema import percent_of

Insured = tuple[str, str, str]
"""ID number, category (people.Person.CATEGORIES), employer's code or ""."""
MONTHS = 36
FLEXIBLE_PENSION = Decimal(20)
"""Percent that people without employer pay: 20, of which 8 points go to the account (2019 no. 13)."""
RESIDENTS_PENSION_TIERS = (20_000, 50_000, 100_000, 200_000)
RESIDENTS_MEDICAL_FEN = 40_000
RETIREE_MONTHLY_FEN = 8_000
"""Made-up amounts of the virtual world; the product takes flat amounts from the file."""
GAP, UNDERPAID, LATE = 0.15, 0.10, 0.10
EMPLOYEE_KINDS = ("employee_pension", "employee_medical", "unemployment", "work_injury", "maternity")
INSURANCE_OF = {
    "employee_pension": "pension", "employee_medical": "medical", "unemployment": "unemployment",
    "work_injury": "injury", "maternity": "maternity",
}  # fmt: skip
INTERFACE = {
    "id_number": "AAC002", "insurance": "AAE140", "month": "AAE003", "base": "AAE180", "employer_due": "AAE020",
    "person_due": "AAE022", "total_due": "AAE058", "employer_paid": "AAE080", "person_paid": "AAE082",
    "person_to_account": "AAE083", "person_rate": "AAA041", "settlement": "AAE002", "arrival": "EAD131",
    "posted": "AAE078", "employer_code": "AAB001", "year": "AAE001", "opening": "AIC200", "paid_out": "AIC340",
    "closing": "AIC268",
}  # fmt: skip


@dataclass(slots=True)
class Truth:
    """What the file says of one person. `paid`: fully paid months by insurance, yearly payments not counted."""

    category: str
    paid: dict[str, set[int]] = field(default_factory=dict)
    gap: tuple[int, ...] = ()
    underpaid: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    rows: int
    people: Mapping[str, Truth]


def write_contributions(
    path: Path,
    people: Sequence[Insured],
    area: str = "990100",
    *,
    until: int,
    months: int = MONTHS,
    seed: int = 1,
    encoding: str = "utf-8",
    header: str = "zh",
    shuffle_columns: bool = False,
) -> Written:
    """Writes the file up to month `until` (YYYYMM, it must have begun). `header` zh, en or interface."""
    pack, span = areas.get(area), _span(until, months)
    truths: dict[str, Truth] = {}

    def lines() -> Iterator[dict[str, str]]:
        for id_number, category, employer in people:
            dice = random.Random(f"contributions:{area}:{seed}:{id_number}")
            truths[id_number] = Truth(category)
            yield from _of_person(pack, span, id_number, category, employer, dice, truths[id_number])

    columns = [column for column in CONTENTS["contributions"] if column.name in _WRITTEN]
    rows = _write(path, lines(), columns, encoding, header, random.Random(seed) if shuffle_columns else None)
    return Written(rows, truths)


def write_accounts(
    path: Path, people: Sequence[Insured], area: str = "990100", *, until: int, seed: int = 1, encoding: str = "utf-8",
    header: str = "zh",
) -> int:  # fmt: skip
    """Writes account statements: the medical accounts of retirees, credited monthly and used. Returns the rows."""
    last, kind = until // 100, _kind("employee_medical")

    def lines() -> Iterator[dict[str, str]]:
        for id_number, category, _ in people:
            if category != "retiree":
                continue
            dice, opening = random.Random(f"accounts:{area}:{seed}:{id_number}"), 0
            for year in range(last - 2, last + 1):
                principal = RETIREE_MONTHLY_FEN * (12 if year < last else until % 100)
                interest = opening // 100
                out = dice.randrange((opening + principal) // 2)
                closing = closing_fen(opening, principal, interest, out)
                amounts = {"opening": opening, "principal_in": principal, "interest_in": interest, "paid_out": out}
                yield {
                    "id_number": id_number, "insurance": _told(kind, header), "year": str(year),
                    **{name: _amount(fen) for name, fen in amounts.items()}, "closing": _amount(closing),
                }  # fmt: skip
                opening = closing

    columns = [column for column in CONTENTS["accounts"] if column.name not in ("name", "scheme")]
    return _write(path, lines(), columns, encoding, header, None)


_WRITTEN = frozenset(
    {"id_number", "insurance", "month", "base", "employer_due", "person_due", "total_due", "employer_paid",
     "person_paid", "person_to_account", "person_rate", "settlement", "arrival", "posted", "employer_code"}
)  # fmt: skip


# --- one person -------------------------------------------------------------------------------------------------------


def _of_person(
    pack: Area, span: list[int], id_number: str, category: str, employer: str, dice: random.Random, truth: Truth
) -> Iterator[dict[str, str]]:
    if category in ("employee", "flexible", "unemployed"):
        worked = span[: -dice.randrange(3, 9)] if category == "unemployed" else span
        own = "" if category == "flexible" else employer
        if category == "unemployed" and not own:
            return
        truth.gap = _gap(worked, dice)
        left = [month for month in worked if month not in truth.gap]
        truth.underpaid = dice.choice(left[:-1]) if dice.random() < UNDERPAID else 0
        truth.late = dice.choice(left[:-2]) if dice.random() < LATE else 0
        yield from _monthly(pack, left, id_number, own, dice, truth)
    elif category in ("resident", "student", "child"):
        tier = dice.choice(RESIDENTS_PENSION_TIERS)
        for month in span:
            if month % 100 == 3 and category == "resident":
                yield _flat(id_number, "residents_pension", month, tier, to_account=tier)
            if month % 100 == 1:
                yield _flat(id_number, "residents_medical", month, RESIDENTS_MEDICAL_FEN, to_account=0)


def _gap(months: list[int], dice: random.Random) -> tuple[int, ...]:
    """One to three months without insurance, never the first or the last."""
    if dice.random() >= GAP:
        return ()
    start = dice.randrange(1, len(months) - 4)
    return tuple(months[start : start + dice.randrange(1, 4)])


def _monthly(
    pack: Area, months: list[int], id_number: str, employer: str, dice: random.Random, truth: Truth
) -> Iterator[dict[str, str]]:
    wage, first = dice.randrange(380_000, 1_500_000, 1_000), months[0]
    industry = sum(map(ord, employer)) % 8 + 1
    kinds = EMPLOYEE_KINDS if employer else EMPLOYEE_KINDS[:2]
    for kind in kinds:
        insurance = INSURANCE_OF[kind]
        if pack.insurance(insurance).collected_within:
            continue
        truth.paid[insurance] = set()
        for month in months:
            rates = pack.contribution_rates(insurance, date(month // 100, month % 100, 1))
            base = rates.base_fen(wage + (month - first) // 100 * 20_000)
            share = rates.person_fen(base)
            rate: Decimal | None = None
            if employer:
                dues = rates.employer_fen(base, industry), share
            else:
                rate = FLEXIBLE_PENSION if insurance == "pension" else rates.employer + rates.person
                dues = 0, percent_of(base, rate)
            short = month == truth.underpaid
            paid = (dues[0] // 2, dues[1] if employer else dues[1] // 2) if short else dues
            full = paid == dues
            if full and sum(dues):
                truth.paid[insurance].add(month)
            account = share if full and pack.insurance(insurance).personal_account else 0
            settled = _later(month) if month == truth.late else month
            yield _row(id_number, kind, month, base, dues, paid, account, settled, employer, rate, posted=full)


def _flat(id_number: str, kind: str, month: int, fen: int, *, to_account: int) -> dict[str, str]:
    return _row(id_number, kind, month, 0, (0, fen), (0, fen), to_account, month, "", None, posted=True)


def _row(
    id_number: str, kind: str, month: int, base: int, due: tuple[int, int], paid: tuple[int, int], account: int,
    settled: int, employer: str, rate: Decimal | None, *, posted: bool,
) -> dict[str, str]:  # fmt: skip
    return {
        "id_number": id_number, "insurance": kind, "month": str(month), "base": _amount(base),
        "employer_due": _amount(due[0]), "person_due": _amount(due[1]), "total_due": _amount(sum(due)),
        "employer_paid": _amount(paid[0]), "person_paid": _amount(paid[1]), "person_to_account": _amount(account),
        "person_rate": f"{rate}%" if rate is not None else "", "settlement": str(settled),
        "arrival": f"{settled}20" if sum(paid) else "", "posted": "1" if posted else "0", "employer_code": employer,
    }  # fmt: skip


# --- the file ---------------------------------------------------------------------------------------------------------


def _write(
    path: Path, lines: Iterator[dict[str, str]], columns: list[Column], encoding: str, header: str,
    shuffle: random.Random | None,
) -> int:  # fmt: skip
    if shuffle:
        shuffle.shuffle(columns)
    count = 0
    with path.open("w", encoding=encoding, newline="") as file:
        out = csv.writer(file)
        out.writerow([_heading(column, header) for column in columns])
        for line in lines:
            kind = line["insurance"]
            if kind in {one.kind for one in KINDS.values()}:
                line["insurance"] = _told(_kind(kind), header)
            out.writerow([line[column.name] for column in columns])
            count += 1
    return count


def _heading(column: Column, header: str) -> str:
    if header == "interface":
        return INTERFACE.get(column.name, column.zh)
    return column.en if header == "en" else column.zh


def _kind(name: str) -> InsuranceKind:
    return next(kind for kind in KINDS.values() if kind.kind == name)


def _told(kind: InsuranceKind, header: str) -> str:
    """A kind as the file writes it: its name, or its code with the scheme where it is not of AAE140."""
    if header == "interface":
        scheme, code = canonical(kind)
        return code if scheme == "AAE140" else f"{scheme}:{code}"
    return kind.name("en" if header == "en" else "zh")


def _amount(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _span(until: int, months: int) -> list[int]:
    """The last `months` months, the last one being `until`."""
    index = until // 100 * 12 + until % 100 - 1 - (months - 1)
    return months_between(index // 12 * 100 + index % 12 + 1, until)


def _later(month: int) -> int:
    """The month after."""
    return month_of(date(month // 100 + month % 100 // 12, month % 100 % 12 + 1, 1))
