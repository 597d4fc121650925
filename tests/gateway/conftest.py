from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "bank")]


@pytest.fixture(scope="module")
def _running(_module_house: Any) -> Iterator[Any]:
    from gateway_kit import running

    with _module_house.entered(), running(_module_house) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Any, _running: Any) -> Any:
    return _running
