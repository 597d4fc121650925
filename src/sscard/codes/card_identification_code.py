"""Card identification code (卡识别码): sixteen bytes, EF05 tag 01; unique in the country, new with every card.

    area(3) ‖ D156000005(5) ‖ chip serial(4) ‖ authentication code(4)

D156000005 is the ministry's registered provider id. The authentication code's algorithm is not published, so a reader
checks form, provider and area only; FFFFFFFF means that none was computed.

>>> construct("639900", bytes.fromhex("00BF7C7A"), bytes.fromhex("48FB4966"))
'639900D15600000500BF7C7A48FB4966'
>>> format("639900d15600000500bf7c7a48fb4966")
'639900 D156000005 00BF7C7A 48FB4966'
"""

from __future__ import annotations

from typing import Final

from sscard.codes import area_code
from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, fill, normal
from sscard.kernel.refusals import Fault

LENGTH: Final = 32
PROVIDER: Final = "D156000005"
NOT_COMPUTED: Final = b"\xff\xff\xff\xff"

_HEX: Final = DIGITS + "ABCDEF"
_ALLOWED: Final = (DIGITS,) * 6 + (_HEX,) * 26


def compact(text: str) -> str:
    return normal(text)


def validate(text: str) -> str:
    """32 capital hex characters, or `NumberFault`: `codes.card_id_length`, `card_id_character`, `card_id_provider` and
    the faults of an area code."""
    number = fill(compact(text))
    if len(number) != LENGTH:
        raise NumberFault("codes.card_id_length", length=len(number))
    found = bad_characters(number, _ALLOWED, "codes.card_id_character")
    if not found and number[6:16] != PROVIDER:
        found.append(Fault("", "codes.card_id_provider", {"position": 7, "expected": PROVIDER, "given": number[6:16]}))
    raise_any(found)
    area_code.validate(number[:6])
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def format(text: str) -> str:
    number = compact(text)
    return " ".join(part for part in (number[:6], number[6:16], number[16:24], number[24:]) if part)


def get_area(text: str) -> str:
    """Issuing area; keys are diversified by it, never by the ATR (card.md §7.2)."""
    return validate(text)[:6]


def get_serial(text: str) -> bytes:
    """Four bytes that are often, not always, the chip serial in the ATR."""
    return bytes.fromhex(validate(text)[16:24])


def get_authentication_code(text: str) -> bytes | None:
    """Last four bytes, opaque; None when they say that nothing was computed."""
    code = bytes.fromhex(validate(text)[24:])
    return None if code == NOT_COMPUTED else code


def authentication_input(area: str, serial: bytes) -> bytes:
    """The twelve bytes before the authentication code, over which the issuer's key computes it."""
    if len(serial) != 4:
        raise ValueError("a chip serial has four bytes")
    return bytes.fromhex(area_code.validate(area) + PROVIDER) + serial


def construct(area: str, serial: bytes, authentication_code: bytes = NOT_COMPUTED) -> str:
    """The code out of its parts; the key service computes the authentication code over `authentication_input`."""
    if len(authentication_code) != 4:
        raise ValueError("an authentication code has four bytes")
    return (authentication_input(area, serial) + authentication_code).hex().upper()
