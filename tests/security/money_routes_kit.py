"""Every way by which the product can ask the ledger for a movement, listed by the product itself: acts and the gateway's
addresses. A matrix of a test that is compared with this list fails when somebody opens a new way."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import sscard

SOURCE = Path(next(iter(sscard.__path__)))
MOVES_MONEY = {"sscard.ledger.posting", "sscard.ledger.lane"}
SIMULATION = "sscard.partners."
"""The sandbox's own acts: they ask the acts of others at the one door."""


def _name(path: Path) -> str:
    parts = ("sscard", *path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in SOURCE.rglob("*.py")}


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def _imports(module: str) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return frozenset(found & MODULES.keys() - {"sscard"})


@cache
def reaches(module: str) -> bool:
    seen, waiting = set(), [module]
    while waiting:
        here = waiting.pop()
        if here in MOVES_MONEY:
            return True
        if here not in seen:
            seen.add(here)
            waiting += _imports(here)
    return False


def acts() -> set[str]:
    """The product's acts at the door whose module can reach the ledger's posting, by whatever other modules; other tests'
    own acts stand in the same register."""
    from sscard.control import acts_registry

    modules = {name: act.function.__module__ for name, act in acts_registry.acts().items()}
    ours = {name: module for name, module in modules.items() if module in MODULES and not module.startswith(SIMULATION)}
    return {name for name, module in ours.items() if reaches(module)}


def gateway() -> set[str]:
    """The gateway's addresses that do something."""
    from sscard.gateway.http import POSTS

    return set(POSTS)


def naming(text: str) -> set[str]:
    """The product's files that hold this text."""
    found = {path for path in MODULES.values() if text in path.read_text(encoding="utf-8")}
    return {path.relative_to(SOURCE).as_posix() for path in found}
