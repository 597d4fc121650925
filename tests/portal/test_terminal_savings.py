"""Opening the savings function at the kiosk, all seven steps one question a screen: straight through, stopped, refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from holders_kit import bank_kit
from test_terminal_pages import CCB, kiosk_at, text

RELEASE = "7391"
SAVINGS = "/terminal/savings/"
FORM = {
    "phone": "91300000001", "address": "云溪市溪东区清泉路9号", "occupation": "employee", "use": "saving", "tax": "china",
    "accept": "yes",
}  # fmt: skip


@pytest.fixture
def kiosk(office: Any) -> Any:
    return kiosk_at(office, CCB, "CCB")


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


def begin(kiosk: Any, holder: Any) -> None:
    assert 'value="savings"' in text(kiosk.client.get("/terminal/"))
    kiosk.client.act("/terminal/begin/", matter="savings")
    kiosk.desk.insert_card(holder.virtual_card())
    assert 'data-go="/terminal/do/"' in text(kiosk.client.get("/terminal/live/"))
    assert kiosk.client.get("/terminal/do/").headers["Location"] == SAVINGS
    assert kiosk.client.get(SAVINGS).headers["Location"] == SAVINGS


def carried(page: str) -> dict[str, Any]:
    """What the form takes along: its hidden fields."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page):
        found[name] = [*found[name], value] if name == "functions" and name in found else value
    found.pop("csrfmiddlewaretoken", None)
    return found


def press(kiosk: Any, page: str, **values: Any) -> Any:
    return kiosk.client.post(SAVINGS, {**carried(page), **values})


def ask(kiosk: Any, page: str, **values: Any) -> str:
    return text(press(kiosk, page, **values))


def to_step_3(kiosk: Any) -> None:
    page = text(kiosk.client.get(SAVINGS))
    assert "居民身份证" in page
    needed = re.findall(r'name="papers" value="([^"]+)"', page)
    assert needed
    short = press(kiosk, page, papers=needed[:-1])
    assert short.status_code == 422
    assert "还差" in text(short)
    assert text(short).count(" checked") == len(needed) - 1, "what was ticked stays ticked"
    press(kiosk, page, papers=needed)
    page = text(kiosk.client.get(SAVINGS))
    refused = press(kiosk, page, bank="ICBC")
    assert refused.status_code == 422
    assert "只能开在建设银行" in text(refused)
    page = ask(kiosk, page, bank="CCB")
    assert "要开通哪些功能" in page
    assert press(kiosk, page, functions=["demand", "time"]).headers["Location"] == SAVINGS


def to_step_5(kiosk: Any) -> None:
    to_step_3(kiosk)
    page = text(kiosk.client.get(SAVINGS))
    assert "就在这台终端办" in page
    press(kiosk, page, channel="kiosk")
    page = text(kiosk.client.get(SAVINGS))
    wrong = press(kiosk, page, phone="123")
    assert wrong.status_code == 422
    for name, value in FORM.items():
        page = text(kiosk.client.get(SAVINGS)) if name == "phone" else page
        answer = press(kiosk, page, **{name: value})
        page = text(answer)
    assert answer.headers["Location"] == SAVINGS


def identified(kiosk: Any, holder: Any, *, by: Any = None, source: str = "original", again: bool = False) -> Any:
    """The card is in the slot from the beginning; `again`: it was read too long ago."""
    press(kiosk, text(kiosk.client.get(SAVINGS)))
    kiosk.desk.present_id((by or holder).virtual_person(), source=source)
    if again:
        assert "取出，再插一次" in text(kiosk.client.get(SAVINGS))
        kiosk.desk.insert_card(holder.virtual_card())
    assert f'data-go="{SAVINGS}"' in text(kiosk.client.get(f"{SAVINGS}live/"))
    page = text(kiosk.client.get(SAVINGS))
    assert "是我本人" in page
    return press(kiosk, page)


