"""Many at once: equal answers to equal requests, and never a balance below zero."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
from ledger_support import NOW, Book, in_book, in_threads
from msgspec.structs import replace

from sscard.kernel.ids import new_id


def test_fifty_identical_requests_make_one_entry_and_equal_answers(book: Book) -> None:
    from sscard.ledger.models import Entry

    book.pay_in(book.a, 1_000)
    item = book.item(book.a, book.b, 400)
    found = in_threads([lambda: book.decide(replace(item, transfer_id=new_id()))[0] for _ in range(50)])
    assert {replace(one, replayed=False) for one in found} == {replace(found[0], replayed=False)}
    assert Counter(one.replayed for one in found) == {False: 1, True: 49}
    with in_book(book.name):
        assert Entry.objects.filter(person_id=book.b[0]).count() == 1


@pytest.mark.parametrize("times", range(5))
def test_two_withdrawals_of_everything_one_is_posted(book: Book, times: int) -> None:
    book.pay_in(book.a, 1_000)
    found = in_threads([lambda: book.decide(book.item(book.a, book.cash, 1_000))[0].status] * 2)
    assert sorted(found) == ["insufficient", "posted"]
    assert book.balance(book.a) == 0


def test_random_crowd_never_goes_below_zero_and_the_book_stays_sound(book: Book) -> None:
    from sscard.ledger.models import Entry

    book.pay_in(book.a, 5_000)
    dice = random.Random(20260302)
    plans = [[(dice.choice(("ab", "ba", "in", "out")), dice.randrange(1, 3_000)) for _ in range(25)] for _ in range(8)]
    sides = {"ab": (book.a, book.b), "ba": (book.b, book.a), "in": (book.cash, book.a), "out": (book.b, book.cash)}

    def run(plan: list[tuple[str, int]]) -> list[str]:
        done = []
        for what, fen in plan:
            done += [one.status for one in book.decide(book.item(*sides[what], fen), book.item(*sides[what], 1))]
        return done

    found = in_threads([lambda plan=plan: run(plan) for plan in plans])
    assert all(isinstance(one, list) for one in found), found
    assert set().union(*found) == {"posted", "insufficient"}
    assert book.trial().sound
    with in_book(book.name):
        assert not Entry.objects.filter(person_id__gt=0, balance_fen__lt=0).exists()


def test_busy_account_does_not_hold_up_the_others(book: Book) -> None:
    from sscard.ledger.models import LedgerAccount

    book.pay_in(book.a, 1_000)
    book.pay_in(book.b, 1_000)
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.b[0])
            held.set()
            assert done.wait(30)

    blocked = book.item(book.b, book.cash, 5)

    def batch() -> list[object]:
        assert held.wait(30)
        try:
            return book.decide(book.item(book.a, book.cash, 7), blocked, replace(blocked), wait=False)
        finally:
            done.set()

    _, found = in_threads([slow_page, batch])
    assert [one.status for one in found] == ["posted", "busy", "busy"]
    assert book.decide(blocked, wait=False)[0].status == "posted", "busy is not an answer that is kept"


def test_repeat_of_a_decided_movement_is_answered_though_the_account_is_busy(book: Book) -> None:
    from sscard.ledger.models import LedgerAccount

    item = book.item(book.cash, book.a, 1_000)
    book.decide(item)
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.a[0])
            held.set()
            assert done.wait(30)

    def again() -> object:
        assert held.wait(30)
        try:
            return book.decide(item, wait=False)[0]
        finally:
            done.set()

    _, found = in_threads([slow_page, again])
    assert (found.status, found.replayed) == ("posted", True)


def test_post_gives_up_after_its_waiting_time(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.kernel.refusals import Refusal
    from sscard.ledger import posting
    from sscard.ledger.models import LedgerAccount

    monkeypatch.setattr(posting, "LOCK_WAIT_MS", 50)
    held, done = threading.Event(), threading.Event()

    def slow_page() -> None:
        with in_book(book.name):
            LedgerAccount.objects.select_for_update(no_key=True).get(person_id=book.a[0])
            held.set()
            assert done.wait(30)

    def late() -> str:
        assert held.wait(30)
        try:
            with in_book(book.name):
                try:
                    posting.post([book.item(book.cash, book.a, 5)], posted_at=NOW)
                except Refusal as refusal:
                    LedgerAccount.objects.filter(person_id=book.b[0]).exists()  # the act's transaction lives on
                    return refusal.code
                return "posted"
        finally:
            done.set()

    _, found = in_threads([slow_page, late])
    assert found == "ledger.busy"
