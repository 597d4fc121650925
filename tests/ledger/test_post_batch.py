"""`ledger_post_batch`: statuses, repeats, limits, and what it leaves in the tables."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from ledger_support import DAY, NOW, Book, in_book, make_book
from msgspec.structs import replace

from sscard.ledger.permits import EVERYTHING, Permit


def test_a_movement_writes_transfer_two_entries_and_counters(either: Book) -> None:
    book = either
    from sscard.ledger.models import Entry, Transfer

    first, second = book.decide(book.item(book.cash, book.a, 10_000), book.item(book.a, book.b, 2_500))
    assert (first.status, second.status) == ("posted", "posted")
    assert (second.debit_balance_fen, second.credit_balance_fen) == (7_500, 2_500)
    with in_book(book.name):
        assert Transfer.objects.count() == 2
        rows = (
            Entry.objects.filter(person_id=book.a[0])
            .order_by("seq")
            .values_list("seq", "side", "amount_fen", "balance_fen")
        )
        assert list(rows) == [(1, "C", 10_000, 10_000), (2, "D", 2_500, 7_500)]
    trial = book.trial()
    assert trial.sound
    assert trial.entries == 4


STATUSES = [
    ("posted", {}, 5_000),
    ("insufficient", {}, 5_001),
    ("amount", {}, 0),
    ("amount", {}, -5),
    ("limit", {"limit_kind": "cash", "limit_fen": 4_999}, 5_000),
    ("posted", {"limit_kind": "cash", "limit_fen": 5_000}, 5_000),
    ("not_permitted", {"debit_need": Permit.BILL}, 100),
    ("not_permitted", {"credit_need": Permit.BINDING}, 100),
    ("not_permitted", {"debit_need": Permit.CASH_OUT | Permit.BILL}, 100),
]


@pytest.mark.parametrize("status, more, fen", STATUSES)
def test_status(either: Book, status: str, more: dict[str, object], fen: int) -> None:
    book = either
    from sscard.ledger import accounts

    book.pay_in(book.a, 5_000)
    with in_book(book.name):
        accounts.set_permits(*book.a, EVERYTHING & ~Permit.BILL)
        accounts.set_permits(*book.b, EVERYTHING & ~Permit.BINDING)
    found = book.decide(book.item(book.a, book.b, fen, **more))[0]
    assert found.status == status
    assert book.balance(book.a) == (5_000 - fen if status == "posted" else 5_000)
    assert book.trial().sound


def test_account_of_another_book_is_no_account_here(either: Book) -> None:
    book = either
    other = make_book()
    assert book.decide(book.item(book.cash, other.a, 100))[0].status == "no_account"
    assert other.balance(other.a) == 0
    with in_book(book.name):
        from sscard.ledger import reads

        assert reads.balance(*other.a) is None


def test_same_account_on_both_sides(either: Book) -> None:
    book = either
    book.pay_in(book.a, 500)
    assert book.decide(book.item(book.a, book.a, 100))[0].status == "same_account"


def test_each_item_is_decided_by_itself(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    found = book.decide(
        book.item(book.a, book.b, 900),
        book.item(book.a, book.b, 200),
        book.item(book.a, book.b, 100),
        book.item(book.b, book.a, 1_000),
    )
    assert [one.status for one in found] == ["posted", "insufficient", "posted", "posted"]
    assert (book.balance(book.a), book.balance(book.b)) == (1_000, 0)
    assert book.trial().sound


def test_repeat_gets_the_first_answer_and_moves_nothing(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    item = book.item(book.a, book.b, 400)
    first = book.decide(item)[0]
    again = book.decide(replace(item, transfer_id=uuid.uuid4()))[0]
    assert again == replace(first, replayed=True)
    assert book.balance(book.a) == 600


def test_repeat_of_a_refusal_is_the_refusal_even_when_it_would_pass_now(either: Book) -> None:
    book = either
    item = book.item(book.a, book.b, 400)
    assert book.decide(item)[0].status == "insufficient"
    book.pay_in(book.a, 1_000)
    again = book.decide(item)[0]
    assert (again.status, again.replayed) == ("insufficient", True)
    assert book.balance(book.a) == 1_000


def test_key_with_another_content_is_refused_for_another_person_too(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    item = book.item(book.a, book.b, 400)
    book.decide(item)
    other = book.item(book.b, book.a, 1, key=item.key)
    assert book.decide(other)[0].status == "key_reused"
    assert book.decide(replace(other, caller=uuid.uuid4()))[0].status == "posted"


def test_key_of_another_book_tells_nothing(either: Book) -> None:
    book = either
    other = make_book()
    item = book.item(book.cash, book.a, 100)
    book.decide(item)
    found = other.decide(other.item(other.cash, other.a, 100, key=item.key, fingerprint=item.fingerprint))[0]
    assert (found.status, found.debit_balance_fen) == ("key_reused", None)


def test_same_key_twice_in_one_batch(either: Book) -> None:
    book = either
    item = book.item(book.cash, book.a, 100)
    other = replace(item, fingerprint=b"x" * 32, amount_fen=5)
    found = book.decide(item, item, other)
    assert [(one.status, one.replayed) for one in found] == [("posted", False), ("posted", True), ("key_reused", False)]
    assert book.balance(book.a) == 100


def test_day_limit_counts_the_day_and_only_its_kind(either: Book) -> None:
    book = either
    book.pay_in(book.a, 10_000)
    limit = {"limit_kind": "cash", "limit_fen": 1_000}
    today = [
        book.item(book.a, book.b, 600, **limit),
        book.item(book.a, book.b, 500, **limit),
        book.item(book.a, book.b, 400, **limit),
    ]
    assert [one.status for one in book.decide(*today)] == ["posted", "limit", "posted"]
    assert book.decide(book.item(book.a, book.b, 1, **limit))[0].status == "limit"
    assert book.decide(book.item(book.a, book.b, 1, limit_kind="transfer", limit_fen=1))[0].status == "posted"
    tomorrow = replace(book.item(book.a, book.b, 1_000, **limit), business_date=DAY + timedelta(days=1))
    assert book.decide(tomorrow)[0].status == "posted"


def test_held_money_is_not_available(either: Book) -> None:
    book = either
    from sscard.ledger.models import LedgerAccount

    book.pay_in(book.a, 1_000)
    with in_book(book.name):
        LedgerAccount.objects.filter(person_id=book.a[0]).update(debits_held=300)
    assert book.decide(book.item(book.a, book.b, 701))[0].status == "insufficient"
    assert book.decide(book.item(book.a, book.b, 700))[0].status == "posted"


def test_post_refuses_with_the_trades_words(either: Book) -> None:
    book = either
    from sscard.kernel.refusals import Refusal
    from sscard.ledger.posting import post

    with pytest.raises(Refusal) as one, in_book(book.name):
        post([book.item(book.a, book.b, 1)], posted_at=NOW)
    assert one.value.code == "ledger.insufficient"
    assert one.value.next_step("zh")
    with pytest.raises(Refusal) as two, in_book(book.name):
        post(
            [book.item(book.a, book.b, 1), book.item(book.cash, book.b, 1), book.item(book.b, book.a, -1)],
            posted_at=NOW,
        )
    assert two.value.code == "ledger.several"
    assert [(f.place, f.code) for f in two.value.faults] == [
        ("items[0]", "ledger.insufficient"),
        ("items[2]", "ledger.amount"),
    ]
    assert book.balance(book.b) == 0, "a refused group posts nothing"


def test_trial_balance_sees_what_does_not_follow_from_entries(book: Book, house: object) -> None:
    from sscard.ledger.models import LedgerAccount

    book.pay_in(book.a, 1_000)
    with in_book(book.name):
        LedgerAccount.objects.filter(person_id=book.a[0]).update(credits_posted=1_001)
    trial = book.trial()
    assert not trial.sound
    assert trial.sum_fen == 1
    assert [(one.account_id, one.what) for one in trial.wrong] == [(book.a[1], "counters")]


def test_entries_page_by_sequence(book: Book) -> None:
    from sscard.ledger import reads

    book.decide(*[book.item(book.cash, book.a, n) for n in range(1, 8)])
    with in_book(book.name):
        first = reads.entries(*book.a, limit=3)
        second = reads.entries(*book.a, limit=3, before_seq=first[-1].seq)
        assert [line.seq for line in first + second] == [7, 6, 5, 4, 3, 2]
        assert reads.balance_on(*book.a, DAY) == 28
        assert reads.balance_on(*book.a, DAY - timedelta(days=1)) == 0
