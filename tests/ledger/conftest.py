from __future__ import annotations

from typing import Any

import pytest
from ledger_support import Book, make_book


@pytest.fixture
def book(house: Any) -> Book:
    """A book of its own for one test, with two customers."""
    return make_book()
