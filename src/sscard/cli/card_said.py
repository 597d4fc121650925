"""What was read from a card, for people: filled items in both languages, and what is empty said once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from rich.cells import cell_len

from sscard.chip.files.table import FileRule, Item
from sscard.chip.reader.reading import CardRead, FileRead
from sscard.kernel.money import yuan

WIDTH: Final = 44
"""Columns of a terminal for the name of an item; a Chinese character takes two."""
GENUINE: Final = {None: "没有问 / not asked, no PSAM", True: "真 / yes", False: "不真 / NO"}
Show = Callable[[str, Any], Any]
"""How a value with this name may stand on the screen: masked, or as it is."""


def lines(card: CardRead, show: Show) -> Iterator[str]:
    yield f"版本 version {card.version}  算法 algorithm {card.algorithm}  地区 area {card.area}"
    yield f"真卡 genuine: {GENUINE[card.genuine]}"
    for one in card.files:
        yield f"\n{one.file.place}  {one.file.zh} {one.file.en}"
        yield from _file(one, show)


def _file(one: FileRead, show: Show) -> Iterator[str]:
    if one.why_not:
        yield f"  没有读到 not read: {one.why_not}"
    elif one.file.structure == "transparent":
        state = "空 empty" if one.values["empty"] else "有内容 filled"
        yield f"  {state}（{one.values['bytes']} 字节 bytes）"
    elif one.file.structure == "cyclic":
        yield from _records(one.file, one.values["records"], show)
    else:
        yield from _values({item.name: item for item in one.file.items}, one.values, show, "  ")


def _records(file: FileRule, records: list[Mapping[str, Any]], show: Show) -> Iterator[str]:
    """Records with something in them, under their numbers."""
    items = {item.name: item for item in file.items}
    for number, record in enumerate(records, 1):
        if not _empty(record):
            yield f"  {number}."
            yield from _values(items, record, show, "    ")
    without = sum(1 for record in records if _empty(record))
    if without or not records:
        yield f"  空 empty: {without or file.records} 条记录 records"


def _values(items: Mapping[str, Item], values: Mapping[str, Any], show: Show, indent: str) -> Iterator[str]:
    without = sum(1 for value in values.values() if _empty(value))
    for name, value in values.items():
        if _empty(value):
            continue
        item = items.get(name)
        label = f"{item.zh} {name.replace('_', ' ')}" if item else f"其他 other: {name.replace('_', ' ')}"
        parts = {part.name: part for part in item.parts} if item else {}
        for number, one in enumerate(value, 1) if isinstance(value, list) else ((0, value),):
            if _empty(one):
                continue
            numbered = f"{label} {number}" if number else label
            if isinstance(one, Mapping):
                yield f"{indent}{numbered}"
                yield from _values(parts, one, show, indent + "  ")
            else:
                yield f"{indent}{numbered}{' ' * max(WIDTH - cell_len(numbered) - len(indent), 2)}{_text(name, one, show)}"
    if without or not values:
        some = without < len(values)
        yield f"{indent}{'其余为空 others empty' if some else '空 empty'}{f': {without} 项 items' if without else ''}"


def _text(name: str, value: Any, show: Show) -> str:
    """Bytes are amounts by their name (four bytes, high byte first), else hex in groups of four."""
    if not isinstance(value, bytes):
        return str(show(name, value))
    return yuan(int.from_bytes(value, "big")) if name.endswith("_fen") else value.hex(" ", -4)


def _empty(value: Any) -> bool:
    """Nothing, or bytes as a fresh card has them: all 00 or all FF."""
    if isinstance(value, bytes):
        return not value.strip(b"\x00") or not value.strip(b"\xff")
    if isinstance(value, Mapping):
        return all(_empty(one) for one in value.values())
    if isinstance(value, list):
        return all(_empty(one) for one in value)
    return value in ("", None)
