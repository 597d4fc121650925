"""One issuing area as its pack describes it. All answers are for a day; nothing here knows what day it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sscard.kernel.refusals import Refusal
from sscard.law.credential import CredentialFile, CredentialPurpose
from sscard.law.parameters import PARAMETERS, Parameters
from sscard.law.savings import DemandRate, OffersFile, Savings, SavingsFile, SavingsTerms, of_bank
from sscard.law.schema import (
    INSURANCES,
    AreaSheet,
    Bank,
    BanksFile,
    Branch,
    BureauOutlet,
    CardFace,
    CardFile,
    Case,
    CasesFile,
    ClassLimit,
    Insurance,
    InsuranceFile,
    OutletsFile,
    Paper,
    PapersFile,
    PermitsFile,
    ProductionPermit,
    TextsFile,
    percent_of,
)
from sscard.law.sheet import in_effect

Standing = Literal["missing", "approved", "suspended", "ended"]


@dataclass(frozen=True, slots=True)
class ApprovalOn:
    """How the ministry's approval of an area stands on a day. `since` is None when there never was one."""

    state: Standing
    since: date | None = None
    number: str = ""
    source: str = ""

    @property
    def holds(self) -> bool:
        return self.state == "approved"


@dataclass(frozen=True, slots=True)
class ContributionRates:
    """What is paid for one insurance on a day: percent of a base between floor and ceiling, in fen a month."""

    insurance: str
    employer: Decimal
    person: Decimal
    floor_fen: int
    ceiling_fen: int
    sources: tuple[str, str]
    classes: tuple[Decimal, ...] = ()

    def base_fen(self, wage_fen: int) -> int:
        """The contribution base (缴费基数) of a monthly wage."""
        return min(max(wage_fen, self.floor_fen), self.ceiling_fen)

    def employer_fen(self, base_fen: int, industry_class: int | None = None) -> int:
        """The employer's part. `industry_class` 1 to 8 picks the work-injury rate where the area lists classes."""
        rate = self.classes[industry_class - 1] if industry_class and self.classes else self.employer
        return percent_of(base_fen, rate)

    def person_fen(self, base_fen: int) -> int:
        return percent_of(base_fen, self.person)


