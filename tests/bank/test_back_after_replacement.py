"""What is given back after a replacement moved the account: the account in its place gets it, its limits too (T08)."""

from __future__ import annotations

import uuid
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest
import savings_kit as savings
from test_life_replacement import activate, asked, available, second_card, with_number

pytestmark = pytest.mark.usefixtures("house")
SHOP = "云溪便利店"


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


@pytest.fixture(scope="module")
def till(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal(kind="kiosk")


def bought(holder: kit.Holder, till: kit.Terminal, fen: int) -> uuid.UUID:
    from sscard.bank.acts import Buy

    session = savings.at(till, "bank.purchase", holder)
    done = kit.perform(till.caller, "bank.purchase", Buy(holder.account, fen, SHOP, session))
    return uuid.UUID(done.answer["purchase"])


def moved(counter: kit.Terminal, holder: kit.Holder, monkeypatch: pytest.MonkeyPatch) -> kit.Holder:
    """His card was lost; the new one has a new number, and the money is there."""
    with life.bank_that(monkeypatch, replacement="new_number"):
        life.report_lost(holder)
        new = second_card(holder)
        new = with_number(new, asked(holder, new))
        assert activate(counter, new).answer["moved"][0]["moved"] is True
    return new


def used(holder: kit.Holder, kind: str, period: str = "day") -> tuple[int, int]:
    from sscard.ledger.models import LimitUse

    with kit.in_bank(holder):
        row = LimitUse.objects.filter(account_id=holder.account, kind=kind, period=period).first()
    return (row.used_fen, row.times) if row else (0, 0)


def sound(holder: kit.Holder) -> None:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        assert reads.trial_balance().sound


def test_a_void_and_refunds_reach_the_account_in_its_place(
    counter: kit.Terminal, till: kit.Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank.acts import RefundPurchase, VoidPurchase

    old = savings.rich(100_000)
    whole, parts = bought(old, till, 3_000), bought(old, till, 5_000)
    new = moved(counter, old, monkeypatch)
    assert (available(new), used(new, "purchase")) == ((92_000, 92_000), (8_000, 2)), "a new card is no new allowance"
    session = savings.at(till, "bank.purchase_void", new)
    kit.perform(till.caller, "bank.purchase_void", VoidPurchase(new.account, whole, SHOP, session))
    assert (available(old), available(new)) == ((0, 0), (95_000, 95_000))
    assert used(new, "purchase") == (5_000, 1)
    for account, fen in ((old.account, 1_000), (new.account, 4_000)):
        kit.perform(till.caller, "bank.purchase_refund", RefundPurchase(account, parts, SHOP, fen))
    more = RefundPurchase(new.account, parts, SHOP, 1)
    assert kit.refused(lambda: kit.perform(till.caller, "bank.purchase_refund", more)).code == "bank.refund_above"
    assert (available(old), available(new)) == ((0, 0), (100_000, 100_000))
    lines = savings.statement(new).lines
    assert [(line.kind, line.in_fen) for line in lines[:3]] == [
        ("refund", 4_000),
        ("refund", 1_000),
        ("replacement", 3_000),
    ]
    assert lines[2].other_name_mask == SHOP
    sound(new)


def test_a_stranger_s_account_in_between_gets_nothing(
    counter: kit.Terminal, till: kit.Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank.acts import RefundPurchase

    old, stranger = savings.rich(10_000), savings.rich(0)
    purchase = bought(old, till, 700)
    new = moved(counter, old, monkeypatch)
    request = RefundPurchase(stranger.account, purchase, SHOP, 700)
    assert (
        kit.refused(lambda: kit.perform(till.caller, "bank.purchase_refund", request)).code == "bank.purchase_unknown"
    )
    twice = moved(counter, new, monkeypatch)
    kit.perform(till.caller, "bank.purchase_refund", RefundPurchase(old.account, purchase, SHOP, 700))
    assert (available(old), available(new), available(twice)) == ((0, 0), (0, 0), (10_000, 10_000))


def test_an_order_recalled_after_the_move_gives_its_limit_back_there(
    counter: kit.Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscard.bank.acts import RecallTransfer

    old, payee = savings.rich(50_000), savings.rich(0)
    placed = savings.send(old, payee, 20_000, timing="next_day")
    assert placed.once == {"available_fen": 30_000}
    new = moved(counter, old, monkeypatch)
    assert (available(new), used(new, "transfer")) == ((50_000, 30_000), (20_000, 1))
    request = RecallTransfer(new.account, uuid.UUID(placed.answer["order"]))
    kit.perform(savings.customer(new), "bank.transfer_recall", request)
    assert (available(new), used(new, "transfer"), used(new, "remote_transfer")) == ((50_000, 50_000), (0, 0), (0, 0))
    sound(new)


def test_a_waiting_order_follows_its_receiver_to_his_new_number(
    counter: kit.Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the number kept it is the same account anyway; with a new number the old one would refuse what was on its way."""
    from sscard.bank.acts import OrderStep
    from sscard.control.caller import system

    payer, old = savings.rich(50_000), savings.rich(1_000)
    placed = savings.send(payer, old, 20_000, timing="next_day", memo="房租")
    new = moved(counter, old, monkeypatch)
    step = OrderStep("CCB", uuid.UUID(placed.answer["order"]), "arrive")
    for _ in range(2):
        assert kit.perform(system("990100", name="test", channel="job"), "bank.order_step", step).answer["state"] in (
            "done", "ended",
        )  # fmt: skip
    assert (available(payer), available(old), available(new)) == ((30_000, 30_000), (0, 0), (21_000, 21_000))
    line = savings.statement(new).lines[0]
    assert (line.in_fen, line.memo) == (20_000, "房租")
    assert line.other_name_mask.startswith(payer.name[0])
    assert used(payer, "transfer") == (20_000, 1)
    sound(payer)
