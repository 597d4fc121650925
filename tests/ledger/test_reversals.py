"""Reversals: the mirror, once, remembered when they come before what they reverse; groups: all or none."""

from __future__ import annotations

import uuid

import pytest
from ledger_support import NOW, Book, in_book, in_threads
from msgspec.structs import replace

from sscard.kernel.ids import new_id


def test_reversal_moves_the_whole_amount_back_once(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    back = book.mirror(paid)
    assert book.statuses(paid, back, book.mirror(paid)) == ["posted", "posted", "already_reversed"]
    assert book.statuses(book.mirror(paid)) == ["already_reversed"]
    assert (book.balance(book.a), book.balance(book.b)) == (1_000, 0)
    again = book.decide(back)[0]
    assert (again.status, again.replayed) == ("posted", True)
    assert book.trial().sound


def test_reversal_of_a_reversal_and_of_another_amount_or_account_is_refused(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    back = book.mirror(paid)
    book.decide(paid)
    assert book.statuses(book.mirror(paid, fen=401), book.mirror(paid, fen=399)) == ["amount", "amount"]
    third = book.open()
    elsewhere = replace(back, debit=replace(back.debit, person_id=third[0], account_id=third[1]), key=uuid.uuid4().hex)
    assert book.statuses(elsewhere) == ["no_account"]
    assert book.statuses(back, book.mirror(back)) == ["posted", "not_permitted"]
    assert (book.balance(book.a), book.balance(book.b)) == (1_000, 0)


def test_reversal_never_overdraws_the_receiver(either: Book) -> None:
    book = either
    paid = book.item(book.cash, book.a, 1_000)
    book.decide(paid, book.item(book.a, book.b, 1))
    assert book.statuses(book.mirror(paid)) == ["insufficient"]
    book.decide(book.item(book.b, book.a, 1))
    assert book.statuses(book.mirror(paid)) == ["posted"], "under a new key, when the money is there"
    assert book.balance(book.a) == 0


@pytest.mark.parametrize("one_call", [True, False])
def test_reversal_before_its_transfer_is_remembered(either: Book, one_call: bool) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    back = book.mirror(paid)
    calls = [[back, paid]] if one_call else [[back], [paid]]
    assert [one for call in calls for one in book.statuses(*call)] == ["remembered", "reversed_before"]
    assert book.statuses(replace(paid, key=uuid.uuid4().hex), book.mirror(paid)) == [
        "reversed_before",
        "already_reversed",
    ]
    assert book.balance(book.a) == 1_000
    assert book.decide(back)[0].replayed
    assert book.trial().sound


def test_reversal_of_a_capture_gives_the_limit_back_and_not_the_hold(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    limit = {"limit_kind": "purchase", "limit_fen": 500}
    hold = book.hold(book.a, book.b, 500, **limit)
    taken = book.after(hold, "capture", 300)
    book.decide(hold)
    assert book.statuses(taken, book.item(book.a, book.b, 201, **limit)) == ["captured", "limit"]
    assert book.statuses(book.item(book.a, book.b, 200, **limit), book.mirror(taken)) == ["posted", "posted"]
    assert book.statuses(book.item(book.a, book.b, 300, **limit)) == ["posted"]
    assert book.statuses(book.after(hold, "void")) == ["hold_gone"]
    assert book.trial().sound


def test_bank_builds_the_reversal_from_the_transfer(either: Book) -> None:
    book = either
    from sscard.ledger import follow_up

    paid = book.item(book.cash, book.a, 700, kind="deposit")
    book.decide(paid)
    with in_book(book.name):
        found = follow_up.find_transfer(paid.debit.person_id, paid.transfer_id)
    asked = follow_up.Asked(uuid.uuid4(), "wrong", b"w" * 32, paid.business_date)
    assert book.statuses(follow_up.reverse(found, asked)) == ["posted"]
    assert book.balance(book.a) == 0


@pytest.mark.parametrize("times", range(4))
def test_transfer_and_its_reversal_at_once_leave_nothing_moved(either: Book, times: int) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    found = in_threads([lambda: book.decide(paid)[0].status, lambda: book.decide(book.mirror(paid))[0].status])
    assert found in (["posted", "posted"], ["reversed_before", "remembered"]), found
    assert (book.balance(book.a), book.balance(book.b)) == (1_000, 0)


@pytest.mark.parametrize("times", range(4))
def test_two_reversals_at_once_one_is_posted(either: Book, times: int) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 400)
    book.decide(paid)
    found = in_threads([lambda: book.decide(book.mirror(paid))[0].status] * 4)
    assert sorted(found) == ["already_reversed"] * 3 + ["posted"]


def test_same_transfer_id_under_another_key_moves_nothing(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid = book.item(book.a, book.b, 100)
    twin = replace(paid, key=uuid.uuid4().hex)
    assert book.statuses(paid, twin) == ["posted", "key_reused"]
    assert book.statuses(replace(paid, key=uuid.uuid4().hex)) == ["key_reused"]
    assert book.balance(book.a) == 900


# -- groups
def test_group_is_done_all_or_none(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    one, two = uuid.uuid4(), uuid.uuid4()
    limit = {"limit_kind": "cash", "limit_fen": 5_000}
    hold = book.hold(book.a, book.b, 100, group=one)
    items = [
        book.item(book.a, book.b, 600, group=one, **limit),
        hold,
        book.after(hold, "capture", 50, group=one),
        book.item(book.a, book.b, 600, group=one),
        book.item(book.b, book.a, 5, group=one),
        book.item(book.a, book.b, 1_000, group=two, **limit),
        book.item(book.b, book.cash, 1_000, group=two),
        book.item(book.cash, book.a, 7),
    ]
    assert book.statuses(*items) == [*["group_refused"] * 3, "insufficient", "group_refused", *["posted"] * 3]
    assert (book.balance(book.a), book.balance(book.b)) == (7, 0)
    assert book.counters(book.a).held_fen == 0
    with in_book(book.name):
        from sscard.ledger.models import Hold, LimitUse

        assert not Hold.objects.exists()
        assert LimitUse.objects.get(person_id=book.a[0]).used_fen == 1_000
    assert book.trial().sound
    assert [(one.status, one.replayed) for one in book.decide(*items[:5])] == [
        *[("group_refused", True)] * 3,
        ("insufficient", True),
        ("group_refused", True),
    ]


def test_group_that_takes_back_reversals_leaves_them_to_be_made(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    paid, later = book.item(book.a, book.b, 400), book.item(book.a, book.b, 1)
    book.decide(paid)
    group = uuid.uuid4()
    bad = [
        book.mirror(paid, group=group),
        book.mirror(later, group=group),
        book.item(book.b, book.a, 9_999, group=group),
    ]
    assert book.statuses(*bad) == ["group_refused", "group_refused", "insufficient"]
    assert book.statuses(later, book.mirror(paid)) == ["posted", "posted"]
    assert book.trial().sound


def test_group_partly_known_is_refused_and_parted_group_is_a_programmers_error(either: Book) -> None:
    book = either
    book.pay_in(book.a, 1_000)
    known = book.item(book.a, book.b, 1)
    book.decide(known)
    group = uuid.uuid4()
    parts = [replace(known, group=group), book.item(book.a, book.b, 2, group=group)]
    assert book.statuses(*parts) == ["posted", "group_refused"]
    with pytest.raises(ValueError, match="side by side"):
        book.decide(parts[0], book.item(book.a, book.b, 3), parts[1])


def test_post_without_atomic_hands_the_statuses_back(either: Book) -> None:
    book = either
    from sscard.kernel.refusals import Refusal
    from sscard.ledger.posting import post

    book.pay_in(book.a, 100)
    group = uuid.uuid4()
    with in_book(book.name):
        found = post([book.item(book.a, book.b, 60), book.item(book.a, book.b, 60)], posted_at=NOW, atomic=False)
    assert [one.status for one in found] == ["posted", "insufficient"]
    with pytest.raises(Refusal) as refused, in_book(book.name):
        post(
            [book.item(book.a, book.b, 10, group=group), book.item(book.a, book.b, 60, group=group)],
            posted_at=NOW,
        )
    assert refused.value.code == "ledger.insufficient", "the one that was to blame, not the one that fell with it"
    assert book.balance(book.a) == 40


def test_key_taken_at_the_same_moment_for_other_accounts(either: Book) -> None:
    book = either
    """Neither waits for the other's accounts; the second finds the key when it writes, and is told so."""
    book.pay_in(book.a, 100)
    book.pay_in(book.b, 100)
    for _ in range(5):
        key = uuid.uuid4().hex
        items = [book.item(book.a, book.cash, 1, key=key), book.item(book.b, book.cash, 2, key=key)]
        found = in_threads(
            [lambda item=item: book.decide(replace(item, transfer_id=new_id()))[0].status for item in items]
        )
        assert sorted(found) == ["key_reused", "posted"]
    assert book.trial().sound
