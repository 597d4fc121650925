"""A running city for acceptance tests: the house by its own command, offices founded, a small roster, terminals, producers.

`walked` is a world in which the whole story has been told once by the outside, `saved` one with a document's journey; each
row's test looks at its own steps there and then asks the running service questions of its own.
"""

from __future__ import annotations

import pytest

from rows_kit import Walked, told
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
    return told(city)


@pytest.fixture(scope="session")
def saved(city: RunningHouse) -> Walked:
    """Document 004's journey, the opening of the savings function."""
    return told(city, "004")
