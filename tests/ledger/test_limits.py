"""Limits by operation, day, month and year, in fen and times; closed days; medical money."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from ledger_support import DAY, NOW, Book, in_book

from sscard.ledger.items import Limit


def test_several_limits_of_one_item_and_the_refusal_names_which(either: Book) -> None:
    book = either
    book.pay_in(book.a, 100_000)
    limits = (
        Limit("transfer", "operation", 5_000),
        Limit("transfer", "day", 8_000),
        Limit("transfer", "month", 12_000, 4),
        Limit("all", "year", 13_000),
    )

    def pay(fen: int, day: date = DAY) -> tuple[str, str | None]:
        found = book.decide(book.item(book.a, book.b, fen, limits=limits, business_date=day))[0]
        return found.status, found.limited_by

    assert pay(5_001) == ("limit", "transfer:operation")
    assert pay(5_000) == ("posted", None)
    assert pay(3_001) == ("limit", "transfer:day")
    assert pay(3_000) == ("posted", None)
    assert pay(4_001, DAY + timedelta(days=1)) == ("limit", "transfer:month")
    assert pay(100, DAY + timedelta(days=1)) == ("posted", None)
    assert pay(100, DAY + timedelta(days=1)) == ("posted", None)
    assert pay(1, DAY + timedelta(days=2)) == ("limit", "transfer:month"), "four times in the month"
    assert pay(4_801, DAY + timedelta(days=31)) == ("limit", "all:year")
    assert pay(4_800, DAY + timedelta(days=31)) == ("posted", None)
    assert pay(1, date(2027, 1, 1)) == ("posted", None)


def test_limit_is_given_back_by_reversal_and_void(either: Book) -> None:
    book = either
    book.pay_in(book.a, 10_000)
    limit = {"limits": (Limit("cash", "day", 1_000, 1), Limit("cash", "year", 1_000))}
    paid, hold = book.item(book.a, book.b, 1_000, **limit), book.hold(book.a, book.b, 1_000, **limit)
    assert book.statuses(paid, book.item(book.a, book.b, 1, **limit)) == ["posted", "limit"]
    assert book.statuses(book.mirror(paid), hold, book.item(book.a, book.b, 1, **limit)) == ["posted", "held", "limit"]
    assert book.statuses(book.after(hold, "void"), book.item(book.a, book.b, 1_000, **limit)) == ["voided", "posted"]
    with in_book(book.name):
        from sscard.ledger.models import LimitUse

        rows = LimitUse.objects.filter(person_id=book.a[0]).order_by("period")
        assert [(r.period, r.begins, r.used_fen, r.times) for r in rows] == [
            ("day", DAY, 1_000, 1),
            ("year", date(2026, 1, 1), 1_000, 1),
        ]


def test_replay_of_a_limit_names_it_too_and_people_read_it(either: Book) -> None:
    book = either
    from sscard.kernel.refusals import Refusal
    from sscard.ledger.posting import post

    book.pay_in(book.a, 10_000)
    item = book.item(book.a, book.b, 11, limits=(Limit("cash", "month", 10),))
    first = book.decide(item)[0]
    assert book.decide(item)[0].limited_by == first.limited_by == "cash:month"
    with pytest.raises(Refusal) as refused, in_book(book.name):
        post([item], posted_at=NOW)
    assert (refused.value.code, refused.value.facts["kind"], refused.value.facts["period"]) == (
        "ledger.limit",
        "cash",
        "month",
    )
    assert "当月" in refused.value.sentence("zh")


@pytest.mark.parametrize(
    "wrong", [{"kind": "a b"}, {"kind": "a:b"}, {"kind": ""}, {"kind": "a", "period": "week"}], ids=str
)
def test_limit_that_could_not_be_kept(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Limit(**{"period": "day", **wrong})  # type: ignore[arg-type]


def test_item_that_makes_no_sense_is_a_programmers_error(book: Book) -> None:
    hold = book.hold(book.a, book.b, 1)
    with pytest.raises(ValueError, match="counted"):
        book.after(hold, "capture", limits=(Limit("a", "day"),))
    with pytest.raises(ValueError, match="two limits"):
        book.item(book.a, book.b, 1, limits=(Limit("a", "day"), Limit("a", "day")))
    with pytest.raises(ValueError, match="reversal"):
        book.item(book.a, book.b, 1, reverses=hold.hold)
    with pytest.raises(ValueError, match="hold's id"):
        book.item(book.a, book.b, 1, hold=hold.hold)


# -- closed days
def test_nothing_is_posted_into_a_closed_day_and_the_key_stays_free(either: Book) -> None:
    book = either
    from sscard.ledger.models import BusinessDay

    book.pay_in(book.a, 1_000)
    hold = book.hold(book.a, book.b, 100)
    done = book.item(book.a, book.b, 1)
    book.decide(hold, done)
    with in_book(book.name):
        BusinessDay.objects.create(book=book.name, day=DAY, closed_at=NOW)
    key = uuid.uuid4().hex
    late = book.item(book.a, book.b, 5, key=key)
    early = book.item(book.a, book.b, 5, business_date=DAY - timedelta(days=400))
    assert book.statuses(late, early, book.mirror(done), book.after(hold, "capture")) == ["business_day_closed"] * 4
    assert book.decide(done)[0].replayed, "what was answered stays answered"
    assert book.statuses(book.after(hold, "void")) == ["voided"], "freeing money is no entry"
    tomorrow = book.item(book.a, book.b, 5, key=key, business_date=DAY + timedelta(days=1))
    assert book.statuses(tomorrow) == ["posted"]


def test_closed_day_takes_its_group_along_and_keeps_no_answer(either: Book) -> None:
    book = either
    from sscard.ledger.models import BusinessDay, Posting

    book.pay_in(book.a, 1_000)
    with in_book(book.name):
        BusinessDay.objects.create(book=book.name, day=DAY, closed_at=NOW)
    group, keys = uuid.uuid4(), [uuid.uuid4().hex, uuid.uuid4().hex]
    items = [
        book.item(book.a, book.b, 5, group=group, key=keys[0], business_date=DAY + timedelta(days=1)),
        book.item(book.a, book.b, 5, group=group, key=keys[1]),
    ]
    assert book.statuses(*items) == ["business_day_closed"] * 2
    with in_book(book.name):
        assert not Posting.objects.filter(key__in=keys).exists()


# -- medical money
def test_medical_money_goes_to_a_provider_or_as_a_statutory_pay_out_and_nowhere_else(either: Book) -> None:
    book = either
    from sscard.ledger import accounts

    medical = book.open("medical")
    book.pay_in(medical, 10_000)
    with in_book(book.name):
        provider = accounts.internal(book.name, "provider.9001", medical[1], now=NOW, purpose="provider")
    kinds = ["withdrawal", "transfer", "purchase", "medical.settlement", "medical.refund", "fee", "interest.back"]
    for target in (book.a, book.cash, provider):
        for kind in kinds:
            fits = kind == "medical.settlement" and target == provider
            expected = ["posted" if fits else "not_permitted", "held" if fits else "not_permitted"]
            items = [book.item(medical, target, 10, kind=kind), book.hold(medical, target, 10, kind=kind)]
            assert book.statuses(*items) == expected, (kind, target)
    assert book.statuses(book.item(medical, book.a, 10, kind="medical.statutory_payout")) == ["posted"]
    deposit = book.item(book.cash, medical, 10)
    assert book.statuses(deposit, book.mirror(deposit)) == ["posted", "not_permitted"], "nor by reversing what came in"
    paid = book.item(medical, provider, 10, kind="medical.settlement")
    assert book.statuses(paid, book.mirror(paid)) == ["posted", "posted"], "a refund goes back to its source"
    hold = book.hold(medical, provider, 10, kind="medical.settlement")
    book.decide(hold)
    assert book.statuses(book.after(hold, "capture", kind="purchase")) == ["not_permitted"]
    assert book.statuses(book.after(hold, "capture", kind="medical.settlement")) == ["captured"]
    assert book.trial().sound
