"""Card number (社会保障卡卡号): nine characters, printed on the card and stored in EF05 tag 07.

A capital letter, seven digits and a check character (GB 11714). It is unique inside its issuing area only, so the key
is (area, card number). Cards of other areas are read leniently: some fielded series do not keep the check.

>>> validate("d2143569x")
'D2143569X'
>>> construct("X", 1)
'X00000019'
"""

from __future__ import annotations

from typing import Final

from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.organisation_code import VALUES, calc_check_digit
from sscard.codes.text import DIGITS, LETTERS, fill, normal
from sscard.kernel.refusals import Fault

__all__ = [
    "calc_check_digit",
    "check_holds",
    "compact",
    "construct",
    "format",
    "is_valid",
    "validate",
    "validate_foreign_area",
]

LENGTH: Final = 9
HIGHEST_SEQUENCE: Final = 9_999_999

_OWN: Final = (LETTERS,) + (DIGITS,) * 7 + (DIGITS + "X",)
_FOREIGN_AREA: Final = (VALUES,) * 9


def compact(text: str) -> str:
    return normal(text)


def validate(text: str) -> str:
    """Normal form of a number of this issuer's own cards, or `NumberFault`: `codes.card_number_length`, `_character`,
    `_check_digit`."""
    number = _shape(text, _OWN)
    expected = calc_check_digit(number[:8])
    if number[8] != expected:
        facts = {"position": 9, "expected": expected, "given": number[8]}
        raise_any([Fault("", "codes.card_number_check_digit", facts)])
    return number


def validate_foreign_area(text: str) -> str:
    """Normal form of a number of another area's card: nine digits or letters; the check character is not enforced."""
    return _shape(text, _FOREIGN_AREA)


def _shape(text: str, allowed: tuple[str, ...]) -> str:
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise_any([Fault("", "codes.card_number_length", {"length": len(number)})])
    raise_any(bad_characters(number, allowed, "codes.card_number_character"))
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def check_holds(text: str) -> bool:
    """Whether the check character fits; for cards of other areas a remark, never a refusal."""
    number = validate_foreign_area(text)
    return number[8] == calc_check_digit(number[:8])


def format(text: str) -> str:
    """As it is printed on the card: without gaps."""
    return compact(text)


def construct(letter: str, sequence: int) -> str:
    """The card number of a series letter and a sequence number 0 … 9,999,999."""
    if len(letter) != 1 or letter not in LETTERS:
        raise NumberFault("codes.card_number_character", position=1, given=letter)
    if not 0 <= sequence <= HIGHEST_SEQUENCE:
        raise NumberFault("codes.card_number_series_full", letter=letter, most=HIGHEST_SEQUENCE)
    body = f"{letter}{sequence:07d}"
    return body + calc_check_digit(body)
