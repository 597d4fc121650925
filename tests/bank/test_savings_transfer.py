"""Transfers inside the bank: on-line, at the counter, at a kiosk; limits, second factor, repeats and races (T05, T06)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("house")


def test_on_line_to_another_customer_of_the_bank_with_both_statements() -> None:
    payer, payee = savings.rich(100_000), savings.rich(0)
    done = savings.send(payer, payee, 30_050, memo="房租")
    assert (done.answer["state"], done.answer["amount_fen"], done.answer["order"]) == ("done", 30_050, None)
    assert done.once == {"balance_fen": 69_950}
    assert "balance_fen" not in done.answer
    assert (kit.balance_of(payer), kit.balance_of(payee)) == (69_950, 30_050)
    out, came = savings.statement(payer).lines[0], savings.statement(payee).lines[0]
    assert (out.out_fen, out.in_fen, out.balance_fen, out.memo, out.channel) == (30_050, 0, 69_950, "房租", "netbank")
    assert (came.in_fen, came.balance_fen, came.other_name_mask, came.transfer) == (
        30_050,
        30_050,
        "李**",
        out.transfer,
    )
    assert out.other_number_mask.endswith(came.other_number_mask[-4:]) is False
    assert payee.pan not in repr(out)


def test_account_number_works_like_the_card_number() -> None:
    from sscard.bank.reads import numbers_of
    from sscard.control.door import reading

    payer, payee = savings.rich(), savings.rich(0)
    with reading(kit.caller("bank_program", bank="CCB"), right="bank.file", purpose="test") as inside:
        number = numbers_of(inside, [payee.account])[payee.account].number
    savings.send(payer, payee, 500, to_number=f"{number[:4]} {number[4:]}")
    assert kit.balance_of(payee) == 500


def test_at_the_counter_and_at_a_kiosk_to_an_own_account_card_and_pin_are_asked_for() -> None:
    payer, payee, counter = savings.rich(), savings.rich(0), kit.Terminal()
    no_evidence = lambda: savings.send(payer, payee, 100, who=counter.caller)  # noqa: E731
    assert kit.refused(no_evidence).code == "bank.session_needed"
    session = savings.at(counter, "bank.transfer", payer)
    savings.send(payer, payee, 100, who=counter.caller, session=session)
    wrong = savings.at(counter, "bank.transfer", payer, "491827")
    told = kit.refused(lambda: savings.send(payer, payee, 100, who=counter.caller, session=wrong))
    assert told.code == "bank.pin_wrong"
    assert kit.balance_of(payee) == 100
    assert savings.statement(payer).lines[0].channel == "counter"


def test_wrong_name_unknown_number_and_another_banks_number_have_one_answer() -> None:
    payer, payee, elsewhere = savings.rich(), savings.rich(0), kit.opened(kit.person(bank="ICBC"))
    found = [
        kit.refused(lambda: savings.send(payer, payee, 100, to_name="李小草")),
        kit.refused(lambda: savings.send(payer, payee, 100, to_number="9217019999999999999")),
        kit.refused(lambda: savings.send(payer, elsewhere, 100)),
    ]
    assert {(one.code, str(one.facts), one.sentence("zh")) for one in found} == {
        ("bank.payee_differs", "{}", found[0].sentence("zh"))
    }
    assert kit.balance_of(payer) == 100_000


def test_form_is_told_with_every_fault() -> None:
    payer, payee = savings.rich(), savings.rich(0)
    refusal = kit.refused(lambda: savings.send(payer, payee, 0, to_number="12", to_name="", timing="soon", memo="a\nb"))
    assert {fault.place for fault in refusal.faults} == {"amount_fen", "to_number", "to_name", "timing", "memo"}


def test_own_account_as_receiver_asleep_payer_and_not_enough() -> None:
    payer, payee = savings.rich(5_000), savings.rich(0)
    assert kit.refused(lambda: savings.send(payer, payer, 100)).code == "ledger.same_account"
    assert kit.refused(lambda: savings.send(payer, payee, 5_001)).code == "ledger.insufficient"
    asleep = kit.opened(kit.person())
    kit.pay_in(asleep, 700)
    assert kit.refused(lambda: savings.send(asleep, payee, 100)).code == "bank.asleep"
    savings.send(payer, asleep, 100)  # an account that sleeps takes money in
    assert kit.balance_of(asleep) == 800


def test_a_customer_reaches_nobody_elses_account() -> None:
    mine, other = savings.rich(), savings.rich()
    told = kit.refused(lambda: savings.send(other, mine, 100, who=savings.customer(mine)))
    assert told.code == "control.not_found"
    from sscard.bank.savings.statement import statement
    from sscard.control.door import reading
    from sscard.kernel.refusals import Refusal

    with pytest.raises(Refusal) as no, reading(savings.customer(mine), right="bank.statement", purpose="t") as inside:
        statement(inside, other.account)
    assert no.value.code == "control.not_found"


def test_above_the_days_sum_on_line_the_second_factor_is_asked_anew() -> None:
    """ABC in area two asks for it above 500 yuan a day, and lets 50,000 leave."""
    from sscard.kernel import clock

    payer, payee = (savings.rich(fen, area="990200", bank="ABC") for fen in (6_000_000, 0))
    savings.send(payer, payee, 30_000)
    savings.send(payer, payee, 20_000)
    told = kit.refused(lambda: savings.send(payer, payee, 1))
    assert (told.code, told.facts) == ("bank.step_up_needed", {"most": "500.00"})
    one = savings.request(payer, payee, 1)
    stale = savings.proved(payer, one, clock.real_now() - timedelta(minutes=6))
    ahead = savings.proved(payer, one, clock.real_now() + timedelta(minutes=6))
    for who in (stale, ahead, savings.proved(payer, one, "now")):
        assert kit.refused(lambda who=who: savings.send(payer, payee, 1, who=who)).code == "bank.step_up_needed"
    much = savings.request(payer, payee, 1_000_000)
    savings.send(payer, payee, 1_000_000, who=savings.proved(payer, much))
    above = savings.proved(payer, savings.request(payer, payee, 4_000_001))
    assert kit.refused(lambda: savings.send(payer, payee, 4_000_001, who=above)).code == "ledger.limit"
    assert kit.balance_of(payee) == 1_050_000


def test_a_second_factor_serves_its_own_order_and_once() -> None:
    """What was given for a refused order carries nothing else; of two at the same moment one comes through."""
    from sscard.kernel.refusals import Refusal

    payer, payee, other = savings.rich(800_000), savings.rich(0), savings.rich(0)
    who = savings.proved(payer, savings.request(payer, payee, 300_000))
    for whom, fen in ((other, 300_000), (payee, 300_001)):
        refusal = kit.refused(lambda whom=whom, fen=fen: savings.send(payer, whom, fen, who=who))
        assert refusal.code == "bank.step_up_needed"
    found = kit.in_threads([lambda: savings.send(payer, payee, 300_000, who=who)] * 2)
    assert [one.code for one in found if isinstance(one, Refusal)] == ["bank.step_up_needed"]
    assert kit.balance_of(payee) == 300_000
    broke = savings.proved(payer, savings.request(payer, other, 900_000))
    assert kit.refused(lambda: savings.send(payer, other, 900_000, who=broke)).code == "ledger.insufficient"
    kit.pay_in(payer, 500_000)
    savings.send(payer, other, 900_000, who=broke)  # refused is not used up; it still is for this order only
    assert kit.refused(lambda: savings.send(payer, other, 900_000, who=broke)).code == "bank.step_up_needed"


def test_no_bank_lets_a_days_limit_leave_on_a_sign_in_alone() -> None:
    from datetime import date

    from sscard.law import areas

    for area in areas.all_areas():
        for bank in area.banks(date(2026, 11, 21)):
            asked = area.savings_terms(bank.code, date(2026, 11, 21)).step_up_over_day_fen
            assert 0 < asked < bank.limits.transfer_day_fen, (area.code, bank.code)


def test_repeat_is_the_first_answer_and_another_request_under_the_key_is_refused() -> None:
    payer, payee = savings.rich(), savings.rich(0)
    who = savings.customer(payer)
    first = savings.send(payer, payee, 1_000, who=who, key="k1")
    again = savings.send(payer, payee, 1_000, who=who, key="k1")
    assert again.replayed
    assert again.answer == first.answer
    assert kit.refused(lambda: savings.send(payer, payee, 2_000, who=who, key="k1")).code == "control.key_reused"
    assert kit.balance_of(payee) == 1_000


def test_fifty_at_once_under_one_key_and_two_that_want_everything() -> None:
    from sscard.kernel.refusals import Refusal

    payer, payee = savings.rich(10_000), savings.rich(0)
    who = savings.customer(payer)
    found = kit.in_threads([lambda: savings.send(payer, payee, 4_000, who=who, key="same")] * 50)
    assert all(one.answer == found[0].answer for one in found)
    both = kit.in_threads([lambda: savings.send(payer, payee, 6_000, who=who)] * 2)
    refused = [one for one in both if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["ledger.insufficient"]
    assert (kit.balance_of(payer), kit.balance_of(payee)) == (0, 10_000)


def test_two_that_pay_each_other_at_once_never_wait_in_a_circle() -> None:
    one, other = savings.rich(50_000), savings.rich(50_000)
    jobs: list[Any] = [lambda: savings.send(one, other, 100), lambda: savings.send(other, one, 100)] * 10
    assert all(done.answer["state"] == "done" for done in kit.in_threads(jobs))
    assert kit.balance_of(one) == kit.balance_of(other) == 50_000
