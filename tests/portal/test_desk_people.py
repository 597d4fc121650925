"""The desk through a real HTTP client: search, the person's page, the eye, registering, correcting, the sign-up code."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import pytest

from pages_kit import PHOTO, Office
from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control.models import AuditRow
from sscard.kernel.db import unit_of_work
from sscard.people.models import HolderInvite, Person

AREA = "990100"


def born(serial: int) -> date:
    return date(1950 + serial % 50, 3, 12)


def number(serial: int) -> str:
    return demo.citizen_id(born(serial), Sex.FEMALE, serial, "090101")


def address(serial: int) -> str:
    return f"云溪市青禾路 {serial} 号"


def form(serial: int, **changed: str) -> dict[str, str]:
    return {
        "id_number": number(serial), "name": "林安宁", "sex": "2", "birth_date": born(serial).isoformat(), "nation": "01",
        "category": "resident", "phone": f"139{serial:08d}", "household_address": address(serial), **changed,
    }  # fmt: skip


def audit(verb: str) -> list[AuditRow]:
    with unit_of_work(area=AREA):
        return list(AuditRow.objects.filter(verb=verb).order_by("-recorded_at"))


def key_of(page: Any) -> str:
    return re.search(r'name="key" value="([^"]+)"', page.content.decode())[1]


def registered(client: Any, serial: int, **changed: str) -> str:
    answer = client.act("/people/new/", step="send", **form(serial, **changed))
    found = re.search(r'href="/people/([0-9a-f-]{36})/"', answer.content.decode())
    assert found, answer.content.decode()[-2000:]
    return found[1]


def known(client: Any, serial: int) -> str:
    """Registered now or by an earlier test of this module."""
    found = client.post("/desk/find/", {"text": number(serial)}).headers.get("Location")
    return found.split("/")[2] if found else registered(client, serial)


def test_registering_asks_checks_and_registers_once(office: Office) -> None:
    clerk = office.client("clerk.990100")
    assert clerk.get("/people/new/").status_code == 200
    shown = clerk.post("/people/new/", {"step": "check", "photo": PHOTO(), **form(11)})
    assert shown.status_code == 200
    text = shown.content.decode()
    assert "请和证件再核对一遍" in text
    assert "data:image/png;base64," in text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text))
    first = clerk.post("/people/new/", {**hidden, "step": "send"})
    again = clerk.post("/people/new/", {**hidden, "step": "send"})  # a double click is one act
    assert first.status_code == again.status_code == 200
    links = [re.search(r"/people/([0-9a-f-]{36})/", one.content.decode())[1] for one in (first, again)]
    assert links[0] == links[1]
    with unit_of_work(area=AREA):
        assert Person.objects.filter(public_id=links[0], has_photo=True).count() == 1
    assert (
        len([row for row in audit("people.register") if row.result == "ok" and row.detail.get("key") == hidden["key"]])
        == 1
    )


def test_all_faults_stand_at_their_fields_and_what_was_typed_stays(office: Office) -> None:
    clerk = office.client("clerk.990100", lang="en")
    wrong = form(12, id_number=number(12)[:-1] + "0", phone="123", category="", name="")
    page = clerk.post("/people/new/", {"step": "check", **wrong})
    text = page.content.decode()
    assert page.status_code == 422
    for place in ("id_number", "phone", "category", "name"):
        assert f'id="e-{place}"' in text, place
        assert f'href="#f-{place}"' in text, place
    assert f'value="{address(12)}"' in text


def test_a_photo_that_is_none_is_a_fault_of_its_field(office: Office) -> None:
    clerk = office.client("clerk.990100")
    page = clerk.post("/people/new/", {"step": "check", "photo": PHOTO(b"GIF89a, not a photo"), **form(13)})
    assert page.status_code == 422
    assert 'id="e-photo"' in page.content.decode()


def test_search_asks_once_what_for_and_writes_down_each_opening(office: Office) -> None:
    clerk = office.client("clerk.990100", purpose="")
    person = registered(clerk, 21)
    asked = clerk.post("/desk/find/", {"text": number(21)})
    assert asked.status_code == 200
    assert 'name="purpose"' in asked.content.decode()
    assert f'name="text" value="{number(21)}"' in asked.content.decode(), "the search is not typed twice"
    found = clerk.post("/desk/find/", {"text": number(21), "purpose": "phone"})
    assert found.headers["Location"] == f"/people/{person}/"
    before = len(audit("people.view"))
    page = clerk.get(f"/people/{person}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert number(21) not in text
    assert "林安宁" not in text  # masked until the eye is pressed
    newest = audit("people.view")
    assert len(newest) == before + 1
    assert newest[0].purpose == "phone"


def test_a_name_finds_all_who_have_it_masked(office: Office) -> None:
    clerk = office.client("clerk.990100")
    for serial in (31, 32):
        registered(clerk, serial, name="欧阳若水")
    page = clerk.post("/desk/find/", {"text": "欧阳若水"})
    text = page.content.decode()
    assert text.count('href="/people/') >= 2
    assert number(31) not in text
    assert clerk.post("/desk/find/", {"text": "没有的人"}).status_code == 200
    assert clerk.post("/desk/find/", {"text": "一"}).status_code in (400, 409, 422)


def test_the_eye_shows_one_field_and_is_recorded(office: Office) -> None:
    clerk = office.client("clerk.990100")
    person = registered(clerk, 41)
    answer = clerk.post(f"/people/{person}/reveal/", {"field": "id_number"}, headers={"Accept": "application/json"})
    assert answer.json()["value"] == number(41)
    row = audit("people.view")[0]
    assert row.detail["field"] == "id_number"
    assert row.detail["what"] == "unmask"
    assert number(41) not in str(row.detail)
    without_script = clerk.post(f"/people/{person}/reveal/", {"field": "name"})
    assert "林安宁" in without_script.content.decode()
    assert clerk.get(f"/people/{person}/reveal/").status_code == 405


def test_correcting_keeps_the_rest(office: Office) -> None:
    clerk = office.client("clerk.990100")
    person = registered(clerk, 51)
    assert clerk.act(f"/people/{person}/correct/").status_code == 422
    bad = clerk.act(f"/people/{person}/correct/", phone="12")
    assert bad.status_code == 422
    assert 'id="e-phone"' in bad.content.decode()
    assert clerk.act(f"/people/{person}/correct/", phone="13800000051").status_code == 302
    shown = clerk.post(f"/people/{person}/reveal/", {"field": "phone"}, headers={"Accept": "application/json"}).json()
    assert shown["value"].replace(" ", "") == "13800000051"
    kept = clerk.post(
        f"/people/{person}/reveal/", {"field": "household_address"}, headers={"Accept": "application/json"}
    )
    assert kept.json()["value"] == address(51)


def test_a_photo_is_added(office: Office) -> None:
    clerk = office.client("clerk.990100")
    person = registered(clerk, 61)
    assert clerk.act(f"/people/{person}/photo/").status_code == 422
    assert clerk.act(f"/people/{person}/photo/", photo=PHOTO()).status_code == 302
    assert "data:image/png;base64," in clerk.get(f"/people/{person}/").content.decode()


def test_the_sign_up_code_is_shown_once(office: Office) -> None:
    clerk = office.client("clerk.990100")
    person = registered(clerk, 71)
    refused = clerk.act(f"/people/{person}/invite/")
    assert refused.status_code == 422
    assert 'id="e-identity_seen"' in refused.content.decode()
    key = str(uuid.uuid4())
    values = {"key": key, "identity_seen": "yes"}
    first = clerk.post(f"/people/{person}/invite/", values).content.decode()
    again = clerk.post(f"/people/{person}/invite/", values).content.decode()
    code = re.search(r"[0-9A-Z]{4} [0-9A-Z]{4}", first)
    assert code
    assert code[0] not in again
    with unit_of_work(area=AREA):
        assert HolderInvite.objects.filter(used_at=None).count() == 1


@pytest.mark.parametrize("username", ["stock.990100", "auditor.990100", "system.990100", "clerk.990200"])
def test_who_lacks_the_right_does_not_even_learn_that_it_exists(office: Office, username: str) -> None:
    clerk = office.client("clerk.990100")
    person = known(clerk, 81)
    other = office.client(username)
    answer = other.act(f"/people/{person}/correct/", phone="13800000081")
    assert answer.status_code in (403, 404)
    assert "安宁" not in answer.content.decode()


def test_a_clerk_never_opens_his_own_record(office: Office) -> None:
    clerk2 = office.client("clerk2.990100")
    own = office.book.staff["clerk.990100"].id_number
    person = registered(clerk2, 91, id_number=own, birth_date="1980-01-01", sex="1", name="周明远")
    page = office.client("clerk.990100").get(f"/people/{person}/")
    assert page.status_code == 403
    assert "另一位同事" in page.content.decode()


def test_dashboard_counts_without_opening_anybody(office: Office) -> None:
    clerk = office.client("clerk.990100")
    before = len(audit("people.view"))
    page = clerk.get("/desk/")
    assert page.status_code == 200
    assert "autofocus" in page.content.decode()
    assert len(audit("people.view")) == before
