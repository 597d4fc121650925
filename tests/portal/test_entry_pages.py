"""Registering on-line at the pages: public form and reference, the person's own look, the clerk's queue, own corrections."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import pytest
from holders_kit import bank_kit, client_of, with_sign_in

from pages_kit import PHOTO, HouseClient, Office
from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control.models import AuditRow
from sscard.kernel.db import unit_of_work
from sscard.people.models import DuplicateCase, Person, SelfEntry

AREA = "990100"
PUBLIC = f"/register/{AREA}/"


def number(serial: int) -> str:
    return demo.citizen_id(born(serial), Sex.MALE, 400 + serial, "090101")


def born(serial: int) -> date:
    return date(1955 + serial, 4, 9)


def form(serial: int, **changed: str) -> dict[str, str]:
    return {
        "id_number": number(serial), "name": "顾长风", "sex": "1", "birth_date": born(serial).isoformat(), "nation": "01",
        "category": "resident", "phone": f"135{serial:08d}", "household_address": f"云溪市望江路 {serial} 号", **changed,
    }  # fmt: skip


def guest(lang: str = "zh", address: str = "") -> HouseClient:
    client = HouseClient(REMOTE_ADDR=address or f"198.51.100.{uuid.uuid4().int % 250}")
    client.cookies["__Host-sscard-lang"] = lang
    return client


def text(answer: Any) -> str:
    return answer.content.decode()


def hidden(answer: Any) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text(answer)))


def reference_on(answer: Any) -> str:
    found = re.search(r'<strong class="figure">([0-9A-Z ]{11})</strong>', text(answer))
    assert found, text(answer)[-1500:]
    return found[1]


def sent(serial: int, client: HouseClient | None = None, **changed: Any) -> str:
    answer = (client or guest()).act(PUBLIC, step="send", **{**form(serial), **changed})
    assert answer.status_code == 200
    return reference_on(answer)


def entry_of(serial: int) -> SelfEntry:
    from sscard.kernel.sealed import blind_index

    with unit_of_work(area=AREA):
        return SelfEntry.objects.filter(id_index=blind_index("id_number", number(serial))).latest("made_at")


def person_of(serial: int) -> Person | None:
    from sscard.kernel.sealed import blind_index

    with unit_of_work(area=AREA):
        return Person.objects.filter(id_index=blind_index("id_number", number(serial))).first()


def asked(serial: int, reference: str, client: HouseClient | None = None) -> Any:
    body = {"area": AREA, "reference": reference, "id_number": number(serial)}
    return (client or guest()).post("/register/state/", body)


def test_from_the_start_page_to_the_reference(office: Office) -> None:
    client = guest()
    start = text(client.get("/"))
    for door in ("/register/", "/developers/", "/ecard/verify/", "/documents/"):
        assert f'href="{door}"' in start
    assert f'href="{PUBLIC}"' in text(client.get("/register/"))
    assert client.get(PUBLIC).status_code == 200
    checked = client.post(PUBLIC, {"step": "check", "photo": PHOTO(), "evidence": PHOTO(), **form(1)})
    assert "请和身份证再核对一遍" in text(checked)
    assert text(checked).count("data:image/png;base64,") == 2
    first = client.post(PUBLIC, {**hidden(checked), "step": "send"})
    again = client.post(
        PUBLIC, {**hidden(checked), "step": "send"}
    )  # a double click is one entry, and keeps its reference
    assert reference_on(first) == reference_on(again)
    assert "本人身份证件原件" in text(first)
    assert "云溪市" in text(first)
    assert number(1) not in text(first)
    with unit_of_work(area=AREA):
        rows = SelfEntry.objects.filter(entry_id=entry_of_now(1))
        assert rows.count() == 1
        assert (rows[0].has_photo, rows[0].has_evidence) == (True, True)
    assert person_of(1) is None


def entry_of_now(serial: int) -> uuid.UUID:
    """Inside a running unit of work; fails if there are two."""
    from sscard.kernel.sealed import blind_index

    return SelfEntry.objects.get(id_index=blind_index("id_number", number(serial))).entry_id


def test_all_faults_stand_at_their_fields_and_what_was_typed_stays(office: Office) -> None:
    wrong = form(2, id_number=number(2)[:-1] + "Y", phone="123", name="", category="")
    for step in ("check", "send"):
        page = guest("en").act(PUBLIC, step=step, evidence=PHOTO(b"GIF89a"), **wrong)
        assert page.status_code == 422
        for place in ("id_number", "phone", "name", "category", "evidence"):
            assert f'id="e-{place}"' in text(page), (step, place)
        assert "云溪市望江路 2 号" in text(page)


def test_a_form_from_elsewhere_is_turned_away(office: Office) -> None:
    answer = HouseClient(enforce_csrf_checks=True).act(PUBLIC, step="send", **form(3))
    assert answer.status_code == 403
    assert guest().get("/register/999999/").status_code == 404


def test_known_and_unknown_numbers_look_the_same(office: Office) -> None:
    clerk = office.client("clerk.990100")
    assert clerk.act("/people/new/", step="send", **form(4)).status_code == 200
    pages = []
    for serial in (4, 5):
        answer = guest().act(PUBLIC, step="send", **form(serial))
        pages.append(re.sub(r"[0-9A-Z]{5} [0-9A-Z]{5}", "REF", text(answer)))
        pages[-1] = re.sub(r'value="[A-Za-z0-9]{64}"', "", pages[-1])
    assert pages[0] == pages[1]
    looks = []
    for serial in (4, 6):  # registered without such a reference, and nobody
        answer = asked(serial, "WRONG 23456")
        shown = re.sub(r'value="[A-Za-z0-9]{64}"', "", text(answer)).replace(number(serial), "NUMBER")
        looks.append((answer.status_code, shown))
    assert looks[0] == looks[1]
    assert looks[0][0] == 404
    assert 'id="e-reference"' in looks[0][1]


def test_the_brake_is_told_at_the_form_and_keeps_what_was_typed(office: Office) -> None:
    for _ in range(5):
        sent(7)
    answer = guest().act(PUBLIC, step="send", **form(7))
    assert answer.status_code == 422
    assert "试的次数太多了" in text(answer)
    assert "云溪市望江路 7 号" in text(answer)


def test_a_clerk_sees_masks_then_all_and_accepts(office: Office) -> None:
    reference = sent(8, photo=PHOTO(), evidence=PHOTO())
    entry, clerk = entry_of(8), office.client("clerk.990100")
    page = f"/people/self/{entry.entry_id}/"
    assert page in text(clerk.get("/people/self/"))
    masked = text(clerk.get(page))
    assert number(8) not in masked
    assert "望江路" not in masked
    assert "/accept/" not in masked
    full = text(clerk.post(page, {"full": "yes"}))
    assert number(8) in full
    assert full.count("data:image/png;base64,") == 2
    with unit_of_work(area=AREA):
        newest = AuditRow.objects.filter(verb="people.view_entries").latest("recorded_at")
        assert (newest.detail["what"], newest.purpose) == ("unmask", "counter")
    blank = clerk.act(f"{page}accept/", seen="original")
    assert blank.status_code == 422
    assert 'id="e-identity_seen"' in text(blank)
    done = clerk.act(f"{page}accept/", seen="evidence", identity_seen="yes")
    person = person_of(8)
    assert person is not None
    assert f"/people/{person.public_id}/" in text(done)
    assert (person.source, person.has_photo) == ("self", True)
    told = asked(8, reference)
    assert told.status_code == 200
    assert "您已经登记好了" in text(told)
    assert page not in text(clerk.get("/people/self/"))
    assert page in text(clerk.get("/people/self/?state=decided&sort=-made_at"))
    assert "/accept/" not in text(clerk.post(page, {"full": "yes"}))


def test_beside_what_is_registered_and_to_the_queue_of_two(office: Office) -> None:
    clerk = office.client("clerk.990100")
    assert clerk.act("/people/new/", step="send", **form(9)).status_code == 200
    reference = sent(9, name="顾长云", phone="13500000099")
    page = f"/people/self/{entry_of(9).entry_id}/"
    full = text(clerk.post(page, {"full": "yes"}))
    assert "这个号码已经登记过" in full
    assert full.count("不一样") == 2
    assert "顾长风" in full
    assert "顾长云" in full
    done = clerk.act(f"{page}accept/", seen="original", identity_seen="yes")
    case = re.search(r'href="/doubts/([0-9a-f-]{36})/"', text(done))
    assert case
    with unit_of_work(area=AREA):
        assert DuplicateCase.objects.get(case_id=case[1]).kind == "same_number_other_person"
    assert "正由两位工作人员确认" in text(asked(9, reference))


def test_sent_back_with_a_reason_that_the_person_reads(office: Office) -> None:
    reference = sent(10)
    clerk = office.client("clerk.990100")
    page = f"/people/self/{entry_of(10).entry_id}/"
    assert clerk.act(f"{page}refuse/", reason=" ").status_code == 422
    assert "已退回" in text(clerk.act(f"{page}refuse/", reason="姓名和证件不符 <b>"))
    told = text(asked(10, f" {reference.lower()} "))
    assert "姓名和证件不符 &lt;b&gt;" in told
    assert person_of(10) is None
    english = text(asked(10, reference, guest("en")))
    assert "The registration was sent back" in english


def test_found_by_number_when_the_reference_is_lost(office: Office) -> None:
    sent(11)
    clerk, page = office.client("clerk.990100"), f"/people/self/{entry_of(11).entry_id}/"
    found = clerk.post("/people/self/", {"id_number": number(11)})
    assert page in text(found)
    assert text(found).count('href="/people/self/') == text(clerk.post("/people/self/", {"id_number": number(30)})).count(
        'href="/people/self/'
    ) + 1  # fmt: skip
    assert clerk.post("/people/self/", {"id_number": "9" * 200}).status_code == 422


def test_only_clerks_of_the_area_open_the_queue(office: Office) -> None:
    sent(12)
    page = f"/people/self/{entry_of(12).entry_id}/"
    assert office.client("clerk.990200").get(page).status_code == 404
    assert page not in text(office.client("clerk.990200").get("/people/self/"))
    assert guest().get(page).status_code == 302
    assert office.client("reviewer.990100").get(page).status_code == 403


def test_the_desk_shows_no_name_on_public_pages(office: Office) -> None:
    """A counter's browser at a public page: neither the clerk's name nor his navigation stands there."""
    page = text(office.client("clerk.990100").get(PUBLIC))
    assert "who-name" not in page
    assert "/people/new/" not in page


@pytest.fixture
def holder(house: Any) -> Any:
    return bank_kit.opened(bank_kit.person())


def test_a_holder_corrects_his_phone_and_photo(holder: Any) -> None:
    client = client_of(with_sign_in(holder))
    assert 'href="/my/data/correct/"' in text(client.get("/my/data/"))
    assert client.get("/my/data/correct/").status_code == 200
    nothing = client.act("/my/data/correct/")
    assert nothing.status_code == 422
    assert "一项都没有填" in text(nothing)
    wrong = client.act("/my/data/correct/", phone="12", photo=PHOTO(b"GIF89a"))
    assert wrong.status_code == 422
    assert 'id="e-phone"' in text(wrong)
    done = client.act("/my/data/correct/", phone="13900007777", photo=PHOTO())
    assert "改好了" in text(done)
    with unit_of_work(area=AREA):
        person = Person.objects.get(person_id=holder.person_id)
        assert person.phone_mask.endswith("7777")
        assert person.has_photo
    assert "更正资料" in text(client.get("/my/looked/?own=1"))


def program(**more: str) -> dict[str, str]:
    return {"Sscard-Visitor": str(uuid.uuid4()), "Sscard-Area": AREA, **more}


def api(name: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    headers = {"Idempotency-Key": uuid.uuid4().hex, **headers}
    return guest().post(f"/api/{name}", body, content_type="application/json", headers=headers)


def test_the_api_takes_a_visitor_for_this_act_only(office: Office) -> None:
    headers = program(**{"Idempotency-Key": "one"})
    first, again = (api("acts/people.submit_self", {"form": form(13)}, headers) for _ in range(2))
    assert (first.status_code, again.headers.get("Idempotent-Replayed")) == (200, "true")
    reference = first.json()["reference"]
    assert "reference" not in again.json()
    told = api("self-entry-state", {"area": AREA, "reference": reference, "id_number": number(13)}, program())
    assert (told.status_code, told.json()["state"]) == (200, "waiting")
    other = api("self-entry-state", {"area": AREA, "reference": reference, "id_number": number(12)}, program())
    assert (other.status_code, other.json()["code"]) == (404, "people.self_unknown")
    for name in ("people.register", "people.accept_self", "control.withdraw"):
        answer = api(f"acts/{name}", sample(name), program())
        assert (answer.status_code, answer.json()["code"]) == (401, "api.sign_in_needed"), name


def sample(name: str) -> dict[str, Any]:
    some = str(uuid.uuid4())
    return {
        "people.register": {"form": form(14)},
        "people.accept_self": {"entry": some, "identity_seen": True},
        "control.withdraw": {"approval": some},
    }[name]


def test_the_api_asks_for_a_visitor_id_and_an_area(office: Office) -> None:
    body = {"form": form(15)}
    for headers, code in (
        ({"Sscard-Area": AREA}, "api.visitor_needed"),
        (program(**{"Sscard-Visitor": "me"}), "api.visitor_needed"),
        (program(**{"Sscard-Area": "999999"}), "law.area_unknown"),
        ({"Sscard-Visitor": str(uuid.uuid4())}, "law.area_unknown"),
        (program(Authorization="Bearer nonsense"), "api.sign_in_needed"),
    ):
        answer = api("acts/people.submit_self", body, headers)
        assert answer.json()["code"] == code, headers
    faulty = api("acts/people.submit_self", {"form": form(15, name="", phone="1")}, program())
    assert {one["place"] for one in faulty.json()["faults"]} == {"name", "phone"}
