"""Organisation code (组织机构代码, GB 11714): eight characters and a check character.

The same check serves positions 9-17 of the unified social credit code and the social security card's number.

>>> calc_check_digit("D2143569")
'X'
"""

from __future__ import annotations

from typing import Final

from sscard.codes.errors import bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, LETTERS, fill, normal
from sscard.kernel.refusals import Fault

LENGTH: Final = 9
WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
VALUES: Final = DIGITS + LETTERS
"""A digit counts its value, A counts 10, Z counts 35."""

_ALLOWED: Final = (VALUES,) * 8 + (DIGITS + "X",)


def compact(text: str) -> str:
    return normal(text)


def calc_check_digit(body: str) -> str:
    """Check character of the eight body characters: 11 minus the weighted sum modulo 11; 10 is X, 11 is 0."""
    rest = 11 - sum(VALUES.index(char) * weight for char, weight in zip(body, WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest) or str(rest)


def validate(text: str) -> str:
    """Normal form without hyphen, or `NumberFault`: `codes.organisation_length`, `_character`, `_check_digit`."""
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise_any([Fault("", "codes.organisation_length", {"length": len(number)})])
    raise_any(bad_characters(number, _ALLOWED, "codes.organisation_character"))
    expected = calc_check_digit(number[:8])
    if number[8] != expected:
        facts = {"position": 9, "expected": expected, "given": number[8]}
        raise_any([Fault("", "codes.organisation_check_digit", facts)])
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    """As it is printed, with a hyphen before the check character."""
    number = compact(text)
    return f"{number[:8]}-{number[8:]}" if len(number) == LENGTH else number
