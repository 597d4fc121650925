"""Payments that come back after they had arrived, top-ups pulled from the holder's own account elsewhere, and the ceiling of an
account's class: each once, whole, with its reason, and never to anybody else (T05, T07, T08, T10)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest
import savings_kit as savings
from test_back_after_replacement import moved, used
from test_life_replacement import second_card
from test_savings_clearing import Breaks, available, clearing, orders_of, overdue, round_, sound  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("fresh_house")


def arrived(payer: kit.Holder, payee: kit.Holder, clearing: Any, fen: int = 3_000) -> uuid.UUID:  # noqa: F811
    """Paid to the other bank and there; the payment's clearing number."""
    sent = savings.send(payer, payee, fen, to_bank=payee.bank)
    round_(clearing)
    return uuid.UUID(sent.answer["order"])


def returned(payee: kit.Holder, payment: uuid.UUID, reason: str = "CUST", fen: int = 3_000) -> Any:
    from sscard.bank.acts import ReturnPayment

    teller = kit.caller("teller", bank=payee.bank, area=payee.area)
    return life.with_two(teller, "bank.return_payment", ReturnPayment(payee.account, payment, fen, reason))


def elsewhere(holder: kit.Holder, fen: int = 20_000, bank: str = "ICBC", *, awake: bool = True) -> kit.Holder:
    """The same person's account at another bank."""
    other = kit.opened(second_card(replace(holder, bank=bank)))
    if awake:
        kit.activated(other)
    kit.pay_in(other, fen)
    return other


def pull(holder: kit.Holder, source: kit.Holder, fen: int, *, who: Any = None, **more: Any) -> Any:
    from sscard.bank.acts import Recharge

    who = who or savings.customer(holder)
    request = Recharge(holder.account, fen, source.pan, source.bank)
    return kit.perform(who, "bank.recharge", request, **more)


def of_class(holder: kit.Holder, wanted: str) -> kit.Holder:
    from sscard.bank.models import BankAccount

    with kit.in_bank(holder):
        BankAccount.objects.filter(account_id=holder.account).update(account_class=wanted)
    return holder


# --- returns ---------------------------------------------------------------------------------------------------------------


def test_a_settled_payment_is_returned_once_with_reason_and_limits(clearing: Any) -> None:  # noqa: F811
    from sscard.bank.acts import ReturnPayment

    payer, payee = savings.rich(10_000), savings.rich(500, bank="ICBC")
    payment = arrived(payer, payee, clearing)
    assert (used(payer, "transfer"), kit.balance_of(payee)) == ((3_000, 1), 3_500)
    teller = kit.caller("teller", bank="ICBC")
    for request, code in (
        (ReturnPayment(payee.account, payment, 3_000, "XXXX"), "kernel.form_faults"),
        (ReturnPayment(payee.account, uuid.uuid4(), 3_000, "CUST"), "bank.payment_unknown"),
        (ReturnPayment(payee.account, payment, 2_999, "CUST"), "bank.payment_unknown"),
    ):
        kit.organisation(teller.organisation, "bank_branch", "990100", "ICBC")
        assert kit.refused(lambda r=request: kit.perform(teller, "bank.return_payment", r)).code in (
            code,
            "kernel.faults",
        )
    assert returned(payee, payment)["to_bank"] == "CCB"
    assert (kit.balance_of(payee), available(payee)) == (3_500, 500), "held until the clearing house has it"
    assert kit.refused(lambda: returned(payee, payment)).code == "bank.payment_returned"
    round_(clearing)
    round_(clearing)
    assert (kit.balance_of(payer), kit.balance_of(payee), used(payer, "transfer")) == (10_000, 500, (0, 0))
    (order,) = orders_of(payer)
    assert (order.state, order.reason, order.can_recall) == ("returned", "CUST", False)
    mine, theirs = savings.statement(payer).lines[0], savings.statement(payee).lines[0]
    assert (mine.kind, mine.in_fen, mine.memo, mine.other_bank) == ("transfer_return", 3_000, "收款人要求退回", "ICBC")
    assert (theirs.kind, theirs.out_fen) == ("payment_return", 3_000)
    assert kit.refused(lambda: returned(payee, payment)).code == "bank.payment_returned"
    sound("CCB", "ICBC")


def test_what_is_spent_frozen_or_recalled_by_the_customer_is_not_returned(clearing: Any) -> None:  # noqa: F811
    from sscard.bank.acts import RecallTransfer

    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    payment = arrived(payer, payee, clearing)
    savings.send(payee, payer, 2_900, to_bank="CCB")
    assert kit.refused(lambda: returned(payee, payment)).code == "ledger.insufficient"
    kit.pay_in(payee, 5_000)
    life.freeze(payee, "FULL_FREEZE", **life.COURT)
    assert kit.refused(lambda: returned(payee, payment)).code == "bank.frozen"
    other = savings.rich(0, bank="ICBC")
    second = arrived(payer, other, clearing, 400)
    order = returned(other, second, fen=400)["order"]
    recall = RecallTransfer(other.account, uuid.UUID(order))
    code = kit.refused(lambda: kit.perform(savings.customer(other), "bank.transfer_recall", recall)).code
    assert code == "bank.order_state", "the bank's decision is not the customer's to take back"
    sound("CCB", "ICBC")


