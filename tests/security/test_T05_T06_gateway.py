"""T05 and T06 at the gateway: one key is one movement, whatever comes at once; and only for one content."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("bank", "gateway")]
import bank_kit as kit  # noqa: E402
import savings_kit as savings  # noqa: E402
from gateway_kit import Gateway, Program, running  # noqa: E402

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def _running(_module_house: Any) -> Iterator[Gateway]:
    with _module_house.entered(), running(_module_house) as gateway:
        yield gateway


@pytest.fixture
def gateway(house: Any, _running: Gateway) -> Gateway:
    return _running


def test_fifty_times_the_same_request_is_one_entry_with_fifty_equal_answers(gateway: Gateway) -> None:
    from sscard.ledger import reads

    holder, program = savings.rich(0), Program.registered()
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda _: gateway.deposit(program, holder.account, 6_000, key="click"), range(50)))
    assert [one.body for one in found] == [found[0].body] * 50
    assert sum(not one.replayed for one in found) == 1
    with kit.in_bank(holder):
        assert len(reads.entries(holder.person_id, holder.account)) == 1
        assert reads.trial_balance().sound


def test_the_same_key_for_something_else_is_refused_and_changes_nothing(gateway: Gateway) -> None:
    holder, other, program = savings.rich(0), savings.rich(0), Program.registered()
    first = gateway.deposit(program, holder.account, 100, key="K")
    for account, fen in ((holder.account, 101), (other.account, 100)):
        refused = gateway.deposit(program, account, fen, key="K")
        assert (refused.status, refused.body["code"]) == (422, "ledger.key_reused")
    body = {"account": str(holder.account), "amount_fen": 100, "key": "K"}
    assert gateway.post(program, "/v1/reversals", body, key="K").status == 422
    again = gateway.deposit(program, holder.account, 100, key="K")
    assert again.replayed
    assert again.body == first.body
    assert (kit.balance_of(holder), kit.balance_of(other)) == (100, 0)


def test_another_program_has_keys_of_its_own(gateway: Gateway) -> None:
    holder = savings.rich(0)
    found = [gateway.deposit(Program.registered(), holder.account, 5, key="same") for _ in range(2)]
    assert not any(one.replayed for one in found)
    assert kit.balance_of(holder) == 10


def test_two_captures_of_one_authorisation_at_once_take_it_once(gateway: Gateway) -> None:
    from sscard.bank.acts import Authorise

    holder, program, till = savings.rich(10_000), Program.registered(), kit.Terminal(kind="kiosk")
    session = savings.at(till, "bank.authorise", holder)
    made = kit.perform(till.caller, "bank.authorise", Authorise(holder.account, 10_000, "店", session)).answer
    body = {"account": str(holder.account), "hold": made["hold"], "amount_fen": 10_000}
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: gateway.post(program, "/v1/captures", body), range(10)))
    assert sum(one.status == 200 for one in found) == 1, [one.body for one in found]
    assert {one.body["code"] for one in found if one.status != 200} == {"ledger.hold_gone"}
    assert kit.balance_of(holder) == 0


def test_a_key_is_needed_and_bounded(gateway: Gateway) -> None:
    program, account = Program.registered(), str(uuid.uuid4())
    for key in ("k" * 121, " " * 0):
        headers = {"Idempotency_Key": key} if key else {}
        body = {"account": account, "amount_fen": 1}
        answer = gateway.send("POST", "/v1/deposits", body, Authorization=program.header, **headers)
        assert (answer.status, answer.body["code"]) == (400, "control.key_missing")
