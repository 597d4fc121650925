"""The fast lane: which rows of a block are plainly good, found for all of them at once.

A row passes only if every rule of `rules.py` surely holds; any doubt sends it to the exact lane. So this may be
stricter than the rules (numbers of foreigners, rare characters and all faults take the exact lane), never laxer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import polars as pl

from sscard.codes import credit_code, gb11643, names, nations
from sscard.people.roster import cells
from sscard.people.roster.cells import NORMAL, Category
from sscard.people.roster.columns import BY_NAME
from sscard.people.roster.rules import SHORTEST_ADDRESS, RosterValues

ROW = "row"
"""Number of the row as a spreadsheet shows it; the heading row counts."""
GOOD_SCHEMA = pl.Schema({ROW: pl.UInt32, **dict.fromkeys(NORMAL, pl.String)})

_HAN = "\u4e00-\u9fa5"
_ADDRESS = rf"^[{_HAN}0-9A-Za-z][{_HAN}0-9A-Za-z#()-]*$"
_NAME = rf"^[{_HAN}]+(?:·[{_HAN}]+)*$"
_CITIZEN = r"^[0-8][0-9]{16}[0-9X]$"
_PLAIN = {
    "id_number": _CITIZEN,
    "name": _NAME,
    "birth_date": r"^[0-9]{8}$",
    "phone": r"^[0-9]{11}$",
    "household_address": _ADDRESS,
    "live_address": _ADDRESS,
    "employer_code": r"^[0-9A-Y]{18}$",
    "employer_name": _ADDRESS,
    "guardian_name": _NAME,
    "guardian_id": _CITIZEN,
    "guardian_relation": rf"^[{_HAN}]+$",
    "photo": r"^[0-9A-Za-z_.-]+$",
    "old_id_number": r"^[0-9]{15}$",
    "remark": _ADDRESS,
}
"""Cells of this form are their own normal form; the others are normalised one by one."""
_CODED = ("sex", "nation", "category", "id_type")
_PHONE = r"^(?:1[3-9]|9[0-9])[0-9]{9}$"
_PHOTO = r"^[0-9A-Za-z_-]{1,80}\.(?:jpg|jpeg|png|JPG|JPEG|PNG)$"
LONGEST_PLAIN_NAME = 90
"""Bytes in UTF-8: thirty Han characters, far below what room codes allows."""
MOST_SPELLINGS = 5_000
"""Different spellings of codes remembered for each column of a file."""


def _weighed() -> tuple[pl.Series, ...]:
    """For each group of three digits from the right, the weighted sum of every group from 000 to 999."""
    weights = (0, *gb11643.WEIGHTS)
    groups = [weights[index : index + 3] for index in range(15, -1, -3)]
    return tuple(
        pl.Series(
            [sum(int(digit) * weight for digit, weight in zip(f"{n:03d}", group, strict=True)) for n in range(1000)]
        )
        for group in groups
    )


_WEIGHED = _weighed()
_BIRTH_WITH_SIGNS = r"^[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}$"


class FastLane:
    """Holds what one file's blocks have in common: the spellings of codes and the verdicts on employers met so far."""

    def __init__(self, *, on: date, values: RosterValues) -> None:
        self._today = int(f"{on:%Y%m%d}")
        self._values = values
        self._spellings: dict[str, dict[str, str]] = {name: {} for name in _CODED}

    def normalise(self, raw: pl.DataFrame) -> pl.DataFrame:
        """All columns in normal form, absent cells as nulls."""
        here = [name for name in NORMAL if name in raw.columns]
        # One select, so that polars shares the columns among the processors.
        looks = raw.select(self._look(name) for name in here)
        cells = {name: self._normal(raw.get_column(name), looks.get_column(name)) for name in here}
        return pl.DataFrame([raw.get_column(ROW), *(cells.get(name, _nulls(name, raw.height)) for name in NORMAL)])

    def _look(self, name: str) -> pl.Expr:
        """For a column of codes: the codes as far as their spellings are known; for the others: which cells are not
        plain."""
        if name not in _CODED:
            return (~pl.col(name).str.contains(_PLAIN[name])).fill_null(value=False)
        known = self._spellings[name]
        return pl.col(name).replace_strict(
            pl.Series(list(known), dtype=pl.String), pl.Series(list(known.values()), dtype=pl.String),
            default=None, return_dtype=pl.String,
        )  # fmt: skip

    def _normal(self, cell: pl.Series, look: pl.Series) -> pl.Series:
        name, function = cell.name, NORMAL[cell.name]
        if name in _CODED:
            if look.null_count() == cell.null_count():
                return look
            known = self._spellings[name]
            if len(known) < MOST_SPELLINGS:
                known.update(
                    (text, found) for text in cell.unique().drop_nulls() if (found := function(cells.cut(name, text)))
                )
            return _mapped(cell, function)
        if not look.any():
            return cell
        if name == "birth_date":
            cell = _digits_of_dates(cell)
            look = (~cell.str.contains(_PLAIN[name])).fill_null(value=False)
        # Nearly always few; scattering them back leaves the rest untouched.
        return cell.scatter(look.arg_true(), _mapped(cell.filter(look), function)).alias(name) if look.any() else cell

    def plainly_good(self, raw: pl.DataFrame, row: pl.DataFrame) -> pl.Series:
        """One boolean per row: it has no fault for certain. `row` is the normal form of `raw`."""
        return (
            _tests(raw, row, self._today)
            & _employers(row["employer_code"])
            & _guardians(row, self._today, self._values)
        )


