"""The bureau's pages in a real browser against the real portal: pictures on phone and desktop in both languages, held to the
rules of all pages (axe, 16 px, no wider than the screen, no breach of the content policy)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from pages_kit import BOTH, PHOTO, LivePortal

pytestmark = pytest.mark.slow
AREA = "990100"
HOSTILE = '<img src=x onerror="document.title=1">.csv'


@dataclass(slots=True)
class Filled:
    """Ids of what the module's database holds for the pictures."""

    paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Picture's name → (who, path)."""


def _roster(stem: str) -> bytes:
    from sscard.codes import demo
    from sscard.codes.sex import Sex

    lines = ["证件号码,姓名,性别,出生日期,民族,人员类别,手机号码,户籍地址"]
    for serial in range(1, 13):
        born = date(1970, 1, 1) + timedelta(days=serial * 321)
        number = demo.citizen_id(born, Sex.MALE, 300 + serial, "090101")
        phone = "123" if serial % 5 == 0 else f"138{serial:08d}"
        number = number[:-1] + "Y" if serial % 6 == 0 else number
        name = "" if serial == 7 else "周清和"
        lines.append(f"{number},{name},男,{born},汉族,居民,{phone},云溪市{stem}路{serial}号")
    return "\n".join(lines).encode()


def _imports(live: LivePortal) -> dict[str, uuid.UUID]:
    """Three files: registered, waiting to be decided, unreadable; one of them has a hostile name."""
    from issuing_kit import staff
    from sscard.control.door import perform
    from sscard.people import imports

    clerk, made = staff("clerk"), {}
    for name, content in (("done", _roster("青禾")), ("checked", _roster("南桥")), ("failed", b"only,nonsense\n1,2\n")):
        stored, digest = imports.store_upload([content], ".csv")
        file = HOSTILE if name == "checked" else f"{name}.csv"
        request = imports.ReceiveRoster(stored, digest, file)
        made[name] = uuid.UUID(perform(clerk, "people.receive_roster", request, key=uuid.uuid4().hex).answer["import"])
        imports.check_run(made[name], AREA)
    perform(clerk, "people.register_roster", imports.RegisterRoster(made["done"]), key=uuid.uuid4().hex)
    imports.register_run(made["done"], AREA)
    return made


@pytest.fixture(scope="module")
def filled(live_portal: LivePortal) -> Iterator[Filled]:
    """A day's work in the module's database, all of it through the door."""
    with live_portal.house.entered():
        yield _fill(live_portal)


