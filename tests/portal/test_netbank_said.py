"""What the bank's site says at once and beside the right field, and where its entries lead."""

from __future__ import annotations

import pytest
from netbank_kit import BankClient, bank_kit, client_of, customers_kit

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=5_000_00)


def test_bills_have_an_entry_that_says_what_is_needed_first(one: customers_kit.Signed) -> None:
    client = client_of(one)
    assert 'href="/bills/"' in client.get("/").content.decode()
    page = client.get("/bills/").content.decode()
    assert "<h1>缴费</h1>" in page
    assert "您还没有绑定，先绑定再缴" in page
    assert 'href="/linked/bind/"' in page


def test_signing_in_with_nothing_filled_names_each_field() -> None:
    answer = BankClient().post("/sign-in/", {"username": "", "password": " ", "code": ""})
    assert answer.status_code == 422
    for name in ("username", "password", "code"):
        assert f'href="#f-{name}"' in answer.content.decode()


def test_a_top_up_tells_all_its_faults_at_once(one: customers_kit.Signed) -> None:
    page = client_of(one).post("/recharge/pull/", {"step": "form", "from_bank": "X", "from_number": "12", "amount": ""})
    for place, text in (("from_bank", ""), ("from_number", "6 到 30 位数字"), ("amount", "还没有填金额")):
        assert f'href="#f-{place}"' in page.content.decode()
        assert text in page.content.decode()


def test_the_limits_summary_names_the_field(one: customers_kit.Signed) -> None:
    form = {"account": str(one.holder.account), "limits_purchase_day": "x", "limits_transfer_operation": "99999999"}
    page = client_of(one).act("/settings/limits/", **form).content.decode()
    summary = page.partition('class="summary-faults"')[2].partition("</div>")[0]
    assert "每天消费" in summary
    assert "单笔转账" in summary


def test_money_that_is_set_aside_or_frozen_is_shown_with_the_authority(one: customers_kit.Signed) -> None:
    from sscard.bank.models import AccountRestriction
    from sscard.kernel import clock, ids

    with bank_kit.in_bank(one.holder):
        AccountRestriction.objects.create(
            person_id=one.holder.person_id, account_id=one.holder.account, restriction_id=ids.new_id(), book="bank:CCB",
            kind="AMOUNT_FREEZE", reason="案件", since=clock.now("990100"), amount_fen=1_234_00, authority="court",
            authority_name="云溪市人民法院", document="（2026）云01执1号", rank=1,
        )  # fmt: skip
    client = client_of(one)
    card = client.get("/card/").content.decode()
    assert "¥1,234.00" in card
    assert "云溪市人民法院要求冻结" in card
    there = bank_kit.activated(bank_kit.opened(bank_kit.person(bank="ICBC")))
    values = {
        "step": "do", "key": "k1", "account": str(one.holder.account), "to_name": there.name, "to_number": there.pan,
        "to_bank": "ICBC", "amount": "300", "timing": "normal", "memo": "",
    }  # fmt: skip
    assert "转账已受理" in client.post("/transfer/", values).content.decode()
    statement = client.get("/statement/").content.decode()
    assert "已预留" in statement
    assert "¥300.00" in statement
    assert statement.index("/statement.csv") < statement.index('class="line"')


def test_topping_up_tells_the_number_only_behind_the_eye(one: customers_kit.Signed) -> None:
    client = client_of(one)
    page = client.get("/recharge/").content.decode()
    assert one.holder.pan[4:12] not in page.replace(" ", ""), "eight digits: four may stand in a drawing by chance"
    assert "显示完整的银行卡号，" in page, "the eye says of what"
    answer = client.post("/recharge/number/", {"about": str(one.holder.account)}, HTTP_ACCEPT="application/json")
    assert answer.json()["value"].replace(" ", "") == one.holder.pan
    other = customers_kit.customer()
    assert client.post("/recharge/number/", {"about": str(other.holder.account)}).status_code == 404
