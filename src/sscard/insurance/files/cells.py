"""Cells as files write them: amounts in yuan, months, days, flags, rates. None means unreadable."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from sscard.kernel import money
from sscard.kernel.refusals import Refusal
from sscard.people.roster.cells import tidy as tidied

tidy = lru_cache(16_384)(tidied)
"""`people.roster.cells.tidy`, remembering: the same months, amounts and names come again and again."""

_MONTH = re.compile(
    r"([0-9]{4})(?:([0-9]{2})|[-/.年]([0-9]{1,2})月?|[-/.]([0-9]{1,2})[-/.]0?1(?: 0?0:00(?::00(?:\.0+)?)?)?)"
)
_DAY = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)(?: 0?0:00(?::00(?:\.0+)?)?)?"
)
_TRAILING = re.compile(r"(\.[0-9]{2})0+")
_YES, _NO = (
    frozenset({"1", "是", "已到账", "足额到账", "已到帐", "y", "yes", "true"}),
    frozenset({"0", "否", "未到账", "未到帐", "n", "no", "false"}),
)


@lru_cache(65_536)
def amount(text: str | None) -> int | None:
    """Fen of an amount in yuan; an empty cell is 0.

    >>> amount("1,234.50"), amount("630元"), amount(""), amount("-3"), amount("1.005")
    (123450, 63000, 0, None, None)
    """
    bare = tidy(text or "").removesuffix("元").strip()
    if not bare:
        return 0
    try:
        return money.fen(_TRAILING.sub(r"\1", bare))
    except Refusal:
        return None


@lru_cache(4_096)
def month(text: str | None) -> int | None:
    """YYYYMM of a month that exists.

    >>> month("2024年1月"), month("202413"), month("2024-01-01 00:00:00"), month("24/1")
    (202401, None, 202401, None)
    """
    found = _MONTH.fullmatch(tidy(text or "").removesuffix(".0"))
    if not found:
        return None
    number = int(found[2] or found[3] or found[4])
    return int(found[1]) * 100 + number if 1 <= number <= 12 and found[1] >= "1900" else None


@lru_cache(4_096)
def day(text: str | None) -> date | None:
    """A calendar day.

    >>> day("2024年2月30日"), day("20240229")
    (None, datetime.date(2024, 2, 29))
    """
    found = _DAY.fullmatch(tidy(text or "").removesuffix(".0"))
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        return None


@lru_cache(256)
def flag(text: str | None) -> bool | None:
    bare = tidy(text or "").lower().removesuffix(".0")
    return True if bare in _YES else False if bare in _NO else None


@lru_cache(1_024)
def rate(text: str | None) -> Decimal | None:
    """Percent. The interface writes rates as fractions (0.08), people as 8% or 8; below 1 and without % is a fraction.

    >>> rate("8%"), rate("0.0800"), rate("20"), rate("0.5%"), rate("x")
    (Decimal('8'), Decimal('8.0000'), Decimal('20'), Decimal('0.5'), None)
    """
    bare = tidy(text or "")
    try:
        number = Decimal(bare.removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number <= 100:
        return None
    return number if bare.endswith("%") or number >= 1 else (number * 100)
