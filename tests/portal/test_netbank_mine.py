"""The customer's own page: password, devices, what happened, stopping; and his card."""

from __future__ import annotations

import re

import pytest
from netbank_kit import COOKIE, bank_kit, client_of, customers_kit, session_of

from sscard.control.sessions import SessionStore

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=10_00)


def test_a_new_password_ends_every_session(one: customers_kit.Signed) -> None:
    client, elsewhere = client_of(one), session_of(one)
    new = "石板路-下雨天-也好走-3"
    wrong = client.act("/settings/password/", old=customers_kit.PASSWORD, new="short", code=one.fresh_code())
    assert 'href="#f-new"' in wrong.content.decode()
    wrong = client.act("/settings/password/", old="x", new=new, code=one.fresh_code())
    assert 'href="#f-old"' in wrong.content.decode()
    wrong = client.act("/settings/password/", old=customers_kit.PASSWORD, new=new, code="1")
    assert 'href="#f-code"' in wrong.content.decode()
    done = client.act("/settings/password/", old=customers_kit.PASSWORD, new=new, code=one.fresh_code())
    assert done.headers["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302
    assert not SessionStore(elsewhere).load()


def test_devices_are_listed_and_ended(one: customers_kit.Signed) -> None:
    elsewhere, client = session_of(one), client_of(one)
    seen = client.get("/settings/").content.decode()
    assert one.username.lower() in seen
    assert one.username.upper() not in seen
    marks = re.findall(r'name="session" value="(\w+)"', seen)
    assert len(marks) == 1
    assert elsewhere not in seen
    assert client.cookies[COOKIE].value not in seen
    assert client.act("/settings/end/", session=marks[0]).status_code == 302
    assert not SessionStore(elsewhere).load()
    assert client.get("/settings/").status_code == 200


def test_what_happened_is_told_refused_tries_too(one: customers_kit.Signed) -> None:
    from sscard.bank import customers
    from sscard.kernel.refusals import Refusal

    with pytest.raises(Refusal):
        customers.sign_in("CCB", one.username, "wrong", "000000", address="10.9.9.9")
    customers.sign_in("CCB", one.username, customers_kit.PASSWORD, one.fresh_code(), address="10.9.9.9")
    seen = client_of(one).get("/notices/").content.decode()
    assert seen.count("登录网上银行") >= 2
    assert "未成功" in seen
    assert "10.9.9.9" not in seen


def test_stopping_by_himself(one: customers_kit.Signed) -> None:
    client = client_of(one)
    assert client.get("/settings/stop/").status_code == 200
    assert client.get("/").status_code == 200, "a look stops nothing"
    assert client.act("/settings/stop/").headers["Location"] == "/stopped/"
    assert client.get("/stopped/").status_code == 200
    assert client.get("/").status_code == 302


def test_does_my_card_have_the_savings_function(one: customers_kit.Signed) -> None:
    """ACT-5 at the bank's site: one whose account is stopped sees why and what to do."""
    from sscard.bank.models import AccountRestriction
    from sscard.kernel import clock, ids

    client = client_of(one)
    seen = client.get("/card/").content.decode()
    assert "有没有储蓄功能" in seen
    assert "还没有开通储蓄功能" in seen
    assert "社保功能还不能用。请带身份证原件和卡到社保服务网点启用。" in seen
    assert "都办好了" not in seen
    with bank_kit.in_bank(one.holder):
        AccountRestriction.objects.create(
            person_id=one.holder.person_id, account_id=one.holder.account, restriction_id=ids.new_id(), book="bank:CCB",
            kind="LOST", reason="test", since=clock.now("990100"),
        )  # fmt: skip
    seen = client.get("/card/").content.decode()
    assert "挂失" in seen
