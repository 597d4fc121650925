"""What a function of the house can come to: every refusal's code that it, or what it calls, names.

Read from the source, definition by definition, so that an act is told only what it can raise. A class counts as soon as
it is named; a method of it when its name is called by something that counts. Ports lead to what their rooms fill in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from sscard.control.acts_registry import acts
from sscard.kernel import words

Place = tuple[str, str]
"""Module and name of a definition: "sscard.bank.standing", "load" or "Standing.require"."""
SETTLED = frozenset({
    ("sscard.law.areas", "get"), ("sscard.law.areas", "all_areas"), ("sscard.kernel.keyclient", "keys"),
    ("sscard.binding.follow", "card_moved"), ("sscard.binding.follow", "account_closed"),
})  # fmt: skip
"""Where looking ends. What is wrong with an area's pack is found when it is put into force, with keys when they are made or
changed: an act that uses them meets neither. And what follows an act of a card changes only consents that can change so."""
LISTS = frozenset({
    "sscard.partners.sandbox.magic", "sscard.verification.magic", "sscard.partners.conformance_links",
    "sscard.partners.conformance_checks",
})  # fmt: skip
"""Modules that name codes to tell of them, and raise none."""
_SOURCES = words.ROOMS.parent
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(slots=True)
class Said:
    """What one definition says itself."""

    codes: set[str] = field(default_factory=set)
    names: set[Place] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    """Of a class: those that count only when they are called."""


def codes_from(module: str, name: str) -> frozenset[str]:
    """Every refusal that can come of calling this."""
    seen: set[Place] = set()
    attributes: set[str] = set()
    methods: set[Place] = set()
    found: set[str] = set()
    waiting: list[Place] = [(module, name)]
    while waiting:
        while waiting:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            said = _module(at[0]).get(at[1]) if at not in SETTLED else None
            if said is not None:
                found |= said.codes
                attributes |= said.attributes
                methods |= {(at[0], f"{at[1]}.{one}") for one in said.methods}
                waiting += said.names | _filled().get(at, frozenset())
        waiting = [one for one in methods - seen if one[1].rpartition(".")[2] in attributes]
    return frozenset(found)


@cache
def _module(module: str) -> dict[str, Said]:
    """The definitions of a module by name, methods as "Class.method"."""
    path = _path(module)
    return _Reader(module, ast.parse(path.read_text(encoding="utf-8"))).definitions() if path else {}


@cache
def _path(module: str) -> Path | None:
    """The file of a module of the house; None for what is none."""
    if not module.startswith("sscard"):
        return None
    place = _SOURCES.joinpath(*module.split("."))
    return next((one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file()), None)


@cache
def _filled() -> dict[Place, frozenset[Place]]:
    """Port → what rooms put into it, in their `ports` and in the app's wiring."""
    found: dict[Place, set[Place]] = {}
    for path in sorted([*words.ROOMS.glob("**/ports.py"), words.ROOMS / "app" / "wiring.py"]):
        if path.is_file():
            module = ".".join(path.relative_to(_SOURCES).with_suffix("").parts)
            for port, named in _Reader(module, ast.parse(path.read_text(encoding="utf-8"))).fillings():
                found.setdefault(port, set()).update(named)
    return {port: frozenset(named) for port, named in found.items()}


