"""One cell of a roster: the normal form of what stands in it.

Spreadsheets leave traces: an apostrophe or `="…"` that kept a number as text, full-width signs, blanks from a copied
page. They are taken away here; what a person really wrote stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sscard.codes import documents, names, nations, phone
from sscard.codes import sex as sexes
from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.people.roster.columns import BY_NAME


class Category(StrEnum):
    """How a person stands to social insurance when he is collected. The values are stored."""

    EMPLOYEE = "employee"
    FLEXIBLE = "flexible"
    RESIDENT = "resident"
    RETIREE = "retiree"
    UNEMPLOYED = "unemployed"
    STUDENT = "student"
    CHILD = "child"


CATEGORY_NAMES: Final[dict[Category, tuple[str, ...]]] = {
    Category.EMPLOYEE: ("在职职工", "职工", "单位职工", "企业职工", "employee", "employed"),
    Category.FLEXIBLE: ("灵活就业人员", "灵活就业", "个体", "flexible", "flexible worker", "self-employed"),
    Category.RESIDENT: ("城乡居民", "居民", "resident"),
    Category.RETIREE: ("退休人员", "退休", "离退休人员", "retiree", "retired"),
    Category.UNEMPLOYED: ("失业人员", "失业", "unemployed"),
    Category.STUDENT: ("学生", "在校学生", "大学生", "student"),
    Category.CHILD: ("少年儿童", "儿童", "婴幼儿", "新生儿", "child", "children"),
}
_CATEGORIES: Final = {name: category.value for category, names_ in CATEGORY_NAMES.items() for name in names_}

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_BLANKS: Final = re.compile("[\\t-\\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_KEPT_AS_TEXT: Final = re.compile(r'="([^"]*)"')
_BIRTH: Final = re.compile(
    r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)(?: 0?0:00(?::00(?:\.0+)?)?)?"
)
SPREADSHEET_NUMBER: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}")
"""A number that a spreadsheet has turned into powers of ten: its last digits are lost."""


def cut(name: str, text: str | None) -> str:
    """The raw text as far as anybody looks at it: one character more than the column allows."""
    return (text or "")[: BY_NAME[name].limit + 1]


def too_long(name: str, text: str | None) -> bool:
    return len(text or "") > BY_NAME[name].limit


def unwrap(text: str) -> str:
    """Without the marks by which a spreadsheet keeps a number as text.

    >>> unwrap('="09010119900101001X"'), unwrap("'09010119900101001X")
    ('09010119900101001X', '09010119900101001X')
    """
    if found := _KEPT_AS_TEXT.fullmatch(text):
        return found[1]
    return text.removeprefix("'")


def tidy(text: str) -> str:
    """Plain text: NFKC, nothing invisible, single blanks.

    >>> tidy("　云溪市\\u200b人民路１号 ")
    '云溪市人民路1号'
    """
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", unwrap(text.strip())))
    return _BLANKS.sub(" ", folded).strip()


def number(text: str) -> str:
    """Normal form of an ID number or code. The plus sign of a spreadsheet's power of ten stays."""
    return normal(unwrap(text.strip()))


def person_name(text: str) -> str:
    return names.compact(_BLANKS.sub(" ", _UNSEEN.sub("", unwrap(text.strip()))))


def birth_date(text: str) -> str:
    """YYYYMMDD, or the tidy text when it is no date at all.

    >>> birth_date("1990年1月5日"), birth_date("1990/01/05 00:00:00"), birth_date("Jan 5")
    ('19900105', '19900105', 'Jan 5')
    """
    plain = tidy(text)
    if found := _BIRTH.fullmatch(plain):
        year, *rest = found.groups()
        month, day = (part for part in rest if part is not None)
        return f"{year}{int(month):02d}{int(day):02d}"
    return plain


def category(text: str) -> str:
    plain = tidy(text)
    return _CATEGORIES.get(plain.lower(), plain)


def _coded(validate: Callable[[str], str]) -> Callable[[str], str]:
    """The code that a text stands for, or the tidy text itself when it stands for none."""

    def find(text: str) -> str:
        plain = tidy(text)
        try:
            return validate(plain)
        except NumberFault:
            return plain

    return find


def phone_number(text: str) -> str:
    return phone.compact(unwrap(text.strip()))


NORMAL: Final[dict[str, Callable[[str], str]]] = {
    "id_number": number,
    "id_type": _coded(documents.validate),
    "name": person_name,
    "sex": _coded(sexes.validate),
    "birth_date": birth_date,
    "nation": _coded(nations.validate),
    "category": category,
    "phone": phone_number,
    "household_address": tidy,
    "live_address": tidy,
    "employer_code": number,
    "employer_name": tidy,
    "guardian_name": person_name,
    "guardian_id": number,
    "guardian_relation": tidy,
    "photo": tidy,
    "old_id_number": number,
    "remark": tidy,
}
"""Normal form of each column's cell. Pure, and an empty cell stays empty."""
assert list(NORMAL) == list(BY_NAME)
