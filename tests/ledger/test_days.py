"""Business dates: cut-off, closing, trial balance per day, balances in the past."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from ledger_support import DAY, NOW, Book, in_book, in_threads
from msgspec.structs import replace

TOMORROW = DAY + timedelta(days=1)
NEXT = NOW + timedelta(days=1)


@dataclass(frozen=True)
class Area:
    """An area whose every bank has one cut-off."""

    cut_off: time = time(0, 0)

    def bank(self, code: str, on: date) -> Any:
        return self


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of 2 March 2026 in China."""
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    "moment, cut_off, expected",
    [
        (at(0), time(0, 0), DAY),
        (at(23, 59), time(0, 0), DAY),
        (at(22, 59), time(23, 0), DAY),
        (at(23), time(23, 0), TOMORROW),
        (at(23, 30), time(23, 0), TOMORROW),
        (at(23, 59), time(23, 0), TOMORROW),
    ],
)
def test_cut_off(moment: datetime, cut_off: time, expected: date) -> None:
    from sscard.ledger import days

    assert days.date_of(moment, cut_off) == expected


def test_business_date_is_never_a_closed_one(book: Book) -> None:
    from sscard.ledger import days

    with in_book(book.name):
        assert days.business_date(book.name, at(10), Area()) == DAY
        days.shut(book.name, DAY, now=NOW)
        assert days.business_date(book.name, at(10), Area()) == TOMORROW


def test_day_that_is_not_over_is_not_closed(book: Book) -> None:
    from sscard.kernel.refusals import Refusal
    from sscard.ledger import days

    with pytest.raises(Refusal, match=r"ledger\.day_not_over"):
        days.close(book.name, DAY, now=at(22, 59), area=Area(time(23)))
    assert days.close(book.name, DAY, now=at(23), area=Area(time(23))).sound
    with pytest.raises(Refusal, match=r"ledger\.day_still_open"), in_book(book.name):
        days.draw_up(book.name, TOMORROW, now=NOW)


def test_close_draws_up_each_day_and_may_be_repeated(book: Book) -> None:
    from sscard.ledger import days, reads
    from sscard.ledger.models import DayBalance

    third = DAY + timedelta(days=2)
    book.pay_in(book.a, 1_000)
    book.decide(book.item(book.a, book.b, 100, business_date=TOMORROW))
    book.decide(book.item(book.a, book.b, 30))  # of the first day, though it comes after one of the second
    book.decide(book.item(book.b, book.cash, 50, business_date=third))
    first = days.close(book.name, DAY, now=NEXT, area=Area())
    assert first.sound
    assert (first.moved, first.entries, first.debits_fen, first.credits_fen) == (3, 4, 1_030, 1_030)
    assert days.close(book.name, DAY, now=NEXT, area=Area()) == first
    late = NEXT + timedelta(days=5)
    last = days.close(book.name, third, now=late, area=Area())
    assert last.sound
    assert (last.moved, last.entries) == (2, 2), "the day between was drawn up on the way"
    with in_book(book.name):
        rows = DayBalance.objects.filter(person_id=book.a[0]).order_by("day")
        assert [(r.day, r.opening_fen, r.debits_fen, r.credits_fen, r.closing_fen) for r in rows] == [
            (DAY, 0, 30, 1_000, 970),
            (TOMORROW, 970, 100, 0, 870),
        ]
        expected = {DAY - timedelta(days=1): 0, DAY: 970, TOMORROW: 870, third: 870, third + timedelta(days=9): 870}
        assert {day: reads.balance_on(*book.a, day) for day in expected} == expected
    assert book.trial().sound


def test_balance_in_the_past_is_the_same_before_and_after_the_close(book: Book) -> None:
    from sscard.ledger import days, reads

    book.pay_in(book.a, 1_000)
    book.decide(book.item(book.a, book.b, 100, business_date=TOMORROW), book.item(book.a, book.b, 30))
    when = [DAY - timedelta(days=1), DAY, TOMORROW]

    def balances() -> list[int]:
        with in_book(book.name):
            return [reads.balance_on(*book.a, day) for day in when]

    before = balances()
    assert before == [0, 970, 870]
    days.close(book.name, DAY, now=NEXT, area=Area())
    assert balances() == before


def test_trial_of_a_day_sees_a_counter_that_does_not_follow(book: Book) -> None:
    from sscard.ledger import days
    from sscard.ledger.models import LedgerAccount

    book.pay_in(book.a, 1_000)
    with in_book(book.name):
        LedgerAccount.objects.filter(person_id=book.a[0]).update(credits_posted=1_001)
    found = days.close(book.name, DAY, now=NEXT, area=Area())
    assert (found.sound, found.wrong, found.total_fen) == (False, 1, 0)


def test_close_waits_for_a_movement_under_way_and_lets_none_in_after(book: Book) -> None:
    from sscard.ledger import days

    book.pay_in(book.a, 1_000)
    posted, goes_on = threading.Event(), threading.Event()
    item = book.item(book.a, book.b, 7)

    def act() -> str:
        from sscard.ledger.posting import decide

        with in_book(book.name):
            status = decide([item], posted_at=NOW, wait=True)[0].status
            posted.set()
            goes_on.wait(1)  # its transaction is open while the close begins
        return status

    def close() -> Any:
        assert posted.wait(30)
        return days.close(book.name, DAY, now=NEXT, area=Area())

    status, trial = in_threads([act, close])
    assert status == "posted"
    assert trial.entries == 4, "the movement under way is in the day that waited for it"
    assert book.statuses(replace(item, key=item.key + "x", transfer_id=book.hold(book.a, book.b, 1).hold)) == [
        "business_day_closed"
    ]
