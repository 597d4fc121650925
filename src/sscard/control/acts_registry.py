"""The register of acts: everything that can change anything, with its right, clause and texts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, get_type_hints

Function = Callable[..., dict[str, Any]]
_acts: dict[str, Act] = {}


@dataclass(frozen=True, slots=True)
class Act:
    """`four_eyes`: a second person must approve before anything is done. `about_person`: the act must name whom it is
    about. `clause`: id in law's register, or "" where internal order is the basis."""

    name: str
    right: str
    request: type
    function: Function
    clause: str = ""
    four_eyes: bool = False
    about_person: bool = False
    approve_right: str = "control.approve"
    approval_hours: int = 72
    no_area: bool = False
    """It belongs to no area, whichever the caller stands in: so do its key's fingerprint and its audit row."""
    summary: Callable[[Any], dict[str, Any]] | None = None
    check: Callable[..., None] | None = None
    """Runs when the request is made, so that a hopeless one is refused at once and not in front of the second person."""


def act(name: str, *, right: str, **more: Any) -> Callable[[Function], Function]:
    """Register a function as an act. Its second argument's annotation is the request's frozen dataclass."""

    def register(function: Function) -> Function:
        request = list(get_type_hints(function).values())[1]
        if not is_dataclass(request):
            raise TypeError(f"{name}: the request must be a frozen dataclass")
        if name in _acts and inspect.getmodule(_acts[name].function) is not inspect.getmodule(function):
            raise RuntimeError(f"act {name} is registered twice")
        _acts[name] = Act(name=name, right=right, request=request, function=function, **more)
        return function

    return register


def acts() -> Mapping[str, Act]:
    return dict(_acts)


def find(name: str) -> Act:
    return _acts[name]
