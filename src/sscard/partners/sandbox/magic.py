"""What is magic in a sandbox, as one table that the seeding, the page, the API, the docs and the tests read.

Three kinds: persons whose card and account stand in a state from the start; amounts that are answered by a refusal; and
the header `Sscard-Sandbox-Refusal`, which makes any act answer with any refusal of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sscard.codes import card_identification_code, card_number, gb11643
from sscard.codes.phone import validate as phone_sound

HEADER: Final = "Sscard-Sandbox-Refusal"


@dataclass(frozen=True, slots=True)
class Magic:
    """One person. `social`: acts on the card in their order; `bank`: ACTIVE, NOT_ACTIVATED or "" (no account);
    `restrictions` of the account; `deposit` and what it is answered with ("" accepted) prove it by API."""

    code: str
    zh: str
    en: str
    name: str
    birth: date = date(1990, 1, 1)
    social: tuple[str, ...] = ("enable",)
    bank: str = "ACTIVE"
    restrictions: tuple[str, ...] = ()
    balance_fen: int = 0
    charge_fen: int = 0
    """A premium of next year that he has to pay himself."""
    expires: date | None = None
    production: str = "handed_out"
    shows_social: str = "normal"
    shows_bank: str = "ACTIVE"
    deposit: str = ""
    guards: tuple[str, ...] = field(default=())
    link: str = ""
    """What asking to link his card is answered with; "" accepted."""
    check: str = ""
    """Why his plastic card is not valid where a school checks it; "" valid."""
    insured: str = "employed"
    """employed; stopped: paid until eight months ago, one month half; resident: medical once a year; "": nothing."""


PERSONS: Final = (
    Magic("all_well", "一切正常，余额一万元", "all is well, ¥10,000 in the account", "林一顺", balance_fen=1_000_000,
          charge_fen=38_000),
    Magic("poor", "一切正常，余额一分钱", "all is well, one fen in the account", "周二分", balance_fen=1, charge_fen=38_000,
          insured="stopped"),
    Magic("not_enabled", "社保功能还没启用", "social-security side not enabled yet", "吴未启", social=(), shows_social="sealed",
          link="binding.card_not_enabled",
          check="card_sealed"),
    Magic("not_activated", "银行账户还没激活，只收不付", "bank account not activated: takes money in, lets nothing out",
          "郑未活", bank="NOT_ACTIVATED", shows_bank="NOT_ACTIVATED", balance_fen=50_000),
    Magic("no_account", "卡上没有银行账户", "the card has no bank account", "王无户", bank="", shows_bank=""),
    Magic("not_handed_over", "卡还在网点，没有发到手", "the card is still at the outlet", "冯在库", social=(),
          bank="NOT_ACTIVATED", shows_bank="NOT_ACTIVATED", production="outlet_stock", shows_social="sealed",
          link="binding.card_not_enabled",
          check="card_gone"),
    Magic("lost", "临时挂失", "reported lost for the time being", "陈临失", social=("enable", "report_temp"),
          shows_social="temp_loss", link="binding.card_lost",
          check="card_temp_loss"),
    Magic("lost_formally", "正式挂失", "formally reported lost", "褚正失", social=("enable", "report_formal"),
          shows_social="formal_loss", link="binding.card_lost",
          check="card_formal_loss"),
    Magic("locked", "社保密码输错太多，已锁", "social password locked", "卫密锁", social=("enable", "lock"),
          shows_social="locked", guards=("tries_used_up",), link="binding.card_locked",
          check="card_locked"),
    Magic("cancelled", "卡已注销", "card cancelled", "蒋已销", social=("enable", "cancel"), shows_social="cancelled",
          guards=("nothing_open",), link="binding.card_cancelled",
          check="card_cancelled"),
    Magic("expired", "卡面有效期已过", "the day printed on the card has passed", "沈过期", expires=date(2021, 12, 31),
          link="binding.card_expired"),
    Magic("bank_lost", "只在银行挂失", "reported lost at the bank only", "韩银失", restrictions=("LOST",),
          link="binding.card_lost"),
    Magic("bank_pin_locked", "银行密码已锁", "bank PIN locked", "杨码锁", restrictions=("PIN_LOCKED",)),
    Magic("counter_only", "只能在柜台办", "bank account restricted to the counter", "朱柜台", restrictions=("COUNTER_ONLY",)),
    Magic("frozen", "账户不收不付", "account frozen both ways", "秦全冻", restrictions=("FULL_FREEZE",), deposit="bank.frozen"),
    Magic("debit_frozen", "账户只收不付", "account frozen for money going out", "尤付冻", restrictions=("DEBIT_FREEZE",)),
    Magic("credit_frozen", "账户只付不收", "account frozen for money coming in", "许收冻", restrictions=("CREDIT_FREEZE",),
          deposit="bank.credit_frozen"),
    Magic("deceased", "银行已登记持卡人去世", "the bank knows of the holder's death", "何已故", restrictions=("DECEASED",),
          link="binding.holder_deceased"),
    Magic("child", "未满十六岁，要监护人办", "under sixteen: a guardian acts", "吕小童", birth=date(2018, 6, 1), social=(),
          bank="NOT_ACTIVATED", shows_social="sealed", shows_bank="NOT_ACTIVATED",
          link="binding.card_not_enabled", insured="resident",
          check="card_sealed"),
    Magic("elder", "八十岁以上", "over eighty", "施老人", birth=date(1941, 3, 3), balance_fen=300_000, insured=""),
)  # fmt: skip

AMOUNTS: Final = {
    4_040_401: "control.key_in_progress",
    4_040_402: "control.not_allowed",
    4_040_403: "control.not_found",
    4_040_404: "bank.asleep",
    4_040_405: "bank.frozen",
    4_040_406: "bank.lost",
    4_040_407: "bank.pin_locked",
    4_040_408: "bank.counter_only",
    4_040_409: "bank.closed",
    4_040_410: "control.too_many_tries",
    4_040_411: "partners.provider_down",
}
"""Fen → the refusal that an act with this `amount_fen` is answered with, in a sandbox."""

REFERENCES: Final = {
    "magic-not-activated": "binding.account_not_activated",
    "magic-not-own": "binding.account_not_own",
}
"""`paying_account.reference` → the refusal that asking for a link with it is answered with, in a sandbox."""

DISTRICT, FIRST, LAST = "09{:04d}", 1001, 9999
"""Numbers of sandboxes; each has a district of its own, which GB/T 2260 never assigned (no province has the number 09)."""


def district(number: int) -> str:
    return DISTRICT.format(number)


def bank_mark(number: int) -> str:
    """Three letters, so that each sandbox has banks of its own.

    >>> bank_mark(1001), bank_mark(9999)
    ('BMN', 'OUP')
    """
    return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))


def id_number(sandbox: int, magic: Magic) -> str:
    """The same in every sandbox but for the district and the check digit, and the same after each reset.

    >>> id_number(1001, PERSONS[0])
    '091001199001011017'
    """
    body = f"{district(sandbox)}{magic.birth:%Y%m%d}{101 + 2 * PERSONS.index(magic):03d}"
    return body + gb11643.calc_check_digit(body)


def card_no(sandbox: int, magic: Magic) -> str:
    """Nine characters; the letter S marks sandboxes."""
    return card_number.construct("S", 9_000_000 + (sandbox - FIRST) * 100 + PERSONS.index(magic))


def card_id_code(area: str, magic: Magic) -> str:
    """As a reader reads it from the plastic card; new after each reset, as the area is."""
    return card_identification_code.construct(area, (9_000_000 + PERSONS.index(magic)).to_bytes(4, "big"))


def phone(magic: Magic) -> str:
    """No network answers it. Messages to it can be read in the sandbox."""
    return phone_sound(f"9300000{PERSONS.index(magic):04d}")


def of(code: str) -> Magic | None:
    return next((one for one in PERSONS if one.code == code), None)
