"""GB 32100 and GB 11714: published numbers, faults with their place, and python-stdnum as a second opinion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from sscard.codes import credit_code, demo, organisation_code
from sscard.codes.errors import NumberFault

PUBLISHED = ["91350100M000100Y43", "91110000600037341L"]  # GB 32100-2015; a published registration

codes = st.builds(demo.credit_code, st.integers(0, 10**7 - 1), st.sampled_from(["990100", "990200"]))


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_codes_are_valid(number: str) -> None:
    assert credit_code.validate(number.lower()) == number
    assert organisation_code.is_valid(credit_code.get_organisation_code(number))


def test_getters() -> None:
    assert credit_code.get_area(PUBLISHED[0]) == "350100"
    assert credit_code.get_organisation_code(PUBLISHED[1]) == "600037341"
    assert credit_code.format(PUBLISHED[0]) == "91 350100 M000100Y4 3"
    assert organisation_code.format("600037341") == "60003734-1"
    assert organisation_code.validate("60003734-1") == "600037341"


def positions(validate: object, text: str) -> list[tuple[str, object]]:
    with pytest.raises(NumberFault) as caught:
        validate(text)  # type: ignore[operator]
    return [(fault.code.removeprefix("codes."), fault.facts.get("position")) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("missing", None)]),
        ("91350100M000100Y4", [("credit_length", None)]),
        ("9135O1O0M000100Y43", [("credit_character", 5), ("credit_character", 7)]),
        ("91350100I000100Y43", [("credit_character", 9)]),
        ("91350100M000100YZ3", [("credit_character", 17)]),
        ("91350100M000100Y44", [("credit_check_digit", 18)]),
        ("91350100M000100Y53", [("credit_organisation_check", 17), ("credit_check_digit", 18)]),
    ],
)
def test_faults_of_credit_codes(text: str, expected: list[tuple[str, object]]) -> None:
    assert positions(credit_code.validate, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("missing", None)]),
        ("60003734", [("organisation_length", None)]),
        ("6000373!1", [("organisation_character", 8)]),
        ("60003734A", [("organisation_character", 9)]),
        ("600037342", [("organisation_check_digit", 9)]),
    ],
)
def test_faults_of_organisation_codes(text: str, expected: list[tuple[str, object]]) -> None:
    assert positions(organisation_code.validate, text) == expected


@given(codes)
def test_demo_codes_are_valid_for_both_programs(number: str) -> None:
    assert credit_code.validate(number) == number
    assert uscc.is_valid(number)


@given(st.text(credit_code.ALPHABET, min_size=17, max_size=17))
def test_check_character_agrees_with_python_stdnum(body: str) -> None:
    assert credit_code.calc_check_digit(body) == uscc.calc_check_digit(body)


@given(codes, st.integers(0, 17), st.sampled_from(credit_code.ALPHABET))
def test_one_changed_character_is_always_refused(number: str, place: int, char: str) -> None:
    changed = number[:place] + char + number[place + 1 :]
    assert credit_code.is_valid(changed) is (changed == number)
