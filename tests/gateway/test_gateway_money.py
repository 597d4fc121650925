"""The gateway does what the office does, and refuses what it refuses: the same requests by both doors."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import bank_kit as kit
import pytest
import savings_kit as savings
from gateway_kit import Answer, Gateway, Program

pytestmark = pytest.mark.usefixtures("house")


def office_deposit(program: Program, account: uuid.UUID, fen: int, key: str = "") -> tuple[str, dict[str, Any]]:
    """(code of the refusal or "", answer) by the slow door."""
    from sscard.bank.acts import Deposit
    from sscard.kernel.refusals import Refusal

    try:
        return "", kit.perform(program.caller, "bank.deposit", Deposit(fen, account), key=key).answer
    except Refusal as refusal:
        return (refusal.faults[0].code if refusal.faults else refusal.code), {}


def gateway_deposit(gateway: Gateway) -> Callable[..., tuple[str, dict[str, Any]]]:
    def deposit(program: Program, account: uuid.UUID, fen: int, key: str = "") -> tuple[str, dict[str, Any]]:
        answer = gateway.deposit(program, account, fen, key=key)
        faults = answer.body.get("faults")
        return (faults[0]["code"] if faults else answer.body.get("code", "")), answer.body

    return deposit


@pytest.fixture(params=["office", "gateway"])
def deposit(request: pytest.FixtureRequest, gateway: Gateway) -> Any:
    return office_deposit if request.param == "office" else gateway_deposit(gateway)


def authorised(holder: kit.Holder, fen: int, shop: str = "云溪宾馆") -> uuid.UUID:
    from sscard.bank.acts import Authorise

    till = kit.Terminal(kind="kiosk")
    session = savings.at(till, "bank.authorise", holder)
    answer = kit.perform(till.caller, "bank.authorise", Authorise(holder.account, fen, shop, session)).answer
    return uuid.UUID(answer["hold"])


def capture(gateway: Gateway, program: Program, holder: kit.Holder, hold: uuid.UUID, fen: int, **more: Any) -> Answer:
    body = {"account": str(holder.account), "hold": str(hold), "amount_fen": fen}
    return gateway.post(program, "/v1/captures", body, **more)


def void(gateway: Gateway, program: Program, holder: kit.Holder, hold: uuid.UUID, **more: Any) -> Answer:
    return gateway.post(program, "/v1/voids", {"account": str(holder.account), "hold": str(hold)}, **more)


def available(holder: kit.Holder) -> int:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.available_fen


def sound(holder: kit.Holder) -> bool:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        return reads.trial_balance().sound


# -- deposits: the same table of cases for both doors -------------------------------------------------------------------
def test_money_comes_in_before_activation(deposit: Any) -> None:
    holder = kit.opened(kit.person())
    code, answer = deposit(Program.registered(), holder.account, 1_234)
    assert code == ""
    assert (answer["account"], answer["seq"], answer["amount_fen"]) == (str(holder.account), 1, 1_234)
    assert kit.balance_of(holder) == 1_234


@pytest.mark.parametrize("fen", [0, -1, 10**15])
def test_amounts_that_are_none(deposit: Any, fen: int) -> None:
    assert deposit(Program.registered(), kit.opened(kit.person()).account, fen)[0] == "ledger.amount"


def test_another_banks_account_is_refused_by_name(deposit: Any) -> None:
    holder = kit.opened(kit.person(bank="ICBC"))
    assert deposit(Program.registered(bank="CCB"), holder.account, 100)[0] == "bank.other_bank"
    assert kit.balance_of(holder) == 0


def test_an_account_that_is_not_there(deposit: Any) -> None:
    assert deposit(Program.registered(), uuid.uuid4(), 100)[0] == "control.not_found"


@pytest.mark.parametrize("role", ["bureau_program", "producer_program"])
def test_other_programs_may_not(deposit: Any, role: str) -> None:
    holder = kit.opened(kit.person())
    assert deposit(Program.registered(role, bank=""), holder.account, 100)[0] == "control.not_allowed"


def test_money_that_is_frozen_out(deposit: Any) -> None:
    holder = savings.rich(0)
    _restrict(holder, "CREDIT_FREEZE")
    program, key = Program.registered(), uuid.uuid4().hex
    assert deposit(program, holder.account, 100, key)[0] == "bank.credit_frozen"
    assert deposit(program, holder.account, 100, key)[0] == "bank.credit_frozen"
    assert kit.balance_of(holder) == 0


def test_a_freeze_that_has_run_out_is_none(deposit: Any) -> None:
    from datetime import timedelta

    from sscard.kernel import clock

    holder = savings.rich(0)
    _restrict(holder, "CREDIT_FREEZE", until=clock.now(holder.area) - timedelta(seconds=1))
    assert deposit(Program.registered(), holder.account, 100)[0] == ""


def test_what_is_owed_is_taken_above_the_ceiling_and_the_bank_is_told_once(deposit: Any) -> None:
    from sscard.bank.models import BankAccount
    from sscard.control.models import Outbox
    from sscard.kernel.db import unit_of_work

    holder, program, key = savings.rich(150_000), Program.registered(), uuid.uuid4().hex
    with kit.in_bank(holder):
        BankAccount.objects.filter(account_id=holder.account).update(account_class="III")

    def told() -> int:
        with unit_of_work(area=holder.area):
            return Outbox.objects.filter(name="bank.above_ceiling", body__account=str(holder.account)).count()

    assert (deposit(program, holder.account, 50_000)[0], told()) == ("", 0)
    assert (deposit(program, holder.account, 1, key)[0], told()) == ("", 1)
    assert (deposit(program, holder.account, 1, key)[0], told()) == ("", 1), "a repeat tells nothing new"
    assert kit.balance_of(holder) == 200_001


def _restrict(holder: kit.Holder, kind: str, **more: Any) -> None:
    """A restriction row with its mask, as the acts of freezing write them."""
    from sscard.bank import rules
    from sscard.bank.models import AccountRestriction
    from sscard.bank.states import Restriction, Status
    from sscard.kernel import clock
    from sscard.ledger import accounts

    with kit.in_bank(holder):
        AccountRestriction.objects.create(
            person_id=holder.person_id, account_id=holder.account, restriction_id=uuid.uuid4(),
            book=f"bank:{holder.bank}", kind=kind, reason="test", since=clock.now(holder.area), **more,
        )  # fmt: skip
        mask = rules.permits(Status.ACTIVE, [Restriction(kind)])
        accounts.set_permits(holder.person_id, holder.account, mask)


@pytest.mark.parametrize("role", ["terminal", "file_program", "teller"])
def test_nobody_but_the_banks_own_systems_pays_in_at_the_gateway(gateway: Gateway, role: str) -> None:
    """A terminal's key alone makes no money: at the office's door it has a session and evidence."""
    holder = savings.rich(0)
    answer = gateway.deposit(Program.registered(role), holder.account, 10**12)
    assert (answer.status, answer.body["code"]) == (403, "control.not_allowed")
    assert kit.balance_of(holder) == 0


# -- keys -----------------------------------------------------------------------------------------------------------------
def test_the_same_request_may_be_repeated_by_the_other_door(gateway: Gateway) -> None:
    holder, program = savings.rich(0), Program.registered()
    first = gateway.deposit(program, holder.account, 700, key="K-1")
    again = office_deposit(program, holder.account, 700, key="K-1")[1]
    assert (again["transfer"], again["seq"]) == (first.body["transfer"], first.body["seq"])
    office = office_deposit(program, holder.account, 800, key="K-2")[1]
    found = gateway.deposit(program, holder.account, 800, key="K-2")
    assert found.replayed
    assert (found.body["transfer"], found.body["seq"]) == (office["transfer"], office["seq"])
    assert kit.balance_of(holder) == 1_500


# -- authorisations -------------------------------------------------------------------------------------------------------
def test_a_shop_takes_a_part_and_the_rest_is_free(gateway: Gateway) -> None:
    from sscard.bank.acts import RefundPurchase

    holder, program = savings.rich(50_000), Program.registered()
    hold = authorised(holder, 30_000)
    assert available(holder) == 20_000
    taken = capture(gateway, program, holder, hold, 18_000, key="C-1")
    assert (taken.status, taken.body["state"]) == (200, "captured")
    assert capture(gateway, program, holder, hold, 18_000, key="C-1").body == taken.body
    assert (kit.balance_of(holder), available(holder)) == (32_000, 32_000)
    assert capture(gateway, program, holder, hold, 1_000).body["code"] == "ledger.hold_gone"
    assert void(gateway, program, holder, hold).body["code"] == "ledger.hold_gone"
    line = savings.statement(holder).lines[0]
    assert "云溪宾馆" in str(line)
    back = RefundPurchase(holder.account, uuid.UUID(taken.body["transfer"]), "云溪宾馆", 18_000)
    assert kit.perform(kit.Terminal(kind="kiosk").caller, "bank.purchase_refund", back).answer["left_fen"] == 0
    assert kit.refused(lambda: kit.perform(kit.Terminal(kind="kiosk").caller, "bank.purchase_refund", back))
    assert kit.balance_of(holder) == 50_000
    assert sound(holder)


def test_a_shop_lets_go(gateway: Gateway) -> None:
    holder, program = savings.rich(10_000), Program.registered()
    hold = authorised(holder, 10_000)
    assert void(gateway, program, holder, hold).body["state"] == "voided"
    assert available(holder) == 10_000
    assert capture(gateway, program, holder, hold, 1).body["code"] == "ledger.hold_gone"


def test_never_more_than_authorised_and_never_another_hold(gateway: Gateway) -> None:
    from sscard.bank.acts import Transfer
    from sscard.kernel.refusals import Refusal

    holder, program = savings.rich(50_000), Program.registered()
    hold = authorised(holder, 1_000)
    assert capture(gateway, program, holder, hold, 1_001).body["code"] == "ledger.amount"
    assert capture(gateway, program, holder, uuid.uuid4(), 1).body["code"] == "ledger.hold_gone"
    order = Transfer(holder.account, 2_000, to_bank="ICBC", to_number="9217029999999999999", to_name="王小明")
    try:
        held = uuid.UUID(kit.perform(savings.customer(holder), "bank.transfer", order).answer["order"])
    except Refusal as refusal:  # the pack's terms of today
        pytest.fail(str(refusal))
    assert capture(gateway, program, holder, held, 2_000).body["code"] == "ledger.hold_gone"
    assert void(gateway, program, holder, held).body["code"] == "ledger.hold_gone"
    other = Program.registered(bank="ICBC")
    assert capture(gateway, other, holder, hold, 1_000).body["code"] == "bank.other_bank"
    assert sound(holder)


def test_what_was_authorised_with_card_and_pin_counts_in_the_limits_of_the_day(gateway: Gateway) -> None:
    from sscard.bank.acts import OwnLimit, SetSettings

    holder, program = savings.rich(50_000), Program.registered()
    limit = SetSettings(holder.account, limits=(OwnLimit("purchase_day", 10_000),))
    kit.perform(savings.customer(holder), "bank.settings", limit)
    hold = authorised(holder, 9_000)
    assert kit.refused(lambda: authorised(holder, 2_000)).code == "ledger.limit"
    assert capture(gateway, program, holder, hold, 4_000).status == 200
    assert authorised(holder, 6_000)
    assert kit.refused(lambda: authorised(holder, 1)).code == "ledger.limit"


# -- reversals ------------------------------------------------------------------------------------------------------------
def reverse(gateway: Gateway, program: Program, holder: kit.Holder, fen: int, key: str) -> Answer:
    return gateway.post(program, "/v1/reversals", {"account": str(holder.account), "amount_fen": fen, "key": key})


def test_a_deposit_is_reversed_once_and_by_its_sender_only(gateway: Gateway) -> None:
    holder, program = savings.rich(0), Program.registered()
    gateway.deposit(program, holder.account, 900, key="D-1")
    assert reverse(gateway, program, holder, 901, "D-1").body["code"] == "ledger.amount"
    assert reverse(gateway, program, holder, 900, "D-1").body["state"] == "posted"
    assert reverse(gateway, program, holder, 900, "D-1").body["code"] == "ledger.already_reversed"
    assert kit.balance_of(holder) == 0
    gateway.deposit(program, holder.account, 900, key="D-2")
    assert reverse(gateway, Program.registered(), holder, 900, "D-2").body["state"] == "remembered"
    assert kit.balance_of(holder) == 900


def test_a_reversal_that_comes_first_stops_its_deposit(gateway: Gateway) -> None:
    holder, program = savings.rich(0), Program.registered()
    assert reverse(gateway, program, holder, 500, "late").body["state"] == "remembered"
    assert gateway.deposit(program, holder.account, 500, key="late").body["code"] == "ledger.reversed_before"
    assert office_deposit(program, holder.account, 500, key="late")[0] == "ledger.reversed_before"
    assert kit.balance_of(holder) == 0


@pytest.mark.parametrize(("kind", "code"), [("DEBIT_FREEZE", "bank.frozen"), ("LOST", "bank.lost")])
def test_money_that_is_stopped_is_not_taken_back(gateway: Gateway, kind: str, code: str) -> None:
    holder, program = savings.rich(0), Program.registered()
    gateway.deposit(program, holder.account, 900, key=f"D-{kind}")
    _restrict(holder, kind)
    assert reverse(gateway, program, holder, 900, f"D-{kind}").body["code"] == code
    assert kit.balance_of(holder) == 900


# -- balances -------------------------------------------------------------------------------------------------------------
def test_a_balance_and_the_row_of_who_looked(gateway: Gateway) -> None:
    from sscard.control.models import AuditRow, AuditSubject
    from sscard.kernel.db import unit_of_work

    holder, program = savings.rich(5_000), Program.registered()
    found = gateway.balance(program, holder.account)
    assert (found.status, found.body["balance_fen"], found.body["available_fen"]) == (200, 5_000, 5_000)
    with unit_of_work(area=holder.area):
        row = AuditRow.objects.get(request_id=found.headers["sscard-trace"])
        assert (row.verb, row.actor, row.result) == ("gateway.look", program.program_id, "ok")
        assert AuditSubject.objects.filter(person_id=holder.person_id, audit_id=row.audit_id).exists()


def test_no_balance_of_a_sleeping_account_nor_of_another_bank(gateway: Gateway) -> None:
    holder = kit.opened(kit.person())
    assert gateway.balance(Program.registered(), holder.account).body["code"] == "bank.asleep"
    assert gateway.balance(Program.registered(bank="ICBC"), savings.rich(1).account).body["code"] == "bank.other_bank"
    assert gateway.balance(Program.registered("bureau_program", bank=""), holder.account).status == 403
    assert gateway.balance(Program.registered(), uuid.uuid4()).status == 404
