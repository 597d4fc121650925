"""T05: one payment asked for many times, by retry, double click or two terminals, moves money once."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ledger"))

from ledger_support import Book, LaneBook, in_threads, make_book


@pytest.fixture(params=["single", "lane"])
def book(request: pytest.FixtureRequest, house: Any) -> Book:
    """The office's call and the fast lane: an abuse must fail on both."""
    plain = make_book()
    if request.param == "single":
        return plain
    return LaneBook(plain.name, plain.a, plain.b, plain.cash, url=house.urls.app)


def test_fifty_parallel_identical_requests_make_one_entry_and_fifty_equal_answers(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    item = book.item(book.a, book.b, 600)
    found = in_threads([lambda: book.decide(item)[0] for _ in range(50)])
    assert {replace(one, replayed=False) for one in found} == {replace(found[0], replayed=False)}
    assert Counter(one.replayed for one in found) == {False: 1, True: 49}
    assert (book.balance(book.a), book.balance(book.b)) == (400, 600)


@pytest.mark.parametrize("again", range(3))
def test_two_different_requests_for_the_whole_balance_one_is_paid(book: Book, again: int) -> None:
    book.pay_in(book.a, 1_000)
    found = in_threads([lambda: book.statuses(book.item(book.a, book.b, 1_000))[0]] * 2)
    assert sorted(found) == ["insufficient", "posted"]


def test_hold_and_payment_at_once_never_spend_the_same_money(book: Book) -> None:
    book.pay_in(book.a, 1_000)
    jobs = [
        lambda: book.statuses(book.hold(book.a, book.b, 700))[0],
        lambda: book.statuses(book.item(book.a, book.cash, 700))[0],
    ]
    assert sorted(in_threads(jobs)) in (["held", "insufficient"], ["insufficient", "posted"])
    assert book.counters(book.a).available_fen == 300
