"""A copy of a demo area's pack under another code, with other codes of its banks: the area of one sandbox.

The copy differs from its original in what must be its own and in nothing else, so that rules, limits and texts stay the
demo area's, whichever version of them is in force.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LEVEL = re.compile(r'^level = "\w+"$', re.MULTILINE)
_DISTRICTS = re.compile(r"^demo_districts = \[[^\]]*\]$", re.MULTILINE)
_LETTER = re.compile(r'^card_number_letter = "[A-Z]"$', re.MULTILINE)
_BANK = re.compile(r'(?<=bank = ")[A-Z]{2,8}(?=")|(?<=^code = ")[A-Z]{2,8}(?=")', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copy:
    """`bank_mark`: three letters behind each bank's code; `district`: of the ID numbers of its people;
    `letter`: first letter of its cards' numbers."""

    code: str
    original: str
    bank_mark: str
    district: str
    letter: str = "S"

    def bank(self, code: str) -> str:
        """The copy's code of the bank that the original calls `code`."""
        return (code + self.bank_mark)[:8]


def files_of_copy(files: Mapping[str, bytes], copy: Copy) -> dict[str, bytes]:
    """The pack's files as the copy has them."""
    return {name: _copied(content.decode(), copy).encode() for name, content in files.items()}


def _copied(text: str, copy: Copy) -> str:
    text = text.replace(copy.original, copy.code)
    text = re.sub(rf"{copy.code}-([A-Z]{{2,8}})-", lambda m: f"{copy.code}-{copy.bank(m[1])}-", text)
    text = _BANK.sub(lambda m: copy.bank(m[0]), text)
    text = _LEVEL.sub('level = "county"', text)
    text = _DISTRICTS.sub(f'demo_districts = ["{copy.district}"]', text)
    return _LETTER.sub(f'card_number_letter = "{copy.letter}"', text)
