"""The normal form of a typed number: one form before counting, look-up and rights (security.md T17).

NFKC folds full-width digits and letters, letters become capitals, blanks, invisible characters and hyphens go. Two
spellings of one number therefore share one counter and one blind index.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from sscard.codes.errors import NumberFault

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST: Final = 128
"""Characters of input looked at; NFKC can make text eighteen times longer, so the bound stands before it."""

_DROPPED: Final = re.compile(
    "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\xad\u1680\u180e"
    "\u2000-\u200f\u2010-\u2015\u2028-\u202f\u205f-\u206f\u2212\u3000\ufeff\\-]"
)
"""Blanks, invisible characters and hyphens."""


def normal(text: str) -> str:
    """The normal form. `codes.too_long` for more than 128 characters.

    >>> normal(" １１０１０５ 19491231-002x ")
    '11010519491231002X'
    """
    if len(text) > LONGEST:
        raise NumberFault("codes.too_long", length=len(text), most=LONGEST)
    if text.isascii() and text.isalnum():  # the usual case needs none of the folding below
        return text.upper()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return _DROPPED.sub("", folded)


def fill(number: str, code: str = "codes.missing") -> str:
    """The number itself if there is one; `codes.missing` for an empty one."""
    if not number:
        raise NumberFault(code)
    return number


def is_digits(text: str) -> bool:
    """Only 0-9 and at least one; digits of other scripts are none here."""
    return bool(text) and text.isascii() and text.isdigit()
