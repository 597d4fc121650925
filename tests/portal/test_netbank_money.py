"""Statement and transfer on the bank's site, by forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from netbank_kit import BankClient, bank_kit, client_of, customers_kit, session_of
from test_netbank_site import api

from sscard.bank.savings import payee_check

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=5_000_00)


@pytest.fixture
def other() -> bank_kit.Holder:
    return bank_kit.activated(bank_kit.opened(bank_kit.person()))


def hidden(page: str) -> dict[str, str]:
    """What the first form of the page carries along."""
    form = page.partition('<form method="post" action="/transfer/"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def to_check(client: Any, other: bank_kit.Holder, amount: str, **more: str) -> str:
    first = client.get("/transfer/").content.decode()
    values = hidden(first) | {"to_name": other.name, "to_number": other.pan, "to_bank": ""} | more
    second = client.post("/transfer/", values).content.decode()
    values = hidden(second) | {"amount": amount, "timing": "realtime", "memo": "三月房租"} | more
    return str(client.post("/transfer/", values).content.decode())


def test_the_whole_way_of_a_transfer(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    check = to_check(client, other, "1,200.5")
    assert "¥1,200.50" in check
    old = client.cookies["__Host-netbank"].value
    values = hidden(check) | {"code": one.fresh_code()}
    done = client.post("/transfer/", values)
    assert done.status_code == 200
    assert "转账成功" in done.content.decode()
    assert client.cookies["__Host-netbank"].value != old, "a new token after the step-up"
    again = client.post("/transfer/", values).content.decode()
    assert "转账成功" in again, "the second press gets the first answer"
    assert bank_kit.balance_of(one.holder) == 5_000_00 - 1_200_50
    assert bank_kit.balance_of(other) == 1_200_50
    seen = client.get("/statement/").content.decode()
    assert "−¥1,200.50" in seen
    assert "三月房租" in seen


def test_each_fault_stands_at_its_step(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    bad = client.post("/transfer/", {"step": "payee", "to_name": "", "to_number": "12ab", "to_bank": "NOBANK"})
    assert bad.status_code == 422
    for place in ("to_name", "to_number", "to_bank"):
        assert f'href="#f-{place}"' in bad.content.decode()
    page = to_check(client, other, "0")
    assert 'href="#f-amount"' in page
    check = to_check(client, other, "2000")
    nothing = client.post("/transfer/", hidden(check) | {"code": " "}).content.decode()
    assert "还没有填动态口令" in nothing
    check = to_check(client, other, "2000")
    wrong = client.post("/transfer/", hidden(check) | {"code": "000000"})
    assert wrong.status_code == 422
    assert 'href="#f-code"' in wrong.content.decode()
    assert hidden(wrong.content.decode())["key"] != hidden(check)["key"]


def test_too_much_and_wrong_payee_come_back_to_be_mended(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    refused = to_check(client, other, "9000")
    assert 'href="#f-amount"' in refused
    assert "现在可用 5,000.00 元" in refused, "told before any code is asked for"
    mended = hidden(refused) | {"amount": "90", "timing": "realtime", "memo": ""}
    check = client.post("/transfer/", mended).content.decode()
    assert 'id="f-code"' not in check, "below the day's sum no code is asked for"
    assert "转账成功" in client.post("/transfer/", hidden(check)).content.decode()
    check = to_check(client, other, "10")
    answer = client.post("/transfer/", hidden(check) | {"to_name": "王不是他"})
    assert answer.status_code == 422
    assert 'href="#f-to_number"' in answer.content.decode(), "the act compares again"
    assert bank_kit.balance_of(one.holder) == 4_910_00


def test_no_step_can_be_jumped(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    values = {
        "step": "do",
        "key": "k",
        "to_name": other.name,
        "to_number": other.pan,
        "to_bank": "",
        "timing": "realtime",
    }
    assert 'href="#f-amount"' in client.post("/transfer/", values).content.decode()
    answer = client.post("/transfer/", values | {"amount": "4000"})
    assert 'href="#f-code"' in answer.content.decode()
    assert bank_kit.balance_of(other) == 0


def test_an_account_that_sleeps_says_so_everywhere(one: customers_kit.Signed) -> None:
    from sscard.bank.models import AccountRestriction
    from sscard.kernel import clock, ids

    with bank_kit.in_bank(one.holder):
        AccountRestriction.objects.create(
            person_id=one.holder.person_id, account_id=one.holder.account, restriction_id=ids.new_id(), book="bank:CCB",
            kind="FULL_FREEZE", reason="test", since=clock.now("990100"),
        )  # fmt: skip
    client = client_of(one)
    assert "冻结" in client.get("/").content.decode()
    for path in ("/transfer/", "/statement/", "/statement.csv"):
        assert client.get(path).status_code == 409, path
    assert client.post("/reveal/", {"about": str(one.holder.account)}).status_code == 409


def test_statement_pages_period_and_files(one: customers_kit.Signed) -> None:
    for fen in range(1, 41):
        bank_kit.pay_in(one.holder, fen)
    client = client_of(one)
    first = client.get("/statement/").content.decode()
    assert first.count('class="line"') == 30
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    assert client.get("/statement/" + older[1].replace("&amp;", "&")).content.decode().count('class="line"') == 11
    assert 'class="line"' not in client.get("/statement/?from=2020-01-01&to=2020-02-01").content.decode()
    turned = client.get("/statement/?from=2026-02-01&to=2026-01-01")
    assert turned.status_code == 422
    assert client.get("/statement/?from=31.12.2025").status_code == 422
    csv = client.get("/statement.csv")
    assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert csv.content.decode("utf-8-sig").count("\r\n") == 42
    pdf = client.get("/statement.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert client.get("/statement.exe").status_code == 404


def test_another_customers_statement_is_like_none(one: customers_kit.Signed) -> None:
    """T12."""
    other = customers_kit.customer(fen=99)
    for path in ("/statement/", "/statement.csv", "/statement.pdf", "/transfer/"):
        assert client_of(one).get(f"{path}?account={other.holder.account}").status_code == 404, path


def test_a_transfer_for_tomorrow_can_be_recalled(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    check = to_check(client, other, "300", timing="next_day")
    done = client.post("/transfer/", hidden(check) | {"code": one.fresh_code()}).content.decode()
    assert "转账已受理" in done
    assert "有 1 笔转账还没转出，共 ¥300.00" in client.get("/").content.decode()
    seen = client.get("/orders/").content.decode()
    order = re.search(r'name="order" value="([^"]+)"', seen)
    assert order
    values = {"account": str(one.holder.account), "order": order[1]}
    assert client.get("/orders/recall/").status_code == 405
    stranger = client_of(customers_kit.customer())
    assert stranger.act("/orders/recall/", **values).status_code == 404
    assert client.act("/orders/recall/", **values).status_code == 302
    assert "还没转出" not in client.get("/").content.decode()
    assert "已撤回" in client.get("/orders/").content.decode()
    assert client.act("/orders/recall/", **values).status_code == 409
    assert "5,000.00" in client.post("/reveal/", {"about": values["account"]}).content.decode()


def test_stricter_limits_hold_at_once_and_looser_ones_need_the_second_factor(
    one: customers_kit.Signed, other: bank_kit.Holder
) -> None:
    client = client_of(one)
    form = {"account": str(one.holder.account), "notices": "on", "limits_transfer_day": "100"}
    form |= {f"channel_{name}": "on" for name in ("netbank", "kiosk", "till")}
    saved = client.act("/settings/limits/", **form)
    assert saved.status_code == 302
    assert 'value="100.00"' in client.get(saved.headers["Location"]).content.decode()
    refused = to_check(client, other, "150")
    assert 'href="#f-amount"' in refused
    assert "您自己设的每天转账限额 100.00 元，今天还可以转 100.00 元" in refused
    fresh = client_of(one)
    form |= {"limits_transfer_day": "200"}
    asked = fresh.act("/settings/limits/", **form).content.decode()
    assert 'id="f-code"' in asked
    assert "¥200.00" in asked
    form |= {"step": "do"}
    assert "还没有填动态口令" in fresh.act("/settings/limits/", **form).content.decode()
    assert fresh.act("/settings/limits/", **form, code="000000").status_code == 422
    assert fresh.act("/settings/limits/", **form, code=one.fresh_code()).status_code == 302
    for more in ({"limits_transfer_day": "300"}, {"limits_transfer_day": "300", "code": ""}):
        asked = fresh.act("/settings/limits/", **(form | more)).content.decode()
        assert 'id="f-code"' in asked, "the code served one change"
    wrong = fresh.act("/settings/limits/", **(form | {"limits_transfer_day": "99999999", "limits_purchase_day": "x"}))
    assert wrong.status_code == 422
    for place in ("limits_transfer_day", "limits_purchase_day"):
        assert f'href="#f-{place}"' in wrong.content.decode()


def test_a_code_is_asked_for_by_the_days_sum_and_serves_one_order(
    one: customers_kit.Signed, other: bank_kit.Holder
) -> None:
    client = client_of(one)
    assert 'id="f-code"' not in to_check(client, other, "1000")
    check = to_check(client, other, "1200")
    assert "转账成功" in client.post("/transfer/", hidden(check) | {"code": one.fresh_code()}).content.decode()
    for amount in ("1200", "20"):
        check = to_check(client, other, amount)
        assert 'id="f-code"' in check, "today's sum is above it; the code before served another order"
        refused = client.post("/transfer/", hidden(check) | {"code": ""})
        assert "还没有填动态口令" in refused.content.decode()
        left_out = client.post("/transfer/", hidden(refused.content.decode()))
        assert 'href="#f-code"' in left_out.content.decode(), "the act asks where the page was jumped"
    assert bank_kit.balance_of(other) == 1_200_00


def test_a_second_press_without_a_code_is_the_first_transfer(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    """Also where the first one has left too little, or has brought the day's sum to where a code is asked for."""
    client = client_of(one)
    check = to_check(client, other, "900")
    for _ in range(2):
        assert "转账成功" in client.post("/transfer/", hidden(check)).content.decode()
    assert bank_kit.balance_of(other) == 900_00


