"""T07: the same settlement or reversal sent again books nothing; a reversal that comes too early is not forgotten."""

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


def test_same_reversal_again_is_the_first_answer_and_another_one_is_refused(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    back = book.mirror(paid)
    first = book.decide(paid, back)[1]
    assert book.decide(back)[0] == replace(first, replayed=True)
    assert book.statuses(book.mirror(paid)) == ["already_reversed"]
    assert book.balance(book.a) == 1_000


def test_message_held_back_and_sent_after_its_reversal_books_nothing(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    assert book.statuses(book.mirror(paid)) == ["remembered"]
    assert book.statuses(paid) == ["reversed_before"]
    assert book.decide(paid)[0].replayed
    assert book.balance(book.b) == 0


def test_capture_sent_twice_takes_the_money_once(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 400)
    capture = book.after(hold, "capture", 400)
    assert book.statuses(hold, capture, capture, book.after(hold, "capture", 400)) == [
        "held",
        "captured",
        "captured",
        "hold_gone",
    ]
    assert book.balance(book.b) == 400
