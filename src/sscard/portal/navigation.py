"""Which pages each user's head shows: data, so that a part that does not exist yet is simply not there.

Each part of the portal (`portal/<part>/entries.py`) names its entries: (path, word code, right).
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from sscard.control.caller import Caller
from sscard.control.rights import decide
from sscard.portal import looks
from sscard.portal.shapes import Link

HERE = Path(__file__).resolve().parent
Entry = tuple[str, str, str]


@cache
def parts() -> tuple[str, ...]:
    """Parts of the portal that stand: folders with addresses."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/urls.py")))


@cache
def entries() -> tuple[Entry, ...]:
    named = [part for part in parts() if (HERE / part / "entries.py").is_file()]
    modules = [importlib.import_module(f"sscard.portal.{part}.entries") for part in named]
    modules.sort(key=lambda one: getattr(one, "LAST", False))  # LAST: nobody's work begins there
    return tuple(entry for one in modules for entry in one.ENTRIES)


def links_of(caller: Caller, here: str, lang: str) -> list[Link]:
    """The navigation of this caller: what his roles allow."""
    allowed = [entry for entry in entries() if decide(caller, entry[2])]
    current = max((path for path, _, _ in allowed if here.startswith(path)), key=len, default="")
    return [Link(looks.word(word, lang), path, path == current) for path, word, _ in allowed]


def home_of(caller: Caller) -> str:
    """Where this caller's work begins."""
    for path, _, right in entries():
        if decide(caller, right):
            return path
    return "/"
