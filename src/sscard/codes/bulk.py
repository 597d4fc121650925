"""The same rules over whole columns: expressions for polars, for files of a million rows.

They answer only yes or no, and a row that gets no is then asked singly, where the faults and their places come from. A
test holds both ways together. polars is imported at the first use, so nobody else pays for it.

    frame.with_columns(number=bulk.normal_form(pl.col("公民身份号码"))).filter(bulk.person_number_ok(pl.col("number")))
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from sscard.codes import gb11643, names, residence_permit, text
from sscard.codes.errors import NumberFault

if TYPE_CHECKING:
    import polars as pl

_PLAIN = "^[0-9A-Z]{1,64}$"
_PLAIN_NAME = "^[\u4e00-\u9fff]{1,30}(·[\u4e00-\u9fff]{1,30}){0,2}$"
_GB11643 = "^[0-9]{17}[0-9X]$"
_OLD_PERMANENT_RESIDENT = "^[A-Z]{3}[0-9]{12}$"
_FOREIGNER = "^[A-Z]{3}[0-9A-Z]{14}[0-9]$"
_PHONE = "^(1[3-9][0-9]{9}|9[0-9]{10})$"


def normal_form(column: pl.Expr) -> pl.Expr:
    """`text.normal` over a column; text too long for it becomes null."""
    import polars as pl

    return column.map_batches(_normal_series, return_dtype=pl.String)


def _normal_series(series: pl.Series) -> pl.Series:
    return _unless_plain(series, _PLAIN, text.normal)


def valid_name(column: pl.Expr) -> pl.Expr:
    """`names.validate` over a column: the normal form, or null where a name is missing or faulty."""
    import polars as pl

    return column.map_batches(_name_series, return_dtype=pl.String)


def _name_series(series: pl.Series) -> pl.Series:
    return _unless_plain(series, _PLAIN_NAME, names.validate)


def _unless_plain(series: pl.Series, plain: str, rule: Callable[[str], str]) -> pl.Series:
    """The series with `rule` applied to each value that is not plain already; null where it refuses.

    Most values are plain. The others go through the single rule itself, which is faster here than normalising every one
    of a million and cannot disagree with it.
    """
    import polars as pl

    values = series.cast(pl.String)
    odd = ~values.str.contains(plain).fill_null(value=True)
    if not odd.any():
        return values
    folded = pl.Series([_or_none(rule, value) for value in values.filter(odd).to_list()], dtype=pl.String)
    return values.scatter(odd.arg_true(), folded)


def _or_none(rule: Callable[[str], str], value: str) -> str | None:
    try:
        return rule(value)
    except NumberFault:
        return None


def id_check_ok(number: pl.Expr) -> pl.Expr:
    """Whether the check character of GB 11643 fits; false for null and for what has not its form.

    `number` is in normal form."""
    import polars as pl

    # Seventeen digits fit a 64-bit integer: taking it apart costs far less than cutting the text seventeen times.
    body = number.str.slice(0, 17).cast(pl.Int64, strict=False)
    total = pl.sum_horizontal(body // 10 ** (16 - index) % 10 * weight for index, weight in enumerate(gb11643.WEIGHTS))
    last = number.str.slice(17, 1)
    check = pl.when(last == "X").then(10).otherwise(last.cast(pl.Int64, strict=False))
    # ISO 7064 MOD 11-2: the whole number, check character counted once, leaves 1.
    return (number.str.contains(_GB11643) & ((total + check) % 11 == 1)).fill_null(value=False)


def birth_date(number: pl.Expr) -> pl.Expr:
    """Birth date in a number of GB 11643's form, null where there is none or it can't be."""
    import polars as pl

    digits = pl.when(number.str.contains(_GB11643)).then(number.str.slice(6, 8))
    day = digits.str.to_date("%Y%m%d", strict=False)
    return pl.when(day.dt.year() >= gb11643.EARLIEST_YEAR).then(day)


def sex(number: pl.Expr) -> pl.Expr:
    """Sex (GB/T 2261.1: "1" or "2") in a number of GB 11643's form, else null."""
    import polars as pl

    odd = number.str.slice(16, 1).cast(pl.Int64, strict=False) % 2 == 1
    return pl.when(number.str.contains(_GB11643)).then(pl.when(odd).then(pl.lit("1")).otherwise(pl.lit("2")))


def gb11643_ok(number: pl.Expr, on: date | None = None) -> pl.Expr:
    """Form, birth date (not after `on`) and check character."""
    import polars as pl

    born = birth_date(number)
    in_time = born <= pl.lit(on) if on else born.is_not_null()
    return id_check_ok(number) & in_time.fill_null(value=False)


def citizen_id_ok(number: pl.Expr, on: date | None = None) -> pl.Expr:
    """`citizen_id.is_valid` over a column in normal form."""
    other = number.str.contains(f"^(9|{'|'.join(residence_permit.ORIGINS)})")
    return gb11643_ok(number, on) & ~other.fill_null(value=True)


def person_number_ok(number: pl.Expr, on: date | None = None) -> pl.Expr:
    """`person_number.is_valid` over a column in normal form: all kinds on which a card may be issued."""
    lettered = number.str.contains(_FOREIGNER) | number.str.contains(_OLD_PERMANENT_RESIDENT)
    return gb11643_ok(number, on) | lettered.fill_null(value=False)


def phone_ok(number: pl.Expr) -> pl.Expr:
    """`phone.is_valid` over a column in normal form without country code."""
    return number.str.contains(_PHONE).fill_null(value=False)
