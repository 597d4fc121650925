"""Forms of the office: counts of stock, missing cards, batches called back, producers, area packs, files of contributions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

import issuing_kit as kit
from issuing_kit import AREA, BUREAU
from sscard.control.models import Approval
from sscard.kernel.db import unit_of_work


def text(answer: Any) -> str:
    return str(answer.content.decode())


def signed_by(office: Any, username: str, page: str) -> str:
    """A second person signs what the page says is waiting."""
    (approval,) = set(re.findall(r'href="/approvals/([0-9a-f-]{36})/"', page))
    with unit_of_work(area=AREA):
        digest = bytes(Approval.objects.get(approval_id=approval).digest).hex()
    answer = office.client(username).act(f"/approvals/{approval}/approve/", digest=digest)
    assert answer.status_code == 200, text(answer)
    return text(answer)


def ticks(page: str, name: str = "cards") -> list[str]:
    return re.findall(rf'name="{name}" value="([0-9a-f-]{{36}})"', page)


@pytest.fixture
def works(office: Any) -> kit.Office:
    """The issuing office beside the pages, with a producer that makes cards."""
    return kit.Office.open()


def test_cards_not_found_are_missing_found_again_or_written_off_and_others_destroyed(
    office: Any, works: kit.Office
) -> None:
    works.stocked(works.people(3))
    stock, clerk = office.client("stock.990100"), office.client("clerk.990100")
    assert f'href="/stock/count/{BUREAU}/"' in text(stock.get("/stock/"))
    assert f"/stock/count/{BUREAU}/" in text(clerk.get("/stock/"))
    form = text(clerk.get(f"/stock/count/{BUREAU}/"))
    assert 'value="missing"' in form
    assert 'value="destroy"' not in form, "that is for those who may"
    here = f"/stock/count/{BUREAU}/"
    cards = ticks(text(stock.get(here)))[-3:]
    nothing = stock.act(here, reason="")
    assert nothing.status_code == 422
    assert text(nothing).count('href="#f-') == 2
    mended = stock.act(here, cards=cards[:2], what="missing", reason=" ")
    assert mended.status_code == 422
    assert text(mended).count(" checked") == 3, "what was ticked stays ticked"
    assert clerk.act(here, cards=cards[:2], what="destroy", reason="盘点没点到").status_code == 422
    assert "2 张卡登记为失踪" in text(clerk.act(here, cards=cards[:2], what="missing", reason="盘点没点到"))
    listed = text(stock.get("/stock/missing/"))
    assert all(f"/stock/missing/{card}/" in listed for card in cards[:2])
    assert "已收进库存" in text(stock.act(f"/stock/missing/{cards[0]}/", what="found"))
    assert stock.act(f"/stock/missing/{cards[0]}/", what="found").status_code in (404, 409)
    assert stock.act(f"/stock/missing/{cards[1]}/", what="write_off", reason="").status_code == 422
    waits = text(stock.act(f"/stock/missing/{cards[1]}/", what="write_off", reason="找了一个月"))
    assert "等第二个人签" in waits
    signed_by(office, "reviewer.990100", waits)
    assert cards[1] not in text(stock.get("/stock/missing/"))
    waits = text(stock.act(here, cards=cards[2:], what="destroy", reason="没有人来领"))
    assert cards[2] in text(stock.get(here)), "nothing has changed before the second person"
    signed_by(office, "reviewer.990100", waits)
    assert cards[2] not in text(stock.get(here))


def test_a_batch_that_was_never_fetched_is_called_back_by_two(office: Any, works: kit.Office) -> None:
    batch = works.released(works.people(1))
    stock = office.client("stock.990100")
    assert f'href="/batches/{batch}/recall/"' in text(stock.get(f"/batches/{batch}/"))
    assert stock.act(f"/batches/{batch}/recall/", reason="").status_code == 422
    waits = text(stock.act(f"/batches/{batch}/recall/", reason="企业停产"))
    assert works.view(batch).state == "released"
    signed_by(office, "reviewer.990100", waits)
    assert works.view(batch).state not in ("released", "in_production")


def test_a_producer_is_registered_by_two_and_every_fault_is_told(office: Any) -> None:
    manager, form = office.client("manager.990100"), "/office/producers/new/"
    page = text(manager.get(form))
    (producer, *_) = re.findall(r'<option value="([^"]+)"', page)
    wrong = manager.act(
        form, producer=producer, supplier="yunshan", plant="1", signing="xx", receiving="", qualified_until=""
    )
    assert wrong.status_code == 422
    wrong = manager.act(
        form, producer=producer, supplier="yunshan", plant="1", signing="xx", receiving="", qualified_until="2020-01-01"
    )
    assert {f'href="#f-{name}"' in text(wrong) for name in ("signing", "receiving", "qualified_until")} == {True}
    assert 'value="yunshan"' in text(wrong)
    good = {"signing": "ab" * 64, "receiving": "cd" * 64, "qualified_until": "2099-01-01"}
    waits = text(manager.act(form, producer=producer, supplier="yunshan", plant="plant-9", **good))
    assert "plant-9" not in text(manager.get("/office/producers/"))
    signed_by(office, "reviewer.990100", waits)
    assert "plant-9" in text(manager.get("/office/producers/"))
    assert office.client("clerk.990100").get("/office/producers/").status_code == 403


def test_a_pack_that_is_none_is_refused_on_its_own_page(office: Any) -> None:
    manager = office.client("manager.990100")
    assert "随程序安装的版本" in text(manager.get("/office/pack/"))
    assert manager.act("/office/pack/").status_code == 422
    junk = manager.act("/office/pack/", archive=SimpleUploadedFile("pack.zip", b"no pack at all"))
    assert junk.status_code in (403, 409, 422)
    assert 'name="archive"' in text(junk), "the form stays, to choose another file"
    assert "law." in text(junk)


def test_a_file_of_contributions_is_checked_then_posted(office: Any) -> None:
    from sscard.insurance import runs
    from sscard.insurance.models import ContributionFile

    clerk, new = office.client("clerk.990100"), "/contributions/new/"
    assert clerk.act(new, content="contributions").status_code == 422
    head = "证件号码,姓名,险种,征缴编号,费款所属期起,费款所属期止,应缴金额,缴费截止日"
    rows = f"{head}\n090101199001010010,某某,医疗保险,?,1,2,-1,x\n"
    sent = clerk.act(new, content="charges", file=SimpleUploadedFile("清单.csv", rows.encode()))
    assert sent.status_code == 302, text(sent)
    page = sent.headers["Location"]
    assert "正在核验" in text(clerk.get(page))
    with unit_of_work(area=AREA):
        (file,) = ContributionFile.objects.filter(file_name="清单.csv").values_list("file_id", flat=True)
    runs.check_file(file, AREA)
    told = text(clerk.get(page))
    assert "应缴费用清单" in told
    assert f"{page}faults/1/" in told
    assert clerk.get(f"{page}faults/1/").status_code == 200
    assert "清单.csv" in text(clerk.get("/contributions/"))
    assert clerk.act(f"{page}drop/").status_code == 302
    assert clerk.act(f"{page}post/").status_code == 409
    assert office.client("reviewer.990100").get("/contributions/").status_code == 403
