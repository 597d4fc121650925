"""T08: reversal of a reversal, void after capture, refund above the original.

Generated sequences: tests/ledger/test_ledger_model.py.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))

from ledger_support import Book, LaneBook, make_book


@pytest.fixture(params=["single", "lane"])
def book(request: pytest.FixtureRequest, house: Any) -> Book:
    """The office's call and the fast lane: an abuse must fail on both."""
    plain = make_book()
    if request.param == "single":
        return plain
    return LaneBook(plain.name, plain.a, plain.b, plain.cash, url=house.urls.app)


def test_reversal_of_a_reversal_and_void_after_capture(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    back = book.mirror(paid)
    hold = book.hold(book.a, book.b, 100)
    assert book.statuses(paid, back, book.mirror(back)) == ["posted", "posted", "not_permitted"]
    assert book.statuses(hold, book.after(hold, "capture"), book.after(hold, "void")) == [
        "held",
        "captured",
        "hold_gone",
    ]
    assert book.balance(book.a) == 900


@pytest.mark.parametrize("fen", [401, 100_000, 1, 0, -400])
def test_reversal_of_another_amount(book: Book, fen: int) -> None:
    book.pay_in(book.a, 1_000)
    book.pay_in(book.b, 200_000)
    paid = book.item(book.a, book.b, 400)
    book.decide(paid)
    assert book.statuses(book.mirror(paid, fen=fen)) == ["amount"]
    assert book.balance(book.a) == 600


def test_whatever_is_tried_nothing_falls_below_zero_and_nothing_comes_back_twice(book: Book) -> None:
    dice = random.Random(8)
    book.pay_in(book.a, 1_000)
    paid = [book.item(book.a, book.b, 250) for _ in range(4)]
    tries = [*paid, *[book.mirror(dice.choice(paid), fen=dice.choice([250, 250, 251])) for _ in range(40)]]
    dice.shuffle(tries)
    book.decide(*tries[:22])
    book.decide(*tries[22:])
    assert book.balance(book.a) + book.balance(book.b) == 1_000
    assert 0 <= book.balance(book.a) <= 1_000
    assert book.trial().sound
