"""Ethnic groups (民族, GB/T 3304): two digits; EF06 tag 0B.

>>> validate("汉族"), validate("汉"), validate("1"), name("05", "en")
('01', '01', '01', 'Uygur')
"""

from __future__ import annotations

from typing import Final

from sscard.codes import tables
from sscard.codes.errors import passes
from sscard.codes.text import is_digits

TABLE: Final = tables.read("nation", "codes.nation_unknown")
CARD_OTHER: Final = "99"
"""What the chip holds for everybody who is none of the 56 (card.md §4)."""


def validate(text: str) -> str:
    """The code that a code, a name with or without 族, or an English name tells, or `codes.nation_unknown`.

    Spreadsheets eat leading zeros: one digit is taken as the code it was.
    """
    folded = tables.fold(text)
    return TABLE.parse(f"0{folded}" if len(folded) == 1 and is_digits(folded) else text).code


def is_valid(text: str) -> bool:
    return passes(validate, text)


def name(code: str, lang: str = "zh") -> str:
    return TABLE.name(code, lang)


def card_code(code: str) -> str:
    """The code as the chip takes it: 01-56, else 99."""
    return code if code <= "56" else CARD_OTHER
