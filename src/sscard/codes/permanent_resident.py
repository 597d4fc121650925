"""Number of the foreign permanent resident identity card (外国人永久居留身份证).

New cards: 18 characters that begin with 9 and follow the pattern of GB 11643. Old cards: three letters of the country
and twelve digits; they carry no birth century, so nothing is read out of them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sscard.codes import gb11643
from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.gb11643 import calc_check_digit
from sscard.codes.sex import Sex
from sscard.codes.text import DIGITS, LETTERS, fill, normal

__all__ = ["calc_check_digit", "compact", "format", "get_birth_date", "get_sex", "is_old", "is_valid", "validate"]

OLD_LENGTH: Final = 15


def compact(text: str) -> str:
    return normal(text)


def is_old(text: str) -> bool:
    """Whether this has the old card's length and begins with a letter."""
    number = compact(text)
    return len(number) == OLD_LENGTH and number[0] in LETTERS


def validate(text: str, *, on: date | None = None) -> str:
    """Normal form, or `NumberFault`: `codes.permanent_resident_character` (old), `codes.permanent_resident_prefix` and
    the faults of GB 11643 (new)."""
    number = fill(compact(text))
    if is_old(number):
        allowed = (LETTERS,) * 3 + (DIGITS,) * 12
        raise_any(bad_characters(number, allowed, "codes.permanent_resident_character"))
        return number
    raise_any(gb11643.faults(number, on))
    if number[0] != "9":
        raise NumberFault("codes.permanent_resident_prefix", given=number[0])
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    number = compact(text)
    cuts = (3,) if is_old(number) else (6, 14)
    return " ".join(number[a:b] for a, b in zip((0, *cuts), (*cuts, None), strict=True) if number[a:b])


def get_birth_date(text: str) -> date | None:
    """Birth date of a new number; None for an old one."""
    number = validate(text)
    return None if is_old(number) else gb11643.birth_date(number)


def get_sex(text: str) -> Sex | None:
    """Sex of a new number; None for an old one."""
    number = validate(text)
    return None if is_old(number) else gb11643.sex(number)
