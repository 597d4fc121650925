from __future__ import annotations

from typing import Any

import pytest
from ledger_support import Book, LaneBook, make_book


@pytest.fixture
def book(house: Any) -> Book:
    """A book of its own for one test, with two customers."""
    return make_book()


@pytest.fixture(params=["single", "lane"])
def either(request: pytest.FixtureRequest, house: Any) -> Book:
    """The same, once by the office's single call and once through the fast lane: both must answer alike."""
    book = make_book()
    if request.param == "single":
        return book
    return LaneBook(book.name, book.a, book.b, book.cash, url=house.urls.app)
