"""Loss at the bank: counter, terminal, phone, on-line; temporary and formal; and the bureau's report that follows."""

from __future__ import annotations

from typing import Any

import bank_kit as kit
import life_kit as life
import pytest

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


def report(who: Any, holder: kit.Holder, **more: Any) -> Any:
    from sscard.bank.acts import ReportLoss

    return kit.perform(who, "bank.report_loss", ReportLoss(holder.account, **more), area=holder.area)


def release(who: Any, holder: kit.Holder, **more: Any) -> Any:
    from sscard.bank.acts import ReleaseLoss

    return kit.perform(who, "bank.release_loss", ReleaseLoss(holder.account, **more), area=holder.area)


def assert_lost(holder: kit.Holder, counter: kit.Terminal) -> None:
    """Debits are closed, credits go on."""
    from sscard.bank.acts import Withdraw

    before = kit.balance_of(holder)
    kit.pay_in(holder, 500)
    assert kit.balance_of(holder) == before + 500
    session = counter.present("bank.withdraw", holder)
    request = Withdraw(holder.account, session, 100)
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.withdraw", request)).code == "bank.lost"
    assert life.restrictions(holder) == ["LOST"]


def test_formal_report_at_the_counter_holds_until_the_card_is_there(holder: kit.Holder, counter: kit.Terminal) -> None:
    from sscard.cards.models import CardEvent
    from sscard.kernel.db import unit_of_work

    stranger = kit.person()
    session = life.show_id(counter, "bank.report_loss", stranger)
    assert kit.refused(lambda: report(counter.caller, holder, session=session)).code == "bank.not_the_holder"
    session = life.show_id(counter, "bank.report_loss", holder)
    answer = report(counter.caller, holder, session=session, formal=True).answer
    assert (answer["until"], answer["restrictions"]) == ("", ["LOST"])
    assert_lost(holder, counter)
    with life.later(300):
        assert life.restrictions(holder) == ["LOST"]
        session = life.show_id(counter, "bank.release_loss", holder)
        assert kit.refused(lambda: release(counter.caller, holder, session=session)).code == "bank.card_differs"
        assert kit.refused(lambda: release(life.customer(holder), holder)).code == "bank.lost_formally"
    session = life.show_id(counter, "bank.release_loss", holder, card=holder)
    release(counter.caller, holder, session=session)
    assert life.restrictions(holder) == []
    with unit_of_work(area=holder.area):
        acts = CardEvent.objects.filter(card_id=holder.card, side="bank").order_by("at").values_list("act", flat=True)
        assert list(acts) == ["activate", "report_loss", "release_loss"]


def test_a_temporary_report_ends_by_itself_or_is_made_formal(holder: kit.Holder, counter: kit.Terminal) -> None:
    me = life.customer(holder)
    assert report(me, holder).answer["until"]
    assert_lost(holder, counter)
    assert kit.refused(lambda: report(me, holder)).code == "bank.lost_already"
    from sscard.bank.life_jobs import sweep_all

    with life.later(4.9):
        sweep_all("run_out")
        assert life.restrictions(holder) == ["LOST"]
    with life.later(5.1):
        sweep_all("run_out")
        assert life.restrictions(holder) == [], "the bank's five days are over"
        report(me, holder)
        session = life.show_id(counter, "bank.report_loss", holder)
        report(counter.caller, holder, session=session, formal=True)
    with life.later(20):
        sweep_all("run_out")
        assert life.restrictions(holder) == ["LOST"], "the formal one stays"


def test_on_line_the_customer_takes_back_his_own_temporary_report_and_nobody_elses(holder: kit.Holder) -> None:
    other = kit.activated(kit.opened(kit.person()))
    report(life.customer(holder), holder)
    assert kit.refused(lambda: release(life.customer(other), holder)).code == "control.not_found"
    assert kit.refused(lambda: report(life.customer(holder), other)).code == "control.not_found"
    release(life.customer(holder), holder)
    assert life.restrictions(holder) == []
    assert kit.refused(lambda: release(life.customer(holder), holder)).code == "bank.not_lost"