def _tests(raw: pl.DataFrame, row: pl.DataFrame, today: int) -> pl.Series:
    """What can be said of each row by its own columns."""
    number = _citizen(row["id_number"], today)
    tests = pl.concat([row, number], how="horizontal").select(
        *(
            (pl.lit(raw[name]).str.len_bytes() <= BY_NAME[name].limit).fill_null(value=True).alias(f"length_{name}")
            for name in NORMAL if name in raw.columns
        ),
        number_ok=pl.col("ok"),
        # The number's own date is a real one that has come, so agreeing with it is enough.
        birth_ok=pl.col("birth_date") == pl.col("told"),
        sex_ok=pl.col("sex") == pl.when(pl.col("odd")).then(pl.lit("1")).otherwise(pl.lit("2")),
        nation_ok=pl.col("nation").is_in([entry.code for entry in nations.TABLE]),
        category_ok=pl.col("category").is_in([category.value for category in Category]),
        id_type_ok=pl.col("id_type").is_null() | pl.col("id_type").is_in(["resident_id"]),
        phone_ok=pl.col("phone").str.contains(_PHONE),
        address_ok=_address_ok("household_address"),
        live_ok=pl.col("live_address").is_null() | _address_ok("live_address"),
        photo_ok=pl.col("photo").is_null() | pl.col("photo").str.contains(_PHOTO),
        history_ok=pl.col("old_id_number").is_null(),
        employer_needed=pl.col("employer_code").is_not_null() | (pl.col("category") != Category.EMPLOYEE.value),
    )  # fmt: skip
    return tests.select(pl.all_horizontal(pl.all().fill_null(value=False))).to_series() & _names(row["name"])


def _names(name: pl.Series) -> pl.Series:
    """Plain Han names, and the others that room codes accepts: each different one is asked once."""
    plain = (name.str.contains(_NAME) & (name.str.len_bytes() <= LONGEST_PLAIN_NAME)).fill_null(value=False)
    asked = name.filter(~plain).unique().drop_nulls()
    accepted = [text for text in asked if names.is_valid(text)]
    return plain | name.is_in(accepted).fill_null(value=False) if accepted else plain


def _digits_of_dates(cell: pl.Series) -> pl.Series:
    signs = cell.str.contains(_BIRTH_WITH_SIGNS)
    if not signs.any():
        return cell
    return pl.select(
        pl.when(pl.lit(signs)).then(pl.lit(cell).str.replace_all(r"[-/.]", "")).otherwise(pl.lit(cell)).alias(cell.name)
    ).to_series()


