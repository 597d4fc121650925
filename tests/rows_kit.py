"""What acceptance tests of rows are made of: worlds in a running city, and what the service says no with."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from rich.console import Console

from sscard.sim.story import stories
from sscard.sim.story.client import Refused
from sscard.sim.story.steps import Step
from sscard.sim.story.tell import Outcome, Teller
from sscard.sim.story.world import World
from tests_support import RunningHouse


def world_of(city: RunningHouse, area: str = "990100") -> World:
    authority = city.home / "tls" / "authority.pem"
    return World(city.url, authority, city.home, "en", area, 11, city.environ)


@dataclass(slots=True)
class Walked:
    """A world in which a story has been told, and the text that `sscard walk` would have printed."""

    world: World
    outcomes: list[tuple[Step, Outcome]]
    text: str

    def steps_of(self, row: str) -> list[tuple[Step, Outcome]]:
        return [(step, outcome) for step, outcome in self.outcomes if row in step.rows]

    def all_green(self, row: str, *, least: int) -> None:
        found = self.steps_of(row)
        assert len(found) >= least, f"{row} has {len(found)} steps"
        for step, outcome in found:
            assert outcome.good, f"{step.en}: {outcome.told}"


def told(city: RunningHouse, document: str = "") -> Walked:
    """Tell the whole way, or a document's journey, once. Every step must go as it says."""
    world, out = world_of(city), io.StringIO()
    story = stories.find(document, world.area)
    assert story is not None
    teller = Teller(world, Console(file=out, highlight=False, soft_wrap=True, width=120))
    good = teller.tell(story)
    for step, outcome in teller.outcomes:
        assert outcome.good, f"{step.en}: {outcome.told}"
    assert good
    return Walked(world, teller.outcomes, out.getvalue())


def refused(ask: Callable[[], object]) -> Refused:
    """What the service says no with."""
    with pytest.raises(Refused) as no:
        ask()
    return no.value
