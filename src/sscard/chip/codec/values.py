"""Single values: an (text), cn (packed digits), b (bytes).

V2 7, S10 5.4.1: an is left aligned and padded with bytes 00, cn is left aligned and padded with nibbles F. Cards in
the field also hold FF in text and blanks: reading strips all of them. Text is GBK, written as GB18030, which GBK is a
part of.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sscard.chip.faults import ChipFault

TEXT: Final = "gb18030"
NEW_MEANING: Final = 0xEE
OLD_TAGS: Final = frozenset(bytes.fromhex("3237384B4D4F50559761718184879093"))
"""Items whose meaning changed from 1.0 to 2.0: rewritten with the new meaning they are padded with nibbles E (V2
appendix C)."""


def encode(kind: str, value: str | bytes, length: int, place: str = "") -> bytes:
    """A value at its full length. Raises chip.value_kind, value_long, value_digits, value_text."""
    if kind == "an":
        return text_bytes(value, length, place)
    if kind == "cn":
        return digits(value, length, place)
    if kind == "b" and isinstance(value, bytes):
        if len(value) > length:
            raise ChipFault("chip.value_long", place=place, most=length, given=len(value))
        return value.ljust(length, b"\x00")
    raise ChipFault("chip.value_kind", place=place, kind=kind)


def decode(kind: str, raw: bytes, place: str = "") -> str | bytes:
    """The value without its padding. Raises chip.value_text, value_digits."""
    if kind == "an":
        return text(raw, place)
    return undigits(raw, place) if kind == "cn" else raw


def text_bytes(value: str | bytes, length: int, place: str = "") -> bytes:
    if not isinstance(value, str):
        raise ChipFault("chip.value_kind", place=place, kind="an")
    try:
        raw = value.encode(TEXT)
    except UnicodeEncodeError:
        raise ChipFault("chip.value_text", place=place) from None
    if len(raw) > length:
        raise ChipFault("chip.value_long", place=place, most=length, given=len(raw))
    if text(raw, place) != value:
        raise ChipFault("chip.value_text", place=place)  # what padding would eat cannot be kept
    return raw.ljust(length, b"\x00")


def text(raw: bytes, place: str = "") -> str:
    try:
        return raw.rstrip(b"\x00\xff ").decode(TEXT)
    except UnicodeDecodeError:
        raise ChipFault("chip.value_text", place=place) from None


def digits(value: str | bytes, length: int, place: str = "") -> bytes:
    """Digits (or hex of an identification code), two a byte, left aligned, padded with F."""
    if not isinstance(value, str) or any(char not in "0123456789ABCDEF" for char in value):
        raise ChipFault("chip.value_digits", place=place)
    if len(value) > 2 * length:
        raise ChipFault("chip.value_long", place=place, most=2 * length, given=len(value))
    return bytes.fromhex(value.ljust(2 * length, "F"))


def undigits(raw: bytes, _place: str = "") -> str:
    """Digits without padding. A field of 00 only, as some writers leave it, is empty too. Hex digits of an
    identification code are no padding, even an F at its end."""
    found = raw.hex().upper()
    if not any(raw) and len(raw) > 1:
        return ""
    return found if any(char in "ABCDE" for char in found) else found.rstrip("F")


def day(value: date | None) -> str:
    """YYYYMMDD for a cn 4 item; "" when there is none."""
    return f"{value:%Y%m%d}" if value else ""


def new_meaning(raw: bytes, tag: int) -> bool:
    """Whether an old card's item was rewritten with the meaning of version 2.0: it ends with EE."""
    return tag in OLD_TAGS and raw[-1:] == bytes((NEW_MEANING,))


def with_new_meaning(kind: str, value: str, length: int, tag: int, place: str = "") -> bytes:
    """A value of version 2.0 in an item of a 1.0 card: padded with E, at least one byte of it (V2 appendix C)."""
    if tag not in OLD_TAGS:
        raise ChipFault("chip.value_kind", place=place, kind="EE")
    raw = encode(kind, value, length - 1, place)
    kept = raw.rstrip(b"\x00") if kind == "an" else bytes.fromhex(value.ljust(2 * ((len(value) + 1) // 2), "E"))
    return kept.ljust(length, bytes((NEW_MEANING,)))


def without_new_meaning(raw: bytes) -> bytes:
    """The value's own bytes of a field padded with E."""
    return raw.rstrip(b"\xee")


def name_items(name: str) -> tuple[str, str]:
    """A name over the items 09 (30 bytes) and 4E (20 bytes), never cut inside a character.

    >>> name_items("张三"), [len(part) for part in name_items("买买提·" * 5)]
    (('张三', ''), [15, 5])
    """
    head, rest = "", name
    while rest and len((head + rest[0]).encode(TEXT, "replace")) <= 30:
        head, rest = head + rest[0], rest[1:]
    if head.endswith(" "):  # padding would eat it
        rest, head = head[len(head.rstrip()) :] + rest, head.rstrip()
    return head, rest


def joined_name(first: bytes, extension: bytes) -> str:
    """The whole name of items 09 and 4E as they stand on the card, also when a writer cut inside a character."""
    tail = extension.rstrip(b"\x00\xff ")
    return text(first.rstrip(b"\x00\xff") + tail, "SSSE/EF06")
