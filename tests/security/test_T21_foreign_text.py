"""T21: what somebody else wrote is text on our pages, whatever stands in it: file names, headings and cells of imported files,
names, reasons, what was typed into a search. And no page has a place where a script could stand."""

from __future__ import annotations

import re
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest

AREA = "990100"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}{% now %}"
SCRIPT_OF_OURS = '<script src="/static/portal/sscard.js" defer></script>'


@pytest.fixture
def office(house: object, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from pages_kit import Office
    from sscard.sim import city

    return Office(city.found(Path(tmp_path_factory.getbasetemp()) / "book-T21"))


def assert_harmless(answer: Any) -> str:
    text = answer.content.decode()
    rest = text.replace(SCRIPT_OF_OURS, "")
    assert "<script" not in rest
    assert "<img src=x" not in text
    bare = re.sub(r'"[^"]*"', '""', rest)  # what stands inside a quoted value is text
    assert not re.search(r"<[^>]+\son\w+=", bare)
    assert not re.search(r"<[^>]+\sstyle=", bare)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    return text


def test_imported_files_show_as_text(office: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from sscard.people import imports

    clerk = office.client("clerk.990100")
    content = f'证件号码,姓名,性别,出生日期,民族,人员类别,手机号码,户籍地址,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n'
    content += (
        '1,"<script>alert(3)</script>",男,1990-01-01,汉族,居民,13800000001,"<b onmouseover=alert(4)>云溪</b>",x\n'
    )
    file = SimpleUploadedFile("名册<script>alert(5)<script>.csv", content.encode(), "text/csv")
    sent = clerk.act("/imports/new/", file=file)
    assert sent.status_code == 302, sent.content.decode()[:2000]
    run = uuid.UUID(sent.headers["Location"].split("/")[2])
    assert_harmless(clerk.get(f"/imports/{run}/"))
    imports.check_run(run, AREA)
    page = assert_harmless(clerk.get(f"/imports/{run}/"))
    assert "&lt;script&gt;alert(" in page  # the heading that nobody knows is told, as text
    assert "49" not in re.sub(r"<[^>]+>", "", page.split("<main")[1].split("不认识")[1][:200])
    assert_harmless(clerk.get("/imports/"))
    assert_harmless(office.client("manager.990100").get("/office/"))
    book = clerk.get(f"/imports/{run}/faults/1/")
    assert book.headers["Content-Disposition"].startswith("attachment")
    assert book.headers["X-Content-Type-Options"] == "nosniff"


def test_what_people_type_shows_as_text(office: Any) -> None:
    from sscard.codes import demo
    from sscard.codes.sex import Sex

    clerk = office.client("clerk.990100")
    assert_harmless(clerk.post("/desk/find/", {"text": HOSTILE}))
    page = assert_harmless(
        clerk.post("/people/new/", {"step": "check", "name": HOSTILE, "remark": HOSTILE, "id_number": HOSTILE})
    )
    assert "&lt;script&gt;" in page  # kept for the clerk to correct
    born = date(1971, 7, 7)
    values = {
        "id_number": demo.citizen_id(born, Sex.MALE, 5, "090101"),
        "name": "褚怀瑾",
        "sex": "1",
        "birth_date": born.isoformat(),
        "nation": "01",
        "category": "resident",
        "phone": "13700000005",
        "household_address": "云溪市书院街 5 号",
    }
    clerk.act("/people/new/", step="send", **values)
    doubt = clerk.act("/people/new/", step="send", **{**values, "name": "蒋思齐", "remark": HOSTILE}).content.decode()
    case = re.search(r"/doubts/([0-9a-f-]{36})/", doubt)[1]
    assert clerk.act(f"/doubts/{case}/decide/", decision="drop", reason=HOSTILE).status_code == 302
    reviewer = office.client("reviewer.990100")
    queue = assert_harmless(reviewer.get("/approvals/"))
    approval = re.search(r"/approvals/([0-9a-f-]{36})/", queue)[1]
    assert "&lt;script&gt;" in assert_harmless(reviewer.get(f"/approvals/{approval}/"))
    assert_harmless(reviewer.get(f"/doubts/{case}/"))
    assert_harmless(reviewer.act(f"/approvals/{approval}/approve/", digest=HOSTILE))
    auditor = office.client("auditor.990100")
    found = assert_harmless(auditor.get("/audit/", {"who": HOSTILE, "verb": HOSTILE, "day": HOSTILE}))
    assert "<option" in found
    row = re.search(r'href="/audit/([0-9a-f-]{36})/"', assert_harmless(auditor.get("/audit/")))[1]
    assert_harmless(auditor.get(f"/audit/{row}/"))


def test_account_names_show_as_text(office: Any) -> None:
    from sscard.codes import demo
    from sscard.codes.sex import Sex

    first, second = office.client("security.990100"), office.client("security2.990100")
    number = demo.citizen_id(date(1992, 2, 3), Sex.MALE, 9, "090101")
    sent = first.act(
        "/office/staff/new/",
        username="hostile",
        display_name=HOSTILE[:50],
        organisation="990100-BUREAU",
        roles=["clerk"],
        id_number=number,
    )
    text = assert_harmless(sent)
    if found := re.search(r"/approvals/([0-9a-f-]{36})/", text):
        assert "&lt;script&gt;" in assert_harmless(second.get(f"/approvals/{found[1]}/"))


def test_a_way_back_stays_on_this_site(office: Any) -> None:
    clerk = office.client("clerk.990100", purpose="")
    for going in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = clerk.post("/desk/purpose/", {"purpose": "phone", "next": going})
        assert answer.headers["Location"] == "/desk/"
