"""A running city for acceptance tests: the house by its own command, offices founded, a small roster, terminals, producers.

`walked` is a world in which the whole story has been told once by the outside; each row's test looks at its own steps
there and then asks the running service questions of its own.
"""

from __future__ import annotations

import pytest

from rows_kit import Walked, world_of
from sscard.sim.story import stories
from sscard.sim.story.tell import all_steps, do
from tests_support import RunningHouse

ROWS = 240


@pytest.fixture(scope="session")
def city(running_house: RunningHouse) -> RunningHouse:
    for words in (("found",), ("fill", "--rows", str(ROWS), "--seed", "11")):
        done = running_house.command(*words)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return running_house


@pytest.fixture(scope="session")
def walked(city: RunningHouse) -> Walked:
    world = world_of(city)
    story = stories.find("", "990100")
    assert story is not None
    outcomes = []
    for step in all_steps(story):
        outcomes.append((step, do(world, step)))
        assert outcomes[-1][1].good, f"{step.en}: {outcomes[-1][1].told}"
    return Walked(world, outcomes)
