"""A command finds its module without loading the others."""

from __future__ import annotations

import pytest
from typer.main import get_command

from sscard.app.command import WHERE, build


def names(only: str = "") -> set[str]:
    return set(get_command(build(only)).commands)  # type: ignore[attr-defined]


def test_every_command_stands_in_the_table() -> None:
    assert names() == set(WHERE)


@pytest.mark.parametrize("name", sorted(WHERE))
def test_its_module_has_it(name: str) -> None:
    found = names(name)
    assert name in found
    assert found <= {other for other, module in WHERE.items() if module == WHERE[name]}
