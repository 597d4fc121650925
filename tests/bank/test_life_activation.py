"""Activation by agent and at home, through the door: the bank's switch, the mandate, the second person (T03, T04)."""

from __future__ import annotations

from datetime import date
from typing import Any

import bank_kit as kit
import life_kit as life
import pytest

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture(scope="module")
def counter(_module_house: Any) -> kit.Terminal:
    with _module_house.entered():
        return kit.Terminal()


def request_of(counter: kit.Terminal, holder: kit.Holder, **more: Any) -> Any:
    from sscard.bank.acts import Activate

    by, pin = more.pop("by", None), more.pop("pin", kit.PIN)
    session = counter.present("bank.activate", holder, pin, by=by)
    return Activate(holder.account, session, "91300000001", **more)


def test_agents_are_off_unless_the_bank_says_otherwise(counter: kit.Terminal) -> None:
    holder, friend = kit.opened(kit.person()), kit.person()
    request = request_of(counter, holder, by=friend, method="agent", mandate="notarised", mandate_number="2026-1")
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.activate", request)).code == "bank.no_agent"


def test_an_agent_with_a_notarys_mandate(counter: kit.Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.bank.models import BankAccount

    holder, friend = kit.opened(kit.person()), kit.person()
    with life.bank_that(monkeypatch, agent_activation=True):
        none = request_of(counter, holder, by=friend, method="agent", mandate="notarised")
        refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.activate", none))
        assert kit.codes_of(refusal) == {"bank.mandate_number"}
        request = request_of(counter, holder, by=friend, method="agent", mandate="notarised", mandate_number="2026-118")
        kit.perform(counter.caller, "bank.activate", request)
    with kit.in_bank(holder):
        account = BankAccount.objects.get(account_id=holder.account)
        assert (account.activated_how, account.activated_proof) == ("agent/counter", "notarised 2026-118")


def test_a_witnessed_mandate_and_a_home_visit_take_two(counter: kit.Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    agents = kit.opened(kit.person())
    with life.bank_that(monkeypatch, agent_activation=True):
        more = {"by": kit.person(), "method": "agent", "mandate": "witnessed", "mandate_number": "7"}
        request = request_of(counter, agents, **more)
        refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.activate", request))
        assert refusal.code == "bank.second_staff_needed"
        life.with_two(counter.caller, "bank.activate_by_two", request, checker=life.second_person(role="teller"))
        assert kit.mirror_of(agents).status == "ACTIVE"
    at_home = kit.opened(kit.person())
    request = request_of(counter, at_home, method="home_visit")
    assert kit.refused(lambda: kit.perform(counter.caller, "bank.activate", request)).code == "bank.second_staff_needed"
    outcome = kit.perform(counter.caller, "bank.activate_by_two", request)
    assert kit.mirror_of(at_home).status == "NOT_ACTIVATED"
    refusal = kit.refused(lambda: life.approve(counter.caller, outcome.waiting))
    assert refusal.code == "control.own_request"
    life.approve(life.second_person(role="teller"), outcome.waiting)
    assert kit.mirror_of(at_home).status == "ACTIVE"
    alone = request_of(counter, kit.opened(kit.person()))
    refusal = kit.refused(lambda: kit.perform(counter.caller, "bank.activate_by_two", alone))
    assert refusal.code == "bank.second_staff_not_needed"


def test_evidence_is_not_fresh_for_ever_for_the_second_person(counter: kit.Terminal) -> None:
    from django.db import connection

    from sscard.kernel.db import unit_of_work

    holder = kit.opened(kit.person())
    request = request_of(counter, holder, method="home_visit")
    waiting = kit.perform(counter.caller, "bank.activate_by_two", request).waiting
    with unit_of_work(area=holder.area), connection.cursor() as cursor:
        cursor.execute(
            "update terminals_devicesession set expires_at = now() - interval '1 second' where session_id = %s",
            [request.session],
        )
    refusal = kit.refused(lambda: life.approve(life.second_person(), waiting))
    assert refusal.code == "terminals.session_expired"
    assert kit.mirror_of(holder).status == "NOT_ACTIVATED"


def test_whoever_stands_for_a_child_chooses_neither_the_childs_nor_his_own_numbers(counter: kit.Terminal) -> None:
    child, mother = kit.opened(kit.person(birth=date(2016, 6, 1))), kit.person()
    kit.guardian_of(child, mother)
    tails = {one.id_number[-7:-1] for one in (child, mother)} | {mother.birth.strftime("%y%m%d")}
    for pin in [*sorted(tails), "160601", "111111"]:
        request = request_of(counter, child, by=mother, pin=pin, method="guardian", relation_proof=True)
        refusal = kit.refused(lambda request=request: kit.perform(counter.caller, "bank.activate", request))
        assert refusal.code.startswith("keys.pin_"), pin
    request = request_of(counter, child, by=mother, method="guardian", relation_proof=True)
    kit.perform(counter.caller, "bank.activate", request)
    assert kit.mirror_of(child).status == "ACTIVE"
