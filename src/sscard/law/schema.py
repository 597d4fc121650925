"""The files of an area pack. One class a file; `FILES` says which file is read by which."""

from __future__ import annotations

from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, field_validator

from sscard.law.credential import CredentialFile
from sscard.law.parameters import Parameters
from sscard.law.savings import OffersFile, SavingsFile
from sscard.law.sheet import (
    AreaCode,
    AtLeastOne,
    Bilingual,
    Code,
    Fen,
    Percent,
    Period,
    Phone,
    Rows,
    Sheet,
    Text,
    Timeline,
)

Level = Literal["province", "prefecture", "county"]
BankCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
ClassFen = Annotated[int, Field(gt=0, le=100_000_000_00)]
Bin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,8}$")]
ActivationOutlets = Literal["issuing_outlet", "issuing_area", "nationwide"]
InsuranceKind = Literal["pension", "medical", "unemployment", "injury", "maternity"]
ApprovalState = Literal["approved", "suspended", "ended"]
INSURANCES: tuple[InsuranceKind, ...] = ("pension", "medical", "unemployment", "injury", "maternity")


class AreaSheet(Sheet):
    """`area.toml`: who the issuing area is. `issuer_id` is the ministry's number (card measures Art. 8), as it came."""

    code: AreaCode
    version: Annotated[int, Field(ge=1, le=999_999)]
    valid_from: date
    level: Level
    province: Bilingual
    name: Bilingual
    issuer_name: Bilingual
    issuer_id: Code
    card_number_letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    hotline: Phone
    sandbox: bool
    demo_districts: Rows[AreaCode] = ()
    cross_area_admitted: Timeline[bool]


class BankLimits(Sheet):
    """Most that may leave an account in a day, by the bank's terms, in fen; and most that is paid in with cash at once at a
    counter, which is each bank's own choice and no law's: where it names none, 50,000 yuan."""

    withdrawal_day_fen: Fen
    transfer_day_fen: Fen
    purchase_day_fen: Fen
    cash_deposit_fen: Annotated[Fen, Field(ge=1)] = 5_000_000


class BankLook(Sheet):
    """The look of the bank's own site: one colour, on which white letters must be readable (contrast 4.5), and one of
    the marks that are drawn in code. Nobody's trade mark."""

    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] = "#37474f"
    mark: Literal["bridge", "gate", "waves", "leaf", "hill"] = "hill"

    @field_validator("colour")
    @classmethod
    def _readable(cls, value: str) -> str:
        if contrast_with_white(value) < 4.5:
            raise ValueError("white letters on this colour can't be read (contrast below 4.5)")
        return value


def contrast_with_white(colour: str) -> float:
    """Contrast of #rrggbb with white (WCAG 2).

    >>> round(contrast_with_white("#767676"), 2)
    4.54
    """
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


class ClassLimit(Period):
    """Most that may leave an account of a class (Ⅰ, Ⅱ, Ⅲ) in a day and in a year, all channels and kinds together, in
    fen; without a figure the class sets none. `remote_day_fen`: transfers to others away from the counter."""

    account_class: Literal["I", "II", "III"]
    out_day_fen: ClassFen | None = None
    out_year_fen: ClassFen | None = None
    remote_day_fen: ClassFen | None = None
    balance_fen: ClassFen | None = None


class AccountLife(Sheet):
    """The bank's rules for an account from opening to closing; what is left out is the common practice (banking.md §1).

    `agent_activation`: an adult may be represented, by a notarised or a witnessed mandate. `home_visit`: two of the
    bank's staff come to whoever cannot. `counter_only_after_months` without a movement of the kinds that count; those
    in `idle_ignores` do not. `replacement`: what a new card of the same bank means for the number. `credits_after_death`
    and `close_needs_social_cancelled`: what the names say.
    """

    agent_activation: bool = False
    home_visit: bool = True
    counter_only_after_months: Annotated[int, Field(ge=1, le=36)] = 6
    idle_ignores: Rows[Code] = ("interest", "replacement")
    replacement: Literal["keep_number", "new_number"] = "keep_number"
    credits_after_death: Literal["accept", "refuse"] = "accept"
    close_needs_social_cancelled: bool = True


class Bank(Period):
    """The card's bank (服务银行) in this area, with its own rules; a bank issues nothing (card measures Art. 5)."""

    code: BankCode
    name: Bilingual
    short: Bilingual
    bin: Bin
    pan_length: Annotated[int, Field(ge=16, le=19)]
    hotline: Phone
    activation_outlets: ActivationOutlets
    terminal_activation_needs_staff: bool
    terminal_live_face: bool
    bank_temp_loss_days: Annotated[int, Field(ge=1, le=15)]
    credit_before_activation: Literal["accept", "refuse"]
    pin_wrong_max: Literal[3]
    account_class: Literal["I", "II"]
    counts_as_class_one: bool
    limits: BankLimits
    look: BankLook = BankLook()
    life: AccountLife = AccountLife()
    cut_off: time = time(0, 0)
    """From this moment on business belongs to the next business date; midnight: it is the calendar's."""


