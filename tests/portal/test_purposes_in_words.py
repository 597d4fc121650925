"""Why somebody looked is said to the holder in words, in both languages: every purpose that the code or an area pack can write
into an audit row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import sscard
from sscard.binding import deciding
from sscard.control.purposes import PURPOSES
from sscard.law import areas
from sscard.portal import looks, purposes

SOURCE = Path(sscard.__file__).parent
NOT_A_LOOK = frozenset({"SealedField", "seal_many", "open_many", "open_one", "Secret", "_Want", "Doubt"})
"""Calls whose `purpose` names a key, not a reason."""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCE.rglob("*.py"):
        if "sim" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield name, node


def _texts(node: ast.expr | None) -> Iterator[str]:
    """Both ends of a choice; nothing where it is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def written() -> set[str]:
    """As a keyword of a call, as the second word of a reading, and as the constant of a module."""
    found: set[str] = set(PURPOSES)
    for name, call in _calls():
        if name in NOT_A_LOOK:
            continue
        for keyword in call.keywords:
            if keyword.arg == "purpose":
                found.update(_texts(keyword.value))
        whose = call.func.value if isinstance(call.func, ast.Attribute) else None
        through_a_link = isinstance(whose, ast.Name) and whose.id == "access"  # its second word is what is read
        if name == "reading" and len(call.args) >= 2 and not through_a_link:
            found.update(_texts(call.args[1]))
    for path in SOURCE.rglob("*.py"):
        if "sim" not in path.parts:
            found.update(re.findall(r'^PURPOSE(?:: Final)? = "([^"]+)"', path.read_text("utf-8"), re.M))
    return found - {""}


def proved() -> set[str]:
    """What a code by message or a face check is asked for: the act stands in the row as its purpose."""
    found: set[str] = set()
    for _, call in _calls():
        for keyword in call.keywords:
            if keyword.arg == "action":
                found.update(one for one in _texts(keyword.value) if re.fullmatch(r"[a-z_]+\.[a-z_]+", one))
    return found | {deciding.ACTION, deciding.RENEWING}


def test_every_purpose_of_the_code_has_its_words() -> None:
    every = written() | proved()
    assert {"counter", "terminal", "link", "consent", "netbank", "API"} <= every
    assert {"binding.authorise", "cards.ecard_open"} <= proved()
    assert not {
        one for one in every for lang in ("zh", "en") if purposes.said(one, lang) == looks.word("purpose.other", lang)
    }
    for one in every:
        zh, en = (purposes.said(one, lang) for lang in ("zh", "en"))
        assert re.search(r"[一-鿿]", zh), one
        assert not re.search(r"[._]", en.strip(".")), f"{one} stands there as the code has it"


def test_what_an_area_lets_others_check_a_card_for_is_named_by_its_pack() -> None:
    for area in areas.all_areas():
        for one in area.credential_file.purpose:
            assert purposes.said(one.code, "zh") not in ("", one.code, "其他事由")
            assert purposes.said(one.code, "en")


@pytest.mark.parametrize("unknown", ["x.y", "nightly", "__class__"])
def test_an_unknown_one_is_no_code(unknown: str) -> None:
    assert purposes.said(unknown, "en") == "another purpose"
    assert purposes.said("", "en") == ""
