"""Bank card numbers, mobile phones and area codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from sscard.codes import area_code, demo, pan, phone
from sscard.codes.area_code import Level
from sscard.codes.errors import NumberFault

pans = st.builds(
    demo.pan_of, st.sampled_from(sorted(demo.BINS)), st.integers(0, 10**9 - 1), length=st.sampled_from(pan.LENGTHS)
)


def refused(validate: object, text: str) -> tuple[str, object]:
    with pytest.raises(NumberFault) as caught:
        validate(text)  # type: ignore[operator]
    return caught.value.code.removeprefix("codes."), caught.value.facts.get("position")


@given(st.text("0123456789", min_size=1, max_size=18))
def test_luhn_agrees_with_python_stdnum(body: str) -> None:
    assert pan.calc_check_digit(body) == luhn.calc_check_digit(body)


@given(pans)
def test_demo_numbers_are_valid_and_can_be_nobodys(number: str) -> None:
    assert pan.validate(number, demo.bins()) == number
    assert number.startswith("9")
    assert luhn.is_valid(number)


@given(pans, st.integers(0, 18), st.sampled_from("0123456789"))
def test_one_changed_digit_is_always_refused(number: str, place: int, char: str) -> None:
    place %= len(number)
    changed = number[:place] + char + number[place + 1 :]
    assert pan.is_valid(changed) is (changed == number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("missing", None)),
        ("921700000000123", ("pan_length", None)),
        ("92170000000000123456", ("pan_length", None)),
        ("92170000000000I2345", ("pan_character", 15)),
        ("9217000000000012346", ("pan_check_digit", 19)),
    ],
)
def test_faults_of_bank_card_numbers(text: str, expected: tuple[str, object]) -> None:
    assert refused(pan.validate, text) == expected


def test_the_longest_bin_decides() -> None:
    number = pan.construct("921700", 1, length=19)
    rows = [pan.Bin("92", "A"), pan.Bin("9217001", "B"), pan.Bin("921700", "C", 19), pan.Bin("9217", "D")]
    assert pan.find_bin(number, rows).bank == "C"
    with pytest.raises(NumberFault) as caught:
        pan.validate(number, [pan.Bin("62", "A")])
    assert caught.value.code == "codes.pan_bin_unknown"
    assert caught.value.facts == {"last": number[-4:]}
    with pytest.raises(NumberFault, match="pan_bin_length"):
        pan.validate(pan.construct("921700", 1, length=16), rows)


def test_construction_has_bounds() -> None:
    assert pan.construct("921700", 10**12 - 1, length=19)[6:18] == "9" * 12
    with pytest.raises(NumberFault, match="pan_series_full"):
        pan.construct("921700", 10**12, length=19)
    for prefix, account, length in (("921700", 1, 20), ("92x700", 1, 19), ("921700", -1, 19)):
        with pytest.raises(ValueError, match="16 to 19"):
            pan.construct(prefix, account, length=length)


def test_printed_forms() -> None:
    assert pan.format("9217000000000012345") == "9217 0000 0000 0012 345"
    assert pan.mask("9217 0000 0000 0012 345") == "*" * 15 + "2345"
    assert phone.format("13800138000") == "138 0013 8000"
    assert phone.mask("138 0013 8000") == "138****8000"
    assert area_code.format(" 330100 ") == "330100"


@pytest.mark.parametrize(
    "text", ["13800138000", "+8613800138000", "86 138 0013 8000", "0086-138-0013-8000", "１３８００１３８０００"]
)
def test_phones_have_one_normal_form(text: str) -> None:
    assert phone.validate(text) == "13800138000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("missing", None)),
        ("1380013800", ("phone_length", None)),
        ("138001380000", ("phone_length", None)),
        ("8613800138", ("phone_length", None)),
        ("1380013800O", ("phone_character", 11)),
        ("12800138000", ("phone_prefix", None)),
        ("86138001380", ("phone_prefix", None)),
        ("05718888888", ("phone_prefix", None)),
    ],
)
def test_faults_of_phones(text: str, expected: tuple[str, object]) -> None:
    assert refused(phone.validate, text) == expected


@given(st.integers(0, 10**9 - 1))
def test_demo_phones(sequence: int) -> None:
    number = demo.phone(sequence)
    assert phone.validate(number) == number
    assert phone.is_demo(number)
    assert not phone.is_demo("13800138000")


@pytest.mark.parametrize(
    ("code", "level", "province", "prefecture"),
    [
        ("330000", Level.PROVINCE, "330000", "330000"),
        ("330100", Level.PREFECTURE, "330000", "330100"),
        ("330106", Level.COUNTY, "330000", "330100"),
        ("990100", Level.PREFECTURE, "990000", "990100"),
        ("639900", Level.PREFECTURE, "630000", "639900"),
    ],
)
def test_levels(code: str, level: Level, province: str, prefecture: str) -> None:
    assert area_code.get_level(code) is level
    assert area_code.get_province(code) == province
    assert area_code.get_prefecture(code) == prefecture
    assert area_code.is_issuer_level(code) is (level is not Level.COUNTY)


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        ("330000", "330106", True),
        ("330100", "330106", True),
        ("330106", "330106", True),
        ("330106", "330100", False),
        ("330100", "330000", False),
        ("330100", "330206", False),
        ("990100", "990200", False),
    ],
)
def test_areas_lie_in_areas(outer: str, inner: str, inside: bool) -> None:
    assert area_code.contains(outer, inner) is inside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("missing", None)),
        ("33010", ("area_length", None)),
        ("3301O0", ("area_character", 5)),
        ("000000", ("area_province", None)),
        ("330006", ("area_province", None)),
    ],
)
def test_faults_of_area_codes(text: str, expected: tuple[str, object]) -> None:
    assert refused(area_code.validate, text) == expected


def test_a_county_issues_no_cards() -> None:
    assert area_code.validate_issuer("990100") == "990100"
    with pytest.raises(NumberFault) as caught:
        area_code.validate_issuer("330106")
    assert caught.value.code == "codes.area_not_issuer"
    assert "330100" in caught.value.next_step("en")
