"""Closing: who, after what, and everything paid out in one group with interest to the day before; death and the heirs."""

from __future__ import annotations

import uuid
from itertools import product
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest

from sscard.bank.closing import PAYOUTS, ClosingFacts, may_close
from sscard.bank.states import FREEZES, Restriction, Status

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


def social_cancelled(holder: kit.Holder) -> None:
    """The bureau has cancelled the social side, as the order of things is."""
    from sscard.cards.models import Card
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=holder.area):
        Card.objects.filter(card_id=holder.card).update(social="cancelled")


def close(counter: kit.Terminal, holder: kit.Holder, payout: str = "cash", *, by: Any = None, **more: Any) -> Any:
    from sscard.bank.acts import Close

    card = None if more.pop("no_card", False) else holder
    session = life.show_id(counter, "bank.close", by or holder, card=card)
    return kit.perform(counter.caller, "bank.close", Close(holder.account, session, payout, **more))


def trial_is_sound(holder: kit.Holder) -> bool:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        return reads.trial_balance().sound


def test_closing_pays_interest_to_the_day_before_with_the_balance(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.ledger.models import Entry

    kit.pay_in(holder, 1_000_000_00)
    assert kit.refused(lambda: close(counter, holder)).code == "bank.social_first"
    social_cancelled(holder)
    with life.later(10):
        done = close(counter, holder)
        assert done.once["interest_fen"] > 0
        assert done.once["paid_fen"] == 1_000_000_00 + done.once["interest_fen"]
        assert "paid_fen" not in done.answer
    assert (kit.balance_of(holder), kit.mirror_of(holder).status, life.restrictions(holder)) == (0, "CLOSED", [])
    with kit.in_bank(holder):
        kinds = list(Entry.objects.filter(account_id=holder.account).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["deposit", "interest", "closing"]
    assert trial_is_sound(holder)
    for job in (lambda: kit.pay_in(holder, 1), lambda: close(counter, holder)):
        assert kit.refused(job).code == "bank.closed"


def test_who_closes_and_with_what(counter: kit.Terminal, holder: kit.Holder) -> None:
    social_cancelled(holder)
    kit.pay_in(holder, 500)
    assert kit.refused(lambda: close(counter, holder, by=kit.person())).code == "bank.not_the_holder"
    assert kit.refused(lambda: close(counter, holder, no_card=True)).code == "bank.card_differs"
    assert kit.refused(lambda: close(counter, holder, "nothing")).code == "bank.balance_left"
    assert kit.refused(lambda: close(counter, holder, "gold")).code == "bank.payout_unknown"
    stranger = kit.activated(kit.opened(kit.person()))
    for target in (None, uuid.uuid4(), stranger.account, holder.account):
        refusal = kit.refused(lambda target=target: close(counter, holder, "transfer", to_account=target))
        assert refusal.code == "bank.payout_not_own"
    life.report_lost(holder)
    close(counter, holder, no_card=True)
    assert kit.mirror_of(holder).status == "CLOSED"


def test_paid_to_another_account_of_his_own(counter: kit.Terminal, holder: kit.Holder) -> None:
    from test_life_replacement import second_card

    social_cancelled(holder)
    kit.pay_in(holder, 700)
    other = kit.opened(second_card(holder))
    close(counter, holder, "transfer", to_account=other.account)
    assert (kit.balance_of(holder), kit.balance_of(other)) == (0, 700)


def test_frozen_money_and_open_transactions_keep_it_open(counter: kit.Terminal, holder: kit.Holder) -> None:
    from test_life_replacement import hold

    social_cancelled(holder)
    kit.pay_in(holder, 700)
    hold(holder, 100)
    assert kit.refused(lambda: close(counter, holder)).code == "bank.holds_open"
    life.freeze(holder, "AMOUNT_FREEZE", amount_fen=1, **life.COURT)
    assert kit.codes_of(kit.refused(lambda: close(counter, holder))) == {"bank.holds_open", "bank.frozen"}
    assert kit.balance_of(holder) == 700


def test_the_pay_out_takes_what_came_in_meanwhile_or_refuses_it(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import Close

    social_cancelled(holder)
    kit.pay_in(holder, 1_000)
    session = life.show_id(counter, "bank.close", holder, card=holder)
    jobs = [lambda: kit.perform(counter.caller, "bank.close", Close(holder.account, session))]
    jobs += [lambda: kit.pay_in(holder, 100)] * 8
    found = kit.in_threads(jobs)
    accepted = sum(not isinstance(one, Exception) for one in found[1:])
    assert not isinstance(found[0], Exception), found[0]
    assert found[0].once["paid_fen"] == 1_000 + 100 * accepted
    assert (kit.balance_of(holder), trial_is_sound(holder)) == (0, True)


# -- death -------------------------------------------------------------------------------------------------------------
def report_death(holder: kit.Holder) -> Any:
    from sscard.bank.acts import ReportDeath

    teller = kit.caller("teller", bank=holder.bank, area=holder.area)
    return life.with_two(teller, "bank.report_death", ReportDeath(holder.account, "死亡证明 9-1"))


def test_death_stops_everything_but_money_coming_in(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import CloseByHeirs, RevokeDeath, Withdraw
    from sscard.ledger.models import LedgerAccount
    from sscard.ledger.permits import Permit

    kit.pay_in(holder, 5_000)
    report_death(holder)
    kit.pay_in(holder, 300)
    with kit.in_bank(holder):
        assert LedgerAccount.objects.get(account_id=holder.account).permits == int(Permit.CREDIT)
    session = counter.present("bank.withdraw", holder)
    request = Withdraw(holder.account, session, 100)
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.withdraw", request)).code == "bank.deceased"
    social_cancelled(holder)
    assert kit.refused(lambda: close(counter, holder)).code == "bank.deceased"
    assert kit.refused(lambda: report_death(holder)).code == "bank.death_known"
    teller = counter.caller
    life.with_two(teller, "bank.revoke_death", RevokeDeath(holder.account, "派出所证明 3"))
    assert life.restrictions(holder) == []
    heirs = CloseByHeirs(holder.account, "李大花", "(2026)云公证9号")
    waiting = kit.perform(teller, "bank.close_by_heirs", heirs).waiting
    assert kit.refused(lambda: life.approve(life.second_person(), waiting)).code == "bank.death_not_reported"
    report_death(holder)
    life.with_two(teller, "bank.close_by_heirs", heirs)
    assert (kit.balance_of(holder), kit.mirror_of(holder).status) == (0, "CLOSED")


def test_a_bank_that_refuses_credits_after_death(holder: kit.Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.acts import CloseByHeirs

    kit.pay_in(holder, 5_000)
    with life.bank_that(monkeypatch, credits_after_death="refuse"):
        report_death(holder)
    assert kit.refused(lambda: kit.pay_in(holder, 1)).code in ("bank.credit_frozen", "bank.deceased")
    teller = kit.caller("teller", bank="CCB")
    life.with_two(teller, "bank.close_by_heirs", CloseByHeirs(holder.account, "李大花", "公证9号"))
    assert kit.balance_of(holder) == 0


def test_heirs_need_their_papers_and_two_of_the_bank(counter: kit.Terminal, holder: kit.Holder) -> None:
    from sscard.bank.acts import CloseByHeirs

    request = CloseByHeirs(holder.account, " ", "")
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.close_by_heirs", request))
    assert kit.codes_of(refusal) == {"bank.heir_name", "bank.inheritance_paper"}


# -- pure --------------------------------------------------------------------------------------------------------------
def test_every_combination_has_its_reasons() -> None:
    for status, kind, live, needs, holds, waits, dead, heirs, payout in product(
        Status, [None, *FREEZES], (True, False), (True, False), (0, 2), (True, False), (True, False), (True, False),
        PAYOUTS,
    ):  # fmt: skip
        here = frozenset({kind} if kind else ()) | ({Restriction.DECEASED} if dead else set())
        facts = ClosingFacts(status, here, 100, holds, waits, live, needs)
        faults = may_close(facts, payout, by_heirs=heirs)
        fits = (
            status in (Status.ACTIVE, Status.NOT_ACTIVATED)
            and (kind is None or (dead and kind is Restriction.CREDIT_FREEZE))
            and not holds
            and not waits
            and dead == heirs
            and (heirs or not (live and needs))
            and payout != "nothing"
        )
        assert (not faults) == fits, (facts, payout, faults)
