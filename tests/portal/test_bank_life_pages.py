"""The counter's pages for an account's life: without the card, loss and found, freezing by two, anew after six months,
closing, death and the heirs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from holders_kit import bank_kit

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))
import life_kit as life

CCB = "990100-CCB-01"


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def holder(house: Any) -> Any:
    made = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    bank_kit.pay_in(made, 100_000)
    return made


@pytest.fixture
def counter(office: Any) -> Any:
    terminal = bank_kit.Terminal("CCB", outlet=CCB)
    client = office.client(f"teller.{CCB}")
    client.act("/bank/counter/", terminal=terminal.code)
    client.act("/bank/next/")
    terminal.client = client
    return terminal


@pytest.fixture
def reviewer(office: Any) -> Any:
    return office.client("bankreview.990100.CCB")


def found(counter: Any, number: str) -> str:
    answer = counter.client.act("/bank/find/", number=number)
    assert answer.status_code == 302, text(answer)
    return text(counter.client.get("/bank/customer/"))


def stand(counter: Any, holder: Any, name: str, *, card: bool = True) -> str:
    begun = counter.client.act(f"/bank/begin/{name}/")
    assert begun.status_code == 302, text(begun)
    counter.desk.present_id(holder.virtual_person())
    if card:
        counter.desk.insert_card(holder.virtual_card())
    page = text(counter.client.get("/bank/do/"))
    return page + text(counter.client.act("/bank/do/"))


def signed(reviewer: Any) -> str:
    """The reviewer signs what waits; the page he signs on."""
    page = text(reviewer.get("/bank/approvals/"))
    approval = re.findall(r'name="approval" value="([^"]+)"', page)[-1]
    digest = re.findall(r'name="digest" value="([^"]+)"', page)[-1]
    answer = reviewer.act("/bank/approvals/decide/", approval=approval, digest=digest, decision="approve")
    assert answer.status_code == 302, text(answer)
    assert "已同意，现在生效" in text(reviewer.get("/bank/approvals/")), "it says what took effect"
    assert "已同意，现在生效" not in text(reviewer.get("/bank/approvals/")), "once"
    return page


def test_a_lost_card_is_reported_without_it_and_taken_back_with_it(counter: Any, holder: Any) -> None:
    page = found(counter, holder.id_number)
    assert "正式挂失" in page
    assert page.index("/bank/deposit/") < page.index("/bank/begin/loss/"), "daily business first"
    assert holder.id_number not in page
    assert "挂失凭条" in stand(counter, holder, "loss", card=False)
    page = text(counter.client.get("/bank/customer/"))
    assert "/bank/begin/found/" in page
    assert "/bank/begin/withdraw/" not in page
    assert "解挂凭条" in stand(counter, holder, "found")
    assert life.restrictions(holder) == []


def test_who_has_no_account_here_is_unknown_by_whatever_number(counter: Any) -> None:
    other = bank_kit.opened(bank_kit.person(bank="ICBC"))
    for number in (other.id_number, bank_kit.person().id_number, "12345", "", "9217019999999999999"):
        answer = counter.client.act("/bank/find/", number=number)
        assert answer.status_code == 422
        assert "本行没有这个" in text(answer)


def test_a_freeze_waits_for_the_reviewer_and_its_own_court_lifts_it(counter: Any, reviewer: Any, holder: Any) -> None:
    found(counter, holder.pan)
    wrong = counter.client.act("/bank/freeze/", kind="AMOUNT_FREEZE", amount="", authority="court", reason="")
    assert wrong.status_code == 422
    for place in ("amount", "authority_name", "document", "reason"):
        assert f'href="#f-{place}"' in wrong.content.decode(), "all at once"
    order = {
        "kind": "AMOUNT_FREEZE", "amount": "2000", "authority": "court", "authority_name": "云溪市中级人民法院",
        "document": "(2026)云执字第9号", "reason": "执行案件", "until": "2099-01-01",
    }  # fmt: skip
    asked = text(counter.client.act("/bank/freeze/", **order))
    assert "等复核员签" in asked
    assert life.restrictions(holder) == []
    seen = signed(reviewer)
    for part in ("人民法院", "¥2,000.00", "(2026)云执字第9号", "2099-01-01"):
        assert part in seen, part
    page = text(counter.client.get("/bank/customer/"))
    assert "云溪市中级人民法院" in page
    assert "在排队" in page, "the balance covers one half only"
    lift = re.findall(r"/bank/lift/[0-9a-f-]+/", page)[0]
    refused = counter.client.act(lift, authority="bank", reason="客户要求")
    assert refused.status_code == 403
    assert "原来作出冻结的机关" in text(refused)
    court = {name: order[name] for name in ("authority", "authority_name", "document", "reason")}
    assert "等复核员签" in text(counter.client.act(lift, **court))
    signed(reviewer)
    assert life.restrictions(holder) == []


def test_a_payment_from_another_bank_goes_back_by_two_persons(
    counter: Any, reviewer: Any, holder: Any, tmp_path: Path
) -> None:
    import savings_kit as savings
    from test_savings_clearing import clearing_house, round_

    payer = savings.rich(10_000, bank="ICBC")
    found(counter, holder.pan)
    assert "没有可以退回" in text(counter.client.get("/bank/return/"))
    with clearing_house(tmp_path) as clearing:
        savings.send(payer, holder, 4_000, to_bank="CCB")
        round_(clearing)
        assert "/bank/return/" in text(counter.client.get("/bank/customer/"))
        page = text(counter.client.get("/bank/return/"))
        assert "¥40.00" in page
        assert "工商银行" in page
        (payment,) = re.findall(r'name="payment"[^>]*value="([^"]+)"', page)
        wrong = counter.client.act("/bank/return/", payment="", reason="?")
        assert wrong.status_code == 422
        assert "没有选哪一笔" in text(wrong)
        assert "不在清单里" in text(wrong)
        assert "等复核员签" in text(counter.client.act("/bank/return/", payment=payment, reason="BE01"))
        seen = signed(reviewer)
        for part in ("¥40.00", "户名不符", payment):
            assert part in seen, part
        assert "没有可以退回" in text(counter.client.get("/bank/return/")), "once"
        round_(clearing)
        round_(clearing)
    assert (bank_kit.balance_of(payer), bank_kit.balance_of(holder)) == (10_000, 100_000)


def test_after_half_a_year_the_holder_is_identified_anew(counter: Any, holder: Any) -> None:
    idle = bank_kit.activated(bank_kit.opened(bank_kit.person()))
    from sscard.bank.life_jobs import sweep_all

    with life.later(190):
        sweep_all("unused")
        page = found(counter, idle.pan)
        assert "/bank/begin/reverify/" in page
        assert "身份核实凭条" in stand(counter, idle, "reverify")
    assert life.restrictions(idle) == []


def test_closing_pays_out_at_the_counter(counter: Any, holder: Any) -> None:
    from test_life_closing import social_cancelled

    found(counter, holder.pan)
    assert "先到社保窗口" in stand(counter, holder, "close")
    social_cancelled(holder)
    slip = stand(counter, holder, "close")
    assert "销户凭条" in slip
    assert "¥1,000.00" in slip
    assert (bank_kit.balance_of(holder), bank_kit.mirror_of(holder).status) == (0, "CLOSED")
    assert "/bank/begin/close/" not in text(counter.client.get("/bank/customer/"))


def test_death_and_the_heirs_take_two_each(counter: Any, reviewer: Any, holder: Any) -> None:
    found(counter, holder.pan)
    assert counter.client.act("/bank/death/", source="relatives", document="").status_code == 422
    counter.client.act("/bank/death/", source="relatives", document="死亡证明9号")
    signed(reviewer)
    page = text(counter.client.get("/bank/customer/"))
    assert "持有人已去世" in page
    assert "/bank/heirs/" in page
    counter.client.act("/bank/heirs/", heir_name="李大花", inheritance="公证9号")
    assert bank_kit.balance_of(holder) == 100_000
    assert "李大花" in signed(reviewer)
    assert (bank_kit.balance_of(holder), bank_kit.mirror_of(holder).status) == (0, "CLOSED")


def test_the_reviewer_asks_for_nothing_and_the_desk_must_hold_a_customer(counter: Any, reviewer: Any) -> None:
    for path in ("/bank/freeze/", "/bank/death/", "/bank/heirs/"):
        assert reviewer.get(path).status_code in (403, 404), path
        assert counter.client.get(path).status_code == 302, path
