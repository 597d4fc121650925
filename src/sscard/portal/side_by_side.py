"""What came in beside what the register has, line by line, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sscard.portal.person_form import said
from sscard.portal.signed import AtPage


@dataclass(frozen=True, slots=True)
class Pair:
    label: str
    incoming: str
    ours: str
    differs: bool


def pairs(at: AtPage, names: Iterable[str], incoming: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Pair]:
    """The lines that have something on either side. Without a record of ours nothing differs."""
    found = []
    for name in names:
        new, old = (said(at, name, str(side.get(name) or "")) for side in (incoming, ours))
        if new or old:
            found.append(Pair(at.word(f"register.field.{name}"), new, old, bool(ours) and new != old))
    return found
