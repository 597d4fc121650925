"""Turns what is wrong with a pack's file into faults: file, line, key, and a sentence that a clerk can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sscard.kernel.refusals import Fault
from sscard.law.lines import Path, line_of, lines_of, spell
from sscard.law.sheet import Sheet

_TYPES = {
    "date_type": "date",
    "int_type": "int",
    "bool_type": "bool",
    "string_type": "text",
    "list_type": "list",
    "tuple_type": "list",
    "dict_type": "table",
    "model_type": "table",
    "percent_form": "percent",
}
_RANGES = {"greater_than_equal": "ge", "less_than_equal": "le"}
_DATE_TEXT = re.compile(r"^\D*\d{1,4}\D\d{1,2}\D\d{1,4}\D*$")


class Places:
    """Knows one file's lines; makes places such as `parameters.toml:12 temp_loss_days[1].value`."""

    def __init__(self, file: str, text: str = "") -> None:
        self.file = file
        self._lines = lines_of(text)

    def at(self, *path: str | int) -> str:
        line = line_of(self._lines, path)
        return " ".join(part for part in (f"{self.file}:{line}" if line else self.file, spell(path)) if part)

    def fault(self, code: str, /, *path: str | int, **facts: Any) -> Fault:
        return Fault(self.at(*path), f"law.{code}", facts)


def faults_of(error: ValidationError, sheet: type[Sheet], data: Mapping[str, Any], places: Places) -> list[Fault]:
    """All faults of one file. Several complaints about one key, as a choice of types makes them, become one."""
    found: dict[Path, Fault] = {}
    for detail in error.errors(include_url=False, include_context=True):
        path = _real_path(detail, data)
        if detail["type"] == "too_short" and _reach(data, path):
            continue  # its rows are there; each has been complained about by itself
        found.setdefault(path, _fault(detail, path, sheet, places))
    return list(found.values())


def _fault(detail: ErrorDetails, path: Path, sheet: type[Sheet], places: Places) -> Fault:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail.get("input")
    key = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = list(sheet.model_fields) if len(path) == 1 else []
        near = get_close_matches(key, known, n=1)
        return places.fault("pack_unknown_key_near" if near else "pack_unknown_key", *path, key=key, near="".join(near))
    if key == "source" and kind in ("missing", "string_too_short"):
        return places.fault("pack_source_missing", *path)
    if kind in ("missing", "too_short", "string_too_short"):
        return places.fault("pack_missing", *path, key=key)
    if kind == "date_type" and isinstance(given, str) and _DATE_TEXT.match(given):
        return places.fault("pack_date_as_text", *path, given=given)
    if kind in _TYPES:
        return places.fault(f"pack_not_{_TYPES[kind]}", *path, given=_show(given))
    if kind in _RANGES:
        return places.fault(f"pack_{kind}", *path, given=_show(given), bound=context[_RANGES[kind]])
    if kind == "literal_error":
        return places.fault("pack_not_a_choice", *path, given=_show(given), choices=context["expected"])
    if kind == "string_pattern_mismatch":
        return places.fault("pack_form", *path, given=_show(given), pattern=context["pattern"])
    return places.fault("pack_value", *path, given=_show(given), reason=detail["msg"])


def _show(given: Any) -> str:
    text = str(given).lower() if isinstance(given, bool) else str(given)
    return text if len(text) <= 40 else text[:39] + "…"


def _real_path(detail: ErrorDetails, data: Any) -> Path:
    """The path without the names of types that a choice of types puts into it."""
    path: list[str | int] = []
    here = data
    steps = detail["loc"]
    for number, step in enumerate(steps):
        if _has(here, step):
            here = here[step]
        elif not (isinstance(here, Mapping) and number == len(steps) - 1):
            continue
        path.append(step)
    return tuple(path)


def _reach(data: Any, path: Path) -> Any:
    for step in path:
        if not _has(data, step):
            return None
        data = data[step]
    return data


def _has(data: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(data, list) and step < len(data)
    return isinstance(data, Mapping) and step in data
