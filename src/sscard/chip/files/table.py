"""`files.toml` and `keys.toml` as frozen facts, and the access rules as conditions.

>>> the_file("3.0", "SSSE", 0x06).read.text, the_file("2.0", "SSSE", 0x06).read.text
('RKSSSE', 'free')
>>> [item.tag for item in the_file("1.0", "SSSE", 0x06).items] == [8, 9, 10, 11, 12, 13]
True
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from sscard.chip.choices import DEFAULT, Choices

HERE: Final = Path(__file__).resolve().parent
VERSIONS: Final = ("1.0", "2.0", "3.0")
CERTIFICATE_NUMBER: Final = 0x55
DF_NAME: Final = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""Name of the environment SSSE: "sx1.sh." and 社会保障 in GBK."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: any one of `ways`, each a set of conditions that must all hold ("PIN" or names of keys).

    >>> rule = Rule.parse("PIN & RK1 | UK4")
    >>> rule.holds({"PIN"}), rule.holds({"PIN", "RK1"}), rule.holds({"UK4"})
    (False, True, True)
    """

    text: str
    ways: tuple[frozenset[str], ...]

    @classmethod
    def parse(cls, text: str) -> Rule:
        if text in ("free", "never"):
            return cls(text, (frozenset(),) if text == "free" else ())
        return cls(text, tuple(frozenset(one.strip() for one in way.split("&")) for way in text.split("|")))

    def holds(self, reached: frozenset[str] | set[str]) -> bool:
        return any(way <= reached for way in self.ways)

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*self.ways)


@dataclass(frozen=True, slots=True)
class Item:
    """One data item. `length` bytes of value; `parts` of a TLV item; `repeat` records with the same tag."""

    tag: int
    kind: str
    length: int
    zh: str
    name: str
    repeat: int = 1
    parts: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRule:
    """One elementary file of one card version. `place` names it to people ("DF01/EF16"), `key` in an image ("DF01/16")."""

    application: str
    id: int
    zh: str
    en: str
    structure: str
    read: Rule
    write: Rule
    category: str
    clause: str
    items: tuple[Item, ...] = ()
    size: int = 0
    records: int = 0
    place: str = field(init=False, compare=False)
    key: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", f"{self.application}/EF{self.id:02X}")
        object.__setattr__(self, "key", f"{self.application}/{self.id:02X}")

    @property
    def record_length(self) -> int:
        """Bytes of one record of a cyclic file."""
        return sum(item.length for item in self.items)

    @property
    def rows(self) -> tuple[Item, ...]:
        """One item for each record, in the order of the record numbers."""
        return tuple(item for item in self.items for _ in range(item.repeat))

    def item(self, name: str) -> Item:
        return next(item for item in self.items if item.name == name)


@dataclass(frozen=True, slots=True)
class Application:
    """A directory of the card with a name by which it is selected."""

    name: str
    df_name: bytes
    id: int
    zh: str
    en: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One key: its number on the card and in the PSAM, how many versions, where the PSAM's copy stands in the tree."""

    application: str
    name: str
    id: int
    psam: int
    versions: int
    level: str
    counted: bool

    @property
    def dispersals(self) -> int:
        """How often the PSAM disperses its key to reach the card's: 3 from the root, 1 from the city's."""
        return 3 if self.level == "root" else 1

    @property
    def short_des(self) -> bool:
        """STK has 8 bytes on a DES card (card.md §7.1)."""
        return self.name.startswith("STK")


def _read(name: str) -> dict[str, Any]:
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


def _versions(text: str) -> tuple[str, ...]:
    return tuple(f"{one}.0" for one in text.split())


@cache
def applications() -> tuple[Application, ...]:
    return tuple(
        Application(
            one["name"], bytes.fromhex(one["df"]), int(one["id"], 16), one["zh"], one["en"],
            _versions(one.get("versions", "1 2 3")),
        )
        for one in _read("files.toml")["application"]
    )  # fmt: skip


def applications_of(version: str) -> tuple[Application, ...]:
    return tuple(one for one in applications() if version in one.versions)


def application(name: str) -> Application:
    return next(one for one in applications() if one.name == name)


def files(version: str, choices: Choices = DEFAULT) -> tuple[FileRule, ...]:
    """All files of a card version, in the order of the table; sizes and types that sources tell differently are as
    chosen."""
    return _files(version, choices.reserved_size, choices.certificate_number_type)


@cache
def _files(version: str, reserved_size: int, certificate_number: str) -> tuple[FileRule, ...]:
    kind, length = certificate_number[:2], int(certificate_number[2:], 16)
    found = []
    for one in _of_table(version):
        if one.category == "R":
            one = replace(one, size=reserved_size)
        if any(item.tag == CERTIFICATE_NUMBER for item in one.items):
            rows = [replace(i, kind=kind, length=length) if i.tag == CERTIFICATE_NUMBER else i for i in one.items]
            one = replace(one, items=tuple(rows))
        found.append(one)
    return tuple(found)


@cache
def _of_table(version: str) -> tuple[FileRule, ...]:
    assert version in VERSIONS, version
    table = _read("files.toml")
    parts = {name: tuple(_item(row, version, {}) for row in rows) for name, rows in table["parts"].items()}
    return tuple(
        _file(one, version, parts) for one in table["file"] if version in _versions(one.get("versions", "1 2 3"))
    )


def _file(one: dict[str, Any], version: str, parts: dict[str, tuple[Item, ...]]) -> FileRule:
    own = version[0]
    rows = [row for row in one.get("items", []) if len(row) < 7 or version in _versions(row[6])]
    return FileRule(
        application=one["in"],
        id=one["id"],
        zh=one["zh"],
        en=one["en"],
        structure=one["structure"],
        read=Rule.parse(one.get(f"read_{own}", one["read"])),
        write=Rule.parse(one.get(f"write_{own}", one["write"])),
        category=one["class"],
        clause=one["clause"],
        items=tuple(_item(row, version, parts) for row in rows),
        size=one.get("size", 0),
        records=one.get("records", 0),
    )


def _item(row: list[Any], _version: str, parts: dict[str, tuple[Item, ...]]) -> Item:
    tag, kind, length, zh, name = row[:5]
    inside = parts[name] if kind == "tlv" else ()
    assert not inside or sum(2 + one.length for one in inside) == length, f"{name}: parts do not add up"
    return Item(int(tag, 16) if tag else 0, kind, length, zh, name, row[5] if len(row) > 5 else 1, inside)


@cache
def code_list(name: str) -> frozenset[str]:
    """The codes that an item may hold, by the item's name."""
    return frozenset(_read("files.toml")["codes"][name])


@cache
def the_file(version: str, application: str, number: int) -> FileRule:
    """One file, as it is by default."""
    return next(one for one in files(version) if (one.application, one.id) == (application, number))


@cache
def key_rules() -> dict[tuple[str, str], KeyRule]:
    """(application, key name) → its rule."""
    return {
        (df, name): KeyRule(df, name, *row) for df, rows in _read("keys.toml").items() for name, row in rows.items()
    }
