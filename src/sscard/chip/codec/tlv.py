"""TLV as the card's records use it (one byte of tag, one of length) and as ISO 7816-4 templates do (BER)."""

from __future__ import annotations

from collections.abc import Iterable

from sscard.chip.faults import ChipFault


def record(tag: int, value: bytes) -> bytes:
    """TAG ‖ LEN ‖ VALUE.

    >>> record(0x0A, b"1").hex()
    '0a0131'
    """
    if not 0 <= tag <= 0xFF or len(value) > 0xFF:
        raise ChipFault("chip.tlv", place=f"{tag:02X}")
    return bytes((tag, len(value))) + value


def split(raw: bytes) -> list[tuple[int, bytes]]:
    """The records of a whole file, or the parts of a TLV item. Raises chip.tlv for one that is cut off."""
    found, at = [], 0
    while at < len(raw):
        if at + 2 > len(raw) or at + 2 + raw[at + 1] > len(raw):
            raise ChipFault("chip.tlv", place=f"+{at}")
        found.append((raw[at], raw[at + 2 : at + 2 + raw[at + 1]]))
        at += 2 + raw[at + 1]
    return found


def ber(tag: int, value: bytes) -> bytes:
    """BER TLV with a tag of one or two bytes."""
    size = len(value)
    length = (
        bytes((size,)) if size < 0x80 else bytes((0x81, size)) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    )
    return tag.to_bytes(1 if tag < 0x100 else 2, "big") + length + value


def ber_split(raw: bytes) -> list[tuple[int, bytes]]:
    """The objects of a template, one level. Raises chip.tlv."""
    found, at = [], 0
    while at < len(raw):
        tag, start = raw[at], at
        at += 1
        if tag & 0x1F == 0x1F:
            if at >= len(raw):
                raise ChipFault("chip.tlv", place=f"+{start}")
            tag, at = tag << 8 | raw[at], at + 1
        if at >= len(raw):
            raise ChipFault("chip.tlv", place=f"+{start}")
        size, at = raw[at], at + 1
        if size & 0x80:
            more = size & 0x7F
            if more not in (1, 2) or at + more > len(raw):
                raise ChipFault("chip.tlv", place=f"+{start}")
            size, at = int.from_bytes(raw[at : at + more], "big"), at + more
        if at + size > len(raw):
            raise ChipFault("chip.tlv", place=f"+{start}")
        found.append((tag, raw[at : at + size]))
        at += size
    return found


def ber_find(raw: bytes, path: Iterable[int]) -> bytes | None:
    """The value at the end of a path of tags, or None where the path ends early."""
    value = raw
    for tag in path:
        found = next((inside for one, inside in ber_split(value) if one == tag), None)
        if found is None:
            return None
        value = found
    return value
