"""Freezes as acts of two persons: each with its authority, lifted by that one only, and the AND of all decides."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest

from sscard.bank import freezes
from sscard.bank.freezes import Freeze, Order, may_freeze, may_lift, queue
from sscard.bank.states import FREEZES, Restriction, Status

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


def draw(counter: kit.Terminal, holder: kit.Holder, fen: int) -> Any:
    from sscard.bank.acts import Withdraw

    session = counter.present("bank.withdraw", holder)
    return kit.perform(counter.caller, "bank.withdraw", Withdraw(holder.account, session, fen))


def test_nothing_is_frozen_before_the_second_person_signed(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import Restrict

    outcome = kit.perform(counter.caller, "bank.restrict", Restrict(holder.account, "FULL_FREEZE", "test"))
    assert outcome.waiting
    assert life.restrictions(holder) == []
    teller = life.second_person(role="teller")
    assert kit.refused(lambda: life.approve(teller, outcome.waiting)).code == "control.not_allowed"
    elsewhere = life.second_person("ICBC")
    assert kit.refused(lambda: life.approve(elsewhere, outcome.waiting)).code == "control.not_found"
    life.approve(life.second_person(), outcome.waiting)
    assert life.restrictions(holder) == ["FULL_FREEZE"]


def test_each_freeze_closes_its_side_and_only_that(counter: kit.Terminal, holder: kit.Holder) -> None:
    kit.pay_in(holder, 10_000)
    debit = life.freeze(holder, "DEBIT_FREEZE")
    kit.pay_in(holder, 10_000)
    assert kit.refused(lambda: draw(counter, holder, 100)).code == "bank.frozen"
    lift(holder, debit)
    draw(counter, holder, 100)
    credit = life.freeze(holder, "CREDIT_FREEZE")
    assert kit.refused(lambda: kit.pay_in(holder, 1)).code == "bank.credit_frozen"
    draw(counter, holder, 100)
    both = life.freeze(holder, "DEBIT_FREEZE")
    assert kit.refused(lambda: kit.pay_in(holder, 1)).code == "bank.credit_frozen"
    assert kit.refused(lambda: draw(counter, holder, 100)).code == "bank.frozen"
    for one in (both, credit):
        lift(holder, one)
    full = life.freeze(holder, "FULL_FREEZE")
    for job in (lambda: kit.pay_in(holder, 1), lambda: draw(counter, holder, 1)):
        assert kit.refused(job).code == "bank.frozen"
    lift(holder, full)
    assert (life.restrictions(holder), kit.balance_of(holder)) == ([], 19_800)


def lift(holder: kit.Holder, restriction: uuid.UUID, **more: Any) -> Any:
    from sscard.bank.acts import Lift

    teller = kit.caller("teller", bank=holder.bank, area=holder.area)
    return life.with_two(teller, "bank.lift", Lift(holder.account, restriction, "test", **more))


def test_a_courts_freeze_is_lifted_by_that_court_only(holder: kit.Holder) -> None:
    courts = life.freeze(holder, "DEBIT_FREEZE", **life.COURT)
    banks = life.freeze(holder, "DEBIT_FREEZE")
    others = {"authority": "court", "authority_name": "海棠市中级人民法院", "document": "9"}
    police = {"authority": "police", "authority_name": "云溪市中级人民法院", "document": "9"}
    for who in ({}, {"authority": "holder"}, others, police):
        refusal = kit.refused(lambda who=who: lift(holder, courts, **who))
        assert refusal.code == "bank.freeze_of_another", who
    assert kit.codes_of(kit.refused(lambda: lift(holder, courts, **{**life.COURT, "document": ""}))) == {
        "bank.freeze_document"
    }
    lift(holder, banks)
    assert life.restrictions(holder) == ["DEBIT_FREEZE"], "the court's stays"
    lift(holder, courts, **{**life.COURT, "authority_name": " 云溪市 中级人民法院"})
    assert life.restrictions(holder) == []
    assert kit.refused(lambda: lift(holder, courts, **life.COURT)).code == "bank.freeze_gone"


def test_a_freeze_ends_with_its_last_day_and_the_mask_follows(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.life_jobs import sweep_all
    from sscard.kernel import clock

    kit.pay_in(holder, 1_000)
    today = clock.today(holder.area)
    life.freeze(holder, "FULL_FREEZE", until=today + timedelta(days=3), **life.COURT)
    with life.later(3):
        assert kit.refused(lambda: draw(counter, holder, 100)).code == "bank.frozen"
    with life.later(4):
        draw(counter, holder, 100)
        sweep_all("run_out")
        assert life.restrictions(holder) == []
        assert sweep_all("run_out") == 0, "nothing is touched twice"


def test_a_frozen_amount_is_not_available_whatever_comes_in_and_the_rest_is(
    counter: kit.Terminal, holder: kit.Holder
) -> None:
    from sscard.bank.reads_life import freezes_at_counter
    from sscard.control.door import reading
    from sscard.kernel import clock

    kit.pay_in(holder, 1_000)
    banks = life.freeze(holder, "AMOUNT_FREEZE", amount_fen=900)
    until = clock.today(holder.area) + timedelta(days=1)
    life.freeze(holder, "AMOUNT_FREEZE", amount_fen=500, until=until, **life.COURT)
    assert kit.refused(lambda: draw(counter, holder, 1)).code == "ledger.insufficient"
    with reading(kit.caller("teller", bank="CCB"), right="bank.view", purpose="identity_check") as inside:
        line = freezes_at_counter(inside, holder.account)
    assert [(one.freeze.authority, one.covered_fen, one.waiting_fen) for one in line] == [
        ("court", 500, 0),
        ("bank", 500, 400),
    ]
    kit.pay_in(holder, 500)
    assert kit.refused(lambda: draw(counter, holder, 101)).code == "ledger.insufficient"
    draw(counter, holder, 100)
    lift(holder, banks)
    with life.later(2):
        draw(counter, holder, 1_400)
    assert kit.balance_of(holder) == 0


def test_freezing_needs_all_that_belongs_to_it(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import Restrict

    request = Restrict(
        holder.account, "LOST", " ", authority="court", amount_fen=5, until=date(2020, 1, 1)
    )  # fmt: skip
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.restrict", request))
    assert kit.codes_of(refusal) == {
        "bank.freeze_kind", "bank.freeze_reason", "bank.freeze_authority_name", "bank.freeze_document",
        "bank.freeze_amount", "bank.freeze_until",
    }  # fmt: skip
    other = kit.caller("teller", bank="ICBC")
    request = Restrict(holder.account, "FULL_FREEZE", "test")
    assert kit.refused(lambda: kit.perform(other, "bank.restrict", request)).code == "bank.other_bank"
    bureau = kit.caller("clerk")
    assert kit.refused(lambda: kit.perform(bureau, "bank.restrict", request)).code == "control.not_allowed"


# -- pure rules --------------------------------------------------------------------------------------------------------
AT = datetime(2026, 3, 2, tzinfo=UTC)


def amount(rank: int, fen: int, day: int = 0) -> Freeze:
    authority = next(name for name, found in freezes.RANK.items() if found == rank)
    since = AT + timedelta(days=day)
    return Freeze(uuid.uuid4(), Restriction.AMOUNT_FREEZE, authority, "x", rank, since, fen)


def test_amount_freezes_wait_in_line_by_rank_then_time() -> None:
    banks, tax, court, later_court = amount(8, 300), amount(2, 300), amount(1, 500, 5), amount(1, 100, 9)
    line = queue(700, [banks, tax, court, later_court])
    assert [(one.freeze, one.covered_fen, one.waiting_fen) for one in line] == [
        (court, 500, 0),
        (later_court, 100, 0),
        (tax, 100, 200),
        (banks, 0, 300),
    ]
    assert [one.covered_fen for one in queue(700, [banks, tax])] == [300, 300], "the next ones move up"
    assert [one.covered_fen for one in queue(-5, [banks])] == [0]


@pytest.mark.parametrize("authority", freezes.RANK)
def test_only_the_own_authority_lifts(authority: str) -> None:
    freeze = Freeze(uuid.uuid4(), Restriction.FULL_FREEZE, authority, "云溪市局", freezes.RANK[authority], AT)
    for other in freezes.RANK:
        codes = [fault.code for fault in may_lift(freeze, other, "云溪市局", "1")]
        assert codes == ([] if other == authority else ["bank.freeze_of_another"])


@pytest.mark.parametrize("status", Status)
def test_a_closed_account_is_not_frozen(status: Status) -> None:
    order = Order("FULL_FREEZE", "x", "bank", "", "", 0, None)
    faults = may_freeze(order, status, date(2026, 3, 2))
    assert bool(faults) == (status in (Status.CLOSED, Status.PENDING_OPEN))
    assert set(Restriction) >= FREEZES
