"""The building blocks of an area pack's files: strict sheets, two-language names, values with a start and a source.

A sheet refuses unknown keys and wrong types: nothing is guessed from what stands in a pack. TOML has no "nothing", so a
parameter that can be switched off is written "off" (or "unlimited") and read as None.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

T = TypeVar("T")
P = TypeVar("P", bound="Period")

Text = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9-]{4,19}$")]
Fen = Annotated[int, Field(ge=0, le=10_000_000_00)]


class Sheet(BaseModel):
    """A table of a pack's file. Frozen, strict, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Rows = Annotated[tuple[T, ...], Field(strict=False)]  # TOML gives lists; the rows inside stay strict
AtLeastOne = Annotated[tuple[T, ...], Field(strict=False, min_length=1)]


class Bilingual(Sheet):
    """The same thing said in Chinese and in English."""

    zh: Text
    en: Text

    def of(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


class Period(Sheet):
    """Something that holds from a day on, and where that stands.

    `until` is the last day that counts; without it the row holds until the next one begins. `day_meant` confirms a
    start that looks like month and day exchanged.
    """

    from_: date = Field(alias="from")
    until: date | None = None
    source: Text
    day_meant: bool = False

    def holds_on(self, day: date) -> bool:
        return self.from_ <= day and (self.until is None or day <= self.until)


class Dated(Period, Generic[T]):
    """A value with its period."""

    value: T


if TYPE_CHECKING:
    Timeline = tuple[Dated[T], ...]
else:

    class Timeline:
        """`Timeline[int]`: at least one dated value. A class, as generic aliases of models lose their argument."""

        def __class_getitem__(cls, value: Any) -> Any:
            return Annotated[tuple[Dated[value], ...], Field(strict=False, min_length=1)]


def _off(value: Any) -> Any:
    return None if value == "off" else value


def _unlimited(value: Any) -> Any:
    return None if value == "unlimited" else value


def _percent(value: Any) -> Any:
    """Percentages are written as text ("0.35"), so that no binary fraction ever stands for a rate."""
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite():
        raise PydanticCustomError("percent_form", "a percentage is written as text")
    return number


Off = BeforeValidator(_off)
Unlimited = BeforeValidator(_unlimited)
Percent = Annotated[Decimal, BeforeValidator(_percent), Field(ge=0, le=100)]


def in_effect(rows: tuple[P, ...], on: date) -> P | None:
    """The row that holds on a day. A later row that has begun ends the earlier ones."""
    begun = [row for row in rows if row.from_ <= on]
    latest = max(begun, key=lambda row: row.from_, default=None)
    return latest if latest is not None and latest.holds_on(on) else None
