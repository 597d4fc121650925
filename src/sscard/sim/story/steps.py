"""What a step of the story is: data. A chapter is a list of them, a document's journey another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscard.sim.story.world import World

Do = Callable[["World"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """`rows`: the mission rows that it proves. The sentences may name facts that `do` gives back. `refused`: the code with
    which the service must say no; anything else, a yes included, makes the step red. `ahead`: what `do` finishes, and what
    may be begun while the steps before it are told."""

    rows: tuple[str, ...]
    zh: str
    en: str
    do: Do
    refused: str = ""
    ahead: Do | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """What the service does not do yet; printed as such, never counted as green."""

    rows: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps under a heading. `document`: the document's own step that they tell, if they tell one."""

    zh: str
    en: str
    steps: tuple[Step | Later, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """`before`: chapters that must have happened but are not told."""

    zh: str
    en: str
    chapters: tuple[Chapter, ...]
    before: tuple[Chapter, ...] = ()


class Wrong(Exception):
    """What the service answered is not what the step says."""


def must(is_so: object, told: str) -> None:
    """The step's own check of an answer."""
    if not is_so:
        raise Wrong(told)
