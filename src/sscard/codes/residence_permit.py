"""Residence permit of Hong Kong, Macao and Taiwan residents (港澳台居民居住证): 18 characters after GB 11643, first
digits 81, 82 or 83. The number is their social security number (人社部令第41号).

>>> get_origin("81000019900101001" + gb11643.calc_check_digit("81000019900101001"))
'HKG'
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sscard.codes import gb11643
from sscard.codes.errors import NumberFault, passes, raise_any
from sscard.codes.gb11643 import calc_check_digit
from sscard.codes.sex import Sex
from sscard.codes.text import fill, normal

__all__ = [
    "ORIGINS",
    "calc_check_digit",
    "compact",
    "format",
    "get_birth_date",
    "get_origin",
    "get_sex",
    "is_valid",
    "validate",
]

ORIGINS: Final = {"81": "HKG", "82": "MAC", "83": "TWN"}
"""First two digits → region (ISO 3166 alpha-3)."""


def compact(text: str) -> str:
    return normal(text)


def validate(text: str, *, on: date | None = None) -> str:
    """Normal form, or `NumberFault`: `codes.permit_prefix` and the faults of GB 11643."""
    number = fill(compact(text))
    raise_any(gb11643.faults(number, on))
    if number[:2] not in ORIGINS:
        raise NumberFault("codes.permit_prefix", given=number[:2])
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    number = compact(text)
    return " ".join(part for part in (number[:6], number[6:14], number[14:]) if part)


def get_birth_date(text: str) -> date:
    return gb11643.birth_date(validate(text))


def get_sex(text: str) -> Sex:
    return gb11643.sex(validate(text))


def get_origin(text: str) -> str:
    return ORIGINS[validate(text)[:2]]
