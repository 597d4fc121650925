"""Codes of the banks that issue cards with us. Which of them serves an area, and how, is area data.

>>> validate("建行"), validate("BoCom"), name("ABC")
('CCB', 'BOCOM', '中国农业银行')
"""

from __future__ import annotations

from typing import Final

from sscard.codes import tables
from sscard.codes.errors import passes

TABLE: Final = tables.read("bank", "codes.bank_unknown")


def validate(text: str) -> str:
    """The bank's code that a code or a name tells, or `codes.bank_unknown`."""
    return TABLE.parse(text).code


def is_valid(text: str) -> bool:
    return passes(validate, text)


def name(code: str, lang: str = "zh") -> str:
    return TABLE.name(code, lang)
