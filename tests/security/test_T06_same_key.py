"""T06: the same idempotency key with other content is refused, and the first result stands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))

from ledger_support import Book, LaneBook, make_book


@pytest.fixture(params=["single", "lane"])
def book(request: pytest.FixtureRequest, house: Any) -> Book:
    """The office's call and the fast lane: an abuse must fail on both."""
    plain = make_book()
    if request.param == "single":
        return plain
    return LaneBook(plain.name, plain.a, plain.b, plain.cash, url=house.urls.app)


@pytest.mark.parametrize("change", [{"amount_fen": 999}, {"kind": "purchase"}, {"memo": "other"}], ids=str)
def test_other_content_under_the_same_key(book: Book, change: dict[str, Any]) -> None:
    book.pay_in(book.a, 1_000)
    item = book.item(book.a, book.b, 100)
    first = book.decide(item)[0]
    assert book.statuses(replace(item, fingerprint=b"o" * 32, **change)) == ["key_reused"]
    assert book.decide(item)[0] == replace(first, replayed=True)
    assert book.balance(book.b) == 100


def test_key_of_a_refusal_cannot_be_used_for_what_would_pass(book: Book) -> None:
    item = book.item(book.a, book.b, 100)
    assert book.statuses(item) == ["insufficient"]
    book.pay_in(book.a, 1_000)
    assert book.statuses(replace(item, fingerprint=b"o" * 32, amount_fen=1)) == ["key_reused"]
    assert book.balance(book.b) == 0
