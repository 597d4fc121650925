"""Card number (GB 11714 check) and card identification code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.codes import card_identification_code as card_id
from sscard.codes import card_number, demo
from sscard.codes.errors import NumberFault

SAMPLE_ID = "639900D15600000500BF7C7A48FB4966"  # documented sample

card_numbers = st.builds(
    card_number.construct, st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), st.integers(0, card_number.HIGHEST_SEQUENCE)
)


def test_worked_examples() -> None:
    assert card_number.calc_check_digit("D2143569") == "X"  # appendix A of the file structure rules
    assert card_number.validate("x00000019") == "X00000019"  # documented sample


def refused(text: str) -> tuple[str, object, object]:
    with pytest.raises(NumberFault) as caught:
        card_number.validate(text)
    return caught.value.code, caught.value.facts.get("position"), caught.value.facts.get("expected")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("codes.missing", None, None)),
        ("X0000001", ("codes.card_number_length", None, None)),
        ("11010519491231002X", ("codes.card_number_length", None, None)),
        ("100000019", ("codes.card_number_character", 1, None)),
        ("XO0000019", ("codes.card_number_character", 2, None)),
        ("X0000001A", ("codes.card_number_character", 9, None)),
        ("X00000018", ("codes.card_number_check_digit", 9, "9")),
        ("D21435690", ("codes.card_number_check_digit", 9, "X")),
    ],
)
def test_faults_of_own_card_numbers(text: str, expected: tuple[str, object, object]) -> None:
    assert refused(text) == expected


def test_cards_of_other_areas_are_read_leniently() -> None:
    assert card_number.validate_foreign_area("w00000018") == "W00000018"
    assert card_number.validate_foreign_area("1AB45678C") == "1AB45678C"
    assert not card_number.check_holds("X00000018")
    assert card_number.check_holds("X00000019")
    with pytest.raises(NumberFault, match="card_number_character"):
        card_number.validate_foreign_area("W0000001é")


@given(card_numbers)
def test_constructed_numbers_are_valid(number: str) -> None:
    assert card_number.validate(number) == number
    assert card_number.check_holds(number)


@given(card_numbers, st.integers(1, 8), st.sampled_from("0123456789X"))
def test_one_changed_digit_is_always_refused(number: str, place: int, char: str) -> None:
    changed = number[:place] + char + number[place + 1 :]
    assert card_number.is_valid(changed) is (changed == number)


def test_a_series_ends() -> None:
    with pytest.raises(NumberFault, match="card_number_series_full"):
        card_number.construct("A", card_number.HIGHEST_SEQUENCE + 1)
    with pytest.raises(NumberFault, match="card_number_character"):
        card_number.construct("a", 1)


@given(st.integers(0, 10**6 - 1))
def test_demo_card_numbers(sequence: int) -> None:
    number = demo.card_number(sequence)
    assert card_number.is_valid(number)
    assert number[1] == "9"


def test_the_documented_identification_code_is_taken_apart_and_put_together() -> None:
    assert card_id.validate(SAMPLE_ID.lower()) == SAMPLE_ID
    assert card_id.get_area(SAMPLE_ID) == "639900"
    assert card_id.get_serial(SAMPLE_ID) == bytes.fromhex("00BF7C7A")
    assert card_id.get_authentication_code(SAMPLE_ID) == bytes.fromhex("48FB4966")
    assert card_id.construct("639900", bytes.fromhex("00BF7C7A"), bytes.fromhex("48FB4966")) == SAMPLE_ID
    assert card_id.validate(card_id.format(SAMPLE_ID)) == SAMPLE_ID


def test_a_code_without_authentication_says_so() -> None:
    code = card_id.construct("990100", b"\x90\x00\x00\x01")
    assert code.endswith("FFFFFFFF")
    assert card_id.get_authentication_code(code) is None
    assert card_id.authentication_input("990100", b"\x90\x00\x00\x01").hex().upper() == code[:24]


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "codes.missing", None),
        (SAMPLE_ID[:30], "codes.card_id_length", None),
        (SAMPLE_ID[:-1] + "G", "codes.card_id_character", 32),
        ("6A9900" + SAMPLE_ID[6:], "codes.card_id_character", 2),
        ("639900A000000333" + SAMPLE_ID[16:], "codes.card_id_provider", 7),
        ("000000" + SAMPLE_ID[6:], "codes.area_province", None),
    ],
)
def test_faults_of_identification_codes(text: str, code: str, position: int | None) -> None:
    with pytest.raises(NumberFault) as caught:
        card_id.validate(text)
    assert (caught.value.code, caught.value.facts.get("position")) == (code, position)


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4))
def test_parts_come_back(serial: bytes, authentication: bytes) -> None:
    code = card_id.construct("990200", serial, authentication)
    assert card_id.get_serial(code) == serial
    assert (card_id.get_authentication_code(code) or card_id.NOT_COMPUTED) == authentication


def test_wrong_lengths_are_programmers_errors() -> None:
    with pytest.raises(ValueError, match="four bytes"):
        card_id.construct("990100", b"123")
    with pytest.raises(ValueError, match="four bytes"):
        card_id.construct("990100", b"1234", b"12345")
