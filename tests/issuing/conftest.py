"""A department, its people, a producer and a bank, as the tests of issuing need them; all through the real door."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from issuing_kit import Office


@pytest.fixture
def office(house: object) -> Iterator[Office]:
    """An office in the module's database; every test brings its own persons."""
    from issuing_kit import Office  # models need Django, which is set up after conftest files are read

    found = Office.open()
    yield found
    shutil.rmtree(found.folder)
