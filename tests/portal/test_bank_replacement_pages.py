"""The counter's pages for a new card, for activation at home or by an agent, and for a death that was reported wrongly."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from holders_kit import bank_kit
from test_bank_life_pages import CCB, counter, found, holder, reviewer, signed, text

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))
import life_kit as life

__all__ = ["counter", "holder", "reviewer"]
VISIT = ("id_reader", "card_slot", "pin_pad")


def at_devices(counter: Any, whose: Any, *, by: Any = None) -> None:
    counter.desk.present_id((by or whose).virtual_person())
    counter.desk.insert_card(whose.virtual_card())
    counter.desk.enter_pin(bank_kit.PIN)


def test_at_home_two_of_the_staff_sign(counter: Any, office: Any) -> None:
    asleep = bank_kit.opened(bank_kit.person())
    found(counter, asleep.id_number)
    page = text(counter.client.get("/bank/begin/activate/"))
    assert "上门办理" in page
    assert 'value="agent"' not in page, "this bank takes no agents"
    counter.client.act("/bank/begin/activate/", method="home_visit")
    at_devices(counter, asleep)
    told = text(counter.client.act("/bank/do/", phone="91300000001"))
    assert "第二位工作人员" in told
    assert bank_kit.mirror_of(asleep).status == "NOT_ACTIVATED"
    second = office.client("teller.990100-CCB-02")
    seen = signed(second)
    assert "上门办理" in seen
    assert bank_kit.mirror_of(asleep).status == "ACTIVE"


def test_an_agent_where_the_bank_takes_agents(counter: Any, reviewer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep, friend = bank_kit.opened(bank_kit.person()), bank_kit.person()
    with life.bank_that(monkeypatch, agent_activation=True):
        found(counter, asleep.id_number)
        assert 'value="agent"' in text(counter.client.get("/bank/begin/activate/"))
        counter.client.act("/bank/begin/activate/", method="agent")
        at_devices(counter, asleep, by=friend)
        page = text(counter.client.get("/bank/do/"))
        assert "委托书编号" in page
        wrong = counter.client.act("/bank/do/", phone="91300000001", mandate="notarised", mandate_number="")
        assert wrong.status_code == 422
        sent = {"phone": "91300000001", "mandate": "notarised", "mandate_number": "(2026)云证字第8号"}
        assert "激活" in text(counter.client.act("/bank/do/", **sent))
    assert bank_kit.mirror_of(asleep).status == "ACTIVE"


def test_a_new_card_is_registered_and_activated(counter: Any, holder: Any) -> None:
    from test_life_replacement import second_card

    page = found(counter, holder.pan)
    assert "/bank/replace/" in page
    none = counter.client.get("/bank/replace/")
    assert none.status_code == 409
    assert "还没有本行的新卡" in text(none)
    assert "main-nav" in text(none), "a refusal keeps the house's frame"
    new = second_card(holder)
    assert str(new.card) in text(counter.client.get("/bank/replace/"))
    wrong = text(counter.client.act("/bank/replace/", card=str(bank_kit.person().public), reason="nothing"))
    assert "哪张新卡" in wrong
    done = text(counter.client.act("/bank/replace/", card=str(new.card), reason="damaged"))
    assert "新卡已登记" in done
    assert "/bank/begin/new_card/" in text(counter.client.get("/bank/customer/"))


def account_of_card(holder: Any, card: Any) -> Any:
    from sscard.bank.models import AccountStatus
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=holder.area):
        return AccountStatus.objects.get(person_id=holder.person_id, card_id=card.card).account_id


def test_money_that_was_frozen_follows_when_it_is_free(
    counter: Any, holder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_life_replacement import second_card, with_number

    from sscard.bank import acts

    with life.bank_that(monkeypatch, replacement="new_number"):
        found(counter, holder.pan)
        new = second_card(holder)
        done = text(counter.client.act("/bank/replace/", card=str(new.card), reason="lost"))
        assert "新账号" in done
        new = with_number(new, {"new_account": str(account_of_card(holder, new))})
        life.freeze(holder, "FULL_FREEZE", **life.COURT)
        session = counter.present("bank.activate", new)
        bank_kit.perform(counter.caller, "bank.activate", acts.Activate(new.account, session, "91300000001"))
        page = found(counter, new.pan)
        assert "/bank/replace/complete/" in page
        still = counter.client.act("/bank/replace/complete/")
        assert still.status_code >= 400
        assert "冻结" in text(still)


def test_a_death_reported_wrongly_is_taken_back_by_two(counter: Any, reviewer: Any, holder: Any) -> None:
    found(counter, holder.pan)
    counter.client.act("/bank/death/", source="relatives", document="死亡证明9号")
    signed(reviewer)
    page = text(counter.client.get("/bank/customer/"))
    assert "/bank/death/revoke/" in page
    assert counter.client.act("/bank/death/revoke/", document="").status_code == 422
    assert "等复核员签" in text(counter.client.act("/bank/death/revoke/", document="更正证明3号"))
    signed(reviewer)
    assert life.restrictions(holder) == []
    assert "/bank/death/revoke/" not in text(counter.client.get("/bank/customer/"))


def test_every_act_of_the_counter_is_found_from_the_found_card(counter: Any, holder: Any) -> None:
    """Freeze, PIN, loss, closing, new card, death: a page for each, from the customer's page."""
    page = found(counter, holder.id_number)
    for path in (
        "/bank/freeze/", "/bank/begin/reset/", "/bank/begin/loss/", "/bank/begin/close/", "/bank/replace/",
        "/bank/death/", "/bank/savings/", "/bank/begin/online/",
    ):  # fmt: skip
        assert path in page, path
    assert not re.search(rf"{holder.pan}|{holder.id_number}", page)


def test_an_unknown_number_is_told_before_the_cash_is_counted(counter: Any) -> None:
    for number in ("9217019999999999999", "12345"):
        answer = counter.client.act("/bank/deposit/", number=number, amount="100")
        assert answer.status_code == 422
        assert "请核对" not in text(answer) or "本行没有" in text(answer)
    other = bank_kit.opened(bank_kit.person(bank="ICBC"))
    answer = counter.client.act("/bank/deposit/", number=other.pan, amount="100")
    assert answer.status_code == 422
    assert CCB not in text(answer) or "工商" in text(answer)
