"""The line of a key is found for every shape that area packs use."""

from __future__ import annotations

import tomllib

import pytest

from law_pack_making import AREAS
from sscard.law.lines import line_of, lines_of, spell

TEXT = """\
# a comment
code = "1"
name = { zh = "云", en = "Y" }

list = [{ from = 1 }]
many = [
  { from = 1 },
  # between
  { from = 2 },
]
names = ["a", "b"]

[pension]
rates = [
  { from = 3 },
]

[[bank]]
code = "A"
[bank.limits]
day = 1
[[bank]]
code = "B"
[[bank.paper]]
x = 1
[[bank.paper]]
x = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("code",), 2),
        (("name", "zh"), 3),
        (("list", 0, "from"), 5),
        (("many",), 6),
        (("many", 0), 7),
        (("many", 1, "from"), 9),
        (("names", 1), 11),
        (("pension", "rates", 0, "from"), 15),
        (("bank", 0, "code"), 19),
        (("bank", 0, "limits", "day"), 21),
        (("bank", 1, "code"), 23),
        (("bank", 1, "paper", 1, "x"), 27),
        (("bank", 1, "missing"), 22),
        (("nowhere",), None),
    ],
)
def test_line(path: tuple[str | int, ...], line: int | None) -> None:
    assert line_of(lines_of(TEXT), path) == line


def test_spelling() -> None:
    assert spell(("bank", 1, "paper", 0, "x")) == "bank[1].paper[0].x"


@pytest.mark.parametrize("path", sorted(AREAS.glob("9*/*.toml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_key_of_the_demo_areas_has_a_line_that_names_it(path: object) -> None:
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    lines, rows = lines_of(text), text.splitlines()

    def look(thing: object, at: tuple[str | int, ...]) -> None:
        if isinstance(thing, dict):
            for key, value in thing.items():
                line = line_of(lines, (*at, key))
                assert line is not None
                assert key in rows[line - 1], (at, key, rows[line - 1])
                look(value, (*at, key))
        elif isinstance(thing, list) and thing and isinstance(thing[0], dict):
            for index, value in enumerate(thing):
                look(value, (*at, index))

    look(tomllib.loads(text), ())
