"""Citizen identity number (公民身份号码, GB 11643-1999), which is the social security number (社会保险法 art. 58).

>>> validate("11010519491231002x")
'11010519491231002X'
>>> validate("110105194912310023")
Traceback (most recent call last):
    ...
sscard.codes.errors.NumberFault: codes.id_check_digit: Character 18, the check character, should be X; you entered 3.

A district missing from today's list of GB/T 2260 is no fault. Numbers of fifteen digits are history: `convert_15` tells
the number they became, but no card is issued on them.
"""

from __future__ import annotations

from datetime import date

from sscard.codes import gb11643
from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.gb11643 import calc_check_digit
from sscard.codes.sex import Sex
from sscard.codes.text import DIGITS, fill, is_digits, normal
from sscard.kernel.refusals import Fault

__all__ = [
    "calc_check_digit",
    "compact",
    "convert_15",
    "format",
    "get_birth_date",
    "get_district",
    "get_sex",
    "is_old_15",
    "is_valid",
    "validate",
    "validate_15",
]

OTHER_DOCUMENTS = ("81", "82", "83", "9")
"""First digits of residence permits (Hong Kong, Macao, Taiwan) and of permanent-resident cards."""


def compact(text: str) -> str:
    """Normal form (NFKC, capitals, no blanks or hyphens)."""
    return normal(text)


def validate(text: str, *, on: date | None = None) -> str:
    """Normal form, or `NumberFault` with every fault: `codes.missing`, `id_old_15`, `id_length`, `id_character`,
    `id_other_document`, `id_birth_year`, `id_birth_month`, `id_birth_day`, `id_birth_future` (only with `on`),
    `id_check_digit`."""
    number = fill(compact(text))
    if is_old_15(number):
        raise NumberFault("codes.id_old_15")
    found = gb11643.faults(number, on)
    if len(number) == gb11643.LENGTH and number.startswith(OTHER_DOCUMENTS):
        found.insert(0, Fault("", "codes.id_other_document", {"given": number[:2]}))
    raise_any(found)
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    """District, birth date and rest apart: 110105 19491231 002X."""
    number = compact(text)
    return " ".join(part for part in (number[:6], number[6:14], number[14:]) if part)


def get_birth_date(text: str) -> date:
    return gb11643.birth_date(validate(text))


def get_sex(text: str) -> Sex:
    return gb11643.sex(validate(text))


def get_district(text: str) -> str:
    """The six digits of the place where the number was given; not where the person lives."""
    return validate(text)[:6]


def is_old_15(text: str) -> bool:
    """Whether this has the form of a number of the first generation."""
    number = compact(text)
    return len(number) == 15 and is_digits(number)


def validate_15(text: str) -> str:
    """Normal form of a fifteen-digit number as it stands in old files, or `NumberFault`."""
    number = fill(compact(text))
    if len(number) != 15:
        raise NumberFault("codes.id_15_length", length=len(number))
    found = bad_characters(number, (DIGITS,) * 15, "codes.id_character")
    if is_digits(number[6:12]):
        # The year has two digits here, so month and day stand two places earlier than in the long number.
        found += gb11643.birth_faults("19" + number[6:12], first_position=5)
    raise_any(found)
    return number


def convert_15(text: str) -> str:
    """The eighteen-digit number that a fifteen-digit one became: 19 before the year, check character behind.

    >>> convert_15("090101900101001")
    '090101199001010016'
    """
    old = validate_15(text)
    body = old[:6] + "19" + old[6:]
    return body + calc_check_digit(body)