@pytest.mark.parametrize("at", range(1, 6))
def test_a_return_broken_off_anywhere_comes_back_once(clearing: Any, at: int) -> None:  # noqa: F811
    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    returned(payee, arrived(payer, payee, clearing))
    round_(Breaks(clearing, at))
    for _ in range(3):
        overdue(payee)
        round_(clearing)
    assert (kit.balance_of(payer), kit.balance_of(payee)) == (10_000, 0)
    sound("CCB", "ICBC")


def test_it_reaches_the_payer_s_new_account_or_waits_in_suspense(
    clearing: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sscard.bank.models import BankAccount
    from sscard.ledger import accounts
    from sscard.ledger.models import LedgerAccount
    from sscard.ledger.permits import Permit

    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    payment = arrived(payer, payee, clearing)
    gone, second = savings.rich(900), savings.rich(0, bank="ICBC")
    lost = arrived(gone, second, clearing, 900)
    new = moved(kit.Terminal(), payer, monkeypatch)
    with kit.in_bank(gone):
        BankAccount.objects.filter(account_id=gone.account).update(status="CLOSED")
        accounts.set_permits(gone.person_id, gone.account, Permit.NONE)
    returned(payee, payment)
    returned(second, lost, "AC04", 900)
    for _ in range(2):
        round_(clearing)
    assert (kit.balance_of(payer), kit.balance_of(new), used(new, "transfer")) == (0, 10_000, (0, 0))
    assert kit.balance_of(gone) == 0
    with kit.in_bank(gone):
        waiting = LedgerAccount.objects.filter(name="suspense.returns")
        assert sum(one.credits_posted - one.debits_posted for one in waiting) == 900
    sound("CCB", "ICBC")


def test_a_forged_return_gives_nobody_money(clearing: Any) -> None:  # noqa: F811
    from sscard.bank.acts import ClearingIn
    from sscard.bank.savings.clearing import Payment
    from sscard.control.caller import system

    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    payment = arrived(payer, payee, clearing)
    good = Payment(
        uuid.uuid4(),
        "ICBC",
        "CCB",
        3_000,
        "李小花",
        "**1",
        "李小花",
        "**2",
        kind="return",
        original=str(payment),
        reason="CUST",
    )
    house = clearing.submit
    assert house(replace(good, id=uuid.uuid4(), amount_fen=3_001)).reason == "original_unknown"
    assert house(replace(good, id=uuid.uuid4(), from_bank="ABC")).reason == "original_unknown"
    assert house(replace(good, id=uuid.uuid4(), original=str(uuid.uuid4()))).reason == "original_unknown"
    take = lambda one: kit.perform(system("990100"), "bank.clearing_in", ClearingIn(one)).answer  # noqa: E731
    for wrong in (replace(good, amount_fen=2_999), replace(good, from_bank="ABC"), replace(good, original="nothing")):
        assert take(replace(wrong, id=uuid.uuid4()))["reason"] == "original_unknown"
    assert take(good)["result"] == take(good)["result"] == "credited"
    assert kit.refused(lambda: take(replace(good, memo="x"))).code == "bank.clearing_changed"
    assert take(replace(good, id=uuid.uuid4()))["reason"] == "returned_already"
    assert kit.balance_of(payer) == 10_000


# --- top-ups -----------------------------------------------------------------------------------------------------------------


def test_a_top_up_is_pulled_from_the_own_account_elsewhere_once(clearing: Any) -> None:  # noqa: F811
    mine = savings.rich(0)
    other = elsewhere(mine)
    me = savings.customer(mine)
    done = pull(mine, other, 7_000, who=me, key="one")
    assert pull(mine, other, 7_000, who=me, key="one").answer == done.answer
    assert (kit.balance_of(mine), kit.balance_of(other)) == (0, 20_000), "nothing before the other bank has paid"
    for _ in range(2):
        round_(clearing)
    assert (kit.balance_of(mine), kit.balance_of(other), used(other, "transfer")) == (7_000, 13_000, (7_000, 1))
    came, went = savings.statement(mine).lines[0], savings.statement(other).lines[0]
    assert (came.kind, came.other_bank, went.kind, went.other_bank) == ("recharge", "ICBC", "pulled", "CCB")
    assert [(one.way, one.state) for one in orders_of(mine)] == [("pull", "done")]
    sound("CCB", "ICBC")


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("stranger", "payer_differs"), ("number", "payer_differs"), ("asleep", "payer_asleep"), ("lost", "payer_asleep"),
        ("poor", "no_funds"), ("limit", "limit"), ("off", "channel_off"),
    ],
)  # fmt: skip
def test_the_other_bank_refuses_and_nothing_moves(clearing: Any, why: str, reason: str) -> None:  # noqa: F811
    from sscard.bank.acts import SetSettings

    mine = savings.rich(0)
    # all of the kit's people have one name: the ID number alone tells a stranger's account from the own one
    other = (
        savings.rich(20_000, bank="ICBC") if why == "stranger" else elsewhere(mine, 9_000_000, awake=why != "asleep")
    )
    fen = 5_000_001 if why == "limit" else 1_000
    if why == "poor":
        life.freeze(other, "AMOUNT_FREEZE", amount_fen=8_999_500)
    if why == "lost":
        life.report_lost(other)
    if why == "off":
        kit.perform(savings.customer(other), "bank.settings", SetSettings(other.account, channels_off=("pull",)))
    if why == "number":
        other = replace(other, pan="9217029999999999999")
    pull(mine, other, fen)
    for _ in range(2):
        round_(clearing)
    (order,) = orders_of(mine)
    assert (order.state, order.reason) == ("rejected", reason)
    assert kit.balance_of(mine) == 0
    sound("CCB", "ICBC")


