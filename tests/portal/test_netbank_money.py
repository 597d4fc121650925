"""Statement and transfer on the bank's site, by forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from netbank_kit import bank_kit, client_of, customers_kit

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
    check = to_check(client, other, "20")
    wrong = client.post("/transfer/", hidden(check) | {"code": "000000"})
    assert wrong.status_code == 422
    assert 'href="#f-code"' in wrong.content.decode()
    assert hidden(wrong.content.decode())["key"] != hidden(check)["key"]


def test_too_much_and_wrong_payee_come_back_to_be_mended(one: customers_kit.Signed, other: bank_kit.Holder) -> None:
    client = client_of(one)
    check = to_check(client, other, "9000")
    answer = client.post("/transfer/", hidden(check) | {"code": one.fresh_code()})
    assert answer.status_code == 422
    assert 'href="#f-amount"' in answer.content.decode()
    mended = hidden(answer.content.decode()) | {"amount": "90", "timing": "realtime", "memo": ""}
    check = client.post("/transfer/", mended).content.decode()
    assert 'id="f-code"' not in check, "the second factor was given a moment ago"
    assert "转账成功" in client.post("/transfer/", hidden(check)).content.decode()
    check = to_check(client, other, "10", to_name="王不是他")
    answer = client.post("/transfer/", hidden(check))
    assert answer.status_code == 422
    assert 'href="#f-to_number"' in answer.content.decode()
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
    answer = client.post("/transfer/", values | {"amount": "5"})
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
    check = to_check(client, other, "150")
    answer = client.post("/transfer/", hidden(check) | {"code": one.fresh_code()})
    assert answer.status_code == 422
    assert 'href="#f-amount"' in answer.content.decode()
    fresh = client_of(one)
    form |= {"limits_transfer_day": "200"}
    assert 'href="#f-code"' in fresh.act("/settings/limits/", **form).content.decode()
    assert fresh.act("/settings/limits/", **form, code="000000").status_code == 422
    assert fresh.act("/settings/limits/", **form, code=one.fresh_code()).status_code == 302
    wrong = fresh.act("/settings/limits/", **(form | {"limits_transfer_day": "99999999", "limits_purchase_day": "x"}))
    assert wrong.status_code == 422
    for place in ("limits_transfer_day", "limits_purchase_day"):
        assert f'href="#f-{place}"' in wrong.content.decode()


def test_topping_up_tells_the_number_only_behind_the_eye(one: customers_kit.Signed) -> None:
    client = client_of(one)
    assert one.holder.pan[4:8] not in client.get("/recharge/").content.decode().replace(" ", "").partition("<main")[2]
    answer = client.post("/recharge/number/", {"about": str(one.holder.account)}, HTTP_ACCEPT="application/json")
    assert answer.json()["value"].replace(" ", "") == one.holder.pan
    other = customers_kit.customer()
    assert client.post("/recharge/number/", {"about": str(other.holder.account)}).status_code == 404
