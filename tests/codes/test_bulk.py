"""Columns and single numbers obey one rule: whatever the text, both say the same."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sscard.codes import bulk, citizen_id, demo, gb11643, names, person_number, phone
from sscard.codes.errors import passes
from sscard.codes.person_number import Kind
from sscard.codes.sex import Sex

demo_ids = st.builds(
    demo.citizen_id,
    st.dates(date(1850, 1, 1), date(2099, 12, 31)),
    st.sampled_from([Sex.MALE, Sex.FEMALE]),
    st.integers(1, demo.PER_DAY),
)
checked = st.from_regex(r"\A[0-9]{17}\Z").map(lambda body: body + gb11643.calc_check_digit(body))
texts = st.one_of(
    demo_ids,
    checked,
    demo_ids.map(str.lower),
    demo_ids.map(lambda number: f" {number[:6]} {number[6:]}\u3000"),
    st.from_regex(r"\A[0-9]{6}(19|20)[0-9]{2}[0-1][0-9][0-3][0-9][0-9]{3}[0-9X]\Z"),
    st.from_regex(r"\A[0-9]{15}\Z"),
    st.from_regex(r"\A[A-Z]{3}[0-9]{12}\Z"),
    st.from_regex(r"\A[A-Z]{3}[0-9A-Z]{14}[0-9X]\Z"),
    st.from_regex(r"\A(\+86)?[19][0-9]{10}\Z"),
    st.text(max_size=20),
    st.just("1" * 200),
)
columns = st.lists(st.one_of(texts, st.none()), min_size=1, max_size=30)
ON = date(2026, 1, 1)


def column(values: list[str | None], expression: pl.Expr) -> list[object]:
    frame = pl.DataFrame({"text": values}, schema={"text": pl.String})
    return (
        frame.lazy()
        .with_columns(number=bulk.normal_form(pl.col("text")))
        .select(expression)
        .collect()
        .to_series()
        .to_list()
    )


def valid(value: str | None) -> bool:
    return value is not None and passes(lambda text: person_number.parse(text, on=ON), value)


@given(columns)
def test_person_numbers(values: list[str | None]) -> None:
    assert column(values, bulk.person_number_ok(pl.col("number"), ON)) == [valid(value) for value in values]
    assert column(values, bulk.person_number_ok(pl.col("number"))) == [
        value is not None and person_number.is_valid(value) for value in values
    ]


@given(columns)
def test_citizen_ids(values: list[str | None]) -> None:
    assert column(values, bulk.citizen_id_ok(pl.col("number"))) == [
        value is not None and citizen_id.is_valid(value) for value in values
    ]


@given(columns)
def test_normal_forms(values: list[str | None]) -> None:
    expected = [None if value is None or len(value) > 128 else person_number.compact(value) for value in values]
    assert column(values, pl.col("number")) == expected


name_texts = st.one_of(
    st.text("张王买提吐𠮷 ·.", max_size=40),
    st.from_regex(r"\A[张王提]{1,40}(·[买尔]{1,40}){0,3}\Z"),
    st.text(max_size=20),
)


@given(st.lists(st.one_of(name_texts, st.none()), min_size=1, max_size=30))
def test_names(values: list[str | None]) -> None:
    frame = pl.DataFrame({"name": values}, schema={"name": pl.String})
    found = frame.lazy().select(bulk.valid_name(pl.col("name"))).collect().to_series().to_list()
    assert found == [names.validate(value) if value is not None and names.is_valid(value) else None for value in values]


@given(columns)
def test_birth_dates_and_sexes_of_valid_numbers(values: list[str | None]) -> None:
    births, sexes = column(values, bulk.birth_date(pl.col("number"))), column(values, bulk.sex(pl.col("number")))
    for value, born, sex in zip(values, births, sexes, strict=True):
        if valid(value):
            found = person_number.parse(value or "")
            assert (born, sex) == (found.birth_date, found.sex), found.kind
            assert (born is None) is (found.kind in (Kind.FOREIGNER, Kind.PERMANENT_RESIDENT_OLD))


@given(columns)
def test_phones(values: list[str | None]) -> None:
    numbers = [None if value is None or len(value) > 128 else phone.compact(value) for value in values]
    frame = pl.DataFrame({"number": numbers}, schema={"number": pl.String})
    found = frame.select(bulk.phone_ok(pl.col("number"))).to_series().to_list()
    assert found == [number is not None and phone.is_valid(number) for number in numbers]


@given(st.lists(st.tuples(st.text("0123456789", min_size=17, max_size=17), st.sampled_from("0123456789X")), min_size=1))
def test_the_check_digit_alone(numbers: list[tuple[str, str]]) -> None:
    found = column([body + check for body, check in numbers], bulk.id_check_ok(pl.col("number")))
    assert found == [gb11643.calc_check_digit(body) == check for body, check in numbers]


def test_polars_is_imported_only_when_used() -> None:
    program = "import sys; import sscard.codes.bulk, sscard.codes.person_number; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