def _mapped(cell: pl.Series, function: Callable[[str], str]) -> pl.Series:
    """The function over each different value once, empty results as nulls."""
    different = cell.unique().drop_nulls()
    if different.is_empty():
        return cell
    results = [function(cells.cut(cell.name, text)) or None for text in different]
    return cell.replace_strict(different, pl.Series(results, dtype=pl.String), default=None, return_dtype=pl.String)


def _nulls(name: str, height: int) -> pl.Series:
    return pl.Series(name, [None], dtype=pl.String).new_from_index(0, height)


def _address_ok(name: str) -> pl.Expr:
    column = pl.col(name)
    return column.str.contains(_ADDRESS) & (column.str.len_chars() >= SHORTEST_ADDRESS)


def _citizen(number: pl.Series, today: int) -> pl.DataFrame:
    """What citizens' numbers tell: `ok`, `told` (birth date YYYYMMDD as text), `born` (as a number) and `odd`
    (male)."""
    told = pl.DataFrame({"text": number}).select(
        pl.col("text").str.slice(0, 17).cast(pl.Int64, strict=False).alias("body"),
        pl.col("text").str.slice(17).alias("check"),
        pl.col("text").str.slice(6, 8).alias("told"),
        pl.col("text").str.contains(_CITIZEN).alias("form"),
    )
    body = pl.col("body")
    parts = told.with_columns(
        *((body // 1000**part % 1000).fill_null(0).alias(f"part_{part}") for part in range(len(_WEIGHED))),
        born=body // 1000 % 10**8,
    )
    total = pl.sum_horizontal(pl.lit(table).gather(f"part_{part}") for part, table in enumerate(_WEIGHED))
    parts = parts.with_columns(expected=pl.lit(pl.Series(list(gb11643.CHECK_CHARACTERS))).gather(total % 11))
    permit = body.is_between(81 * 10**15, 84 * 10**15, closed="left")
    ok = (
        pl.col("form")
        & ~permit
        & (pl.col("check") == pl.col("expected"))
        & _real_day(pl.col("born"))
        & (pl.col("born") <= today)
    )
    return parts.select("told", "born", ok.fill_null(value=False).alias("ok"), (body % 2 == 1).alias("odd"))


def _real_day(ymd: pl.Expr) -> pl.Expr:
    """Whether YYYYMMDD as a number is a day of the calendar in or after the earliest year."""
    year, month, day = ymd // 10_000, ymd // 100 % 100, ymd % 100
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = pl.when(month == 2).then(28 + leap.cast(pl.Int64)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return (year >= gb11643.EARLIEST_YEAR) & month.is_between(1, 12) & (day >= 1) & (day <= last)


def _employers(code: pl.Series) -> pl.Series:
    """No code, or a valid one. Thousands of people share an employer: each code is looked at once."""
    different = code.unique().drop_nulls()
    wrong = [one for one in different if not _is_credit_code(one)]
    return ~code.is_in(wrong).fill_null(value=False)


@lru_cache(maxsize=65_536)
def _is_credit_code(text: str) -> bool:
    return credit_code.is_valid(text)


def _guardians(row: pl.DataFrame, today: int, values: RosterValues) -> pl.Series:
    """Nobody needs or names a guardian, or the guardian is complete, of age and somebody else.

    Dates as numbers: (today - birth) // 10000 is the age in full years.
    """
    birth = row["birth_date"].cast(pl.Int64, strict=False)
    child = ((today - birth) // 10_000 < values.guardian_age).fill_null(value=True)
    concerned = child | row["guardian_name"].is_not_null() | row["guardian_id"].is_not_null()
    part = row.select("id_number", "guardian_name", "guardian_id").filter(concerned)
    if part.is_empty():
        return ~concerned
    passes = part.select(
        ok=(pl.lit(_names(part["guardian_name"])) & (pl.col("guardian_id") != pl.col("id_number"))).fill_null(
            value=False
        )
        & _citizen(part["guardian_id"], today)
        .select(ok=pl.col("ok") & ((today - pl.col("born")) // 10_000 >= values.adult_age).fill_null(value=False))
        .to_series()
    ).to_series()
    return (~concerned).scatter(concerned.arg_true(), passes)
