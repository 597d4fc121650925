"""The savings function at the pages: compared by everybody, applied for at home, finished at the counter, asked by phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from holders_kit import bank_kit, client_of, with_sign_in

CCB = "990100-CCB-01"
FORM = {
    "phone": "91300000001", "address": "云溪市溪东区清泉路9号", "occupation": "employee", "use": "saving", "tax": "china",
    "accept": "yes",
}  # fmt: skip
RELEASE = "4826"
SEEN = ["phone", "household_book"]


def text(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


@pytest.fixture
def counter(office: Any) -> Any:
    terminal = bank_kit.Terminal("CCB", outlet=CCB)
    client = office.client(f"teller.{CCB}")
    client.act("/bank/counter/", terminal=terminal.code)
    terminal.client = client
    return terminal


def applied(holder: Any) -> Any:
    """Steps 1 to 4 on his own page."""
    client = client_of(with_sign_in(holder))
    client.act("/my/savings/", papers_seen="yes")
    client.act("/my/savings/", bank="CCB", functions=["demand", "time"])
    client.act("/my/savings/", channel="counter", outlet=CCB)
    assert client.act("/my/savings/", **FORM).status_code == 302
    return client


def customer(counter: Any, holder: Any) -> None:
    counter.client.act("/bank/read/")
    counter.desk.insert_card(holder.virtual_card())
    counter.client.get("/bank/devices/")
    assert "/bank/savings/" in text(counter.client.get("/bank/customer/"))


def identified(counter: Any, holder: Any, *, by: Any = None) -> Any:
    """Step 5 at the counter; the answer to the comparison."""
    counter.client.act("/bank/savings/", method="self", papers_seen=SEEN)
    counter.desk.present_id((by or holder).virtual_person())
    counter.desk.insert_card(holder.virtual_card())
    assert "核对身份" in text(counter.client.get("/bank/savings/devices/"))
    return counter.client.act("/bank/savings/devices/")


def test_everybody_compares_the_banks(house: Any) -> None:
    from pages_kit import HouseClient

    client = HouseClient()
    start = text(client.get("/"))
    assert "<title>社会保障卡服务</title>" in start, "once"
    box = start[start.index("/my/sign-in/") : start.index("/register/")]
    assert re.findall(r'class="act" href="([^"]+)"><span>([^<]+)', box) == [
        ("/my/savings/", "开通储蓄功能"), ("/banks/sites/", "银行网站 / 网上银行"),
    ]  # fmt: skip
    assert re.search(r'href="https://ccb\.[^"]+"><span>中国建设银行', text(client.get("/banks/sites/")))
    assert "/savings/990100/" in text(client.get("/savings/"))
    page = text(client.get("/savings/990100/"))
    for wanted in (
        "中国建设银行",
        "中国工商银行",
        "通知存款",
        "可以在本行另开存折办理",
        "一天或七天通知，五万元起存；开通后到本行网点柜台办理",
        "每笔 ¥4.00",
        "¥50,000<",
        "不用带" if "不用带" in page else "要带",
    ):
        assert wanted in page
    assert "Notice deposit" in text(client.get("/savings/990100/?lang=en", follow=True))
    assert client.get("/savings/000000/").status_code in (404, 422)
    assert "演示值" not in page
    assert "演示数据，" in page
    table = page[page.index("<table") : page.index("</table>")]
    for differing in ("通知存款", "短信提醒", "每月 ¥3", "每笔 ¥4 每月前三笔免费", "开通时要存", "只签纸质", "18 岁"):
        assert differing in table, "what differs, and what it costs"
    for same in ("活期储蓄", "年费"):
        assert same not in table
    assert "几家都办：活期储蓄、网上银行和手机银行、变动短信提醒。" in page
    assert "几家都免费：年费、小额账户管理费。" in page
    folded = page.split("<details")[1:]
    assert len(folded) >= 7, "functions, limits, fees, each bank and the papers open one by one, without script"
    assert "活期储蓄" in folded[0]
    assert "每天最多" in folded[1]
    assert "每笔 ¥4.00" in folded[2]
    assert page.count("带什么</h") == 1
    assert "办“开通储蓄功能”带什么" in page
    assert page.index("申请开通") < page.index("<table"), "the button stands before the long part as well"
    assert "values of the demo" in text(client.get("/savings/990100/?lang=en", follow=True))


def test_a_holder_sees_the_answer_and_the_seven_steps(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    page = text(client.get("/my/savings/"))
    assert "还没有开通储蓄功能" in page
    assert "共 7 步，已完成 0 步" in page
    main = page[page.index("<main") :]
    before = [
        main.index(one)
        for one in ("第 1 步，共 7 步：", "<details", "<ol", "</details>", "<form", "还没有开通储蓄功能")
    ]
    assert before == sorted(before), "the step first, the list of the seven folded above its form"
    assert "银行要核对原件，复印件不行" in page
    assert "有同一家银行的卡就带上" in page
    for number in range(1, 8):
        assert f"{number}. " in page


def test_he_does_the_first_four_steps_at_home(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    refused = client.act("/my/savings/")
    assert refused.status_code == 422
    assert "请先看一遍要带的材料" in text(refused)
    client.act("/my/savings/", papers_seen="yes")
    page = text(client.get("/my/savings/"))
    assert "您卡上的银行" in page
    assert "每笔变动发短信，可以设起点金额 · 免费" in page
    assert page.count("开通后到本行网点柜台办理") == 3, "time, notice and standing: this site has no page for them"
    other = client.act("/my/savings/", bank="ICBC", functions=["demand"])
    assert other.status_code == 422
    assert "储蓄功能只能开在建设银行" in text(other)
    client.act("/my/savings/", bank="CCB", functions=["demand", "time"])
    assert "建设银行桥头支行" in text(client.get("/my/savings/"))
    client.act("/my/savings/", channel="counter", outlet=CCB)
    assert "提醒</legend>" not in text(client.get("/my/savings/")), (
        "messages were asked for in step 2, with their price"
    )
    empty = client.act("/my/savings/", phone="1")
    assert empty.status_code == 422
    assert text(empty).count("这一项还没有选") >= 3
    client.act("/my/savings/", **FORM)
    page = text(client.get("/my/savings/"))
    assert "共 7 步，已完成 4 步" in page
    assert "到银行核对身份" in page
    assert holder.id_number not in page


def test_he_may_withdraw(holder: Any) -> None:
    client = applied(holder)
    assert client.act("/my/savings/withdraw/").status_code == 302
    assert "还没有开通储蓄功能" in text(client.get("/my/savings/"))


def test_the_counter_finishes_with_a_signature_on_the_pad(counter: Any, holder: Any) -> None:
    client = applied(holder)
    customer(counter, holder)
    desk = text(counter.client.get("/bank/savings/"))
    assert "七步已完成 4 步" in desk
    assert "请告诉客户：“您" in desk, "the sentence is the customer's, not the teller's"
    assert "拨打 12333" not in desk, "the foot of a staff page speaks to staff"
    wrong = identified(counter, holder, by=bank_kit.person())
    assert wrong.status_code >= 400
    assert "/bank/savings/" in text(wrong)
    assert identified(counter, holder).status_code == 302
    mine = text(client.get("/my/savings/"))
    assert "身份已经核对" in mine
    assert "居民身份证" not in mine, "what was shown once is not to be brought again"
    page = text(counter.client.get("/bank/savings/"))
    assert "不同意，不影响任何待遇" in page
    without = counter.client.act("/bank/savings/", form="electronic")
    assert without.status_code == 422
    assert "没有您的同意" in text(without)
    counter.client.act("/bank/savings/", form="electronic", consent="yes")
    assert "请看完协议" not in text(counter.client.get("/bank/savings/devices/")), "there is none to read yet"
    pad = counter.desk.signing_pad()
    pad.offer_key(RELEASE)
    assert "data-live" not in text(counter.client.get("/bank/savings/devices/"))
    counter.client.act("/bank/savings/devices/")
    reading = text(counter.client.get("/bank/savings/devices/"))
    assert "data-live" in reading
    assert 'href="/bank/savings/draft/" target="_blank"' in reading  # a paper never takes the place of the page
    draft = counter.client.get("/bank/savings/draft/")
    assert draft["Content-Type"] == "application/pdf"
    pad.sign(RELEASE, draft.content)
    assert "完成签署" in text(counter.client.get("/bank/savings/devices/"))
    assert counter.client.act("/bank/savings/devices/").status_code == 302
    assert "七步已完成 6 步" in text(counter.client.get("/bank/savings/"))
    counter.client.act("/bank/savings/", card_back="yes")
    assert "已经开通建设银行的储蓄功能" in text(counter.client.get("/bank/savings/"))
    mine = text(client.get("/my/savings/"))
    assert "共 7 步，已完成 7 步" in mine
    assert re.search(r'<a class="button" href="https://ccb[^"]+"', mine), "the way to the bank's own site"
    papers = re.findall(r'href="(/papers/[0-9a-f-]+/)"', mine)
    assert len(papers) == 2
    for path in papers:
        assert client.get(path).content.startswith(b"%PDF")
        assert counter.client.get(path).content.startswith(b"%PDF")
    code = re.findall(r"校验码 ([0-9A-Z-]{14})", mine)[0]
    assert "这是本服务出具的文件" in text(client.get(f"/documents/?code={code}"))
    stranger = client_of(with_sign_in(bank_kit.person()))
    assert stranger.get(papers[0]).status_code == 404


def test_the_counter_finishes_on_paper_too(counter: Any, holder: Any) -> None:
    client = applied(holder)
    customer(counter, holder)
    identified(counter, holder)
    counter.client.act("/bank/savings/", form="paper")
    page = text(counter.client.get("/bank/savings/"))
    assert "纸质签署" in page
    assert counter.client.act("/bank/savings/", filed="2026-0042").status_code == 302
    kept_back = counter.client.act("/bank/savings/")
    assert kept_back.status_code == 422, "without the card in the customer's hand nothing is finished"
    assert 'id="e-card_back"' in text(kept_back)
    assert "共 7 步，已完成 6 步" in text(client.get("/my/savings/"))
    counter.client.act("/bank/savings/", card_back="yes")
    assert "共 7 步，已完成 7 步" in text(client.get("/my/savings/"))


def test_what_was_said_is_put_right_at_home_and_at_the_counter(counter: Any, holder: Any) -> None:
    client = applied(holder)
    page = text(client.get("/my/savings/"))
    for step in (2, 3, 4):
        assert f'href="/my/savings/?step={step}"' in page
    assert "?step=1" not in page
    form = text(client.get("/my/savings/?step=4"))
    assert FORM["phone"] in form
    assert FORM["address"] in form
    assert 'href="/savings/990100/" target="_blank"' in form
    assert "以激活时在柜台登记的为准" in form
    assert client.act("/my/savings/", **{**FORM, "step": "4", "phone": "1"}).status_code == 422
    assert client.act("/my/savings/", **{**FORM, "step": "4", "address": "云溪市溪西区桥头街2号"}).status_code == 302
    client.act("/my/savings/", step="2", bank="CCB", functions=["demand", "notice"])
    page = text(client.get("/my/savings/"))
    assert "共 7 步，已完成 4 步" in page
    assert "通知存款" in page
    customer(counter, holder)
    desk = text(counter.client.get("/bank/savings/"))
    assert "913****0001" in desk
    assert "桥头街" not in desk
    told = counter.client.post("/bank/savings/reveal/", {"field": "address"}, headers={"Accept": "application/json"})
    assert told.json()["value"] == "云溪市溪西区桥头街2号"
    assert "桥头街2号" in text(counter.client.get("/bank/savings/?step=4"))
    counter.client.act("/bank/savings/", **{**FORM, "step": "4", "phone": "91300000002"})
    assert "913****0002" in text(counter.client.get("/bank/savings/"))
    missing = counter.client.act("/bank/savings/", method="self", papers_seen=["phone"])
    assert missing.status_code == 422
    assert "还差：户口簿。" in text(missing), "who has no card of the bank needs none"


def test_the_teller_withdraws_for_him_and_nobody_after_both_have_signed(counter: Any, holder: Any) -> None:
    client = applied(holder)
    customer(counter, holder)
    assert "/bank/savings/withdraw/" in text(counter.client.get("/bank/savings/"))
    assert counter.client.act("/bank/savings/withdraw/").status_code == 302
    assert "还没有开通储蓄功能" in text(client.get("/my/savings/"))
    for sent in (
        {"papers_seen": "yes"},
        {"bank": "CCB", "functions": ["demand"]},
        {"channel": "counter", "outlet": CCB},
        FORM,
    ):
        client.act("/my/savings/", **sent)
    identified(counter, holder)
    counter.client.act("/bank/savings/", form="paper")
    counter.client.act("/bank/savings/", filed="2026-0043")
    page = text(counter.client.get("/bank/savings/"))
    assert "withdraw" not in page
    assert "?step=" not in page
    assert "withdraw" not in text(client.get("/my/savings/"))
    refused = client.act("/my/savings/withdraw/")
    assert refused.status_code == 409
    assert "双方都已签署" in text(refused)


def test_other_banks_stand_there_closed_with_the_reason(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    client.act("/my/savings/", papers_seen="yes")
    page = text(client.get("/my/savings/"))
    assert re.search(r'value="ICBC"[^>]* disabled', page)
    assert not re.search(r'value="CCB"[^>]* disabled', page)
    client.act("/my/savings/", bank="CCB", functions=["demand"])
    none = client.act("/my/savings/", channel="counter")
    assert "还没有选网点" in text(none)


def test_the_phone_agent_reads_out_one_sentence(office: Any, holder: Any) -> None:
    from sscard.kernel.db import unit_of_work
    from sscard.people.models import Person

    with unit_of_work(area=holder.area):
        Person.objects.filter(person_id=holder.person_id).update(phone_mask="913****4321")
    agent = office.client("clerk.990100")
    right = {"name": holder.name, "id_number": holder.id_number, "phone_last": "4321"}
    page = text(agent.act("/phone/savings/", **right))
    assert "请念给来电人" in page
    assert "还没有开通储蓄功能" in page
    assert holder.id_number not in page
    assert "4321" not in page
    for wrong in ({"name": "王五"}, {"phone_last": "4320"}, {"id_number": bank_kit.person().id_number}):
        answer = agent.act("/phone/savings/", **{**right, **wrong})
        assert answer.status_code == 422
        assert "和登记的不一致" in text(answer)
    assert agent.act("/phone/savings/", name="", id_number="1", phone_last="x").status_code == 422


def test_a_caller_who_guesses_is_slowed_down(office: Any, house: Any) -> None:
    agent, somebody = office.client("clerk.990100"), bank_kit.person()
    asked = {"name": somebody.name, "id_number": somebody.id_number}
    answers = [agent.act("/phone/savings/", **asked, phone_last=f"{n:04}").status_code for n in range(7)]
    assert answers[-1] == 429


def test_an_unknown_code_is_said_to_be_unknown(house: Any) -> None:
    from pages_kit import HouseClient

    answer = HouseClient().get("/documents/?code=2222-2222-2222")
    assert answer.status_code == 404
    assert "没有这个校验码的文件" in text(answer)
