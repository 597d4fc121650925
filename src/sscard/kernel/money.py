"""Money is integer fen. Floats never touch it."""

from __future__ import annotations

import re

from sscard.kernel.refusals import Refusal

_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,13})(?:\.(\d{1,2}))?")


def yuan(fen: int) -> str:
    """Fen as people read it.

    >>> yuan(123450), yuan(-5), yuan(0)
    ('1,234.50', '-0.05', '0.00')
    """
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def fen(text: str) -> int:
    """An amount typed by a person, in yuan with at most two decimals, as fen.

    >>> fen("1,234.5"), fen("¥ 0.05"), fen("12")
    (123450, 5, 1200)

    Raises Refusal("kernel.amount").
    """
    bare = text.strip().removeprefix("¥").removeprefix("￥").strip()
    match = _AMOUNT.fullmatch(bare)
    if not match:
        raise Refusal("kernel.amount")
    return int(match[1].replace(",", "")) * 100 + int((match[2] or "0").ljust(2, "0"))


def share(amount_fen: int, rate_ppm: int) -> int:
    """`amount_fen` times a rate in millionths, half up to the fen (the rounding of contributions and interest)."""
    return (amount_fen * rate_ppm + 500_000) // 1_000_000
