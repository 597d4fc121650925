"""Opening, activation, cash and inquiry through the door, with virtual devices and the real key service."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import bank_kit as kit
import pytest

pytestmark = pytest.mark.usefixtures("house")


def withdraw(terminal: kit.Terminal, holder: kit.Holder, fen: int, pin: str = kit.PIN) -> Any:
    from sscard.bank.acts import Withdraw

    session = terminal.present("bank.withdraw", holder, pin)
    return kit.perform(terminal.caller, "bank.withdraw", Withdraw(holder.account, session, fen))


def activate(terminal: kit.Terminal, holder: kit.Holder, **more: Any) -> Any:
    from sscard.bank.acts import Activate

    who = more.pop("who", None) or terminal.caller
    method, proof = more.pop("method", "self"), more.pop("relation_proof", False)
    phone, pin = more.pop("phone", "91300000001"), more.pop("pin", kit.PIN)
    session = terminal.present("bank.activate", holder, pin, who=who, **more)
    return kit.perform(who, "bank.activate", Activate(holder.account, session, phone, method, proof))


def test_account_is_open_asleep_and_its_number_is_the_banks() -> None:
    from sscard.bank.models import BankAccount
    from sscard.codes import pan
    from sscard.ledger.models import LedgerAccount
    from sscard.ledger.permits import Permit

    holder = kit.opened(kit.person())
    assert pan.validate(holder.pan).startswith("921701")
    assert len(holder.pan) == 19
    with kit.in_bank(holder):
        account = BankAccount.objects.get(account_id=holder.account)
        assert (account.status, account.pan_mask[-4:], account.area_code) == (
            "NOT_ACTIVATED",
            holder.pan[-4:],
            "990100",
        )
        assert LedgerAccount.objects.get(account_id=holder.account).permits == int(Permit.CREDIT)
        assert holder.pan.encode() not in bytes(account.facts.blob)
    mirror = kit.mirror_of(holder)
    assert (mirror.status, mirror.restrictions, mirror.card_id) == ("NOT_ACTIVATED", [], holder.card)


def test_asleep_takes_deposits_from_anybody_and_refuses_all_else_alike() -> None:
    from sscard.bank.acts import Balance, Deposit, Withdraw
    from sscard.bank.reads import own_accounts
    from sscard.control.caller import Caller
    from sscard.control.door import reading

    holder = kit.opened(kit.person())
    kit.pay_in(holder, 12_345)
    kit.perform(kit.caller("bank_program", bank="CCB", channel="file"), "bank.deposit", Deposit(100, number=holder.pan))
    kit.pay_in(holder, 55)
    kiosk = kit.caller("terminal", bank="CCB")
    no = kit.refused(lambda: kit.perform(kiosk, "bank.deposit", Deposit(55, holder.account)))
    assert no.code == "control.not_allowed", "no kiosk takes cash in, so its program books none"
    assert kit.balance_of(holder) == 12_500
    for role, channel in (("teller", "page"), ("terminal", "api"), ("terminal", "device")):
        who = kit.caller(role, bank="CCB", channel=channel)
        for name, request in (
            ("bank.withdraw", Withdraw(holder.account, uuid.uuid4(), 100)),
            ("bank.balance", Balance(holder.account, uuid.uuid4())),
        ):
            refusal = kit.refused(lambda who=who, name=name, request=request: kit.perform(who, name, request))
            assert refusal.code == "bank.asleep", (role, channel, name)
    me = Caller.of_holder(
        holder_id=uuid.uuid4(), name="me", area="990100", person_index=b"p" * 32, persons=frozenset({holder.person_id})
    )
    with reading(me, right="bank.own", purpose="test") as inside:
        own = own_accounts(inside, holder.person_id)[0]
    assert (own.closed_because, own.balance_fen, own.available_fen) == ("bank.asleep", None, None)


def test_activation_at_the_counter_then_everything_works() -> None:
    from sscard.bank.acts import Balance
    from sscard.bank.models import BankAccount
    from sscard.cards.models import CardEvent
    from sscard.kernel.db import unit_of_work

    holder, terminal = kit.opened(kit.person()), kit.Terminal()
    kit.pay_in(holder, 50_000)
    answer = activate(terminal, holder).answer
    assert (answer["status"], answer["phone_mask"]) == ("ACTIVE", "913****0001")
    with kit.in_bank(holder):
        account = BankAccount.objects.get(account_id=holder.account)
        assert (account.activated_how, account.activated_where) == ("self/counter", terminal.outlet)
    assert kit.mirror_of(holder).status == "ACTIVE"
    with unit_of_work(area="990100"):
        event = CardEvent.objects.get(card_id=holder.card, side="bank")
        assert (event.was, event.became) == ("NOT_ACTIVATED", "ACTIVE")
    done = withdraw(terminal, holder, 20_000)
    assert done.answer["amount_fen"] == 20_000
    assert done.once == {"balance_fen": 30_000}
    session = terminal.present("bank.balance", holder)
    told = kit.perform(terminal.caller, "bank.balance", Balance(holder.account, session))
    assert told.once == {"balance_fen": 30_000, "available_fen": 30_000}
    assert "balance_fen" not in told.answer
    assert kit.refused(lambda: activate(terminal, holder)).code == "bank.already_active"


def test_activation_at_a_kiosk() -> None:
    from sscard.bank.models import BankAccount

    holder = kit.opened(kit.person())
    activate(kit.Terminal(kind="kiosk", outlet="990100-CCB-02"), holder)
    with kit.in_bank(holder):
        assert BankAccount.objects.get(account_id=holder.account).activated_how == "self/kiosk"


def test_wrong_combinations_of_bank_place_evidence_and_person_are_refused_with_reason() -> None:
    holder, stranger, counter = kit.opened(kit.person()), kit.person(), kit.Terminal()
    cases = [
        (kit.Terminal("ICBC"), {}, {"bank.other_bank"}),
        (kit.Terminal(area="990200"), {}, {"bank.only_issuing_area"}),
        (counter, {"source": "copy"}, {"bank.original_needed"}),
        (counter, {"by": stranger}, {"bank.not_the_holder"}),
        (counter, {"by": stranger, "source": "copy"}, {"bank.not_the_holder", "bank.original_needed"}),
        (counter, {"method": "agent", "by": stranger}, {"bank.no_agent"}),
        (
            counter,
            {"method": "guardian"},
            {"bank.holder_in_person", "bank.relation_proof_needed", "bank.not_the_guardian"},
        ),
        (counter, {"phone": "12"}, {"codes.phone_length"}),
        (counter, {"look": stranger}, {"bank.face_differs"}),
        (counter, {"pin": holder.birth.strftime("%y%m%d")}, {"keys.pin_birthday"}),
        (counter, {"pin": "123456"}, {"keys.pin_sequence"}),
    ]
    for terminal, more, codes in cases:
        refusal = kit.refused(lambda terminal=terminal, more=more: activate(terminal, holder, **more))
        assert kit.codes_of(refusal) & codes, (more, refusal)
        assert kit.codes_of(refusal) <= codes, (more, refusal)
    assert kit.mirror_of(holder).status == "NOT_ACTIVATED"
    refusal = kit.refused(lambda: activate(kit.Terminal("ICBC"), holder))
    assert "建设银行" in refusal.sentence("zh")


def test_nationwide_bank_activates_away_from_home() -> None:
    organisation = "990100-ABC-AWAY"
    kit.organisation(organisation, "bank_branch", "990100", "ABC")
    holder = kit.opened(kit.person(area="990200", bank="ABC"))
    home = kit.Terminal("ABC", area="990200", outlet="990200-ABC-02")
    away = kit.caller("teller", bank="ABC", area="990100", organisation=home.outlet)
    activate(home, holder, who=away)
    assert kit.mirror_of(holder).status == "ACTIVE"


def test_terminal_that_wants_a_face_or_staff() -> None:
    icbc = kit.opened(kit.person(bank="ICBC"))
    kiosk = kit.Terminal("ICBC", kind="kiosk")
    assert kit.refused(lambda: activate(kiosk, icbc)).code == "bank.face_needed"
    activate(kiosk, icbc, look=icbc)
    bocom = kit.opened(kit.person(bank="BOCOM"))
    kiosk = kit.Terminal("BOCOM", kind="kiosk")
    assert kit.refused(lambda: activate(kiosk, bocom)).code == "bank.staff_needed"
    activate(kiosk, bocom, who=kit.caller("teller", bank="BOCOM", organisation=kiosk.outlet))


def test_child_is_activated_by_its_guardian_only() -> None:
    child, mother, stranger = kit.opened(kit.person(birth=date(2016, 6, 1))), kit.person(), kit.person()
    kit.guardian_of(child, mother)
    terminal = kit.Terminal()
    assert kit.refused(lambda: activate(terminal, child)).code == "bank.guardian_needed"
    with_proof = {"method": "guardian", "relation_proof": True}
    assert kit.refused(lambda: activate(terminal, child, by=stranger, **with_proof)).code == "bank.not_the_guardian"
    activate(terminal, child, by=mother, **with_proof)
    assert kit.mirror_of(child).status == "ACTIVE"


def test_another_holders_card_or_a_card_in_stock_activates_nothing() -> None:
    mine, other = kit.opened(kit.person()), kit.opened(kit.person())
    stock = kit.opened(kit.person(production="outlet_stock"))
    terminal = kit.Terminal()
    assert kit.refused(lambda: activate(terminal, stock)).code == "bank.card_unusable"
    from sscard.bank.acts import Activate

    session = terminal.session("bank.activate", "id_reader", "card_slot", "pin_pad")
    terminal.desk.present_id(mine.virtual_person())
    terminal.desk.insert_card(other.virtual_card())
    terminal.desk.enter_pin(kit.PIN)
    request = Activate(mine.account, session, "91300000001")
    assert kit.refused(lambda: kit.perform(terminal.caller, "bank.activate", request)).code == "bank.card_differs"


def test_card_that_claims_a_strangers_number_binds_no_pin() -> None:
    from sscard.bank.acts import Activate

    mine, other = kit.opened(kit.person()), kit.opened(kit.person())
    terminal = kit.Terminal()
    session = terminal.session("bank.activate", "id_reader", "card_slot", "pin_pad")
    terminal.desk.present_id(mine.virtual_person())
    terminal.desk.insert_card(mine.virtual_card(pan=other.pan))
    terminal.desk.enter_pin(kit.PIN)
    request = Activate(mine.account, session, "91300000001")
    assert kit.refused(lambda: kit.perform(terminal.caller, "bank.activate", request)).code == "bank.pin_other_account"


def test_evidence_serves_once() -> None:
    from sscard.bank.acts import Withdraw

    holder, terminal = kit.activated(kit.opened(kit.person())), kit.Terminal()
    kit.pay_in(holder, 10_000)
    session = terminal.present("bank.withdraw", holder)
    kit.perform(terminal.caller, "bank.withdraw", Withdraw(holder.account, session, 1_000))
    again = lambda: kit.perform(terminal.caller, "bank.withdraw", Withdraw(holder.account, session, 1_000))  # noqa: E731
    assert kit.refused(again).code == "terminals.session_used"
    assert kit.balance_of(holder) == 9_000


@pytest.mark.parametrize(("bank", "most"), [("CCB", 5_000_000), ("ICBC", 2_000_000)])
def test_a_teller_takes_in_so_much_cash_at_once_and_an_agency_pays_what_it_owes(bank: str, most: int) -> None:
    from sscard.bank.acts import Deposit

    holder = kit.opened(kit.person(bank=bank))
    teller, agency = kit.caller("teller", bank=bank), kit.caller("bank_program", bank=bank)
    no = kit.refused(lambda: kit.perform(teller, "bank.deposit", Deposit(most + 1, holder.account)))
    assert (no.code, no.status, no.facts) == ("bank.cash_above", 422, {"most": f"{most / 100:,.2f}"})
    assert f"{most / 100:,.2f} 元" in no.sentence("zh")
    assert kit.balance_of(holder) == 0
    kit.perform(teller, "bank.deposit", Deposit(most, holder.account))
    kit.perform(agency, "bank.deposit", Deposit(most + 1, holder.account))
    assert kit.balance_of(holder) == 2 * most + 1


def test_limit_of_the_day_and_cover() -> None:
    holder, terminal = kit.activated(kit.opened(kit.person())), kit.Terminal()
    kit.pay_in(holder, 3_000_000)
    withdraw(terminal, holder, 1_500_000)
    over = kit.refused(lambda: withdraw(terminal, holder, 500_001))
    assert over.code == "ledger.limit"
    assert over.sentence("en") == (
        "With these ¥5,000.01 the limit of the day (¥20,000.00) would be exceeded; no money was moved."
    )
    assert "5,000.01 元" in over.sentence("zh")
    assert "20,000.00 元" in over.sentence("zh")
    assert over.once == {"left_fen": 500_000}
    assert "left_fen" not in over.as_dict()["facts"]
    withdraw(terminal, holder, 500_000)
    poor = kit.activated(kit.opened(kit.person()))
    short = kit.refused(lambda: withdraw(terminal, poor, 1))
    assert (short.code, short.facts) == ("ledger.insufficient", {"amount": "0.01"})
    assert short.once == {"available_fen": 0}
    assert "…" not in short.sentence("zh") + short.sentence("en")


@pytest.mark.parametrize("fen", [0, -1, 10_000_000_000_01])
def test_amounts_out_of_bounds(fen: int) -> None:
    holder = kit.opened(kit.person())
    assert kit.codes_of(kit.refused(lambda: kit.pay_in(holder, fen))) == {"ledger.amount"}


def test_another_bank_and_unknown_numbers() -> None:
    from sscard.bank.acts import Deposit

    holder = kit.opened(kit.person())
    icbc = kit.caller("teller", bank="ICBC")
    assert kit.refused(lambda: kit.perform(icbc, "bank.deposit", Deposit(5, holder.account))).code == "bank.other_bank"
    ccb = kit.caller("teller", bank="CCB")
    assert (
        kit.refused(lambda: kit.perform(ccb, "bank.deposit", Deposit(5, number="9217010000"))).code
        == "bank.number_unknown"
    )
    assert kit.refused(lambda: kit.perform(ccb, "bank.deposit", Deposit(5, uuid.uuid4()))).code == "control.not_found"
    clerk = kit.caller("clerk")
    assert (
        kit.refused(lambda: kit.perform(clerk, "bank.deposit", Deposit(5, holder.account))).code
        == "control.not_allowed"
    )


def test_fifty_parallel_identical_deposits_make_one_entry_and_equal_answers() -> None:
    from sscard.bank.acts import Deposit
    from sscard.ledger.models import Entry

    holder, who = kit.opened(kit.person()), kit.caller("teller", bank="CCB")
    request = Deposit(777, holder.account)
    found = kit.in_threads([lambda: kit.perform(who, "bank.deposit", request, key="the-same")] * 50)
    assert all(one.answer == found[0].answer for one in found)
    assert sum(not one.replayed for one in found) == 1
    with kit.in_bank(holder):
        assert Entry.objects.filter(person_id=holder.person_id).count() == 1


def test_two_parallel_withdrawals_of_everything() -> None:
    from sscard.bank.acts import Withdraw
    from sscard.kernel.refusals import Refusal

    holder = kit.activated(kit.opened(kit.person()))
    kit.pay_in(holder, 10_000)
    terminals = [kit.Terminal(), kit.Terminal(kind="kiosk")]
    sessions = [terminal.present("bank.withdraw", holder) for terminal in terminals]
    found = kit.in_threads(
        [
            lambda t=t, s=s: kit.perform(t.caller, "bank.withdraw", Withdraw(holder.account, s, 10_000))
            for t, s in zip(terminals, sessions, strict=True)
        ]
    )
    refused = [one for one in found if isinstance(one, Refusal)]
    assert [one.code for one in refused] == ["ledger.insufficient"]
    assert kit.balance_of(holder) == 0


def test_replay_of_a_refused_withdrawal_is_the_refusal() -> None:
    from sscard.bank.acts import Withdraw

    holder, terminal = kit.activated(kit.opened(kit.person())), kit.Terminal()
    session = terminal.present("bank.withdraw", holder)
    request = Withdraw(holder.account, session, 500)
    first = kit.refused(lambda: kit.perform(terminal.caller, "bank.withdraw", request, key="refused-once"))
    kit.pay_in(holder, 1_000)
    again = kit.refused(lambda: kit.perform(terminal.caller, "bank.withdraw", request, key="refused-once"))
    assert first.code == again.code == "ledger.insufficient"
    assert kit.balance_of(holder) == 1_000


def test_teller_on_his_own_account_is_refused() -> None:
    from dataclasses import replace

    from sscard.bank.acts import Deposit
    from sscard.kernel.sealed import blind_index

    holder = kit.opened(kit.person())
    me = replace(kit.caller("teller", bank="CCB"), person_index=blind_index("id_number", holder.id_number))
    assert kit.refused(lambda: kit.perform(me, "bank.deposit", Deposit(5, holder.account))).code == "control.own_record"


def test_restriction_closes_and_its_end_opens_again() -> None:
    from datetime import timedelta

    from sscard.bank.models import AccountRestriction, BankAccount
    from sscard.bank.states import Restriction
    from sscard.kernel import clock, ids
    from sscard.ledger import accounts
    from sscard.ledger.models import LedgerAccount
    from sscard.ledger.permits import EVERYTHING, Permit

    holder, terminal = kit.activated(kit.opened(kit.person())), kit.Terminal()
    kit.pay_in(holder, 1_000)
    now = clock.now("990100")
    with kit.in_bank(holder):
        account = BankAccount.objects.get(account_id=holder.account)
        AccountRestriction.objects.create(
            person_id=account.person_id,
            account_id=account.account_id,
            restriction_id=ids.new_id(),
            book=account.book,
            kind=str(Restriction.DEBIT_FREEZE),
            reason="test",
            since=now,
            until=now + timedelta(days=1),
        )
        accounts.set_permits(
            account.person_id, account.account_id, Permit.CREDIT | Permit.INQUIRY | Permit.COUNTER_INQUIRY
        )
    assert kit.refused(lambda: withdraw(terminal, holder, 100)).code == "bank.frozen"
    with kit.in_bank(holder):
        AccountRestriction.objects.filter(account_id=holder.account).update(until=now)
    withdraw(terminal, holder, 100)
    with kit.in_bank(holder):
        assert LedgerAccount.objects.get(account_id=holder.account).permits == int(EVERYTHING)


def test_holder_sees_his_own_money_and_nobody_elses() -> None:
    from sscard.bank.reads import accounts_of, at_counter, own_accounts
    from sscard.control.caller import Caller
    from sscard.control.door import reading

    holder, other, terminal = kit.activated(kit.opened(kit.person())), kit.opened(kit.person()), kit.Terminal()
    kit.pay_in(holder, 4_200)
    me = Caller.of_holder(
        holder_id=uuid.uuid4(), name="me", area="990100", person_index=b"p" * 32, persons=frozenset({holder.person_id})
    )
    with reading(me, right="bank.own", purpose="test") as inside:
        own = own_accounts(inside, holder.person_id, entries=10)[0]
    assert (own.balance_fen, own.available_fen, [e.amount_fen for e in own.entries]) == (4_200, 4_200, [4_200])

    def look(who: Any, right: str, person_id: int) -> Any:
        with reading(who, right=right, purpose="test") as inside:
            return own_accounts(inside, person_id)

    assert kit.refused(lambda: look(me, "bank.own", other.person_id)).code == "control.not_found"
    assert kit.refused(lambda: look(kit.caller("clerk"), "bank.own", holder.person_id)).code == "control.not_allowed"
    assert kit.refused(lambda: look(terminal.caller, "bank.view", holder.person_id)).code == "control.not_allowed"
    with reading(terminal.caller, right="bank.view", purpose="test") as inside:
        seen = at_counter(inside, holder.account)
        assert (seen.view.status, seen.phone_mask) == ("ACTIVE", "913****0001")
        assert [one.account_id for one in accounts_of(inside, holder.person_id)] == [holder.account]
