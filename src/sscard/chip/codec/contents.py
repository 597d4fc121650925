"""Whole files: named values to records and back, driven by the table.

>>> from sscard.chip.files import the_file
>>> holder = the_file("2.0", "SSSE", 0x06)
>>> rows = records(holder, {"name": "张三", "sex": "1"})
>>> len(rows), sum(map(len, rows)), rows[3].hex(), values(holder, rows)["name"]
(7, 91, '0a0131', '张三')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sscard.chip.codec import tlv
from sscard.chip.codec import values as single
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import FileRule, Item
from sscard.kernel.refusals import Fault

Value = Any
"""str for an and cn, bytes for b, a mapping for a TLV item, a list of them for a repeated one."""


def records(file: FileRule, given: Mapping[str, Value]) -> list[bytes]:
    """All records of a variable or fixed file at their full length, empty items padded. Raises one chip.file_values
    with all faults, each at its place."""
    known, rows, faults = {item.name for item in file.items}, [], []
    faults += [
        Fault(f"{file.place}/{name}", "chip.item_unknown", {"item": name}) for name in given if name not in known
    ]
    for item in file.items:
        several = given.get(item.name, [])
        several = several if isinstance(several, list) else [several]
        if len(several) > item.repeat:
            faults.append(Fault(f"{file.place}/{item.name}", "chip.item_often", {"most": item.repeat}))
        for number in range(item.repeat):
            try:
                rows.append(
                    tlv.record(
                        item.tag, item_bytes(item, several[number] if number < len(several) else None, file.place)
                    )
                )
            except ChipFault as fault:
                faults.append(Fault(f"{file.place}/{item.name}", fault.code, fault.facts))
    if faults:
        raise ChipFault("chip.file_values", faults=faults, place=file.place, count=len(faults))
    return rows


def item_bytes(item: Item, value: Value, place: str = "") -> bytes:
    """The value field of one item; None gives the empty item."""
    at = f"{place}/{item.name}"
    if item.kind != "tlv":
        empty: str | bytes = b"" if item.kind == "b" else ""
        return single.encode(item.kind, empty if value is None else value, item.length, at)
    inside = {} if value is None else value
    if not isinstance(inside, Mapping) or not set(inside) <= {part.name for part in item.parts}:
        raise ChipFault("chip.value_kind", place=at, kind="tlv")
    return b"".join(tlv.record(part.tag, item_bytes(part, inside.get(part.name), at)) for part in item.parts)


def item_value(item: Item, raw: bytes, place: str = "") -> Value:
    """The value of one item's value field."""
    at = f"{place}/{item.name}"
    if item.kind != "tlv":
        return single.decode(item.kind, raw, at)
    found = dict(tlv.split(raw.rstrip(b"\xff") if not any(byte != 0xFF for byte in raw) else raw))
    return {part.name: item_value(part, found[part.tag], at) for part in item.parts if part.tag in found}


def values(file: FileRule, rows: Sequence[bytes]) -> dict[str, Value]:
    """Named values of the records of a variable or fixed file. Unknown tags, an area's own, appear as "tag_XX" in
    bytes."""
    by_tag = {item.tag: item for item in file.items}
    found: dict[str, Value] = {}
    for row in rows:
        for tag, raw in tlv.split(row):
            item = by_tag.get(tag)
            if item is None:
                found[f"tag_{tag:02X}"] = raw
            elif item.repeat > 1:
                found.setdefault(item.name, []).append(item_value(item, raw, file.place))
            else:
                found[item.name] = item_value(item, raw, file.place)
    return found


def cyclic_record(file: FileRule, given: Mapping[str, Value]) -> bytes:
    """One record of a cyclic file: its fields one behind the other."""
    if unknown := [name for name in given if name not in {item.name for item in file.items}]:
        raise ChipFault("chip.item_unknown", item=unknown[0])
    return b"".join(item_bytes(item, given.get(item.name), file.place) for item in file.items)


def cyclic_values(file: FileRule, raw: bytes) -> dict[str, Value]:
    if len(raw) != file.record_length:
        raise ChipFault("chip.record_length", place=file.place, expected=file.record_length, given=len(raw))
    found, at = {}, 0
    for item in file.items:
        found[item.name] = item_value(item, raw[at : at + item.length], file.place)
        at += item.length
    return found


def empty_records(file: FileRule) -> list[bytes]:
    """What a fresh card holds: every item present and padded; a cyclic file full of empty records."""
    if file.structure == "cyclic":
        return [cyclic_record(file, {})] * file.records
    return records(file, {})