def test_own_account_own_limit_and_each_wrong_amount_are_told_before_the_check(
    one: customers_kit.Signed, other: bank_kit.Holder
) -> None:
    client = client_of(one)
    assert "可用余额 ¥5,000.00" in amount_step(client, other)
    said = {
        "": "还没有填金额",
        "-5": "金额必须大于零",
        "0": "金额必须大于零",
        "9" * 20: "按您现在的限额，一笔最多转 50,000.00 元",
        "99999999": "可用余额",
    }
    for amount, text in said.items():
        page = to_check(client, other, amount)
        assert 'href="#f-amount"' in page
        assert text in page, amount


def amount_step(client: Any, other: bank_kit.Holder, **more: str) -> str:
    values = hidden(client.get("/transfer/").content.decode())
    values |= {"to_name": other.name, "to_number": other.pan, "to_bank": ""} | more
    return str(client.post("/transfer/", values).content.decode())


def test_the_payee_is_compared_before_the_amount_and_wrong_tries_are_counted(
    one: customers_kit.Signed, other: bank_kit.Holder
) -> None:
    """One answer to an unknown number and a wrong name, one counter for this step and the transfer itself (T17)."""
    client = client_of(one)
    assert "付款账户和收款账户不能是同一个" in amount_step(client, one.holder)
    own_elsewhere = amount_step(client, one.holder, to_bank="ICBC")
    assert "付款账户和收款账户不能是同一个" in own_elsewhere
    assert 'id="f-amount"' not in own_elsewhere
    there = amount_step(client, other, to_bank="ICBC", to_name="王不是他")
    assert 'id="f-amount"' in there, "another bank's number is not compared here"
    assert "由对方银行核对" in there
    said = []
    for wrong in ({"to_name": "王不是他"}, {"to_number": "9217009999999999999"}):
        page = amount_step(client, other, **wrong)
        assert 'id="f-amount"' not in page
        said.append(re.findall(r"银行卡号（或账号）和姓名对不上[^<]*", page))
        assert "姓名和号码已核对" in amount_step(client, other), "a right pair takes its own try back only"
    assert said[0] == said[1] != []
    check = to_check(client, other, "10")
    for _ in range(payee_check.TRIES["target"].tries - len(said) - 1):
        amount_step(client, other, to_name="王不是他")
    wrong = client.post("/transfer/", hidden(check) | {"to_name": "王不是他"})
    assert wrong.status_code == 422, "the last try, at the transfer itself"
    limited = client.post("/transfer/", hidden(check) | {"key": "another"})
    assert limited.status_code == 429, "also a right pair: else this would tell it from a wrong one"
    assert client_of(one).post("/transfer/", hidden(check) | {"step": "payee"}).status_code == 429
    assert bank_kit.balance_of(one.holder) + bank_kit.balance_of(other) == 5_000_00


