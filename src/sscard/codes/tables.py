"""Code sets as files and cards use them: a code, its two names, and whatever else people write for it.

The rows stand in `tables.toml`. A set is read once, at the first use.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sscard.codes.errors import NumberFault, visible

FILE = Path(__file__).with_name("tables.toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a code set. `national` is the national code where ours differs and that one is certain."""

    code: str
    zh: str
    en: str
    also: tuple[str, ...] = ()
    national: str | None = None

    def name(self, lang: str = "zh") -> str:
        return self.en if lang == "en" else self.zh

    def spellings(self) -> Iterator[str]:
        yield from (self.code, self.zh, self.en, *self.also)


class CodeSet:
    """A closed list of codes that can be found by code, by either name and by their other spellings."""

    def __init__(self, entries: Sequence[Entry], unknown: str) -> None:
        """`unknown` is the fault code for text that names no entry. Two entries with one spelling are a mistake."""
        self._entries = {entry.code: entry for entry in entries}
        self._unknown = unknown
        self._by_spelling: dict[str, Entry] = {}
        for entry in entries:
            for spelling in entry.spellings():
                if self._by_spelling.setdefault(fold(spelling), entry) is not entry:
                    raise ValueError(f"{spelling} stands for two entries")

    def parse(self, text: str) -> Entry:
        """The entry that the text names, or `NumberFault` (`codes.missing` for no text at all)."""
        if not (key := fold(text)):
            raise NumberFault("codes.missing")
        if found := self._by_spelling.get(key):
            return found
        raise NumberFault(self._unknown, given=visible(text.strip()))

    def name(self, code: str, lang: str = "zh") -> str:
        """The name of a stored code; `KeyError` for a code that was never stored by us."""
        return self._entries[code].name(lang)

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)


def fold(text: str) -> str:
    """The form under which spellings are compared: NFKC, no case, no blanks. Bounded, names of codes are short."""
    return "".join(unicodedata.normalize("NFKC", text[:200]).casefold().split())


@cache
def _file() -> Mapping[str, Any]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


def rows(name: str) -> list[dict[str, Any]]:
    """The raw rows of one set."""
    return [dict(row) for row in _file()[name]]


def read(name: str, unknown: str) -> CodeSet:
    """One set out of `tables.toml`."""
    entries = [Entry(**{**row, "also": tuple(row.get("also", ()))}) for row in rows(name)]
    return CodeSet(entries, unknown)
