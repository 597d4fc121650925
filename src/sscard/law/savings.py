"""Savings, as dated values with sources: `banks_savings.toml` and `savings.toml`.

`banks_savings.toml` says how the banks of an area move and keep their customers' money. Limits of accounts stand in
`banks.toml`; here is what surrounds a transfer (when it needs a second factor, when it
arrives) and what the bank pays for demand deposits.

`savings.toml` says what each bank of the area offers as savings function on the card, by its own terms. A function that
a bank does not offer stands there too, with the reason, so that a refusal can say it and holders can compare. Which papers
are needed for the opening stands in `papers.toml` (matter "savings_opening").
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints

from sscard.law.sheet import AtLeastOne, Bilingual, Code, Fen, Percent, Period, Rows, Sheet, in_effect

BankCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
PPM_OF_PERCENT = 10_000
P = TypeVar("P", "SavingsTerms", "DemandRate")


class SavingsTerms(Period):
    """Terms of one bank, or of all that have none of their own (no `bank`).

    `step_up_over_day_fen`: on-line transfers to others above this sum of a day need the second factor anew, for each order.
    `step_up_minutes`: how long it counts for the order that it was given for.
    `terminal_delay_hours`: a transfer to somebody else from a self-service terminal waits so long and can be recalled.
    `normal_minutes`, `next_day_hour`: when the other two speeds are sent.
    `authorisation_days`: how long a shop's authorisation (预授权) sets money aside; 30 is what the card schemes agreed.
    """

    bank: BankCode | None = None
    step_up_over_day_fen: Fen
    step_up_minutes: Annotated[int, Field(ge=1, le=30)]
    terminal_delay_hours: Annotated[int, Field(ge=0, le=72)]
    normal_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    next_day_hour: Annotated[int, Field(ge=0, le=23)]
    authorisation_days: Annotated[int, Field(ge=1, le=60)] = 30


class DemandRate(Period):
    """The demand rate (活期) that is posted from a day on: percent a year, by bank or for all that post none."""

    bank: BankCode | None = None
    percent: Annotated[Percent, Field(decimal_places=4)]

    @property
    def ppm(self) -> int:
        """Millionths a year; the percentage has at most four decimals, so nothing is lost."""
        return int(self.percent * PPM_OF_PERCENT)


class SavingsFile(Sheet):
    terms: Rows[SavingsTerms] = ()
    demand_rate: Rows[DemandRate] = ()


def of_bank(rows: tuple[P, ...], bank: str, on: date) -> P | None:
    """The bank's own row of the day, else the row for every bank."""
    own = in_effect(tuple(row for row in rows if row.bank == bank), on)
    return own or in_effect(tuple(row for row in rows if row.bank is None), on)


# --- savings.toml: what each bank offers as savings function on the card ----------------------------------------------

SavingsCode = Literal["demand", "time", "notice", "standing", "online", "messages"]
SAVINGS_FUNCTIONS: tuple[SavingsCode, ...] = ("demand", "time", "notice", "standing", "online", "messages")
"""Demand savings (活期), time deposit (整存整取), notice deposit (通知存款), standing transfers (约定转存), bank's website
and app, messages at each movement."""
SavingsChannel = Literal["counter", "kiosk"]


class SavingsFunction(Sheet):
    """One function: offered or not, with the terms or the reason."""

    code: SavingsCode
    offered: bool
    terms: Bilingual


class SavingsFee(Sheet):
    """What something costs, in fen; 0 is said as free."""

    code: Code
    name: Bilingual
    amount_fen: Fen
    per: Literal["once", "month", "year", "each"]
    note: Bilingual | None = None


class Savings(Period):
    """One bank's offer. `least_opening_fen`: paid in at the opening, 0 where nothing is asked. `youngest`: from this age
    on somebody opens himself; below it a guardian does. `electronic`: the agreement may be signed as a file."""

    bank: BankCode
    channels: AtLeastOne[SavingsChannel]
    electronic: bool
    youngest: Annotated[int, Field(ge=0, le=18)]
    least_opening_fen: Fen
    function: AtLeastOne[SavingsFunction]
    fee: Rows[SavingsFee] = ()

    def offered(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.function if one.offered)

    def of(self, code: str) -> SavingsFunction | None:
        return next((one for one in self.function if one.code == code), None)


class OffersFile(Sheet):
    savings: Rows[Savings] = ()