def test_a_top_up_that_finds_its_account_closed_goes_back_with_its_limits(clearing: Any) -> None:  # noqa: F811
    from sscard.ledger import accounts
    from sscard.ledger.permits import Permit

    class ClosesMeanwhile:
        """The account takes nothing any more at the moment when the other bank has paid."""

        def __getattr__(self, name: str) -> Any:
            def ask(*what: Any) -> Any:
                if name == "answer":
                    with kit.in_bank(mine):
                        accounts.set_permits(mine.person_id, mine.account, Permit.INQUIRY)
                return getattr(clearing, name)(*what)

            return ask

    mine = savings.rich(0)
    other = elsewhere(mine)
    pull(mine, other, 7_000)
    round_(ClosesMeanwhile())
    assert kit.balance_of(other) == 13_000
    for _ in range(3):
        round_(clearing)
    assert (kit.balance_of(mine), kit.balance_of(other), used(other, "transfer")) == (0, 20_000, (0, 0))
    assert [(one.way, one.state, one.reason) for one in orders_of(mine)] == [("pull", "rejected", "payee_closed")]
    assert savings.statement(other).lines[0].kind == "pulled_return"
    sound("CCB", "ICBC")


def test_what_a_top_up_asks_for_is_checked_at_once() -> None:
    mine = savings.rich(0)
    other = elsewhere(mine)
    assert kit.refused(lambda: pull(mine, mine, 100)).code == "bank.recharge_own_bank"
    refusal = kit.refused(lambda: pull(mine, replace(other, pan="12"), 0))
    assert kit.codes_of(refusal) == {"bank.payee_number_form", "ledger.amount"}
    assert kit.refused(lambda: pull(mine, replace(other, bank="NOBANK"), 5)).code == "bank.payee_bank_unknown"
    teller = kit.caller("teller", bank="CCB")
    from sscard.bank.acts import Recharge

    request = Recharge(mine.account, 5, other.pan, "ICBC")
    assert kit.refused(lambda: kit.perform(teller, "bank.recharge", request)).code == "control.not_allowed"
    stranger = savings.customer(savings.rich(0))
    assert kit.refused(lambda: kit.perform(stranger, "bank.recharge", request)).code == "control.not_found"


# --- the ceiling of a class ----------------------------------------------------------------------------------------------------


def test_the_ceiling_stops_what_is_paid_in_and_lets_in_what_is_owed(clearing: Any) -> None:  # noqa: F811
    from sscard.bank.acts import Deposit

    small, payer = of_class(savings.rich(150_000), "III"), savings.rich(500_000, bank="ICBC")
    beside = savings.rich(90_000)
    assert kit.refused(lambda: kit.pay_in(small, 50_001)).code == "bank.balance_ceiling"
    assert kit.refused(lambda: savings.send(beside, small, 50_001)).code == "bank.payee_takes_nothing"
    savings.send(payer, small, 50_001, to_bank="CCB")
    savings.send(beside, small, 50_001, timing="normal")
    overdue(beside)
    round_(clearing)
    assert [orders_of(one)[0].reason for one in (payer, beside)] == ["balance_ceiling", "balance_ceiling"]
    assert kit.refused(lambda: pull(small, replace(payer, pan="921702000000"), 50_001)).code == "bank.balance_ceiling"
    assert kit.balance_of(small) == 150_000
    kit.pay_in(small, 50_000)
    agency = kit.caller("bank_program", bank="CCB")
    kit.perform(agency, "bank.deposit", Deposit(300_000, small.account))
    assert kit.balance_of(small) == 500_000, "a pension never bounces"
    assert kit.refused(lambda: kit.pay_in(small, 1)).code == "bank.balance_ceiling"
    sound("CCB", "ICBC")


def test_side_by_side_the_ceiling_holds() -> None:
    small = of_class(savings.rich(0), "III")
    kit.in_threads([lambda: kit.pay_in(small, 60_000)] * 5)
    assert kit.balance_of(small) == 180_000
