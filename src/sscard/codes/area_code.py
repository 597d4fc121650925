"""Area codes (GB/T 2260): six digits, two each for province, prefecture and county.

Only the form is checked: codes come and go with the years, and test areas are on no list. Issuers of social security
cards stand at province (xx0000) or prefecture (xxxx00) level.

>>> get_level("990100"), get_province("330106"), contains("330100", "330106")
(<Level.PREFECTURE: 'prefecture'>, '330000', True)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, fill, normal

LENGTH: Final = 6


class Level(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


def compact(text: str) -> str:
    return normal(text)


def validate(text: str) -> str:
    """Six digits whose province is not 00, or `NumberFault`: `codes.area_length`, `area_character`, `area_province`."""
    code = fill(compact(text))
    if len(code) != LENGTH:
        raise NumberFault("codes.area_length", length=len(code))
    raise_any(bad_characters(code, (DIGITS,) * LENGTH, "codes.area_character"))
    if code.startswith("00") or (code[2:4] == "00" and code[4:] != "00"):
        raise NumberFault("codes.area_province", given=code)
    return code


def validate_issuer(text: str) -> str:
    """Area code of an issuer, or `codes.area_not_issuer` for a county."""
    code = validate(text)
    if not is_issuer_level(code):
        raise NumberFault("codes.area_not_issuer", given=code, prefecture=get_prefecture(code))
    return code


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    """Written without gaps."""
    return compact(text)


def get_level(text: str) -> Level:
    code = validate(text)
    if code.endswith("0000"):
        return Level.PROVINCE
    return Level.PREFECTURE if code.endswith("00") else Level.COUNTY


def is_issuer_level(text: str) -> bool:
    return get_level(text) is not Level.COUNTY


def get_province(text: str) -> str:
    return validate(text)[:2] + "0000"


def get_prefecture(text: str) -> str:
    """The prefecture a code lies in; a province's own code stays as it is."""
    return validate(text)[:4] + "00"


def contains(outer: str, inner: str) -> bool:
    """Whether the area `inner` lies in `outer` or is it."""
    outer, inner = validate(outer), validate(inner)
    significant = {Level.PROVINCE: 2, Level.PREFECTURE: 4, Level.COUNTY: 6}[get_level(outer)]
    return outer[:significant] == inner[:significant]
