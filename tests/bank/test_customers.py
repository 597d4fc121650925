"""A customer of the bank's site: enrolled with ID, card and PIN, signed in with two factors, stopped at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import bank_kit as kit
import customers_kit as ck
import pytest

from sscard.bank import customers, customers_reads
from sscard.bank.customers_rules import Presented, may_enrol, username_fault
from sscard.bank.states import Restriction, Status
from sscard.control import sessions
from sscard.kernel import clock

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def holder() -> kit.Holder:
    return kit.activated(kit.opened(kit.person()))


def sign_in(one: ck.Signed, **more: Any) -> Any:
    values = {"bank": one.holder.bank, "username": one.username, "password": ck.PASSWORD} | more
    code = values.pop("code", None) or one.fresh_code()
    address = f"10.2.0.{kit.next_number() % 250}"
    return customers.sign_in(values["bank"], values["username"], values["password"], code, address=address)


# -- enrolment


def test_the_code_is_told_once_and_kept_as_hash(holder: kit.Holder) -> None:
    from sscard.bank.acts import EnrolOnline
    from sscard.bank.models import CustomerInvite

    terminal = kit.Terminal()
    session = terminal.present("bank.enrol_online", holder)
    request = EnrolOnline(holder.account, session)
    first = kit.perform(terminal.caller, "bank.enrol_online", request, key="one")
    again = kit.perform(terminal.caller, "bank.enrol_online", request, key="one")
    assert len(first.once["code"]) == 10
    assert again.replayed
    assert not again.once
    assert first.once["code"] not in str(again.answer)
    with kit.in_bank(holder):
        row = CustomerInvite.objects.get(person_id=holder.person_id)
    assert first.once["code"].encode() not in bytes(row.code_hash)


def test_without_the_right_pin_there_is_no_code_and_the_try_counts(holder: kit.Holder) -> None:
    no = kit.refused(lambda: ck.enrolled(holder, pin="806429"))
    assert (no.code, no.facts["left"]) == ("bank.pin_wrong", 2)


def test_not_with_a_copy_not_for_another_not_at_another_bank(holder: kit.Holder) -> None:
    other = kit.activated(kit.opened(kit.person()))
    assert kit.refused(lambda: ck.enrolled(holder, source="copy")).code == "bank.original_needed"
    assert kit.refused(lambda: ck.enrolled(holder, by=other)).code == "bank.not_the_holder"
    assert kit.refused(lambda: ck.enrolled(holder, kit.Terminal("ICBC"))).code == "bank.other_bank"


def test_an_account_that_sleeps_is_not_enrolled() -> None:
    asleep = kit.opened(kit.person())
    kit.pay_in(asleep, 5_00)
    assert kit.refused(lambda: ck.enrolled(asleep)).code == "bank.asleep"


def test_at_the_kiosk_too(holder: kit.Holder) -> None:
    assert len(ck.enrolled(holder, kit.Terminal(kind="kiosk"))) == 10


def seen(**more: Any) -> Presented:
    return Presented(**{
        "status": Status.ACTIVE, "restrictions": frozenset(), "birth_date": date(1990, 5, 20), "is_holder": True,
        "id_source": "original", "id_valid_until": date(2036, 1, 1), "card_is_this": True, "card_answered": True,
    } | more)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({}, []),
        ({"status": Status.NOT_ACTIVATED}, ["bank.asleep"]),
        ({"status": Status.CLOSED, "is_holder": False}, ["bank.closed", "bank.not_the_holder"]),
        ({"restrictions": frozenset({Restriction.LOST, Restriction.PIN_LOCKED})}, ["bank.lost", "bank.pin_locked"]),
        ({"restrictions": frozenset({Restriction.COUNTER_ONLY})}, []),
        ({"birth_date": date(2011, 11, 22)}, ["bank.online_too_young"]),
        ({"birth_date": date(2010, 11, 21)}, []),
        ({"id_source": "photo", "id_valid_until": date(2020, 1, 1)}, ["bank.original_needed", "bank.id_expired"]),
        ({"card_is_this": False, "card_answered": False}, ["bank.card_differs"]),
        ({"card_answered": False}, ["bank.card_no_answer"]),
    ],
)
def test_who_may_be_enrolled(facts: dict[str, Any], codes: list[str]) -> None:
    found = may_enrol(seen(**facts), least_age=16, on=date(2026, 11, 21))
    assert [fault.code for fault in found] == codes
    assert all(fault.advice(lang) for fault in found for lang in ("zh", "en"))


# -- the first sign-in


def test_the_code_serves_once_and_only_with_the_right_number(holder: kit.Holder) -> None:
    code = ck.enrolled(holder)
    assert kit.refused(lambda: ck.set_up(holder, "23456ABCDE", "wave1")).code == "bank.invite_wrong"
    assert (
        kit.refused(lambda: ck.set_up(holder, code, "wave1", id_number="090101199005200010")).code
        == "bank.invite_wrong"
    )
    made = ck.set_up(holder, code.lower(), f"Wave{kit.next_number()}")
    assert made.customer.bank == "CCB"
    assert kit.refused(lambda: ck.set_up(holder, code, "wave2")).code == "bank.invite_wrong"


def test_five_wrong_codes_use_the_code_up(holder: kit.Holder) -> None:
    code = ck.enrolled(holder)
    for _ in range(5):
        assert kit.refused(lambda: ck.set_up(holder, "2222222222", "wave")).code == "bank.invite_wrong"
    assert kit.refused(lambda: ck.set_up(holder, code, "wave")).code == "bank.invite_wrong"


def test_a_newer_code_voids_the_older_one_and_an_old_one_runs_out(holder: kit.Holder, monkeypatch: Any) -> None:
    older, newer = ck.enrolled(holder), ck.enrolled(holder)
    assert kit.refused(lambda: ck.set_up(holder, older, "wave")).code == "bank.invite_wrong"
    later = clock.real_now() + timedelta(days=8)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert kit.refused(lambda: ck.set_up(holder, newer, "wave")).code == "bank.invite_wrong"


def test_a_code_of_one_bank_is_nothing_at_another(holder: kit.Holder) -> None:
    code = ck.enrolled(holder)
    assert kit.refused(lambda: ck.set_up(holder, code, "wave", bank="ICBC")).code == "bank.invite_wrong"


def test_all_faults_of_the_form_at_once(holder: kit.Holder) -> None:
    no = kit.refused(lambda: ck.set_up(holder, "x", "a b", password="short", totp_code="000000"))
    assert {fault.place for fault in no.faults} == {"username", "password", "totp"}


@pytest.mark.parametrize(("name", "good"), [("WAVE", True), ("海风", False), ("海边的风", True), ("13800000000", False),
                                            ("A" * 33, False), ("A|BCD", False), ("090101199005200010", False)])  # fmt: skip
def test_user_names(name: str, good: bool) -> None:
    assert (username_fault(name) is None) is good


def test_a_taken_name_is_told_only_to_whom_the_code_was_given(holder: kit.Holder) -> None:
    first = ck.customer()
    code = ck.enrolled(holder)
    assert kit.refused(lambda: ck.set_up(holder, "2222222222", first.username)).code == "bank.invite_wrong"
    assert kit.refused(lambda: ck.set_up(holder, code, first.username.upper())).code == "bank.username_taken"
    assert ck.set_up(holder, code, f"{first.username}x").customer.person_id == holder.person_id


# -- every time


def test_signing_in_needs_both_factors_of_this_bank(holder: kit.Holder) -> None:
    one = ck.customer(holder)
    found = sign_in(one, username=f" {one.username.upper()} ")
    assert found.customer_id == one.customer.customer_id
    for wrong in ({"password": "x"}, {"code": "000000"}, {"username": "nobody"}, {"bank": "ICBC"}):
        assert kit.refused(lambda w=wrong: sign_in(one, **w)).code == "control.sign_in"


def test_a_code_serves_once_even_ten_at_a_time(holder: kit.Holder) -> None:
    """T16."""
    one = ck.customer(holder)
    code = one.fresh_code()
    jobs = [
        lambda n=n: customers.sign_in("CCB", one.username, ck.PASSWORD, code, address=f"10.3.0.{n}") for n in range(9)
    ]
    found = kit.in_threads(jobs)
    assert sum(not isinstance(one_, Exception) for one_ in found) == 1


def test_guessing_is_slowed_down_whatever_the_spelling(holder: kit.Holder) -> None:
    """T11, T17."""
    one = ck.customer(holder)
    names = [one.username, one.username.upper(), f" {one.username}", f"{one.username}\u200b"] * 3
    codes = [kit.refused(lambda n=n: sign_in(one, username=n, password="x", code="1")).code for n in names]
    assert codes == ["control.sign_in"] * 10 + ["control.too_many_tries"] * 2


def test_enrolling_anew_ends_the_sessions_and_brings_both_factors_anew(holder: kit.Holder) -> None:
    """T14."""
    one = ck.customer(holder)
    token = begun(one)
    again = ck.set_up(holder, ck.enrolled(holder), f"user{kit.next_number()}")
    assert again.customer.customer_id == one.customer.customer_id
    assert not sessions.SessionStore(token).load()
    assert kit.refused(lambda: sign_in(one)).code == "control.sign_in"
    assert sign_in(again)


def begun(one: ck.Signed, **data: Any) -> str:
    store = sessions.SessionStore()
    sessions.begin(store, kind="customer", subject=one.customer.customer_id, **data)
    return str(store.session_key)


# -- his own sign-in


def test_password_change_needs_old_one_and_a_fresh_code(holder: kit.Holder) -> None:
    from sscard.bank.acts import ChangeOnlinePassword

    one = ck.customer(holder)
    token, new = begun(one), "石板路-下雨天-也好走-3"

    def change(old: str, code: str) -> Any:
        return kit.perform(one.caller, "bank.change_online_password", ChangeOnlinePassword(old, new, code))

    assert kit.refused(lambda: change(ck.PASSWORD, "000000")).code == "bank.code_wrong"
    assert kit.refused(lambda: change("x", one.fresh_code())).code == "bank.old_password_wrong"
    assert change(ck.PASSWORD, one.fresh_code()).answer == {"changed": True}
    assert not sessions.SessionStore(token).load()
    assert kit.refused(lambda: sign_in(one)).code == "control.sign_in"
    assert sign_in(one, password=new)


def test_wrong_codes_inside_acts_are_counted_though_the_act_is_rolled_back(holder: kit.Holder) -> None:
    from sscard.bank.acts import ChangeOnlinePassword

    one = ck.customer(holder)
    request = ChangeOnlinePassword("x", "y", "000000")
    codes = [
        kit.refused(lambda: kit.perform(one.caller, "bank.change_online_password", request)).code for _ in range(11)
    ]
    assert codes == ["bank.code_wrong"] * 10 + ["control.too_many_tries"]


def test_sessions_are_listed_and_ended_one_by_one_or_all_but_this(holder: kit.Holder) -> None:
    from sscard.bank.acts import EndOnlineSession

    one, other = ck.customer(holder), ck.customer()
    tokens = [begun(one, device=f"phone {n}") for n in range(3)]
    strange = begun(other)
    with one.reading() as inside:
        found = customers_reads.sessions_of(inside)
    assert {row.data["device"] for row in found} == {"phone 0", "phone 1", "phone 2"}
    mark = sessions.token_hash(tokens[0]).hex()[:32]
    kit.perform(one.caller, "bank.end_online_session", EndOnlineSession(mark))
    assert not sessions.SessionStore(tokens[0]).load()
    theirs = EndOnlineSession(sessions.token_hash(strange).hex()[:32])
    assert kit.refused(lambda: kit.perform(one.caller, "bank.end_online_session", theirs)).code == "control.not_found"
    here = customers.caller_of(one.customer, session=sessions.token_hash(tokens[1]).hex()[:32])
    kit.perform(here, "bank.end_online_session", EndOnlineSession())
    assert sessions.SessionStore(tokens[1]).load()
    assert not sessions.SessionStore(tokens[2]).load()
    assert sessions.SessionStore(strange).load()


def test_stopped_by_himself_or_by_the_teller_until_enrolled_anew(holder: kit.Holder) -> None:
    """T19: an open session ends with it."""
    from sscard.bank.acts import StopOnline

    one = ck.customer(holder)
    token = begun(one)
    kit.perform(one.caller, "bank.stop_online", StopOnline())
    assert not sessions.SessionStore(token).load()
    assert customers.customer_of("CCB", one.customer.customer_id) is None
    assert kit.refused(lambda: sign_in(one)).code == "control.sign_in"
    again = ck.set_up(holder, ck.enrolled(holder), one.username)
    assert sign_in(again)
    teller = kit.caller("teller", bank="CCB")
    kit.perform(teller, "bank.stop_online", StopOnline(holder.account))
    assert kit.refused(lambda: sign_in(again)).code == "control.sign_in"
    assert (
        kit.refused(lambda: kit.perform(teller, "bank.stop_online", StopOnline(holder.account))).code
        == "bank.not_online"
    )
    stranger = kit.caller("teller", bank="ICBC")
    assert (
        kit.refused(lambda: kit.perform(stranger, "bank.stop_online", StopOnline(holder.account))).code
        == "bank.other_bank"
    )


# -- what he sees


def test_his_accounts_and_nobody_elses(holder: kit.Holder) -> None:
    """T12, T27."""
    kit.pay_in(holder, 88_00)
    one, other = ck.customer(holder), ck.customer()
    with one.reading() as inside:
        (account,) = customers_reads.accounts(inside)
        assert customers_reads.money(inside, account).balance_fen == 88_00
    assert account.account_id == holder.account

    def look() -> None:
        with one.reading() as inside:
            customers_reads.account(inside, other.holder.account)

    assert kit.refused(look).code == "control.not_found"


def test_another_bank_sees_no_row_of_him(holder: kit.Holder) -> None:
    from sscard.bank.models import Customer
    from sscard.kernel.db import bank_role, unit_of_work

    ck.customer(holder)
    with unit_of_work(area="990100"), bank_role("bank:ICBC"):
        assert not Customer.objects.filter(person_id=holder.person_id).exists()


def test_the_bureaus_role_cannot_read_the_table(holder: kit.Holder) -> None:
    from django.db import ProgrammingError

    from sscard.bank.models import Customer
    from sscard.kernel.db import unit_of_work

    with pytest.raises(ProgrammingError), unit_of_work(area="990100"):
        list(Customer.objects.all())


def test_unknown_and_wrong_do_the_same_work(holder: kit.Holder, monkeypatch: Any) -> None:
    """T11: as many hashes, opened secrets and statements that matter for nobody as for somebody."""
    from sscard.control import passwords, totp

    one, done = ck.customer(holder), []
    for module, name in ((passwords, "matches"), (totp, "matching_step")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, r=real, n=name: done.append(n) or r(*a))
    for username in (one.username, "nobody-at-all"):
        done.clear()
        kit.refused(lambda u=username: sign_in(one, username=u, password="x", code="123456"))
        assert done == ["matches", "matching_step"]