def _fill(live: LivePortal) -> Filled:
    from issuing_kit import BUREAU, HALL, Office, do, staff
    from sscard.codes import demo
    from sscard.codes.sex import Sex
    from sscard.control.acts import CreateStaff
    from sscard.control.door import perform
    from sscard.control.models import Approval, AuditRow
    from sscard.issuing import acts
    from sscard.issuing.models import Batch, ExaminedCard
    from sscard.kernel.db import unit_of_work
    from sscard.people.acts import AddPhoto, PersonForm, RegisterPerson

    office = Office.open()
    runs = _imports(live)
    walker, *others = office.people(6)
    (card, *_) = office.at_hall([walker, others[0]])
    office.hand_over(card, walker)
    waiting_card = office.card_of(others[0])
    applied = [office.apply(one) for one in others[1:3]]
    open_batch = office.accounted([others[3]])
    perform(staff("clerk"), "people.add_photo", AddPhoto(walker.public_id, PHOTO().read()), key=uuid.uuid4().hex)
    with unit_of_work(area=AREA):
        first_batch = Batch.objects.order_by("made_at")[0].batch_id
        test_card = ExaminedCard.objects.filter(area_code=AREA)[0].test_card_id
    # another person under the number of one whom we have
    form = PersonForm(
        id_number=walker.id_number,
        name="吴怀瑾",
        sex="1" if int(walker.id_number[16]) % 2 else "2",
        birth_date=walker.id_number[6:14],
        nation="01",
        category="resident",
        phone="13900001111",
        household_address="云溪市北门街 3 号",
    )
    answer = perform(staff("clerk"), "people.register", RegisterPerson(form), key=uuid.uuid4().hex).answer
    case_id = uuid.UUID(answer["case"])
    perform(
        staff("security_admin"),
        "control.create_staff",
        CreateStaff(
            "teller.new",
            "郑书言",
            BUREAU,
            AREA,
            demo.citizen_id(date(1990, 1, 1), Sex.FEMALE, 77, "090101"),
            ("clerk",),
        ),
        key=uuid.uuid4().hex,
    )
    do(staff("clerk"), acts.ReleaseBatch(open_batch, 1))
    with unit_of_work(area=AREA):
        account = Approval.objects.get(act="control.create_staff").approval_id
        release = Approval.objects.get(act="issuing.release_batch", state="waiting").approval_id
        row = AuditRow.objects.filter(verb="issuing.hand_over").first().audit_id
    clerk, reviewer, stock = "clerk.990100", "reviewer.990100", "stock.990100"
    return Filled(
        {
            "desk-home": (clerk, "/desk/"),
            "desk-purpose": (clerk, "/desk/purpose/"),
            "desk-person": (clerk, f"/people/{walker.public_id}/"),
            "desk-person-waiting": (clerk, f"/people/{others[0].public_id}/"),
            "desk-person-new": (clerk, f"/people/{others[4].public_id}/"),
            "desk-looks": (clerk, f"/people/{walker.public_id}/looks/"),
            "desk-register": (clerk, "/people/new/"),
            "desk-correct": (clerk, f"/people/{walker.public_id}/correct/"),
            "desk-photo": (clerk, f"/people/{walker.public_id}/photo/"),
            "desk-invite": (clerk, f"/people/{walker.public_id}/invite/"),
            "desk-apply": (clerk, f"/people/{others[4].public_id}/apply/"),
            "desk-where": (clerk, f"/cards/{waiting_card}/where/"),
            "desk-hand-over": (clerk, f"/cards/{waiting_card}/hand-over/"),
            "desk-imports": (clerk, "/imports/"),
            "desk-import-new": (clerk, "/imports/new/"),
            "desk-import-checked": (clerk, f"/imports/{runs['checked']}/"),
            "desk-import-done": (clerk, f"/imports/{runs['done']}/"),
            "desk-import-failed": (clerk, f"/imports/{runs['failed']}/"),
            "review-doubts": (reviewer, "/doubts/"),
            "review-doubt": (reviewer, f"/doubts/{case_id}/"),
            "review-approvals": (reviewer, "/approvals/"),
            "review-release": (reviewer, f"/approvals/{release}/"),
            "review-applications": (reviewer, "/applications/"),
            "review-application": (reviewer, f"/applications/{applied[0]}/"),
            "stock-batches": (stock, "/batches/"),
            "stock-batch": (stock, f"/batches/{first_batch}/"),
            "stock-batch-open": (stock, f"/batches/{open_batch}/"),
            "stock-new": (stock, "/batches/new/"),
            "stock-test-cards": (stock, "/test-cards/"),
            "stock-test-card": (stock, f"/test-cards/{test_card}/"),
            "stock-test-card-new": (stock, "/test-cards/new/"),
            "stock-stock": (stock, "/stock/"),
            "stock-send": (stock, "/stock/send/"),
            "stock-outlet": (clerk, f"/stock/outlet/{HALL}/"),
            "audit-search": ("auditor.990100", "/audit/"),
            "audit-row": ("auditor.990100", f"/audit/{row}/"),
            "audit-trail": ("auditor.990100", "/audit/trail/"),
            "office-overview": ("manager.990100", "/office/"),
            "office-values": ("manager.990100", "/office/values/"),
            "office-clock": ("system.990100", "/office/clock/"),
            "office-staff": ("security.990100", "/office/staff/"),
            "office-new": ("security.990100", "/office/staff/new/"),
            "office-approval": ("security.990100", f"/approvals/{account}/"),
        }
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_the_bureau(live_portal: LivePortal, filled: Filled, browser: Any, lang: str) -> None:
    page, signed_in, troubles = live_portal.page(browser), "", []
    for name, (username, path) in sorted(filled.paths.items(), key=lambda one: one[1][0]):
        if username != signed_in:
            live_portal.sign_in(page, username, lang=lang)
            signed_in = username
        page.goto(live_portal.url + path)
        if "/desk/purpose/" in page.url and path != "/desk/purpose/":
            page.click("main form.narrow button[type=submit]")
            page.goto(live_portal.url + path)
        assert page.url.endswith(path), (name, page.url)
        try:
            live_portal.check(page, name, BOTH, lang)
        except AssertionError as wrong:
            troubles.append((name, str(wrong)[:400]))
    page.context.close()
    assert troubles == []
