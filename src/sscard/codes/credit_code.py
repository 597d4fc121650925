"""Unified social credit code of organisations (统一社会信用代码, GB 32100-2015): 18 characters.

One of the registering authority, one of the category, six of the place, nine of the organisation code (with its own
check character, GB 11714) and one check character over all. The letters I, O, S, V and Z are never used.

>>> validate("91350100m000100y43")
'91350100M000100Y43'
"""

from __future__ import annotations

from typing import Final

from sscard.codes import organisation_code
from sscard.codes.errors import bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, fill, normal
from sscard.kernel.refusals import Fault

LENGTH: Final = 18
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_ALLOWED: Final = (ALPHABET,) * 2 + (DIGITS,) * 6 + (ALPHABET,) * 8 + (DIGITS + "X", ALPHABET)


def compact(text: str) -> str:
    return normal(text)


def calc_check_digit(body: str) -> str:
    """Check character of the first 17: weights are the powers of 3 modulo 31."""
    total = sum(ALPHABET.index(char) * pow(3, index, 31) for index, char in enumerate(body))
    return ALPHABET[-total % 31]


def validate(text: str) -> str:
    """Normal form, or `NumberFault`: `codes.credit_length`, `credit_character`, `credit_organisation_check` (character
    17), `credit_check_digit` (character 18)."""
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise_any([Fault("", "codes.credit_length", {"length": len(number)})])
    raise_any(bad_characters(number, _ALLOWED, "codes.credit_character"))
    raise_any(_check_faults(number))
    return number


def _check_faults(number: str) -> list[Fault]:
    checks = (
        (17, organisation_code.calc_check_digit(number[8:16]), "codes.credit_organisation_check"),
        (18, calc_check_digit(number[:17]), "codes.credit_check_digit"),
    )
    return [
        Fault("", code, {"position": position, "expected": expected, "given": number[position - 1]})
        for position, expected, code in checks
        if number[position - 1] != expected
    ]


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    """Authority and category, place, organisation code, check character apart."""
    number = compact(text)
    return " ".join(part for part in (number[:2], number[2:8], number[8:17], number[17:]) if part)


def get_area(text: str) -> str:
    """Six digits of the registering authority's place (GB/T 2260)."""
    return validate(text)[2:8]


def get_organisation_code(text: str) -> str:
    """The nine characters after GB 11714."""
    return validate(text)[8:17]
