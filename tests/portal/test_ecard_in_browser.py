"""The electronic card on a phone and at a third party's desk, in a real browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import holders_kit
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

import ecard_kit as kit

from pages_kit import LivePortal
from sscard.kernel.db import unit_of_work
from sscard.people.models import HolderAccount, Person
from sscard.verification import virtual_sms

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    """The browser's driver keeps an event loop in this thread; the tests' own queries are plain all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


def as_holder(live_portal: LivePortal, page: Any, account: HolderAccount, lang: str) -> None:
    cookies = {"__Host-sscard": holders_kit.session_of(account), "__Host-sscard-lang": lang}
    page.context.add_cookies([{"name": n, "value": v, "url": live_portal.url} for n, v in cookies.items()])


def with_phone(one: Any) -> None:
    """A telephone of record."""
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.people import reads

    with unit_of_work(area=one.area):
        row = Person.objects.get(person_id=one.person_id)
        inside = Inside(caller=system(one.area), area_code=one.area, act="test")
        row.facts = {**reads.facts(inside, row), "phone": "19900000123"}
        row.phone_mask = "199****0123"
        row.save()


@pytest.fixture
def one(live_portal: LivePortal) -> Any:
    found = kit.bare_person()
    with_phone(found)
    return found


def sign_up(page: Any, url: str, password: str) -> None:
    page.goto(f"{url}/my/ecard/sign/")
    page.check("#f-face_consent")
    page.click("form[action='/my/ecard/face/'] button")
    page.check("input[value=pass]")
    page.click("main form button[type=submit]")
    page.click("main a.button")
    page.fill("#f-password", password)
    page.check("input[name=proof][value=face]")
    page.check("#f-consent")
    page.click("form[action='/my/ecard/sign/'] button[type=submit]")


def open_it(page: Any, one: Any, password: str) -> None:
    page.click("form[action='/my/ecard/message/'] button")
    code = virtual_sms.messages(one.area)[0].code
    page.fill("#f-password", password)
    page.fill("#f-code", code)
    page.click("form[action='/my/ecard/open/'] button[type=submit]")
    page.wait_for_selector("[data-ecard]")


def scanned(phone: Any) -> str:
    """What a reader that nobody here wrote sees on the telephone's screen."""
    from io import BytesIO

    import zxingcpp
    from PIL import Image

    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(phone.screenshot(full_page=True))).convert("L"))
    return str(found.text)


def test_from_signing_up_to_a_school_that_scans(live_portal: LivePortal, browser: Any, one: Any) -> None:
    account = holders_kit.with_sign_in(one)
    phone = live_portal.page(browser, "phone")
    as_holder(live_portal, phone, account, "zh")
    live_portal.look(phone, "/my/ecard/", "ecard-start", "phone", "zh")
    live_portal.look(phone, "/my/ecard/sign/", "ecard-sign", "phone", "zh")
    sign_up(phone, live_portal.url, kit.PASSWORD)
    live_portal.check(phone, "ecard-open", "phone", "zh")
    open_it(phone, one, kit.PASSWORD)
    phone.wait_for_selector("[data-number]")
    live_portal.check(phone, "ecard-show", "phone", "zh")
    first = phone.get_attribute("[data-code]", "data-code")
    assert first.startswith("SSC1.")
    assert scanned(phone) == first

    desk = live_portal.page(browser, "desktop")
    live_portal.sign_in(desk, "school.990100", lang="en")
    live_portal.look(desk, "/check-card/", "ecard-check", "desktop", "en")
    desk.keyboard.type(scanned(phone))  # a scanner types where the cursor stands
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[data-checked=valid]")
    live_portal.check(desk, "ecard-checked", "desktop", "en")
    assert "李小花" in desk.inner_text("main")
    assert one.id_number not in desk.content()


def test_the_other_pages_in_both_languages_and_for_elders(live_portal: LivePortal, browser: Any, one: Any) -> None:
    account = holders_kit.with_sign_in(one)
    holder = kit.holder_of(one, account.holder_id)
    kit.signed(one, who=holder)
    phone = live_portal.page(browser, "phone")
    as_holder(live_portal, phone, account, "en")
    phone.goto(f"{live_portal.url}/my/ecard/")
    open_it(phone, one, kit.PASSWORD)
    phone.wait_for_selector("[data-number]")
    live_portal.check(phone, "ecard-show", "phone", "en")
    before = phone.inner_text("[data-number]")
    phone.click("[data-ecard-form] button")  # another code, in place
    phone.locator("[data-number]").filter(has_not_text=before).wait_for()
    phone.click("[data-masked] button")
    phone.locator(".ecard-name").filter(has_text="李小花").wait_for()
    for path, name in (("family", "ecard-family"), ("password", "ecard-password"), ("end", "ecard-end")):
        live_portal.look(phone, f"/my/ecard/{path}/", name, "phone", "en")
    phone.goto(f"{live_portal.url}/my/ecard/?elder=1")
    phone.wait_for_selector("[data-number]")
    live_portal.check(phone, "ecard-show-elder", "phone", "en")
    code = phone.get_attribute("[data-code]", "data-code")
    desk = live_portal.page(browser, "desktop")
    desk.goto(f"{live_portal.url}/ecard/verify/")
    desk.fill("#f-code", code)
    desk.click("main button[type=submit]")
    desk.wait_for_selector("[data-verified=good]")
    live_portal.check(desk, "ecard-verify", "desktop", "zh")
    kit.social(one, "report_temp")
    live_portal.look(phone, "/my/ecard/", "ecard-stopped", "phone", "en")
    phone.goto(f"{live_portal.url}/my/ecard/allow/")
    phone.fill("#f-password", kit.PASSWORD)
    phone.click("main button[type=submit]")
    phone.wait_for_selector("[data-number]")