def _performed(call: ast.Call) -> set[Place]:
    """The acts that `perform(caller, "bank.deposit", …)` does."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called != "perform":
        return set()
    named = {one.value for one in call.args if isinstance(one, ast.Constant)} & acts().keys()
    return {(one.__module__, one.__name__) for one in (acts()[name].function for name in named)}


def _fitting(code: ast.expr) -> frozenset[str]:
    """The codes that a text with places in it can become: f"binding.consent_{state}"."""
    if not isinstance(code, ast.JoinedStr):
        return frozenset()
    parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else "[a-z0-9_]+" for one in code.values]
    pattern = re.compile("".join(parts))
    return frozenset(one for one in _known() if pattern.fullmatch(one))


@cache
def _known() -> frozenset[str]:
    return frozenset(words.catalogue().get("refusal", {}))


class _Reader:
    """One module's tree."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module, self.tree = module, tree
        self.inner = {part: _walk(part) for node in tree.body for part in _parts_of(node)}
        self.imported = dict(self._imports())
        self.own = {name for node in tree.body for name in _names_of(node)}

    def definitions(self) -> dict[str, Said]:
        found: dict[str, Said] = {}
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                found |= self._class(node)
            elif names := _names_of(node):
                said = self._said(node)
                found |= dict.fromkeys(names, said)
        for name, place in self.imported.items():  # what others import from here although it is defined elsewhere
            found.setdefault(name, Said(names={place}))
        return found

    def fillings(self) -> Iterator[tuple[Place, set[Place]]]:
        """`room.port = something` and `room.port.append(something)`, wherever they stand."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if (port := self._of_module(target)) is not None:
                        yield port, self._said(node.value).names
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and (port := self._of_module(node.func.value)) is not None
            ):
                yield port, {place for one in node.args for place in self._said(one).names}

    def _class(self, node: ast.ClassDef) -> dict[str, Said]:
        body, found = Said(), {}
        for part in _parts_of(node):
            if isinstance(part, _FUNCTIONS) and not (part.name.startswith("__") and part.name.endswith("__")):
                found[f"{node.name}.{part.name}"] = self._said(part)
                body.methods.add(part.name)
            else:
                _into(body, self._said(part))
        return {node.name: body, **found}

    def _said(self, node: ast.AST) -> Said:
        said = Said()
        for one in self.inner.get(node) or _walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value in _known():
                said.codes |= {one.value} if self.module not in LISTS else set()
            elif isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "Refusal":
                said.codes |= _fitting(one.args[0]) if one.args else frozenset()
            elif isinstance(one, ast.Call):
                said.names |= _performed(one)
            elif isinstance(one, ast.Attribute):
                said.attributes.add(one.attr)
                if (place := self._of_module(one)) is not None:
                    said.names.add(place)
            elif isinstance(one, ast.Name) and (place := self._of_name(one.id)) is not None:
                said.names.add(place)
        return said

    def _of_name(self, name: str) -> Place | None:
        return (self.module, name) if name in self.own else self.imported.get(name)

    def _of_module(self, node: ast.AST) -> Place | None:
        """`room.name` where `room` is an imported module of the house."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return None
        of = self.imported.get(node.value.id)
        if of is None:
            return None
        module = f"{of[0]}.{of[1]}"
        return (module, node.attr) if _path(module) is not None else None

    def _imports(self) -> Iterator[tuple[str, Place]]:
        for node in chain.from_iterable(self.inner.values()):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sscard"):
                for one in node.names:
                    yield one.asname or one.name, (node.module, one.name)


def _walk(node: ast.AST) -> list[ast.AST]:
    """All nodes from this one down, outer ones first, as `ast.walk` gives them but without the signs of load and store,
    which are half of a tree."""
    found = [node]
    for one in found:
        for name in one._fields:
            inside = getattr(one, name, None)
            if isinstance(inside, list):
                found += [part for part in inside if isinstance(part, ast.AST)]
            elif isinstance(inside, ast.AST) and name != "ctx":
                found.append(inside)
    return found


def _parts_of(node: ast.stmt) -> list[ast.AST]:
    """A class in its parts, anything else whole."""
    return [*node.bases, *node.decorator_list, *node.body] if isinstance(node, ast.ClassDef) else [node]


def _names_of(node: ast.AST) -> list[str]:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return [node.name]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    return [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]


def _into(said: Said, more: Said) -> None:
    said.codes |= more.codes
    said.names |= more.names
    said.attributes |= more.attributes
