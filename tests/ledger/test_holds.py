"""Holds: available at once less, captured whole or in part, freed, run out; never a capture that fails for lack of funds."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from ledger_support import NOW, Book, in_book


def test_hold_is_not_available_and_capture_moves_it(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 700)
    assert book.statuses(hold) == ["held"]
    a, b = book.counters(book.a), book.counters(book.b)
    assert (a.balance_fen, a.available_fen, a.held_fen, b.balance_fen, b.coming_fen) == (1_000, 300, 700, 0, 700)
    assert book.trial().sound
    assert book.statuses(book.item(book.a, book.cash, 301)) == ["insufficient"]
    assert book.statuses(book.after(hold, "capture")) == ["captured"]
    a, b = book.counters(book.a), book.counters(book.b)
    assert (a.balance_fen, a.available_fen, b.balance_fen, b.coming_fen) == (300, 300, 700, 0)
    assert book.trial().sound


def test_partial_capture_frees_the_rest(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 700)
    assert book.statuses(hold, book.after(hold, "capture", 701), book.after(hold, "capture", 250)) == [
        "held",
        "amount",
        "captured",
    ]
    assert book.counters(book.a).available_fen == 750
    assert book.statuses(book.after(hold, "capture", 1), book.after(hold, "void")) == ["hold_gone", "hold_gone"]
    assert book.trial().sound


def test_void_frees_all(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 700)
    assert book.statuses(hold, book.after(hold, "void"), book.after(hold, "capture")) == ["held", "voided", "hold_gone"]
    assert book.counters(book.a).available_fen == 1_000
    assert book.counters(book.b).coming_fen == 0


def test_capture_never_fails_for_lack_of_funds(either: Book) -> None:
    book = either
    from sscard.ledger import accounts

    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 1_000)
    book.decide(hold)
    with in_book(book.name):
        accounts.set_frozen(*book.a, 5_000)
    assert book.statuses(book.after(hold, "capture")) == ["captured"]


def test_hold_past_its_time_cannot_be_captured_and_the_job_frees_it(either: Book) -> None:
    book = either
    from sscard.ledger import follow_up

    book.pay_in(book.a, 1_000)
    limit = {"limit_kind": "transfer", "limit_fen": 400}
    short = book.hold(book.a, book.b, 400, expires_at=NOW, **limit)
    long = book.hold(book.a, book.b, 300)
    assert book.statuses(short, long, book.after(short, "capture")) == ["held", "held", "hold_gone"]
    with in_book(book.name):
        assert follow_up.expire_holds(NOW) == 1
        assert follow_up.expire_holds(NOW) == 0
        assert [one.hold_id for one in follow_up.holds_of(*book.a)] == [long.hold]
    assert book.counters(book.a).available_fen == 700
    assert book.counters(book.b).coming_fen == 300
    assert book.trial().sound
    assert book.statuses(book.item(book.a, book.b, 400, **limit)) == ["posted"], "its limit was given back"
    with in_book(book.name):
        assert follow_up.expire_holds(NOW + timedelta(days=1)) == 1
    assert book.trial().sound


@pytest.mark.parametrize("wrong", ["debit", "credit", "both"])
def test_hold_between_other_accounts_is_not_this_one(either: Book, wrong: str) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    other = book.open()
    hold = book.hold(book.a, book.b, 700)
    book.decide(hold)
    debit = other if wrong in ("debit", "both") else book.a
    credit = book.cash if wrong in ("credit", "both") else book.b
    item = book.item(debit, credit, 10, action=book.after(hold, "capture").action, hold=hold.hold)
    assert book.statuses(item) == ["hold_gone"]
    assert book.counters(book.a).held_fen == 700


def test_items_of_a_hold_as_the_bank_builds_them(either: Book) -> None:
    book = either
    from sscard.ledger import follow_up
    from sscard.ledger.permits import Permit

    book.pay_in(book.a, 1_000)
    hold, other = book.hold(book.a, book.b, 700, kind="purchase"), book.hold(book.a, book.b, 100)
    book.decide(hold, other)
    asked = follow_up.Asked(uuid.uuid4(), "later", b"1" * 32, hold.business_date)
    with in_book(book.name):
        found = follow_up.find_hold(book.a[0], hold.hold)
        second = follow_up.find_hold(book.a[0], other.hold)
        assert follow_up.find_hold(book.b[0], hold.hold) is None
    assert book.statuses(follow_up.capture(found, asked, amount_fen=600, need=Permit.CREDIT)) == ["captured"]
    assert book.statuses(follow_up.void(second, follow_up.Asked(uuid.uuid4(), "v", b"2" * 32, hold.business_date))) == [
        "voided"
    ]
    assert book.counters(book.a).available_fen == 400


def test_hold_of_the_same_id_twice(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 100)
    assert book.statuses(hold, book.hold(book.a, book.b, 100, hold=hold.hold)) == ["held", "key_reused"]
    assert book.statuses(book.hold(book.a, book.cash, 100, hold=hold.hold)) == ["key_reused"]
    assert book.counters(book.a).held_fen == 100


def test_amount_freeze_is_not_available_and_may_be_more_than_the_balance(either: Book) -> None:
    book = either
    from sscard.ledger import accounts

    book.pay_in(book.a, 1_000)
    with in_book(book.name):
        accounts.set_frozen(*book.a, 400)
    assert book.statuses(book.item(book.a, book.b, 601), book.hold(book.a, book.b, 601)) == ["insufficient"] * 2
    assert book.statuses(book.item(book.a, book.b, 600)) == ["posted"]
    with in_book(book.name):
        accounts.set_frozen(*book.a, 10_000)
    assert book.counters(book.a).available_fen == 0
    assert book.statuses(book.item(book.cash, book.a, 100)) == ["posted"], "money still comes in"
    with pytest.raises(ValueError), in_book(book.name):
        accounts.set_frozen(*book.a, -1)
