"""Six months unused: the counter only, until the holder is identified again; and the day on the card."""

from __future__ import annotations

from datetime import date
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest

from sscard.bank.idle import months_before

pytestmark = pytest.mark.usefixtures("fresh_house")
HALF_A_YEAR = 185


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


def sweep(*what: str) -> int:
    from sscard.bank.life_jobs import sweep_all

    return sweep_all(*(what or ("unused",)))


def draw(terminal: kit.Terminal, holder: kit.Holder, fen: int = 100) -> Any:
    from sscard.bank.acts import Withdraw

    session = terminal.present("bank.withdraw", holder)
    return kit.perform(terminal.caller, "bank.withdraw", Withdraw(holder.account, session, fen))


def test_six_months_without_a_movement_leave_the_counter_and_money_coming_in(holder: kit.Holder) -> None:
    kiosk, counter = kit.Terminal(kind="kiosk"), kit.Terminal()
    with life.later(180):
        sweep()
        assert life.restrictions(holder) == [], "not before the day"
    with life.later(HALF_A_YEAR):
        assert sweep() == 1
        assert sweep() == 0
        assert life.restrictions(holder) == ["COUNTER_ONLY"]
        kit.pay_in(holder, 5_000)
        assert kit.refused(lambda: draw(kiosk, holder)).code == "bank.counter_only"
        draw(counter, holder)
        from sscard.bank.acts import Reverify

        session = life.show_id(counter, "bank.reverify", kit.person(), card=holder)
        refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.reverify", Reverify(holder.account, session)))
        assert refusal.code == "bank.not_the_holder"
        session = life.show_id(counter, "bank.reverify", holder, card=holder)
        kit.perform(counter.caller, "bank.reverify", Reverify(holder.account, session))
        assert life.restrictions(holder) == []
        draw(kiosk, holder)
        session = life.show_id(counter, "bank.reverify", holder, card=holder)
        refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.reverify", Reverify(holder.account, session)))
        assert refusal.code == "bank.not_counter_only"
    with life.later(HALF_A_YEAR * 3):
        assert sweep() == 0, "the movement stopped the timer"


def test_one_movement_stops_the_timer_for_good_and_interest_is_none(holder: kit.Holder) -> None:
    used = kit.activated(kit.opened(kit.person()))
    kit.pay_in(used, 100)
    interest(holder, 12)
    asleep = kit.opened(kit.person())
    with life.later(HALF_A_YEAR):
        assert sweep() == 1
        assert life.restrictions(used) == []
        assert life.restrictions(holder) == ["COUNTER_ONLY"]
        assert life.restrictions(asleep) == [], "it lets nothing out as it is"
        kit.activated(asleep)
        assert sweep() == 0, "its months begin with the activation"


def interest(holder: kit.Holder, fen: int) -> None:
    """As the interest run posts it."""
    import uuid

    from sscard.kernel import clock
    from sscard.ledger import accounts, posting
    from sscard.ledger.permits import INTERNAL, Permit

    now, today = clock.now(holder.area), clock.today(holder.area)
    with kit.in_bank(holder):
        expense = posting.Side(*accounts.internal("bank:CCB", "interest.expense", holder.account, now=now), INTERNAL)
        own = posting.Side(holder.person_id, holder.account, Permit.CREDIT)
        item = posting.Item(uuid.uuid4(), "interest", b"i" * 32, "interest", expense, own, fen, today)
        posting.post([item], posted_at=now)


def test_the_day_on_the_card(holder: kit.Holder) -> None:
    from sscard.cards.models import Card
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work

    kiosk, counter = kit.Terminal(kind="kiosk"), kit.Terminal()
    kit.pay_in(holder, 5_000)
    with unit_of_work(area=holder.area):
        Card.objects.filter(card_id=holder.card).update(expires_on=clock.today(holder.area))
    sweep("expired_cards")
    assert life.restrictions(holder) == [], "the day printed on it is its last good day"
    with life.later(1):
        sweep("expired_cards")
        assert life.restrictions(holder) == ["CARD_EXPIRED"]
        kit.pay_in(holder, 5_000)
        assert kit.refused(lambda: draw(kiosk, holder)).code == "bank.card_expired"
        draw(counter, holder)
        assert sweep("expired_cards") == 0


def test_months_are_calendar_months() -> None:
    assert months_before(date(2026, 7, 1), 6) == date(2026, 1, 1)
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2028, 8, 30), 6) == date(2028, 2, 29)
    assert months_before(date(2026, 3, 15), 15) == date(2024, 12, 15)
