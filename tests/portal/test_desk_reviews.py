"""Second persons at the pages: approvals with their digest, duplicates with undo, applications, new accounts shown once."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

from pages_kit import Office
from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control.models import Approval, Staff
from sscard.kernel.db import unit_of_work
from sscard.people.models import DuplicateCase, Person

AREA = "990100"


def number(serial: int) -> str:
    return demo.citizen_id(date(1940 + serial % 50, 6, 1), Sex.FEMALE, 100 + serial, "090101")


def form(serial: int, **changed: str) -> dict[str, str]:
    return {
        "id_number": number(serial), "name": "沈若水", "sex": "2", "birth_date": f"{1940 + serial % 50}-06-01", "nation": "01",
        "category": "resident", "phone": f"137{serial:08d}", "household_address": f"云溪市书院街 {serial} 号", **changed,
    }  # fmt: skip


def case_of(clerk: Any, serial: int) -> uuid.UUID:
    """Another person under the number of one whom we have."""
    assert clerk.act("/people/new/", step="send", **form(serial)).status_code == 200
    page = clerk.act("/people/new/", step="send", **form(serial, name="韩思齐", phone=f"136{serial:08d}"))
    return uuid.UUID(re.search(r'href="/doubts/([0-9a-f-]{36})/"', page.content.decode())[1])


def waiting(case: uuid.UUID) -> Approval:
    with unit_of_work(area=AREA):
        return Approval.objects.get(state="waiting", summary__case=str(case))


def digest_on(page: Any) -> str:
    return re.search(r'name="digest" value="([0-9a-f]{64})"', page.content.decode())[1]


def test_a_duplicate_is_decided_by_two_and_undone_by_two(office: Office) -> None:
    clerk, reviewer = office.client("clerk.990100"), office.client("reviewer.990100")
    case = case_of(clerk, 1)
    page = reviewer.get(f"/doubts/{case}/").content.decode()
    assert "不一样" in page
    assert number(1) not in page
    full = reviewer.post(f"/doubts/{case}/", {"full": "yes"}).content.decode()
    assert number(1) in full
    assert clerk.act(f"/doubts/{case}/decide/", decision="correct", reason="").status_code == 422
    assert clerk.act(f"/doubts/{case}/decide/", decision="correct", reason="看过户口簿").status_code == 302
    one = waiting(case)
    count = re.search(r'class="nav-count">(\d+)<', reviewer.get("/doubts/").content.decode())
    assert count, "the second person learns of it on whatever page he is"
    assert int(count[1]) >= 1
    assert 'class="nav-count"' not in clerk.get("/doubts/").content.decode()
    own = clerk.get(f"/approvals/{one.approval_id}/").content.decode()
    assert 'name="digest"' not in own  # never one's own
    assert clerk.act(f"/approvals/{one.approval_id}/approve/", digest=bytes(one.digest).hex()).status_code == 403
    shown = reviewer.get(f"/approvals/{one.approval_id}/")
    assert "看过户口簿" in shown.content.decode()
    assert digest_on(shown) == bytes(one.digest).hex()
    assert reviewer.act(f"/approvals/{one.approval_id}/approve/", digest="0" * 64).status_code == 409
    assert reviewer.act(f"/approvals/{one.approval_id}/approve/", digest=digest_on(shown)).status_code == 200
    with unit_of_work(area=AREA):
        assert DuplicateCase.objects.get(case_id=case).state == "decided"
        person = DuplicateCase.objects.get(case_id=case).person_id
        assert Person.objects.get(person_id=person).name_mask.startswith("韩")
    assert clerk.act(f"/doubts/{case}/undo/", reason="户口簿是旧的").status_code == 302
    undoing = waiting(case)
    answer = reviewer.act(f"/approvals/{undoing.approval_id}/approve/", digest=bytes(undoing.digest).hex())
    assert answer.status_code == 200
    with unit_of_work(area=AREA):
        assert DuplicateCase.objects.get(case_id=case).state == "open"
        assert Person.objects.get(person_id=person).name_mask.startswith("沈")


def test_sending_back_needs_a_reason_and_closes_the_request(office: Office) -> None:
    clerk, reviewer = office.client("clerk.990100"), office.client("reviewer.990100")
    case = case_of(clerk, 2)
    clerk.act(f"/doubts/{case}/decide/", decision="drop", reason="重名")
    one = waiting(case)
    assert reviewer.act(f"/approvals/{one.approval_id}/reject/", reason=" ").status_code == 422
    assert reviewer.act(f"/approvals/{one.approval_id}/reject/", reason="请补证件").status_code == 302
    assert "请补证件" in clerk.get(f"/approvals/{one.approval_id}/").content.decode()
    assert reviewer.act(f"/approvals/{one.approval_id}/approve/", digest=bytes(one.digest).hex()).status_code == 409


def test_a_request_can_be_withdrawn_by_its_maker_only(office: Office) -> None:
    clerk, clerk2 = office.client("clerk.990100"), office.client("clerk2.990100")
    case = case_of(clerk, 3)
    clerk.act(f"/doubts/{case}/decide/", decision="drop", reason="重名")
    one = waiting(case)
    assert clerk2.get(f"/approvals/{one.approval_id}/").status_code == 404
    assert clerk2.act(f"/approvals/{one.approval_id}/withdraw/").status_code == 404
    assert clerk.act(f"/approvals/{one.approval_id}/withdraw/").status_code == 302
    with unit_of_work(area=AREA):
        assert Approval.objects.get(approval_id=one.approval_id).state == "withdrawn"


def test_another_area_sees_nothing_of_it(office: Office) -> None:
    clerk = office.client("clerk.990100")
    case = case_of(clerk, 4)
    clerk.act(f"/doubts/{case}/decide/", decision="drop", reason="重名")
    foreign = office.client("reviewer.990200")
    assert foreign.get(f"/approvals/{waiting(case).approval_id}/").status_code == 404
    assert foreign.get(f"/doubts/{case}/").status_code == 404


def test_an_account_is_made_by_two_and_its_secrets_are_shown_once(office: Office) -> None:
    first, second = office.client("security.990100"), office.client("security2.990100")
    values = {
        "username": "new.clerk", "display_name": "杨知行", "organisation": "990100-BUREAU", "roles": ["clerk"],
        "id_number": demo.citizen_id(date(1991, 2, 3), Sex.MALE, 78, "090101"),
    }  # fmt: skip
    wrong = first.act("/office/staff/new/", **{**values, "username": "", "roles": [], "id_number": "1"})
    assert wrong.status_code == 422
    for place in ("username", "roles", "id_number"):
        assert f'id="e-{place}"' in wrong.content.decode(), place
    page = first.act("/office/staff/new/", **values)
    approval = re.search(r'href="/approvals/([0-9a-f-]{36})/"', page.content.decode())[1]
    shown = second.get(f"/approvals/{approval}/")
    assert values["id_number"] not in shown.content.decode()
    key = str(uuid.uuid4())
    sent = {"key": key, "digest": digest_on(shown)}
    once = second.post(f"/approvals/{approval}/approve/", sent).content.decode()
    again = second.post(f"/approvals/{approval}/approve/", sent).content.decode()
    assert "只显示这一次" in once
    assert "data:image/svg+xml" in once
    assert "只显示这一次" not in again
    account = Staff.objects.get(username="NEW.CLERK")
    assert account.must_change_password
    assert first.act(f"/office/staff/{account.staff_id}/disable/", reason="").status_code == 422
    assert first.act(f"/office/staff/{account.staff_id}/disable/", reason="离职").status_code == 302
    assert not Staff.objects.get(staff_id=account.staff_id).active


def test_application_review_by_another_person(office: Office) -> None:
    clerk, reviewer = office.client("clerk.990100"), office.client("reviewer.990100")
    with_photo = clerk.act("/people/new/", step="send", **form(5))
    person = re.search(r'href="/people/([0-9a-f-]{36})/"', with_photo.content.decode())[1]
    from pages_kit import PHOTO

    assert clerk.act(f"/people/{person}/photo/", photo=PHOTO()).status_code == 302
    page = clerk.act(f"/people/{person}/apply/", bank="CCB")
    assert page.status_code == 422
    for place in ("outlet", "papers"):
        assert f'id="e-{place}"' in page.content.decode(), place
    wanted = {"bank": "CCB", "outlet": "990100-B01", "papers": ["id_card", "household_book"]}
    assert clerk.act(f"/people/{person}/apply/", **wanted).status_code == 200
    queue = reviewer.get("/applications/").content.decode()
    application = re.search(r'href="/applications/([0-9a-f-]{36})/"', queue)[1]
    assert clerk.act(f"/applications/{application}/check/", accept="yes").status_code == 403
    assert reviewer.act(f"/applications/{application}/check/", accept="no", reason="").status_code == 422
    assert reviewer.act(f"/applications/{application}/check/", accept="yes").status_code == 302
    again = clerk.act(f"/people/{person}/apply/", **wanted)
    assert again.status_code in (409, 422)
