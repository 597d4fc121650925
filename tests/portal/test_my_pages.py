"""The holder's pages: the first screen answers, two moneys stay two, who looked stands there, nothing leaks."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from holders_kit import applied, bank_kit, client_of, contributions, social, with_sign_in

from sscard.kernel import clock
from sscard.kernel.db import unit_of_work


@pytest.fixture
def holder(house: Any) -> Any:
    """With a card in hand and an account that is asleep."""
    return bank_kit.opened(bank_kit.person())


def text(answer: Any) -> str:
    return answer.content.decode()


def test_the_first_screen_says_what_comes_next(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    page = text(client.get("/my/"))
    assert "<h1>下一步：启用社保功能</h1>" in page
    assert "（下一步）" in page
    assert "社保已启用" not in page
    assert "休眠中，只收不付" in page
    assert "card-letters" in page
    assert ">CCB<" in page
    social(holder, "normal")
    assert "还差一步：激活银行功能" in text(client.get("/my/"))
    bank_kit.activated(holder)
    assert "您的卡一切正常" in text(client.get("/my/"))


def test_money_left_at_an_earlier_bank_is_a_task(holder: Any) -> None:
    from dataclasses import replace

    from test_life_replacement import second_card

    bank_kit.activated(holder)
    bank_kit.pay_in(holder, 400)
    client = client_of(with_sign_in(holder))
    assert "还开着" not in text(client.get("/my/"))
    bank_kit.opened(replace(second_card(holder), bank="ICBC"))
    page = text(client.get("/my/"))
    assert f"您原来在建设银行的账户（尾号 {holder.pan[-4:]}）还开着" in page
    assert "/banks/990100/" in page


def test_the_banks_own_site_is_one_press_away(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    assert "https://ccb.localhost" not in text(client.get("/my/money/")), "nothing to do there before activation"
    bank_kit.activated(holder)
    assert "https://ccb.localhost" in text(client.get("/my/money/"))


def test_the_guide_names_places_and_papers_by_the_banks_rule(holder: Any) -> None:
    page = text(client_of(with_sign_in(holder)).get("/my/guide/"))
    assert "建设银行桥头支行" in page
    assert "工商银行云溪支行" not in page
    assert "海棠" not in page, "area one activates in its own area only"
    assert "银行要核对原件，复印件不行" in page
    assert "不用带" in page
    assert page.index("启用社保功能</h2>") < page.index("激活银行功能</h2>")


def test_a_nationwide_bank_shows_outlets_elsewhere_too(house: Any) -> None:
    there = bank_kit.opened(bank_kit.person("990200", "CCB"))
    page = text(client_of(with_sign_in(there)).get("/my/guide/"))
    assert "全国任一网点" in page
    assert "建设银行桥头支行" in page
    assert "云溪市" in page


def test_before_activation_no_balance_stands_anywhere(holder: Any) -> None:
    bank_kit.pay_in(holder, 123_45)
    client = client_of(with_sign_in(holder))
    for path in ("/my/", "/my/money/", "/my/records/", "/my/data/"):
        assert "123.45" not in text(client.get(path)), path
    assert "休眠中，可以存入" in text(client.get("/my/money/"))


def test_after_activation_the_bank_answers_and_the_moneys_stay_two(holder: Any) -> None:
    bank_kit.pay_in(holder, 123_45)
    bank_kit.activated(holder)
    contributions(holder, clock.today(holder.area).year, range(1, 7))
    page = text(client_of(with_sign_in(holder)).get("/my/money/"))
    assert "¥123.45" in page
    assert "¥888.00" in page
    assert "1,011.45" not in page
    assert "存入" in page
    assert 'class="line"' in page, "a list, as at the bank's site: no column leaves the phone"
    assert "<table" not in page


def test_records_show_months_totals_and_accounts(holder: Any) -> None:
    year = clock.today(holder.area).year
    contributions(holder, year, range(1, 9), owed=(5,))
    page = text(client_of(with_sign_in(holder)).get("/my/records/"))
    assert "7 个月" in page
    assert "欠缴" in page
    assert "12,345.67" in page
    assert "养老保险个人账户" in page
    english = text(client_of(with_sign_in(bank_kit.person()), "en").get("/my/records/"))
    assert "No contributions on record yet" in english


def test_the_eye_shows_one_value_and_writes_it_down(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    assert holder.id_number not in text(client.get("/my/data/"))
    shown = client.act("/my/data/reveal/", field="id_number")
    assert holder.id_number in text(shown)
    assert holder.name not in text(shown)
    answer = client.post("/my/data/reveal/", {"field": "name"}, headers={"Accept": "application/json"}).json()
    assert answer["value"] == holder.name
    assert client.act("/my/data/reveal/", field="totp").status_code == 404
    assert "本人查询" in text(client.get("/my/looked/?own=1"))


def test_who_looked_names_the_place_and_the_purpose(holder: Any) -> None:
    from sscard.control.door import reading
    from sscard.people import reads

    clerk = bank_kit.caller("clerk")
    with reading(clerk, right="people.view", purpose="counter") as inside:
        reads.by_id(inside, holder.person_id)
    page = text(client_of(with_sign_in(holder)).get("/my/looked/"))
    assert "查看资料" in page
    assert "您本人" not in page


def test_guardian_sees_his_child_and_nobody_else(house: Any) -> None:
    parent, child, stranger = bank_kit.person(), bank_kit.person(birth=date(2020, 3, 4)), bank_kit.person()
    bank_kit.guardian_of(child, parent)
    client = client_of(with_sign_in(parent))
    assert str(child.public) in text(client.get("/my/"))
    client.act("/my/whose/", whose=str(child.public))
    page = text(client.get("/my/"))
    assert "您是监护人" in page
    assert "的下一步" in page
    assert child.id_number in text(client.act("/my/data/reveal/", field="id_number"))
    client.act("/my/whose/", whose=str(stranger.public))
    assert "您是监护人" not in text(client.get("/my/"))
    assert parent.id_number in text(client.act("/my/data/reveal/", field="id_number"))


def test_a_person_without_card_learns_how_to_get_one(house: Any) -> None:
    from sscard.cards.models import Card
    from sscard.kernel.db import unit_of_work

    one = bank_kit.person()
    with unit_of_work(area=one.area):
        Card.objects.filter(person_id=one.person_id).delete()
    page = text(client_of(with_sign_in(one)).get("/my/"))
    assert "您还没有社会保障卡" in page
    assert "居民身份证" in page


def test_the_two_matters_at_the_bank_say_which_paper_is_whose(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    guide, opening = text(client.get("/my/guide/")), text(client.get("/my/savings/"))
    assert "办“激活银行账户”带什么" in guide
    assert "另外：办“开通储蓄功能”要带。" in guide
    assert 'href="/my/savings/"' in guide
    assert "系统里已经能查到户籍信息" not in guide, "the other list asks for it all the same"
    assert "办“开通储蓄功能”带什么" in opening
    assert "另外：办“激活银行账户”不用带。" in opening
    assert ">有就带<" in guide
    assert ">有就带<" in opening


def test_a_running_opening_stands_on_the_first_page_with_its_next_step(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    assert "正在办的事" not in text(client.get("/my/"))
    client.act("/my/savings/", papers_seen="yes")
    page = text(client.get("/my/"))
    assert "共 7 步，已完成 1 步" in page
    assert "下一步：第 2 步，选择银行和功能。" in page
    assert re.search('href="/my/savings/">接着办<', page)
    client.act("/my/savings/", bank="CCB", functions=["demand"])
    client.act("/my/savings/", channel="counter", outlet="990100-CCB-01")
    client.act("/my/savings/", phone="91300000001", address="云溪市溪东区清泉路9号", occupation="employee", use="saving",
               tax="china", accept="yes")  # fmt: skip
    page = text(client.get("/my/"))
    assert "下一步：第 5 步，核对身份。" in page
    assert "这一步到建设银行云溪分行营业部办" in page
    client.act("/my/savings/withdraw/")
    assert "正在办的事" not in text(client.get("/my/"))


def test_a_running_application_is_told_step_by_step(house: Any) -> None:
    from sscard.issuing.models import Application

    one = bank_kit.person()
    client = client_of(applied(one))
    page = text(client.get("/my/"))
    assert "<h1>您的新卡正在办理</h1>" in page
    assert "不用再申请" in page
    assert "怎样办卡" not in page
    assert "已申领，待复核" in page
    assert "卡到云溪市社会保障卡服务中心后凭身份证领取" in page
    assert "户口簿" in page, "what nobody has seen on-line is brought when the card is collected"
    with unit_of_work(area=one.area):
        Application.objects.filter(person_id=one.person_id).update(state="returned", reason="照片不清楚")
    page = text(client.get("/my/"))
    assert "您还没有社会保障卡" in page
    assert "原因：照片不清楚" in page
    assert "怎样办卡" in page


def test_nobody_comes_in_without_signing_in(house: Any) -> None:
    from pages_kit import HouseClient

    for path in ("", "guide/", "records/", "money/", "looked/", "data/", "passkeys/", "password/"):
        answer = HouseClient().get(f"/my/{path}")
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/my/sign-in/"), path


def test_his_own_password_needs_the_old_one_and_ends_all_sessions(holder: Any) -> None:
    from holders_kit import PASSWORD

    from pages_kit import HouseClient
    from sscard.control import totp
    from sscard.kernel.sealed import open_one
    from sscard.people.models import HolderAccount

    account = with_sign_in(holder)
    client = client_of(account)
    assert client.act("/my/password/", old="not it", new="月亮很圆-1948").status_code == 422
    assert "这个密码" in text(client.act("/my/password/", old=PASSWORD, new="12345678"))
    changed = client.act("/my/password/", old=PASSWORD, new="月亮很圆-1948")
    assert changed.headers["Location"] == "/my/sign-in/"
    assert client.get("/my/").status_code == 302

    class Reader:
        def opened(self, *_: object) -> None:
            return

    with unit_of_work(area=holder.area):
        secret = open_one(HolderAccount.objects.get(person_id=holder.person_id), "totp", Reader())
    fresh = HouseClient()
    form = {"username": holder.id_number, "code": totp.code(secret, clock.real_now())}
    assert fresh.post("/my/sign-in/", {**form, "password": PASSWORD}).status_code in (401, 403, 422)
    assert fresh.post("/my/sign-in/", {**form, "password": "月亮很圆-1948"}).headers["Location"] == "/my/"


def test_a_passkey_answer_of_somewhere_else_is_refused(holder: Any) -> None:
    from pages_kit import HouseClient

    account = with_sign_in(holder)
    client = client_of(account)
    client.get("/my/passkeys/")
    assert client.act("/my/passkeys/", answer="{}", label="我的手机").status_code == 422
    unasked = client_of(account).act("/my/passkeys/", answer="{}", label="我的手机")
    assert "已经过期" in text(unasked), "an answer without our question"
    stranger = HouseClient()
    stranger.get("/my/passkey/")
    for answer in ("", "{}", '{"id": "AA", "response": {"userHandle": "AA"}}'):
        assert stranger.post("/my/passkey/", {"answer": answer}).status_code >= 400
    assert stranger.get("/my/").status_code == 302