def test_real_time_to_another_bank_says_that_it_is_sent_and_cannot_be_recalled(one: customers_kit.Signed) -> None:
    there = bank_kit.activated(bank_kit.opened(bank_kit.person(bank="ICBC")))
    client = client_of(one)
    check = to_check(client, there, "300", to_bank="ICBC")
    done = client.post("/transfer/", hidden(check)).content.decode()
    assert "正在发往对方银行" in done
    assert "可以撤回" not in done
    home = client.get("/").content.decode()
    assert "有 1 笔转账正在发往对方银行，共 ¥300.00，不能撤回" in home
    assert "可以撤回" not in home
    seen = client.get("/orders/").content.decode()
    assert "正在办理，不能撤回" in seen
    assert 'name="order"' not in seen


def test_the_payers_side_shows_the_number_that_was_typed(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    check = to_check(client, other, "30")
    done = client.post("/transfer/", hidden(check)).content.decode()
    typed = f"****{other.pan[-4:]}"
    assert typed in done
    assert typed in client.get("/statement/").content.decode()
    assert typed in client.get("/statement.csv").content.decode("utf-8-sig")


def test_by_the_api_a_code_is_given_for_one_thing(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    token = session_of(one)
    body = {"account": str(one.holder.account), "amount_fen": 3_000_00, "to_number": other.pan, "to_name": other.name}

    def send(token: str, key: str, **more: Any) -> Any:
        return api(
            BankClient(), "POST", "/api/acts/bank.transfer", {**body, **more}, token=token, HTTP_IDEMPOTENCY_KEY=key
        )

    assert send(token, "a").json()["code"] == "bank.step_up_needed", "right after signing in"
    for wrong in ({}, {"transfer": body, "settings": {"account": body["account"]}}):
        told = api(BankClient(), "POST", "/api/customer/step-up", {"code": one.code(), **wrong}, token=token)
        assert told.json()["code"] == "bank.proof_for_what"
    given = api(
        BankClient(), "POST", "/api/customer/step-up", {"code": one.fresh_code(), "transfer": body}, token=token
    )
    token = given.json()["token"]
    assert send(token, "b", amount_fen=3_001_00).json()["code"] == "bank.step_up_needed"
    assert send(token, "c").json()["state"] == "done"
    assert send(token, "d").json()["code"] == "bank.step_up_needed"


def test_topping_up_tells_the_number_only_behind_the_eye(one: customers_kit.Signed) -> None:
    client = client_of(one)
    assert one.holder.pan[4:8] not in client.get("/recharge/").content.decode().replace(" ", "").partition("<main")[2]
    named = {"about": str(one.holder.account), "field": "name"}
    told = client.post("/recharge/number/", named, HTTP_ACCEPT="application/json")
    assert told.json()["value"] == one.holder.name, "a masked name is of no use to another bank"
    answer = client.post("/recharge/number/", {"about": str(one.holder.account)}, HTTP_ACCEPT="application/json")
    assert answer.json()["value"].replace(" ", "") == one.holder.pan
    other = customers_kit.customer()
    assert client.post("/recharge/number/", {"about": str(other.holder.account)}).status_code == 404
