"""The town of the abuse tests, founded once a module; `house` is entered for each test that asks for `town`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests_support import House

if TYPE_CHECKING:
    from security_kit import Town


@pytest.fixture(scope="module")
def _founded(_module_house: House) -> Town:
    from security_kit import Town

    with _module_house.entered():
        return Town.found()


@pytest.fixture
def town(house: House, _founded: Town) -> Town:
    return _founded
