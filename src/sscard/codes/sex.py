"""Sex (GB/T 2261.1): 1 male, 2 female, 0 unknown, 9 not stated; EF06 tag 0A.

>>> parse("女"), parse("M"), parse("1").name_in("en")
(<Sex.FEMALE: '2'>, <Sex.MALE: '1'>, 'male')
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sscard.codes import tables
from sscard.codes.errors import passes


class Sex(StrEnum):
    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_STATED = "9"

    def name_in(self, lang: str = "zh") -> str:
        return TABLE.name(self.value, lang)


TABLE: Final = tables.read("sex", "codes.sex_unknown")


def parse(text: str) -> Sex:
    """The sex that a code, 男/女, M/F or a name tells, or `codes.sex_unknown`."""
    return Sex(TABLE.parse(text).code)


def validate(text: str) -> str:
    """The code."""
    return parse(text).value


def is_valid(text: str) -> bool:
    return passes(parse, text)
