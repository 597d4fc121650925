"""Which PINs are too easy, and verifiers."""

from __future__ import annotations

import pytest

from sscard.keys.pins import weakness

HINTS = {"birthday": "19840307", "id_number": "09010119840307271X", "phone": "19900138642"}


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("52809", "keys.pin_length"),
        ("5280947", "keys.pin_length"),
        ("000000", "keys.pin_equal_digits"),
        ("888888", "keys.pin_equal_digits"),
        ("123456", "keys.pin_sequence"),
        ("012345", "keys.pin_sequence"),
        ("890123", "keys.pin_sequence"),
        ("987654", "keys.pin_sequence"),
        ("210987", "keys.pin_sequence"),
        ("123123", "keys.pin_common"),
        ("527527", "keys.pin_common"),
        ("474747", "keys.pin_common"),
        ("520131", "keys.pin_common"),
        ("840307", "keys.pin_birthday"),
        ("198403", "keys.pin_birthday"),
        ("030784", "keys.pin_birthday"),
        ("070384", "keys.pin_birthday"),
        ("198437", "keys.pin_birthday"),
        ("07271X", "keys.pin_id_tail"),
        ("307271", "keys.pin_id_tail"),
        ("072710", "keys.pin_id_tail"),
        ("138642", "keys.pin_phone_tail"),
    ],
)
def test_weak(pin: str, code: str) -> None:
    assert weakness(bytearray(pin.encode()), HINTS) == code


@pytest.mark.parametrize("pin", ["528094", "918273", "135791", "700318", "246801"])
def test_good(pin: str) -> None:
    assert weakness(bytearray(pin.encode()), HINTS) is None


def test_birthday_is_read_from_the_id_number_too() -> None:
    assert weakness(bytearray(b"840307"), {"id_number": "090101198403072711"}) == "keys.pin_birthday"
    assert weakness(bytearray(b"840307"), {}) is None


def test_id_tail_without_x() -> None:
    hints = {"id_number": "090101198403072711"}
    assert weakness(bytearray(b"072711"), hints) == "keys.pin_id_tail"
    assert weakness(bytearray(b"307271"), hints) == "keys.pin_id_tail"
