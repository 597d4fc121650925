"""What the stories leave for later is not there yet, and every document has its way of being asked for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sscard.cli import walk
from sscard.sim.story import stories
from sscard.sim.story.rows import ROWS
from sscard.sim.story.steps import Later, Step

DONE = {
    row
    for row, told in tomllib.loads((Path(__file__).parents[2] / "rows.toml").read_text()).items()
    if told["state"] == "done"
}


@pytest.mark.parametrize("area", ["990100", "990200"])
@pytest.mark.parametrize("document", list(stories.DOCUMENTS))
def test_no_row_that_is_done_is_told_as_later(document: str, area: str) -> None:
    story = stories.find(document, area)
    assert story is not None
    later = [one for chapter in story.chapters for one in chapter.steps if isinstance(one, Later)]
    assert not [one.en for one in later if DONE.issuperset(one.rows)]


@pytest.mark.parametrize("document", list(stories.DOCUMENTS))
def test_the_table_at_the_end_knows_every_row_of_a_story(document: str) -> None:
    story = stories.find(document, "990100")
    assert story is not None
    told = {row for chapter in story.chapters for one in chapter.steps if isinstance(one, Step) for row in one.rows}
    assert told <= set(ROWS)


def test_the_help_names_every_document() -> None:
    root = typer.Typer()
    walk.register(root)
    said = CliRunner().invoke(root, ["--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output
    assert set(stories.DOCUMENTS) <= set(re.findall(r"\b\d{3}\b", said))