def test_by_phone_number_and_name_are_asked_and_only_a_temporary_report_is_taken(holder: kit.Holder) -> None:
    teller = kit.caller("teller", bank="CCB", channel="phone")
    stranger = kit.person()
    for wrong in (
        {},
        {"id_number": holder.id_number},
        {"id_number": holder.id_number, "name": "王大力"},
        {"id_number": stranger.id_number, "name": holder.name},
        {"id_number": "123", "name": holder.name},
    ):
        refusal = kit.refused(lambda wrong=wrong: report(teller, holder, **wrong))
        assert refusal.code == "bank.phone_answers", wrong
    who = {"id_number": holder.id_number, "name": holder.name}
    assert kit.refused(lambda: report(teller, holder, formal=True, **who)).code == "bank.counter_needed"
    report(teller, holder, **who)
    assert life.restrictions(holder) == ["LOST"]
    assert kit.refused(lambda: release(teller, holder)).code == "bank.counter_needed"


def test_at_a_terminal_with_the_original_id(holder: kit.Holder) -> None:
    kiosk = kit.Terminal(kind="kiosk")
    assert kit.refused(lambda: report(kiosk.caller, holder)).code == "terminals.session_unknown"
    session = life.show_id(kiosk, "bank.report_loss", holder)
    report(kiosk.caller, holder, session=session)
    assert life.restrictions(holder) == ["LOST"]


def test_a_card_that_is_lost_before_activation_is_not_activated(counter: kit.Terminal) -> None:
    from sscard.bank.acts import Activate

    holder = kit.opened(kit.person())
    session = life.show_id(counter, "bank.report_loss", holder)
    report(counter.caller, holder, session=session)
    kit.pay_in(holder, 700)
    session = counter.present("bank.activate", holder)
    request = Activate(holder.account, session, "91300000001")
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.activate", request)).code == "bank.lost"


@pytest.mark.parametrize("area, bank, shared", [("990200", "ABC", True), ("990100", "CCB", False)])
def test_the_bureaus_report_closes_the_banks_door_in_the_same_transaction_where_the_area_shares_it(
    area: str, bank: str, shared: bool
) -> None:
    holder = kit.activated(kit.opened(kit.person(area, bank)))
    kit.pay_in(holder, 1_000)
    social(holder, "report_formal")
    assert life.restrictions(holder) == (["LOST"] if shared else [])
    if shared:
        counter = kit.Terminal(bank, area)
        session = life.show_id(counter, "bank.release_loss", holder, card=holder)
        assert kit.refused(lambda: release(counter.caller, holder, session=session)).code == "bank.lost_at_bureau"
        social(holder, "revoke", revocable_to_sealed=True)
        assert life.restrictions(holder) == []
        social(holder, "report_formal")
    social(holder, "cancel")
    assert "CARD_EXPIRED" in life.restrictions(holder), "a cancelled card draws nothing at any till"
    other = kit.activated(kit.opened(kit.person(area, bank)))
    with pytest.raises(RuntimeError, match="rolled back"):
        social(other, "report_temp", then=RuntimeError("rolled back"))
    assert life.restrictions(other) == []


def social(holder: kit.Holder, act: str, *, then: Exception | None = None, **facts: bool) -> None:
    """The bureau's act on the card's social side, as room cards does it."""
    from sscard.cards import events
    from sscard.cards.models import Card
    from sscard.control.inside import Inside
    from sscard.kernel.db import unit_of_work

    clerk = kit.caller("clerk", area=holder.area)
    with unit_of_work(area=holder.area):
        inside = Inside(caller=clerk, area_code=holder.area, act=f"cards.{act}")
        card = Card.objects.get(card_id=holder.card)
        events.move(inside, card, "social", act, facts=facts)
        if then:
            raise then
