"""The catalogue of refusals, generated from the texts that the code itself speaks: code, status, cause, fix, and which acts
can answer it, found in the source of each act's room."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from sscard.control.acts_registry import Act, acts
from sscard.kernel import words
from sscard.law import clauses

EVERYWHERE = (
    "control.key_missing", "control.key_reused", "control.key_in_progress", "control.not_allowed", "kernel.form_faults",
    "api.sign_in_needed", "api.body_unreadable", "api.content_type",
)  # fmt: skip
"""Every act can answer these: they come from the door and the face."""
DEPTH = 2
"""How many imports deep an act's refusals are looked for, within the house."""
_CODE = re.compile(r'"([a-z]+\.[a-z0-9_.]+)"')
_IMPORT = re.compile(r"^\s*from (sscard\.[\w.]+) import (?:\(([^)]*)\)|([^\n(]+))$", re.MULTILINE)


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """All refusals by code."""
    said = _said_by_acts()
    return tuple(_entry(code, said.get(code, ())) for code in sorted(words.catalogue().get("refusal", {})))


def entry(code: str) -> dict[str, Any] | None:
    return next((one for one in entries() if one["code"] == code), None)


def _entry(code: str, by: tuple[str, ...]) -> dict[str, Any]:
    found = words.entry("refusal", code)
    return {
        "code": code,
        "type": f"/api/errors/{code}",
        "status": int(found.get("status", 409)),
        "title": found["en"],
        "title_zh": found["zh"],
        "detail": found.get("next_en", ""),
        "detail_zh": found.get("next_zh", ""),
        "basis": clauses.basis(str(found.get("clause", "")) or None, "en"),
        "acts": ["*"] if code in EVERYWHERE else list(by),
    }


@cache
def statuses(act: str) -> frozenset[int]:
    """Every status that this act can answer besides its success."""
    return frozenset(int(words.entry("refusal", code).get("status", 409)) for code in codes(act))


@cache
def codes(act: str) -> frozenset[str]:
    """Every refusal that this act can answer."""
    return _codes_of(acts()[act]) | frozenset(EVERYWHERE)


def _said_by_acts() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for name, act in acts().items():
        for code in _codes_of(act):
            found.setdefault(code, set()).add(name)
    return {code: tuple(sorted(names)) for code, names in found.items()}


def _codes_of(act: Act) -> frozenset[str]:
    return _codes_in(act.function.__module__, DEPTH)


@cache
def _codes_in(module: str, depth: int) -> frozenset[str]:
    """Codes that a module names, and those of the house's modules that it imports."""
    texts, imports = _read(module)
    found = set(texts)
    if depth:
        for one in imports:
            found |= _codes_in(one, depth - 1)
    return frozenset(found)


@cache
def _read(module: str) -> tuple[frozenset[str], tuple[str, ...]]:
    path = _path(module)
    if path is None:
        return frozenset(), ()
    text, known = path.read_text(encoding="utf-8"), words.catalogue().get("refusal", {})
    imports: list[str] = []
    for of, listed, single in _IMPORT.findall(text):
        names = [name.split()[0] for name in (listed or single).replace("\n", " ").split(",") if name.strip()]
        imports += [of, *(f"{of}.{name}" for name in names)]
    found = frozenset(code for code in _CODE.findall(text) if code in known)
    return found, tuple(one for one in dict.fromkeys(imports) if _path(one) is not None)


@cache
def _path(module: str) -> Path | None:
    """The file of a module of the house; None for what is none."""
    place = words.ROOMS.parent.joinpath(*module.split("."))
    found = (place.with_suffix(".py"), place / "__init__.py")
    return next((one for one in found if one.is_file()), None)