def test_seven_steps_to_the_printed_guide(kiosk: Any, holder: Any) -> None:
    begin(kiosk, holder)
    to_step_5(kiosk)
    no = identified(kiosk, holder, by=bank_kit.person())
    assert no.status_code >= 400
    assert "再试一次" in text(no)
    assert "不是" in text(no)
    assert identified(kiosk, holder).headers["Location"] == SAVINGS

    page = text(kiosk.client.get(SAVINGS))
    assert "协议怎么签" in page
    page = ask(kiosk, page, form="electronic")
    assert "不影响我的任何待遇" in page
    assert press(kiosk, page, form="electronic", consent="yes").headers["Location"] == SAVINGS
    pad = kiosk.desk.signing_pad()
    pad.offer_key(RELEASE)
    press(kiosk, text(kiosk.client.get(SAVINGS)))
    page = text(kiosk.client.get(SAVINGS))
    assert "请先读协议" in page
    assert f'href="{SAVINGS}draft/" target="_blank"' in page  # the screen stays where it is
    file = kiosk.client.get(f"{SAVINGS}draft/").content
    assert file.startswith(b"%PDF")
    pad.sign(RELEASE, file)
    press(kiosk, text(kiosk.client.get(SAVINGS)))

    page = text(kiosk.client.get(SAVINGS))
    done = ask(kiosk, page)
    assert "储蓄功能开通了" in done
    assert holder.name not in done
    papers = re.findall(rf'href="({SAVINGS}paper/[^"]+)"', done)
    assert len(papers) == 2
    assert all(kiosk.client.get(one).content.startswith(b"%PDF") for one in papers)
    kiosk.client.get("/terminal/leave/")
    assert kiosk.client.get(papers[0]).status_code == 404, "the next person prints nothing of this one"
    assert kiosk.client.get(SAVINGS).headers["Location"] == "/terminal/"


def test_earlier_steps_are_put_right_before_the_agreement(kiosk: Any, holder: Any) -> None:
    from sscard.bank.models import SavingsApplication

    begin(kiosk, holder)
    to_step_5(kiosk)
    page = text(kiosk.client.get(SAVINGS))
    assert re.findall(r'name="change" value="(\d)"', page) == ["2", "3", "4"]
    page = ask(kiosk, page, change="2")
    assert "第 2 步" in page
    assert f'href="{SAVINGS}"' in page, "he may leave it as it was"
    page = ask(kiosk, page, bank="CCB")
    assert press(kiosk, page, functions=["demand"]).headers["Location"] == SAVINGS
    page = text(kiosk.client.get(SAVINGS))
    assert "定期" not in page
    assert "核对身份" in page, "the step that is due is still due"
    page = ask(kiosk, page, change="4")
    assert FORM["address"] not in page, "a card alone does not show what its holder wrote"
    assert 'value="91' not in page
    for name, value in {**FORM, "phone": "91300000002"}.items():
        answer = press(kiosk, page, **{name: value})
        page = text(answer)
    assert answer.headers["Location"] == SAVINGS
    assert identified(kiosk, holder).headers["Location"] == SAVINGS
    page = text(kiosk.client.get(SAVINGS))
    assert "协议怎么签" in page
    with bank_kit.in_bank(holder):
        row = SavingsApplication.objects.get(person_id=holder.person_id)
        assert list(row.functions) == ["demand"]
    assert press(kiosk, page, change="1").headers["Location"] == SAVINGS, "the papers are read once"


def test_paper_is_an_equal_choice(kiosk: Any, holder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sscard.terminals import rules

    begin(kiosk, holder)
    to_step_5(kiosk)
    monkeypatch.setattr(rules, "KEEP_FOR", -rules.KEEP_FOR)
    identified(kiosk, holder, again=True)
    page = ask(kiosk, text(kiosk.client.get(SAVINGS)), form="paper")
    assert "到柜台" in page
    (paper,) = re.findall(rf'href="({SAVINGS}paper/[^"]+)"', page)
    assert kiosk.client.get(paper).content.startswith(b"%PDF")


def test_the_counter_is_an_equal_choice(kiosk: Any, holder: Any) -> None:
    begin(kiosk, holder)
    to_step_3(kiosk)
    page = ask(kiosk, text(kiosk.client.get(SAVINGS)), channel="counter")
    assert "请到柜台接着办" in page
    assert kiosk.client.get(SAVINGS).headers["Location"] == "/terminal/", "the visit is over"


def test_a_pulled_card_leaves_nothing_and_loses_nothing(kiosk: Any, holder: Any) -> None:
    begin(kiosk, holder)
    to_step_3(kiosk)
    kiosk.client.get("/terminal/leave/")
    for path in (SAVINGS, f"{SAVINGS}live/", f"{SAVINGS}draft/"):
        answer = kiosk.client.get(path)
        assert "savings-step" not in text(answer)
        assert answer.status_code in (302, 404) or "/terminal/leave/" in text(answer)
    begin(kiosk, holder)
    assert "就在这台终端办" in text(kiosk.client.get(SAVINGS)), "steps 1 and 2 are not asked again"


def test_a_copy_of_the_id_is_refused(kiosk: Any, holder: Any) -> None:
    begin(kiosk, holder)
    to_step_5(kiosk)
    assert "原件" in text(identified(kiosk, holder, source="copy"))


def test_another_banks_card_opens_nothing_here(kiosk: Any) -> None:
    other = bank_kit.opened(bank_kit.person(bank="ICBC"))
    kiosk.client.act("/terminal/begin/", matter="savings")
    kiosk.desk.insert_card(other.virtual_card())
    assert "工商银行" in text(kiosk.client.get(SAVINGS))
