"""The bureau's pages of test cards: locks, the report as people read it, its signed files, laying in by two persons."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from issuing_kit import report_of
from pages_kit import HouseClient, Office
from sscard.control import sessions
from sscard.control.models import Approval
from sscard.documents import authority, detached
from sscard.documents.checking import examine
from sscard.issuing.models import ExaminedCard
from sscard.kernel.db import unit_of_work
from sscard.sim import ministry

REPORT = "/test-cards/new/"
DECISION = "/test-cards/decision/"


def lay_in(client: Client, path: str, signed: tuple[bytes, str]) -> str:
    files = {
        "file": SimpleUploadedFile("x.json", signed[0]),
        "signature": SimpleUploadedFile("x.json.jws", signed[1].encode()),
    }
    return str(client.post(path, {"key": str(uuid.uuid4()), **files}).content.decode())


def approved(client: Client) -> str:
    """The second person reads what waits, and signs it."""
    with unit_of_work(area="990100"):
        waiting = Approval.objects.filter(state="waiting").latest("made_at")
    shown = client.get(f"/approvals/{waiting.approval_id}/").content.decode()
    sent = client.post(
        f"/approvals/{waiting.approval_id}/approve/", {"key": str(uuid.uuid4()), "digest": bytes(waiting.digest).hex()}
    )
    assert sent.status_code in (200, 302)
    return str(shown)


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_the_report_to_the_open_lock(office: Office, lang: str, tmp_path: Path) -> None:
    """A report laid in at the page, read there, fetched in three forms; the office's decision after it."""
    product = f"YP-{lang}"
    report = report_of(product=product)
    manager, reviewer = office.client("manager.990100", lang=lang), office.client("reviewer.990100", lang=lang)
    assert "portal.file_missing" not in manager.get(REPORT).content.decode()
    broken = lay_in(manager, REPORT, (report[0] + b" ", report[1]))
    assert ("不是“sscard" if lang == "zh" else "does not belong to this file") in broken
    assert ("等另一个人复核" if lang == "zh" else "second person") in lay_in(manager, REPORT, report)
    shown = approved(reviewer)
    for word in (product, "YCOS-3.1", "PRODUCER-YUNSHAN", "通过" if lang == "zh" else "passed"):
        assert word in shown
    with unit_of_work(area="990100"):
        row = ExaminedCard.objects.get(area_code="990100", product=product)
    listed = manager.get("/test-cards/").content.decode()
    assert f"/test-cards/{row.test_card_id}/" in listed
    page = manager.get(f"/test-cards/{row.test_card_id}/").content.decode()
    assert ("按哪一版项目清单判定" if lang == "zh" else "Judged by the list of items") in page
    for word in ("3 (2026-11-22)", "DF04_SAFETY", "UNIVERSAL", "LD/T 6001.3", "factor3", "SC3-80"):
        assert word in page
    files = {
        form: bytes(manager.get(f"/test-cards/{row.test_card_id}/{form}/").content)
        for form in ("report.json", "report.json.jws", "report.pdf", "report.pdf")
    }
    assert detached.require(files["report.json"], files["report.json.jws"].decode(), "test-laboratory")
    assert json.loads(files["report.json"])["audits"] == {"conformance": "passed", "cross_area": "passed"}
    (seal,) = examine(files["report.pdf"], roots=[authority.root()])
    assert (seal.good, seal.level, seal.field) == (True, "B-T", "Laboratory")
    if shutil.which("pdftotext"):
        (tmp_path / "r.pdf").write_bytes(files["report.pdf"])
        text = subprocess.run(["pdftotext", str(tmp_path / "r.pdf"), "-"], capture_output=True, text=True, check=True)
        for word in ("测试卡检验报告", "跨地区通用性测试", "切换应用后的安全状态", product):
            assert word in text.stdout, "Chinese text that can be copied"
    assert manager.get(f"/test-cards/{row.test_card_id}/other/").status_code == 404
    number = f"P-{lang}"
    decision = ministry.decide(*report, number=number, on=date(2020, 7, 1))
    assert ("等另一个人复核" if lang == "zh" else "second person") in lay_in(manager, DECISION, decision)
    assert number in approved(reviewer)
    assert number in manager.get("/test-cards/").content.decode()


