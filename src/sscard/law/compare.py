"""What differs between two areas or two versions of one, for the two persons who put a pack into force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from sscard.law.area import Area
from sscard.law.lines import Path, spell
from sscard.law.parameters import PARAMETERS
from sscard.law.schema import plain

_FILES = {
    "area.toml": "sheet",
    "parameters.toml": "parameters",
    "permits.toml": "permits",
    "banks.toml": "banks_file",
    "banks_savings.toml": "savings_file",
    "savings.toml": "offers_file",
    "outlets.toml": "outlets_file",
    "insurance.toml": "insurance_file",
    "card.toml": "card_file",
    "papers.toml": "papers_file",
    "texts.toml": "texts_file",
    "credential.toml": "credential_file",
    "cases.toml": "cases_file",
}
_NAMED_BY = ("code", "account_class", "bank", "from_", "name")


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of one file; None on the side that does not have it."""

    file: str
    key: str
    before: Any
    after: Any


def differences(before: Area, after: Area) -> list[Difference]:
    """Every key that is different. Rows are matched by code or start, so a new row does not move the rest."""
    found = []
    for file, attribute in _FILES.items():
        old, new = (dict(_leaves(getattr(area, attribute), ())) for area in (before, after))
        for path in [*old, *(p for p in new if p not in old)]:
            if old.get(path) != new.get(path):
                found.append(Difference(file, spell(path), old.get(path), new.get(path)))
    return found


def differing_parameters(one: Area, other: Area, on: date) -> list[str]:
    """Names of the parameters whose values differ on a day."""
    return [name for name in PARAMETERS if one.value(name, on) != other.value(name, on)]


def _leaves(thing: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(thing, BaseModel):
        for name in type(thing).model_fields:
            yield from _leaves(getattr(thing, name), (*path, name.rstrip("_")))
    elif isinstance(thing, dict):
        for name, value in thing.items():
            yield from _leaves(value, (*path, name))
    elif isinstance(thing, tuple) and thing and isinstance(thing[0], BaseModel):
        for index, row in enumerate(thing):
            yield from _leaves(row, (*path, _row_name(row, index)))
    else:
        yield path, plain(thing)


def _row_name(row: BaseModel, index: int) -> str:
    names = [str(getattr(row, key)) for key in _NAMED_BY if isinstance(getattr(row, key, None), str | date)]
    return " ".join(names) or str(index)
