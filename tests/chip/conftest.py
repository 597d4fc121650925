"""A reader service for the files that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chip_kit import reader_service


@pytest.fixture(scope="module")
def pcscd() -> Iterator[None]:
    yield from reader_service()
