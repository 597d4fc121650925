"""The one catalogue of texts that people read, in Chinese and English.

Each room keeps its texts in `words.toml` and, where they are many, in `words/*.toml`; they are read once, together. An
entry is found by kind ("refusal", "act",
"state", "notice", "event", "fault", "page") and dotted code. A missing text is a programmer's error and raises
`WordMissing`; `make check` finds it before anybody sees it.

A text that counts has a second English form for exactly one: `en_one`, taken when the fact `count` (or the one that
`counts` names) is 1. Chinese needs none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOMS = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh", "en")
Kind = str | tuple[str, ...]


class WordMissing(LookupError):
    """No text stands under this kind and code."""


@cache
def catalogue() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """All entries as {kind: {code: entry}}. A code that stands twice under a kind is an error."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for path in sorted((*ROOMS.glob("*/words.toml"), *ROOMS.glob("*/words/*.toml"))):
        with path.open("rb") as file:
            for kind, tree in tomllib.load(file).items():
                shelf = found.setdefault(kind, {})
                for code, entry in _leaves(tree, ()):
                    if code in shelf:
                        raise WordMissing(f"{kind} {code} stands twice; second time in {path.relative_to(ROOMS)}")
                    shelf[code] = entry
    return found


def _leaves(tree: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(tree.get("zh"), str):
        yield ".".join(path), {key: value for key, value in tree.items() if not isinstance(value, dict)}
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))


def entry(kind: Kind, code: str) -> Mapping[str, Any]:
    """The entry under the first of the kinds that has this code."""
    for one in (kind,) if isinstance(kind, str) else kind:
        if found := catalogue().get(one, {}).get(code):
            return found
    raise WordMissing(f"no text for {kind} {code}")


def has(kind: Kind, code: str) -> bool:
    try:
        entry(kind, code)
    except WordMissing:
        return False
    return True


def text(kind: Kind, code: str, lang: str = "zh", /, **facts: Any) -> str:
    """The sentence, filled with its facts. A fact that is missing shows as "…" rather than break a refusal."""
    found = entry(kind, code)
    form = lang if lang in LANGUAGES else "zh"
    if f"{form}_one" in found and str(facts.get(found.get("counts", "count"))) == "1":
        form += "_one"
    return _fill(found[form], facts)


def next_step(kind: Kind, code: str, lang: str = "zh", /, **facts: Any) -> str:
    """What to do next, or an empty text."""
    return _fill(str(entry(kind, code).get(f"next_{lang}", "")), facts)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _fill(template: str, facts: Mapping[str, Any]) -> str:
    return template.format_map(_Facts(facts)) if "{" in template else template
