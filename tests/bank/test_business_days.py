"""Business dates: what an act does after the bank's cut-off belongs to the next day, whatever the calendar says; while the day is
switched it says "try again"; and an area whose clock is ahead closes nothing for the others of the bank."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings
from test_life_closing import close as close_at
from test_life_closing import social_cancelled

pytestmark = pytest.mark.usefixtures("fresh_house")


@contextmanager
def at_time(monkeypatch: pytest.MonkeyPatch, hour: int, minute: int, *, ahead: int = 0) -> Iterator[date]:
    """All areas' clocks at this time of the next day in China, or `ahead` days later; the banks' cut-off is at 23:00."""
    from sscard.kernel import clock
    from sscard.law.area import Area

    real = Area.bank
    day = clock.real_now().astimezone(clock.CHINA).date() + timedelta(days=1 + ahead)
    moment = datetime.combine(day, time(hour, minute), tzinfo=clock.CHINA)
    offset = moment - clock.real_now()

    def changed(self: Area, code: str, on: date | None = None) -> Any:
        return real(self, code, on).model_copy(update={"cut_off": time(23, 0)})

    with monkeypatch.context() as patch:
        patch.setattr(Area, "bank", changed)
        patch.setattr(clock, "offset_of", lambda _area: offset)
        yield day


def limit_days(holder: kit.Holder) -> set[date]:
    from sscard.ledger.models import LimitUse

    with kit.in_bank(holder):
        return set(LimitUse.objects.filter(account_id=holder.account, period="day").values_list("begins", flat=True))


def entry_days(holder: kit.Holder) -> list[date]:
    from sscard.ledger.models import Entry

    with kit.in_bank(holder):
        return list(
            Entry.objects.filter(account_id=holder.account).order_by("seq").values_list("business_date", flat=True)
        )


def test_after_the_cut_off_entries_limits_and_answers_are_the_next_day_s(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.acts import Withdraw

    payer, payee, till = savings.rich(9_000_000), savings.rich(0), kit.Terminal()
    with at_time(monkeypatch, 22, 59) as day:
        first = savings.send(payer, payee, 100_000)
        assert kit.refused(lambda: savings.send(payer, payee, 100)).code == "bank.step_up_needed"
    with at_time(monkeypatch, 23, 1):
        second = savings.send(payer, payee, 100)
        session = savings.at(till, "bank.withdraw", payer)
        cash = kit.perform(till.caller, "bank.withdraw", Withdraw(payer.account, session, 200))
    later = day + timedelta(days=1)
    assert [one.answer["business_date"] for one in (first, second, cash)] == [str(day), str(later), str(later)]
    assert limit_days(payer) == {day, later}
    assert entry_days(payer)[-3:] == [day, later, later]


def test_closing_after_the_cut_off_pays_interest_for_the_day_that_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value date of the closing is the next business day: the day that has just ended still bears interest."""
    from sscard.bank.models import InterestPaid

    counter = kit.Terminal()
    for hour, still in ((22, False), (23, True)):
        one = savings.rich(100_000_000)
        social_cancelled(one)
        with at_time(monkeypatch, hour, 30) as day:
            close_at(counter, one)
        with kit.in_bank(one):
            row = InterestPaid.objects.get(account_id=one.account)
        assert (row.period_end == day) is still
        assert entry_days(one)[-1] == row.period_end + timedelta(days=1)


def test_while_the_day_is_switched_the_same_key_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Response code 90 of terminals: refused with 503, nothing moved, nothing kept; the same key succeeds on the new day."""
    from sscard.bank.savings import books
    from sscard.ledger import days

    payer, payee = savings.rich(5_000), savings.rich(0)
    who, real = savings.customer(payer), books.business_day
    with at_time(monkeypatch, 10, 0) as day:

        def switched_meanwhile(*asked: Any) -> date:
            found = real(*asked)
            days.shut("bank:CCB", found, now=asked[2])
            return found

        with monkeypatch.context() as patch:
            patch.setattr(books, "business_day", switched_meanwhile)
            refusal = kit.refused(lambda: savings.send(payer, payee, 700, who=who, key="k"))
        assert (refusal.code, refusal.status) == ("ledger.business_day_closed", 503)
        assert kit.balance_of(payer) == 5_000
        with kit.in_bank(payer):
            days.shut("bank:CCB", day, now=datetime.now(tz=None).astimezone())
        done = savings.send(payer, payee, 700, who=who, key="k")
    assert done.answer["business_date"] == str(day + timedelta(days=1))
    assert kit.balance_of(payer) == 4_300


def test_an_area_ahead_gets_its_interest_and_closes_nothing_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.models import InterestPaid
    from sscard.bank.savings import close
    from sscard.kernel import clock

    ahead, here = savings.rich(10_000_000), savings.rich(10_000_000, area="990200")
    payee = savings.rich(0, area="990200")
    ours = clock.today("990200")
    monkeypatch.setattr(clock, "offset_of", lambda area: timedelta(days=400 if area == "990100" else 0))
    kit.pay_in(ahead, 500)
    done = close.close("CCB")
    assert (done.day, done.sound) == (ours - timedelta(days=1), True)
    assert {area for area, _, ran in done.interest if ran.paid} == {"990100"}
    with kit.in_bank(ahead):
        paid = InterestPaid.objects.filter(account_id=ahead.account)
        assert paid.count() >= 4
        assert sum(one.amount_fen for one in paid) > 4_000
    with kit.in_bank(here):
        assert not InterestPaid.objects.filter(account_id=here.account).exists()
    assert savings.send(here, payee, 300).answer["business_date"] == str(ours)
    assert entry_days(ahead)[1] == ours + timedelta(days=400)
    again = close.close("CCB")
    assert (again.day, [ran.paid for _, _, ran in again.interest]) == (done.day, [])
