"""Names of persons: normal form, what may stand in them, and how they fit the chip.

The chip keeps thirty bytes of name in EF06 tag 09 and twenty more in tag 4E (cards from specification 2.0 on), in GBK;
characters beyond GBK are written in GB18030 and flagged, because old terminals show them as gaps.

>>> validate(" 买买提．吐尔逊 ")
'买买提·吐尔逊'
>>> fits_card("张三").name.hex()
'd5c5c8fd'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sscard.codes.errors import NumberFault, raise_any, visible
from sscard.kernel.refusals import Fault

MIDDLE_DOT: Final = "·"
LONGEST: Final = 100
"""Characters of a name in the register; the chip holds fewer."""
LONGEST_INPUT: Final = 4 * LONGEST
"""Characters looked at, blanks included."""
NAME_BYTES: Final = 30
EXTENSION_BYTES: Final = 20

_DOTS: Final = str.maketrans(dict.fromkeys("•‧∙⋅・･᛫●", MIDDLE_DOT))
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇"
_DOT_IN_HAN: Final = re.compile(rf"(?<=[{_HAN}])[.．。﹒](?=[{_HAN}])")
_BLANKS_AT_DOT: Final = re.compile(rf" *{MIDDLE_DOT} *")
_BLANKS_IN_HAN: Final = re.compile(rf"(?<=[{_HAN}]) +(?=[{_HAN}])")
_PLAIN: Final = re.compile("[\u4e00-\u9fff]+(?:·[\u4e00-\u9fff]+)*")
"""Han characters with single middle dots between them: most names, and nothing to do or to refuse in them."""
_MARKS: Final = " ·'’-.,/"
_DAMAGED: Final = "\ufffd?"


@dataclass(frozen=True, slots=True)
class CardName:
    """A name as the chip stores it. `rest` is what found no room; `rare` the characters beyond GBK."""

    name: bytes
    extension: bytes
    rest: str
    rare: tuple[str, ...]

    @property
    def fits(self) -> bool:
        return not self.rest


def compact(text: str) -> str:
    """Normal form: one middle dot ·, narrow letters, no blanks between Han characters, single ones elsewhere.

    Compatibility ideographs stay as they are: they are part of a legal name.
    """
    if _PLAIN.fullmatch(text):
        return text
    name = "".join(_narrow(char) for char in text).strip()
    if not _has_compatibility(name):
        name = unicodedata.normalize("NFC", name)
    name = re.sub(r" {2,}", " ", name.translate(_DOTS))
    name = _DOT_IN_HAN.sub(MIDDLE_DOT, name)
    name = _BLANKS_AT_DOT.sub(MIDDLE_DOT, name)
    return _BLANKS_IN_HAN.sub("", name)


def _narrow(char: str) -> str:
    """Full-width Latin letters, digits and signs in their narrow form; every other wide blank as a blank."""
    if "\uff01" <= char <= "\uff5e":
        return chr(ord(char) - 0xFEE0)
    return " " if unicodedata.category(char) == "Zs" else char


def _has_compatibility(text: str) -> bool:
    return any("\uf900" <= char <= "\ufaff" or "\U0002f800" <= char <= "\U0002fa1f" for char in text)


def validate(text: str) -> str:
    """Normal form, or `NumberFault` with every fault: `codes.name_missing`, `name_too_long`, `name_damaged` (a
    character lost in conversion), `name_private_use`, `name_character`; each with its position."""
    if len(text) > LONGEST_INPUT:
        raise NumberFault("codes.name_too_long", length=len(text), most=LONGEST)
    name = compact(text)
    if not name:
        raise NumberFault("codes.name_missing")
    if len(name) > LONGEST:
        raise NumberFault("codes.name_too_long", length=len(name), most=LONGEST)
    if _PLAIN.fullmatch(name):
        return name
    found = [
        Fault("", code, {"position": index, "given": visible(char)})
        for index, char in enumerate(name, start=1)
        if (code := _character_fault(char))
    ]
    found += [
        Fault("", "codes.name_character", {"position": index, "given": MIDDLE_DOT}) for index in _loose_dots(name)
    ]
    if not found and not any(unicodedata.category(char)[0] in "LCN" for char in name):
        found.append(Fault("", "codes.name_character", {"position": 1, "given": visible(name[0])}))
    raise_any(found)
    return name


def _loose_dots(name: str) -> list[int]:
    """Positions of middle dots that join nothing: at either end, or behind another one."""
    parts = name.split(MIDDLE_DOT)
    places, position = [], 0
    for part, following in pairwise(parts):
        position += len(part) + 1
        if not part or (position == len(name) and not following):
            places.append(position)
    return places


def _character_fault(char: str) -> str | None:
    if char in _DAMAGED:
        return "codes.name_damaged"
    category = unicodedata.category(char)
    if category == "Co":
        return "codes.name_private_use"
    # Han extensions younger than this Python's tables count as unassigned, and are real names all the same.
    newer_han = category == "Cn" and 0x20000 <= ord(char) <= 0x3FFFD
    if category[0] in "LM" or char in _MARKS or char == "〇" or newer_han:
        return None
    return "codes.name_character"


def is_valid(text: str) -> bool:
    try:
        validate(text)
    except NumberFault:
        return False
    return True


def format(text: str) -> str:
    return compact(text)


def rare_characters(text: str) -> tuple[str, ...]:
    """Characters that GBK lacks, each once, in order: card surface and old terminals need a larger font for them."""
    return tuple(dict.fromkeys(char for char in compact(text) if not _in_gbk(char)))


def _in_gbk(char: str) -> bool:
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def fits_card(text: str, *, extension: bool = True) -> CardName:
    """How a valid name goes onto the chip; `extension=False` for cards of specification 1.0, which have no tag 4E.

    A character is never cut in two: what does not fit whole goes to the extension, and then to `rest`.
    """
    name = validate(text)
    first, used = _take(name, NAME_BYTES)
    second, more = _take(name[used:], EXTENSION_BYTES if extension else 0)
    return CardName(first, second, name[used + more :], rare_characters(name))


def _take(text: str, room: int) -> tuple[bytes, int]:
    """As many whole characters from the front as fit, in GB18030 (which writes GBK's own characters as GBK does)."""
    taken = b""
    for index, char in enumerate(text):
        encoded = char.encode("gb18030")
        if len(taken) + len(encoded) > room:
            return taken, index
        taken += encoded
    return taken, len(text)
