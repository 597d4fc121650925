"""Paying interest: the SQL agrees with the rules, each account once per period whatever runs again, closing early."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("fresh_house")

END = date(2026, 6, 20)


def aged(holder: kit.Holder, opened: date) -> kit.Holder:
    """As if the account had been opened on that day."""
    from sscard.bank.models import BankAccount
    from sscard.kernel.clock import CHINA

    with kit.in_bank(holder):
        at = datetime(opened.year, opened.month, opened.day, 10, tzinfo=CHINA)
        BankAccount.objects.filter(account_id=holder.account).update(opened_at=at)
    return holder


def moved(holder: kit.Holder, day: date, fen: int) -> None:
    """A movement of that business date: in when positive, out when negative."""
    import uuid

    from sscard.bank.savings import books
    from sscard.kernel import clock
    from sscard.ledger import posting
    from sscard.ledger.permits import Permit

    now = clock.now(holder.area)
    with kit.in_bank(holder):
        cash = books.house(f"bank:{holder.bank}", "cash.counter", holder.account, now=now)
        mine = books.customer(holder.person_id, holder.account, Permit.NONE)
        sides = (cash, mine) if fen > 0 else (mine, cash)
        item = posting.Item(uuid.uuid4(), "k", b"f" * 32, "test", sides[0], sides[1], abs(fen), day)
        posting.post([item], posted_at=now)


def rows_of(holder: kit.Holder) -> list[Any]:
    from sscard.bank.models import InterestPaid

    with kit.in_bank(holder):
        return list(InterestPaid.objects.filter(account_id=holder.account).order_by("period_end"))


def run(end: date = END, **more: Any) -> Any:
    from sscard.bank.savings import interest

    return interest.run("990100", "CCB", end, **more)


def sound(holder: kit.Holder) -> None:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        trial = reads.trial_balance()
    assert trial.sound, trial


def test_the_worked_example_is_paid_once_whatever_is_run_again() -> None:
    holder = aged(kit.opened(kit.person()), date(2026, 3, 21))
    moved(holder, date(2026, 3, 21), 1_000_056)
    moved(holder, date(2026, 4, 10), -200_000)
    moved(holder, date(2026, 6, 1), 50_050)
    moved(holder, date(2026, 6, 21), 100)  # after the settlement day
    assert (run().paid, run().paid, run(piece=1).accounts) == (1, 0, 0)
    (row,) = rows_of(holder)
    assert (row.yuan_days, row.amount_fen, row.period_begin, row.rate_ppm) == (786_020, 109, date(2026, 3, 21), 500)
    assert (row.through_seq, row.balance_fen, row.rate_source) == (3, 850_106, "演示值 demo value")
    assert kit.balance_of(holder) == 850_106 + 100 + 109
    line = savings.statement(kit.activated(holder)).lines[0]
    assert (line.kind, line.in_fen, line.business_date) == ("interest", 109, END + timedelta(days=1))
    sound(holder)


def test_the_next_period_goes_on_where_the_last_one_ended_and_interest_bears_interest() -> None:
    holder = aged(kit.opened(kit.person()), date(2026, 3, 21))
    moved(holder, date(2026, 3, 21), 10_000_00 * 100)
    run()
    run(date(2026, 9, 20))
    first, second = rows_of(holder)
    assert first.amount_fen == 12_778  # 1,000,000 × 92 × 0.0005 ÷ 360 = 127.777… yuan
    assert (second.period_begin, second.yuan_days) == (date(2026, 6, 21), 1_000_127 * 92)
    sound(holder)


def test_many_at_random_agree_with_the_rules_in_pieces_and_side_by_side() -> None:
    from sscard.bank.savings.interest_rules import DayEnd, interest_fen, yuan_days

    chance = random.Random(20260620)
    expected: dict[Any, int] = {}
    everyone = []
    for _ in range(12):
        begin = date(2026, 3, 1) + timedelta(days=chance.randrange(60))
        holder, balance, days = aged(kit.opened(kit.person()), begin), 0, []
        for offset in sorted(chance.sample(range(130), chance.randrange(6))):
            fen = chance.randrange(1, 9_000_000) if balance < 1_000_000 else -chance.randrange(1, balance)
            balance += fen
            day = begin + timedelta(days=offset)
            moved(holder, day, fen)
            days.append(DayEnd(day, balance))
        expected[holder.account] = interest_fen(yuan_days(days, begin, END), 500)
        everyone.append(holder)
    kit.in_threads([lambda: run(piece=3), lambda: run(piece=5), lambda: run(piece=100)])
    for holder in everyone:
        assert [row.amount_fen for row in rows_of(holder)] == [expected[holder.account]]
    sound(everyone[0])


def test_nothing_before_the_day_is_over_and_no_rate_is_refused() -> None:
    from sscard.kernel import clock

    assert kit.refused(lambda: run(clock.today("990100"))).code == "bank.interest_too_early"
    assert kit.refused(lambda: run(date(2019, 6, 20))).code == "law.value_missing"


def test_closing_early_pays_to_the_day_before_at_the_rate_of_the_closing_day() -> None:
    from sscard.bank.models import AccountStatus
    from sscard.bank.savings import interest
    from sscard.bank.standing import bank_rule, load
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work
    from sscard.ledger import posting

    holder = aged(kit.opened(kit.person()), date(2026, 6, 1))
    moved(holder, date(2026, 6, 1), 3_600_00)
    run()  # 20 days × 3,600 yuan at 0.05 % = 0.10 yuan
    inside = Inside(caller=system("990100"), area_code="990100", act="test")
    closing = date(2026, 7, 1)
    with unit_of_work(area="990100"):
        mirror = AccountStatus.objects.get(account_id=holder.account)
        rate, rule = interest.rate_of(mirror, closing), bank_rule(mirror, inside)
        with inside.bank_role("CCB"):
            standing = load(mirror, rule, now=clock.now("990100"))
            found = interest.at_closing(inside, standing, rate, closing)
            again = interest.at_closing(inside, standing, rate, closing)
            assert (again.amount_fen, again.item) == (0, None)
            assert found.item is not None
            posting.post([found.item], posted_at=standing.now)
    first, last = rows_of(holder)
    assert (first.amount_fen, last.period_begin, last.period_end) == (10, date(2026, 6, 21), date(2026, 6, 30))
    assert (last.yuan_days, last.amount_fen, found.amount_fen) == (36_000, 5, 5)
    assert kit.balance_of(holder) == 3_600_00 + 15
    sound(holder)


def test_daily_close_pays_interest_after_the_settlement_day_and_can_be_repeated() -> None:
    from sscard.bank.savings import close

    holder = aged(kit.opened(kit.person()), date(2026, 3, 21))
    moved(holder, date(2026, 3, 21), 1_000_000)
    first = close.close("CCB", date(2026, 7, 3))
    assert first.sound
    assert (first.day, [trial.day for trial in first.trials]) == (date(2026, 7, 3), [END, date(2026, 7, 3)])
    assert [(area, day, ran.paid) for area, day, ran in first.interest if area == "990100"] == [("990100", END, 1)]
    again = close.close("CCB", date(2026, 7, 3))
    assert (again.trials, again.interest) == ((), ())
    (row,) = rows_of(holder)
    assert (row.yuan_days, row.amount_fen) == (920_000, 128)
    second = close.close("CCB")
    assert second.sound
    assert [row.period_end for row in rows_of(holder)][:2] == [END, date(2026, 9, 20)]
    sound(holder)


def test_a_run_cut_off_after_the_close_is_finished_by_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.savings import close, interest

    holders = [aged(kit.opened(kit.person()), date(2026, 3, 21)) for _ in range(3)]
    for holder in holders:
        moved(holder, date(2026, 3, 21), 1_000_000)
    whole = interest.run

    def one_piece(area: str, bank: str, day: date) -> Any:
        from sscard.control.caller import system

        if (area, day) != ("990100", END):
            return whole(area, bank, day)
        kit.perform(system(area), "bank.pay_interest", interest.PayInterest(bank, day, most=1))
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(interest, "run", one_piece)
        with pytest.raises(KeyboardInterrupt):
            close.close("CCB", date(2026, 6, 20))
    assert sorted(len(rows_of(holder)) for holder in holders) == [0, 0, 1]
    late = close.close("CCB", date(2026, 6, 25))
    assert sum(ran.paid for _, _, ran in late.interest) == 2
    assert [len(rows_of(holder)) for holder in holders] == [1, 1, 1]
    assert {kit.balance_of(holder) for holder in holders} == {1_000_128}
    sound(holders[0])