class BanksFile(Sheet):
    bank: Rows[Bank] = ()
    class_limit: Rows[ClassLimit] = ()


class Outlet(Sheet):
    """A place where people go. `terminal`: a self-service terminal stands there."""

    code: Code
    name: Bilingual
    area_code: AreaCode
    district: AreaCode
    address: Bilingual
    hours: Bilingual
    phone: Phone
    terminal: bool


class BureauOutlet(Outlet):
    """A hall of the bureau."""

    kind: ClassVar[str] = "bureau"
    bank: ClassVar[None] = None


class Branch(Outlet):
    """A branch of a card's bank."""

    kind: ClassVar[str] = "bank"
    bank: BankCode


class OutletsFile(Sheet):
    bureau: Rows[BureauOutlet] = ()
    bank: Rows[Branch] = ()


class Rate(Period):
    """Percent of the base that employer and person pay. `classes`: work injury by industry class, 1 to 8."""

    employer: Percent
    person: Percent
    classes: Rows[Percent] = ()


class Bounds(Period):
    """Published floor and ceiling of the monthly base. They are the parameter itself and are never recomputed."""

    floor_fen: Fen
    ceiling_fen: Fen


class Insurance(Sheet):
    name: Bilingual
    upstream: Literal["hrss", "medical_security"]
    hotline: Phone
    personal_account: bool
    collected_within: InsuranceKind | None = None
    rates: AtLeastOne[Rate]
    bounds: AtLeastOne[Bounds]


class InsuranceFile(Sheet):
    pension: Insurance
    medical: Insurance
    unemployment: Insurance
    injury: Insurance
    maternity: Insurance


class CardFace(Period):
    """How the area's card looks. The bank is known from data; the mark is only where people find it."""

    bank_mark: Literal["front_upper_left", "front_upper_right", "back", "none"]
    generation: Literal[2, 3]
    spec_version: Annotated[str, StringConstraints(pattern=r"^[0-9]\.[0-9]{2}$")]
    contactless: bool
    validity_printed: bool
    where_to_look: Bilingual


class CardFile(Sheet):
    face: Rows[CardFace] = ()


class Paper(Sheet):
    """A paper that people ask about: needed or not, and why. `if_held`: not needed, but who has it brings it."""

    code: Code
    name: Bilingual
    needed: bool
    if_held: bool = False
    original: bool = True
    why: Bilingual


class Matter(Sheet):
    code: Code
    name: Bilingual
    paper: AtLeastOne[Paper]


class PapersFile(Sheet):
    matter: Rows[Matter] = ()


class TextsFile(Sheet):
    text: dict[Code, Bilingual] = Field(default_factory=dict)


class Approval(Period):
    """The ministry's approval of the area as an issuer (card measures Art. 5, 8), and what became of it."""

    state: ApprovalState
    number: Text
    reason: Bilingual | None = None


class TestsPassed(Sheet):
    """Days on which the three examinations before mass production were passed (card measures Art. 12)."""

    conformance: date
    safety: date
    cross_area: date


class ProductionPermit(Period):
    """Leave to mass-produce one product with one chip at one plant."""

    supplier: Code
    supplier_name: Bilingual
    product: Code
    chip: Code
    cos: Annotated[str, StringConstraints(max_length=40)] = ""
    """The chip's operating system and its version. A permit from before that names none opens nothing (Art. 12)."""
    plant: Code
    plant_name: Bilingual
    passed: TestsPassed


class PermitsFile(Sheet):
    approval: Rows[Approval] = ()
    production: Rows[ProductionPermit] = ()


class Case(Sheet):
    """A worked example. Which keys it needs follows from `about`; `law.cases` runs it."""

    name: Text
    about: Literal["value", "approval", "premium", "bank_rule", "paper", "banks", "face"]
    on: date
    what: Text | None = None
    part: Text | None = None
    wage_fen: Fen | None = None
    expect: str | int | bool | list[str] | dict[str, int]


class CasesFile(Sheet):
    case: Rows[Case] = ()


FILES: MappingProxyType[str, type[Sheet]] = MappingProxyType(
    {
        "area.toml": AreaSheet,
        "parameters.toml": Parameters,
        "permits.toml": PermitsFile,
        "banks.toml": BanksFile,
        "banks_savings.toml": SavingsFile,
        "outlets.toml": OutletsFile,
        "insurance.toml": InsuranceFile,
        "card.toml": CardFile,
        "papers.toml": PapersFile,
        "texts.toml": TextsFile,
        "savings.toml": OffersFile,
        "credential.toml": CredentialFile,
        "cases.toml": CasesFile,
    }
)
MAY_BE_ABSENT = ("savings.toml", "credential.toml")  # nothing of it is offered then; packs from before stay readable
ALWAYS_NEEDED = ("area.toml", "parameters.toml", "permits.toml")  # an area that has an approval needs all of them


def percent_of(amount_fen: int, percent: Decimal) -> int:
    """A percentage of an amount, to the fen, half a fen upwards."""
    return int((Decimal(amount_fen) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def plain(value: Any) -> Any:
    """A value of a pack as people write it, for printing and comparing."""
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, date | Decimal) else value
