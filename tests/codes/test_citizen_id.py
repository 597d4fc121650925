"""GB 11643: the standard's own examples, every kind of fault with its place, an independent check digit."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from sscard.codes import citizen_id, demo, gb11643
from sscard.codes.errors import NumberFault
from sscard.codes.sex import Sex

STANDARD = ["11010519491231002X", "440524188001010014"]  # examples printed in GB 11643-1999

numbers = st.builds(
    demo.citizen_id,
    st.dates(date(1850, 1, 1), date(2099, 12, 31)),
    st.sampled_from([Sex.MALE, Sex.FEMALE]),
    st.integers(1, demo.PER_DAY),
    st.sampled_from(sorted(demo.DISTRICTS.values())),
)


def faults(text: str, **how: object) -> list[tuple[str, object]]:
    with pytest.raises(NumberFault) as caught:
        citizen_id.validate(text, **how)  # type: ignore[arg-type]
    return [(fault.code.removeprefix("codes."), fault.facts.get("position")) for fault in caught.value.faults]


@pytest.mark.parametrize("number", STANDARD)
def test_examples_of_the_standard_are_valid(number: str) -> None:
    assert citizen_id.validate(number) == number
    assert citizen_id.is_valid(number)


def test_getters_read_the_standards_examples() -> None:
    assert citizen_id.get_birth_date(STANDARD[0]) == date(1949, 12, 31)
    assert citizen_id.get_sex(STANDARD[0]) is Sex.FEMALE
    assert citizen_id.get_district(STANDARD[0]) == "110105"
    assert citizen_id.get_birth_date(STANDARD[1]) == date(1880, 1, 1)
    assert citizen_id.get_sex(STANDARD[1]) is Sex.MALE
    assert citizen_id.format(STANDARD[0]) == "110105 19491231 002X"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("missing", None)]),
        (" \t\u3000", [("missing", None)]),
        ("1101051949123100", [("id_length", None)]),
        ("11010519491231002XX", [("id_length", None)]),
        ("110105491231002", [("id_old_15", None)]),
        ("1101O519491231002X", [("id_character", 5)]),
        ("I101O519491231002X", [("id_character", 1), ("id_character", 5)]),
        ("11010519491231002A", [("id_character", 18)]),
        ("1101051949123100X2", [("id_character", 17)]),
        ("1101051949123100２Y", [("id_character", 18)]),
        ("110105194912310021", [("id_check_digit", 18)]),
        ("110105194913310021", [("id_birth_month", 11)]),
        ("110105194913310022", [("id_birth_month", 11), ("id_check_digit", 18)]),
        ("110105194900310028", [("id_birth_month", 11), ("id_check_digit", 18)]),
        ("11010519490230002X", [("id_birth_day", 13), ("id_check_digit", 18)]),
        ("11010519490010002X", [("id_birth_month", 11), ("id_check_digit", 18)]),
        (
            "11010500001399002X",
            [("id_birth_year", 7), ("id_birth_month", 11), ("id_birth_day", 13), ("id_check_digit", 18)],
        ),
        ("٠١010519491231002X", [("id_character", 1), ("id_character", 2)]),
    ],
)
def test_each_fault_is_told_with_its_place(text: str, expected: list[tuple[str, object]]) -> None:
    assert faults(text) == expected


def test_the_check_digit_is_told_as_expected_and_given() -> None:
    with pytest.raises(NumberFault) as caught:
        citizen_id.validate("11010519491231002 1")
    assert caught.value.code == "codes.id_check_digit"
    assert caught.value.facts == {"position": 18, "expected": "X", "given": "1"}
    assert caught.value.sentence("zh") == "第 18 位校验码应为 X，您填的是 1。"
    assert "对照身份证再看一次" in caught.value.next_step("zh")


def test_a_leap_day_only_in_leap_years() -> None:
    for year, valid in [(2000, True), (2004, True), (1900, False), (2001, False)]:
        body = f"090101{year}0229001"
        assert citizen_id.is_valid(body + gb11643.calc_check_digit(body)) is valid


def test_a_birth_in_the_future_is_refused_only_against_a_day() -> None:
    number = demo.citizen_id(date(2030, 5, 17), Sex.MALE, 1)
    assert citizen_id.is_valid(number)
    assert citizen_id.validate(number, on=date(2030, 5, 17)) == number
    assert faults(number, on=date(2030, 5, 16)) == [("id_birth_future", 7)]


def test_unassigned_and_dissolved_districts_are_no_fault() -> None:
    for district in ("090101", "799999", "000000"):
        body = f"{district}19900101001"
        assert citizen_id.is_valid(body + gb11643.calc_check_digit(body)), district


@pytest.mark.parametrize("district", ["810000", "820000", "830000", "911156"])
def test_other_documents_numbers_are_named_as_such(district: str) -> None:
    body = f"{district}19900101001"
    assert faults(body + gb11643.calc_check_digit(body)) == [("id_other_document", None)]


@given(numbers)
def test_demo_numbers_are_valid_and_say_what_they_were_made_of(number: str) -> None:
    assert citizen_id.validate(number) == number
    assert demo.is_demo_citizen_id(number)


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_character_is_always_refused(number: str, place: int, char: str) -> None:
    changed = number[:place] + char + number[place + 1 :]
    assert citizen_id.is_valid(changed) is (changed == number)


@given(st.text("0123456789", min_size=17, max_size=17))
def test_check_digit_agrees_with_python_stdnum(body: str) -> None:
    assert gb11643.calc_check_digit(body) == mod_11_2.calc_check_digit(body)


def test_fifteen_digits_turn_into_the_number_they_became() -> None:
    assert citizen_id.convert_15("090101900101001") == "09010119900101001" + mod_11_2.calc_check_digit(
        "09010119900101001"
    )
    assert citizen_id.is_old_15("090101900101001")


@given(numbers.filter(lambda number: number[6:8] == "19"))
def test_converting_undoes_shortening(number: str) -> None:
    assert citizen_id.convert_15(number[:6] + number[8:17]) == number


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("09010190010100", "codes.id_15_length", None),
        ("09010190X101001", "codes.id_character", 9),
        ("090101901301001", "codes.id_birth_month", 9),
        ("090101900230001", "codes.id_birth_day", 11),
    ],
)
def test_faults_of_old_numbers(text: str, code: str, position: int | None) -> None:
    with pytest.raises(NumberFault) as caught:
        citizen_id.convert_15(text)
    assert (caught.value.code, caught.value.facts.get("position")) == (code, position)
