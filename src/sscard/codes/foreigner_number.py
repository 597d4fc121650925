"""Social security number of foreigners (人社部令第16号, annex): three letters of the country, fourteen characters of
the document number filled up, one reserved digit. It has no check character and says nothing of birth or sex.

>>> validate("fra 00000009AB1234 0")
'FRA00000009AB12340'
"""

from __future__ import annotations

from typing import Final

from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, LETTERS, fill, normal

LENGTH: Final = 18

_ALLOWED: Final = (LETTERS,) * 3 + (DIGITS + LETTERS,) * 14 + (DIGITS,)


def compact(text: str) -> str:
    return normal(text)


def validate(text: str) -> str:
    """Normal form, or `NumberFault`: `codes.foreigner_length`, `codes.foreigner_character`."""
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise NumberFault("codes.foreigner_length", length=len(number))
    raise_any(bad_characters(number, _ALLOWED, "codes.foreigner_character"))
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    number = compact(text)
    return " ".join(part for part in (number[:3], number[3:17], number[17:]) if part)


def get_country(text: str) -> str:
    """ISO 3166 alpha-3 letters of the country, as they stand in the number."""
    return validate(text)[:3]