@dataclass(frozen=True, slots=True)
class Area:
    """An issuing area (发卡地区), or one that would like to be."""

    sheet: AreaSheet
    parameters: Parameters
    permits: PermitsFile
    banks_file: BanksFile
    outlets_file: OutletsFile
    insurance_file: InsuranceFile | None
    card_file: CardFile
    papers_file: PapersFile
    offers_file: OffersFile
    texts_file: TextsFile
    cases_file: CasesFile
    savings_file: SavingsFile = field(default_factory=SavingsFile)
    credential_file: CredentialFile = field(default_factory=CredentialFile)

    @property
    def code(self) -> str:
        return self.sheet.code

    @property
    def version(self) -> int:
        return self.sheet.version

    @property
    def level(self) -> str:
        return self.sheet.level

    @property
    def sandbox(self) -> bool:
        return self.sheet.sandbox

    @property
    def issuer_id(self) -> str:
        """The issuer identification number (发卡机构标识号) that the ministry allotted."""
        return self.sheet.issuer_id

    @property
    def card_number_letter(self) -> str:
        """First letter of the card numbers that this area gives out."""
        return self.sheet.card_number_letter

    @property
    def demo_districts(self) -> tuple[str, ...]:
        """First six digits of demo people's ID numbers; assigned to nobody."""
        return self.sheet.demo_districts

    @property
    def hotline(self) -> str:
        return self.sheet.hotline

    def name(self, lang: str = "zh") -> str:
        return self.sheet.name.of(lang)

    def issuer_name(self, lang: str = "zh") -> str:
        """The department that issues, as it stands on the card."""
        return self.sheet.issuer_name.of(lang)

    def naming(self) -> dict[str, Any]:
        """Facts for refusals: area, area_name (Chinese), area_name_en."""
        return {"area": self.code, "area_name": self.name("zh"), "area_name_en": self.name("en")}

    # Values

    def value(self, name: str, on: date) -> Any:
        """A parameter on a day; None means switched off or without limit. A day without a value is refused."""
        if name not in PARAMETERS:
            raise KeyError(f"there is no area parameter called {name}")
        found = in_effect(getattr(self.parameters, name), on)
        if found is None:
            raise Refusal("law.value_missing", name=name, on=on.isoformat(), **self.naming())
        return found.value

    def source(self, name: str, on: date) -> str:
        """Where the value of a day is laid down."""
        self.value(name, on)
        found = in_effect(getattr(self.parameters, name), on)
        return str(found.source) if found else ""

    def values(self, on: date) -> dict[str, Any]:
        """All parameters on a day, by name."""
        return {name: self.value(name, on) for name in PARAMETERS}

    def is_admitted_across(self, on: date) -> bool:
        """Cards of other areas are accepted here, and this area's elsewhere, only after the ministry's admission."""
        found = in_effect(self.sheet.cross_area_admitted, on)
        return bool(found and found.value)

    # Banks and outlets

    def banks(self, on: date) -> tuple[Bank, ...]:
        """The cards' banks that work with the area on a day, in the order of the pack."""
        return tuple(bank for bank in self.banks_file.bank if bank.holds_on(on))

    def bank(self, code: str, on: date | None = None) -> Bank:
        """One bank on a day; without a day as its latest row says. Refused when the area does not work with it."""
        rows = [bank for bank in self.banks_file.bank if bank.code == code]
        if not rows:
            raise Refusal("law.bank_unknown", bank=code, **self.naming())
        found = max(rows, key=lambda bank: bank.from_) if on is None else in_effect(tuple(rows), on)
        if found is None:
            raise Refusal(
                "law.bank_not_then", bank=rows[-1].short.zh, bank_en=rows[-1].short.en, on=str(on), **self.naming()
            )
        return found

    def savings_terms(self, bank: str, on: date) -> SavingsTerms:
        """What surrounds a bank's transfers on a day; a day without terms is refused."""
        found = of_bank(self.savings_file.terms, bank, on)
        if found is None:
            raise Refusal("law.value_missing", name="terms", on=on.isoformat(), **self.naming())
        return found

    def demand_rate(self, bank: str, on: date) -> DemandRate:
        """The demand rate that a bank posts on a day; a day without one is refused."""
        found = of_bank(self.savings_file.demand_rate, bank, on)
        if found is None:
            raise Refusal("law.value_missing", name="demand_rate", on=on.isoformat(), **self.naming())
        return found

    def class_limit(self, account_class: str, on: date) -> ClassLimit | None:
        """What the class of an account (Ⅰ, Ⅱ, Ⅲ) allows on a day; None where the pack sets nothing for it."""
        return in_effect(tuple(row for row in self.banks_file.class_limit if row.account_class == account_class), on)

    def savings(self, bank: str, on: date) -> Savings:
        """What a bank offers as savings function on a day; refused when it offers none here."""
        found = in_effect(tuple(one for one in self.offers_file.savings if one.bank == bank), on)
        if found is None:
            known = self.bank(bank, on)
            raise Refusal("law.no_savings_offer", bank=known.short.zh, bank_en=known.short.en, **self.naming())
        return found

    def outlets(self, *, kind: str | None = None, bank: str | None = None) -> tuple[BureauOutlet | Branch, ...]:
        """Halls of the bureau and branches of banks; narrowed by kind ("bureau", "bank") or by bank."""
        every: Iterable[BureauOutlet | Branch] = (*self.outlets_file.bureau, *self.outlets_file.bank)
        return tuple(o for o in every if kind in (None, o.kind) and bank in (None, o.bank))

    def outlet(self, code: str) -> BureauOutlet | Branch:
        for outlet in self.outlets():
            if outlet.code == code:
                return outlet
        raise Refusal("law.outlet_unknown", outlet=code, **self.naming())

    # Papers, texts, the card's face, worked examples

    def papers(self, matter: str) -> tuple[Paper, ...]:
        """Every paper that people ask about for a matter: needed or not, and why. Unknown matters are refused."""
        for row in self.papers_file.matter:
            if row.code == matter:
                return row.paper
        raise Refusal("law.matter_unknown", matter=matter, **self.naming())

    def matters(self) -> tuple[str, ...]:
        return tuple(row.code for row in self.papers_file.matter)

    def matter_name(self, matter: str, lang: str) -> str:
        return next(row.name.of(lang) for row in self.papers_file.matter if row.code == matter)

    def text(self, key: str, lang: str = "zh") -> str:
        """A text of the area's own, or an empty one."""
        found = self.texts_file.text.get(key)
        return found.of(lang) if found else ""

    def card_face(self, on: date) -> CardFace:
        found = in_effect(self.card_file.face, on)
        if found is None:
            raise Refusal("law.value_missing", name="card.face", on=on.isoformat(), **self.naming())
        return found

    def cases(self) -> tuple[Case, ...]:
        return self.cases_file.case

    # The card as a credential

    def credential_purposes(self, organisation_kind: str, on: date) -> tuple[CredentialPurpose, ...]:
        """For what an organisation of this kind may check a card on a day, by code."""
        rows = [one for one in self.credential_file.purpose if organisation_kind in one.organisations]
        found = (in_effect(tuple(r for r in rows if r.code == code), on) for code in sorted({r.code for r in rows}))
        return tuple(one for one in found if one is not None)

    # Insurance

    def insurance(self, kind: str) -> Insurance:
        if kind not in INSURANCES:
            raise KeyError(f"there is no insurance called {kind}")
        if self.insurance_file is None:
            raise Refusal("law.value_missing", name=kind, on="", **self.naming())
        found: Insurance = getattr(self.insurance_file, kind)
        return found

    def contribution_rates(self, insurance: str, on: date) -> ContributionRates:
        """Rates and bounds of one insurance on a day; a day without them is refused."""
        sheet = self.insurance(insurance)
        rate, bounds = in_effect(sheet.rates, on), in_effect(sheet.bounds, on)
        if rate is None or bounds is None:
            raise Refusal("law.value_missing", name=insurance, on=on.isoformat(), **self.naming())
        sources = (rate.source, bounds.source)
        return ContributionRates(
            insurance, rate.employer, rate.person, bounds.floor_fen, bounds.ceiling_fen, sources, rate.classes
        )

    # Permits

    def approval_on(self, on: date) -> ApprovalOn:
        """How the ministry's approval stands on a day. A record that has run out counts as ended."""
        begun = [row for row in self.permits.approval if row.from_ <= on]
        if not begun:
            return ApprovalOn("missing")
        row = max(begun, key=lambda one: one.from_)
        state: Standing = row.state if row.holds_on(on) else "ended"
        return ApprovalOn(state, row.from_, row.number, row.source)

    def production_permits(self, on: date) -> tuple[ProductionPermit, ...]:
        return tuple(row for row in self.permits.production if row.holds_on(on))