def test_who_sees_and_who_does(office: Office) -> None:
    clerk = office.client("clerk.990100")
    assert clerk.get("/test-cards/").status_code == 200
    for path in (REPORT, DECISION):
        assert clerk.get(path).status_code in (403, 404)
        assert path not in clerk.get("/test-cards/").content.decode()
    other = office.client("manager.990200")
    with unit_of_work(area="990100"):
        row = ExaminedCard.objects.filter(area_code="990100").first()
    if row is not None:
        assert other.get(f"/test-cards/{row.test_card_id}/").status_code == 404
    assert office.client("auditor.990100").get("/test-cards/").status_code in (403, 404)
    assert other.get(f"/test-cards/{uuid.uuid4()}/").status_code == 404


def api_of(office: Office, name: str) -> Callable[..., Any]:
    """GET by a program's key, or by the session of a member of staff, for area 990100."""
    if name in office.book.programs:
        one = office.book.programs[name]
        key = "Basic " + base64.b64encode(f"{one.name}:{one.secret}".encode()).decode()
    else:
        store = sessions.SessionStore()
        sessions.begin(store, kind="staff", subject=office.staff(name).staff_id)
        key = f"Bearer {store.session_key}"
    client = HouseClient()

    def get(path: str, area: str = "990100") -> Any:
        return client.get(f"/api/{path}", headers={"Authorization": key, "Sscard-Area": area})

    return get


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
def test_by_program(office: Office) -> None:
    """The area's staff and the ministry's office read all of it, a producer its own, others nothing; each file fits its
    signature."""
    product = f"YQ-{uuid.uuid4().hex[:6]}"
    report = report_of(product=product)
    manager, reviewer = office.client("manager.990100"), office.client("reviewer.990100")
    lay_in(manager, REPORT, report)
    approved(reviewer)
    lay_in(manager, DECISION, ministry.decide(*report, number=product, on=date(2020, 7, 1)))
    approved(reviewer)
    mine, ministrys, other = (api_of(office, name) for name in ("producer.yunshan", "ministry", "producer.haifeng"))
    for get in (mine, ministrys, api_of(office, "manager.990100")):
        (card,) = [one for one in get("test-cards").json() if one["product"] == product]
        assert (card["conformance"], card["cross_area"], card["asked_by"]) == ("passed", "passed", "PRODUCER-YUNSHAN")
        whole = get(f"test-cards/{card['test_card']}").json()
        file = base64.b64decode(whole["file"])
        assert file == report[0]
        assert detached.require(file, whole["signature"], "test-laboratory")
        assert whole["report"]["subject"]["product"] == product
        (decision,) = [one for one in get("test-decisions").json() if one["number"] == product]
        told = get(f"test-decisions/{decision['decision']}").json()
        assert detached.require(base64.b64decode(told["file"]), told["signature"], "ministry-office")
        assert told["evidence"] == [card["digest"]]
        assert [one["supplier"] for one in get("test-products").json()].count("yunshan") >= 1
    assert mine(f"test-cards/{card['test_card']}/paper").content.startswith(b"%PDF")
    assert {one["supplier"] for one in other("test-cards").json()} <= {"haifeng"}
    assert {one["supplier"] for one in other("test-products").json()} <= {"haifeng"}
    for path in (f"test-cards/{card['test_card']}", f"test-cards/{card['test_card']}/paper",
                 f"test-decisions/{decision['decision']}"):  # fmt: skip
        assert other(path).status_code == 404
        assert mine(path, "990200").status_code == 404
    for name in ("auditor.990100", "bankfiles.990100.CCB"):
        assert api_of(office, name)("test-cards").status_code == 403
    assert HouseClient().get("/api/test-cards").status_code == 401
