"""Files as CREATE FILE makes them while a card is personalised: what the command says of them, and how they are empty."""

from __future__ import annotations

from typing import Final

from sscard.chip.card.image import Elementary
from sscard.chip.codec import contents
from sscard.chip.files.table import FileRule

KINDS: Final = {"variable": 1, "fixed": 2, "cyclic": 3, "transparent": 4}


def shape(rule: FileRule) -> bytes:
    """What CREATE FILE says of a file: kind, number of records, size in bytes."""
    rows = _empty(rule)
    size = rule.size if rule.structure == "transparent" else sum(len(row) for row in rows)
    return bytes((KINDS[rule.structure], len(rows))) + size.to_bytes(2, "big")


def fresh(rule: FileRule) -> Elementary:
    """A file with its items there and empty."""
    if rule.structure == "transparent":
        return Elementary(data=bytes(rule.size))
    return Elementary(records=list(_empty(rule)))


_known_empty: dict[int, tuple[FileRule, tuple[bytes, ...]]] = {}


def _empty(rule: FileRule) -> tuple[bytes, ...]:
    """The empty records of a file; rules are few and live as long as the program."""
    found = _known_empty.get(id(rule))
    if found is None:
        rows = () if rule.structure == "transparent" else tuple(contents.empty_records(rule))
        found = _known_empty[id(rule)] = (rule, rows)
    return found[1]
