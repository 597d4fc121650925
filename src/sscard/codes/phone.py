"""Mobile phone numbers of mainland China: eleven digits from 13 to 19.

Demo numbers have eleven digits and begin with 9, which no network answers; they are taken like real ones, so that the
demo walks the same paths.

>>> validate("+86 138-0013-8000"), is_demo("91300000001")
('13800138000', True)
"""

from __future__ import annotations

from typing import Final

from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, fill, normal
from sscard.kernel.masked import mask_phone

LENGTH: Final = 11
DEMO_PREFIX: Final = "9"

_COUNTRY_CODES: Final = ("+86", "0086", "86")


def compact(text: str) -> str:
    """Normal form without the country code 86."""
    number = normal(text)
    for code in _COUNTRY_CODES:
        # Eleven digits are never shortened: a number may itself hold 86 at its front only as a country code.
        if number.startswith(code) and len(number) == len(code) + LENGTH:
            return number[len(code) :]
    return number


def validate(text: str) -> str:
    """Normal form, or `NumberFault`: `codes.phone_length`, `phone_character`, `phone_prefix`."""
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise NumberFault("codes.phone_length", length=len(number))
    raise_any(bad_characters(number, (DIGITS,) * LENGTH, "codes.phone_character"))
    if not (is_demo(number) or (number[0] == "1" and number[1] in "3456789")):
        raise NumberFault("codes.phone_prefix", given=number[:2])
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def is_demo(text: str) -> bool:
    """Whether the number begins as only demo numbers do."""
    return compact(text).startswith(DEMO_PREFIX)


def format(text: str) -> str:
    """In groups of three, four and four."""
    number = compact(text)
    return " ".join(part for part in (number[:3], number[3:7], number[7:]) if part)


def mask(text: str) -> str:
    return mask_phone(compact(text))
