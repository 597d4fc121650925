"""Transfers to other banks and later ones: held, recalled, settled, sent back; broken off anywhere and run again (T05, T07)."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("fresh_house")


@contextmanager
def clearing_house(folder: Path) -> Iterator[Any]:
    """The program on a free port of this machine, and our way to it."""
    from sscard.bank.savings.clearing_http import OverHttp
    from sscard.kernel.keyclient import keys
    from sscard.sim.clearing.command import set_up, trust
    from sscard.sim.clearing.server import House, server

    home = folder / "clearing"
    public = set_up(home)
    trust(home, keys().public_key("clearing").hex(), ["CCB", "ICBC", "BOCOM", "ABC"])
    running = server(House(home), 0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield OverHttp(f"http://127.0.0.1:{running.server_address[1]}", bytes.fromhex(public))
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def clearing(tmp_path: Path, fresh_house: Any) -> Iterator[Any]:
    with clearing_house(tmp_path) as house:
        yield house


def round_(house: Any) -> Any:
    from sscard.bank.savings import exchange

    return exchange.run(house)


def orders_of(holder: kit.Holder) -> list[Any]:
    from sscard.bank.savings.orders import orders
    from sscard.control.door import reading

    with reading(savings.customer(holder), right="bank.statement", purpose="test") as inside:
        return orders(inside, holder.account)


def available(holder: kit.Holder) -> int:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.available_fen


def sound(*banks: str) -> None:
    from sscard.kernel.db import bank_role, unit_of_work
    from sscard.ledger import reads

    for bank in banks:
        with unit_of_work(area="990100"), bank_role(f"bank:{bank}"):
            assert reads.trial_balance().sound


def overdue(holder: kit.Holder) -> None:
    """As if the moment of all waiting orders had come."""
    from sscard.bank.models import OrderDue
    from sscard.kernel import clock

    with kit.in_bank(holder):
        OrderDue.objects.update(due_at=clock.now(holder.area) - timedelta(seconds=1))


def recall(holder: kit.Holder, order: Any) -> Any:
    from sscard.bank.acts import RecallTransfer

    request = RecallTransfer(holder.account, uuid.UUID(str(order)))
    return kit.perform(savings.customer(holder), "bank.transfer_recall", request)


def test_to_another_bank_in_real_time_arrives_once_with_both_statements(clearing: Any) -> None:
    payer, payee = savings.rich(50_000), savings.rich(0, bank="ICBC")
    done = savings.send(payer, payee, 12_345, to_bank="ICBC", memo="学费")
    assert (done.answer["state"], done.answer["to_bank"]) == ("waiting", "ICBC")
    assert (kit.balance_of(payer), available(payer)) == (50_000, 37_655)
    found = round_(clearing)
    assert (found.sent, found.credited, found.settled, found.down) == (1, 1, 1, "")
    assert round_(clearing).credited == 0
    assert (kit.balance_of(payer), available(payer), kit.balance_of(payee)) == (37_655, 37_655, 12_345)
    out, came = savings.statement(payer).lines[0], savings.statement(payee).lines[0]
    assert (out.kind, out.other_bank, out.memo) == ("transfer_out", "ICBC", "学费")
    assert (came.other_bank, came.other_name_mask, came.channel, came.memo) == ("CCB", "李**", "clearing", "学费")
    assert orders_of(payer)[0].state == "done"
    sound("CCB", "ICBC")


@pytest.mark.parametrize("why", ["name", "number", "frozen", "stranger_bank"])
def test_what_the_other_bank_cannot_credit_comes_back_and_the_money_is_free(clearing: Any, why: str) -> None:
    from sscard.ledger import accounts
    from sscard.ledger.permits import Permit

    payer, payee = savings.rich(9_000), savings.rich(0, bank="ICBC")
    more = {"name": {"to_name": "王小花"}, "number": {"to_number": "9217029999999999999"}}.get(why, {})
    if why == "frozen":
        with kit.in_bank(payee):
            accounts.set_permits(payee.person_id, payee.account, Permit.INQUIRY)
    if why == "stranger_bank":
        told = kit.refused(lambda: savings.send(payer, payee, 1_000, to_bank="NOBANK"))
        assert told.code == "bank.payee_bank_unknown"
        return
    savings.send(payer, payee, 1_000, **{"to_bank": "ICBC", **more})
    found = round_(clearing)
    assert (found.returned, found.rejected, found.settled) == (1, 1, 0)
    (order,) = orders_of(payer)
    assert (order.state, order.reason) == ("rejected", "payee_closed" if why == "frozen" else "payee_differs")
    assert (kit.balance_of(payer), available(payer), kit.balance_of(payee)) == (9_000, 9_000, 0)
    sound("CCB", "ICBC")


def test_own_card_at_another_bank_is_a_recharge(clearing: Any) -> None:
    from dataclasses import replace as with_

    payer = savings.rich(5_000, bank="ICBC")
    mine = savings.rich(0)
    savings.send(payer, with_(mine), 700, to_bank="CCB")  # all of the kit's people have one name
    round_(clearing)
    assert savings.statement(mine).lines[0].kind == "recharge"


def test_normal_and_next_day_wait_can_be_recalled_and_leave_at_their_moment(clearing: Any) -> None:
    payer, payee = savings.rich(10_000), savings.rich(0)
    elsewhere = savings.rich(0, bank="ICBC")
    savings.send(payer, payee, 1_000, timing="normal")
    savings.send(payer, elsewhere, 2_000, timing="next_day", to_bank="ICBC")
    assert (round_(clearing).arrived, available(payer)) == (0, 7_000)
    next_day, normal = orders_of(payer)
    assert normal.leaves_at - normal.made_at == timedelta(minutes=120)
    assert (next_day.leaves_at.astimezone(UTC).hour, next_day.can_recall) == (0, True)  # 08:00 in China
    recall(payer, normal.order)
    assert available(payer) == 8_000
    assert kit.refused(lambda: recall(payer, normal.order)).code == "bank.order_state"
    overdue(payer)
    round_(clearing)
    assert [one.state for one in orders_of(payer)] == ["done", "recalled"]
    assert (kit.balance_of(payer), kit.balance_of(payee), kit.balance_of(elsewhere)) == (8_000, 0, 2_000)
    assert kit.refused(lambda: recall(payer, next_day.order)).code == "bank.order_state"
    sound("CCB", "ICBC")


def test_a_terminals_transfer_to_somebody_else_waits_a_day_and_gives_its_limit_back(clearing: Any) -> None:
    from sscard.bank.acts import RecallTransfer

    payer, payee, kiosk = savings.rich(4_000_000), savings.rich(0), kit.Terminal(kind="kiosk")
    session = savings.at(kiosk, "bank.transfer", payer)
    done = savings.send(payer, payee, 3_000_000, who=kiosk.caller, session=session)
    leaves, at = (datetime.fromisoformat(done.answer[name]) for name in ("leaves_at", "at"))
    assert (done.answer["state"], leaves - at) == ("waiting", timedelta(hours=24))
    assert round_(clearing).arrived == 0
    again = savings.at(kiosk, "bank.transfer_recall", payer)
    request = RecallTransfer(payer.account, uuid.UUID(done.answer["order"]), again)
    kit.perform(kiosk.caller, "bank.transfer_recall", request)
    session = savings.at(kiosk, "bank.transfer", payer)  # above the day's limit if the first one still counted
    savings.send(payer, payee, 3_000_000, who=kiosk.caller, session=session)
    overdue(payer)
    assert round_(clearing).arrived == 1
    assert kit.balance_of(payee) == 3_000_000
    sound("CCB")


def test_an_account_stopped_meanwhile_lets_nothing_leave(clearing: Any) -> None:
    from sscard.bank.models import AccountRestriction
    from sscard.kernel import clock, ids

    payer, payee = savings.rich(2_000), savings.rich(0)
    savings.send(payer, payee, 1_500, timing="normal")
    with kit.in_bank(payer):
        AccountRestriction.objects.create(
            person_id=payer.person_id, account_id=payer.account, restriction_id=ids.new_id(), book="bank:CCB",
            kind="FULL_FREEZE", reason="test", since=clock.now("990100"),
        )  # fmt: skip
    overdue(payer)
    assert round_(clearing).rejected == 1
    assert (kit.balance_of(payer), kit.balance_of(payee)) == (2_000, 0)


class Breaks:
    """A clearing house that is cut off after its nth word was given but before we heard it."""

    def __init__(self, house: Any, at: int) -> None:
        self.house, self.left = house, at

    def __getattr__(self, name: str) -> Any:
        from sscard.bank.savings.exchange import ClearingDown

        def ask(*what: Any) -> Any:
            answer = getattr(self.house, name)(*what)
            self.left -= 1
            if self.left == 0:
                raise ClearingDown("cut off")
            return answer

        return ask


@pytest.mark.parametrize("at", range(1, 9))
def test_broken_off_anywhere_and_run_again_nothing_is_lost_or_doubled(clearing: Any, at: int) -> None:
    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    savings.send(payer, payee, 1_000, to_bank="ICBC")
    savings.send(payer, payee, 500, to_bank="ICBC", to_name="王小花")
    round_(Breaks(clearing, at))
    for _ in range(3):
        overdue(payer)
        round_(clearing)
    assert sorted(one.state for one in orders_of(payer)) == ["done", "rejected"]
    assert (kit.balance_of(payer), available(payer), kit.balance_of(payee)) == (9_000, 9_000, 1_000)
    sound("CCB", "ICBC")


def test_rounds_side_by_side_credit_once(clearing: Any) -> None:
    payer, payee = savings.rich(10_000), savings.rich(0, bank="ICBC")
    for _ in range(4):
        savings.send(payer, payee, 100, to_bank="ICBC")
    kit.in_threads([lambda: round_(clearing)] * 4)
    overdue(payer)
    round_(clearing)
    assert (kit.balance_of(payer), kit.balance_of(payee)) == (9_600, 400)
    sound("CCB", "ICBC")


def test_without_a_clearing_house_orders_wait_with_their_money_held() -> None:
    payer, payee = savings.rich(3_000), savings.rich(0, bank="ICBC")
    savings.send(payer, payee, 1_000, to_bank="ICBC")
    assert round_(None).sent == 0
    assert (orders_of(payer)[0].state, available(payer)) == ("waiting", 2_000)


def test_a_message_changed_under_its_id_and_words_that_are_not_the_clearing_houses(clearing: Any) -> None:
    from sscard.bank.acts import ClearingIn
    from sscard.bank.savings.clearing import Payment
    from sscard.bank.savings.exchange import ClearingDown
    from sscard.control.caller import system

    payee = savings.rich(0)
    payment = Payment(uuid.uuid4(), "ICBC", "CCB", 300, "王五", "****1", payee.name, payee.pan)
    take = lambda one: kit.perform(system("990100"), "bank.clearing_in", ClearingIn(one))  # noqa: E731
    assert [take(payment).answer["result"] for _ in range(3)] == ["credited"] * 3
    assert kit.refused(lambda: take(replace(payment, amount_fen=301))).code == "bank.clearing_changed"
    assert kit.balance_of(payee) == 300
    forged = replace(clearing, public=bytes(64))
    with pytest.raises(ClearingDown):
        forged.incoming("CCB")
    clearing.submit(payment)
    with pytest.raises(ClearingDown, match="409"):
        clearing.submit(replace(payment, amount_fen=9))


def test_the_program_takes_no_old_and_no_unsigned_word(clearing: Any) -> None:
    import urllib.error
    import urllib.request

    from sscard.kernel.keyclient import keys

    old = (datetime.now(UTC) - timedelta(minutes=6)).isoformat()
    cases = [
        (json.dumps({"bank": "CCB", "at": old}).encode(), True),
        (json.dumps({"bank": "CCB", "at": datetime.now(UTC).isoformat()}).encode(), False),
    ]
    for body, signed in cases:
        signature = keys().sign("clearing", body).hex() if signed else "00"
        request = urllib.request.Request(clearing.url + "/inbox", body, {"Sscard-Signature": signature})
        with pytest.raises(urllib.error.HTTPError) as no:
            urllib.request.urlopen(request, timeout=10)
        assert no.value.code == 403
