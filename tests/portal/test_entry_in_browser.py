"""Registering on-line in a real browser: the whole way from the start page to the clerk's acceptance, with pictures, held to
the rules of all pages."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from pages_kit import PHOTO, SIZES, LivePortal

pytestmark = pytest.mark.slow
AREA = "990100"


@pytest.mark.parametrize(("size", "lang"), [("phone", "zh"), ("desktop", "en")])
def test_from_the_start_page_to_the_clerk(live_portal: LivePortal, browser: Any, size: str, lang: str) -> None:
    from sscard.codes import demo
    from sscard.codes.sex import Sex

    serial = 450 + 2 * list(SIZES).index(size) + (lang == "en")
    number = demo.citizen_id(date(1988, 2, 3), Sex.FEMALE, serial, "090101")
    page = live_portal.page(browser, size)
    page.goto(f"{live_portal.url}/?lang={lang}")
    page.click('a[href="/register/"]')
    live_portal.check(page, "entry-areas", size, lang)
    page.click(f'main a[href="/register/{AREA}/"]')
    live_portal.check(page, "entry-form", size, lang)
    page.fill("#f-phone", "12")
    page.click("main button[type=submit]")
    live_portal.check(page, "entry-faults", size, lang)
    picture = {"name": "id.png", "mimeType": "image/png", "buffer": PHOTO().read()}
    for name, value in {
        "id_number": number, "name": "何晓雨", "birth_date": "1988-02-03", "phone": f"1330000{serial:04d}",
        "household_address": f"云溪市听雨巷 {serial} 号",
    }.items():  # fmt: skip
        page.fill(f"#f-{name}", value)
    page.check('input[name="sex"][value="2"]')
    page.select_option("#f-nation", "01")
    page.select_option("#f-category", "resident")
    page.set_input_files("#f-evidence", picture)
    page.click("main button[type=submit]")
    live_portal.check(page, "entry-check", size, lang)
    page.click('main button[value="send"]')
    live_portal.check(page, "entry-sent", size, lang)
    reference = page.inner_text("strong.figure")
    page.click('main a[href="/register/state/"]')
    page.fill("#f-reference", reference)
    page.fill("#f-id_number", number)
    page.click("main button[type=submit]")
    live_portal.check(page, "entry-state", size, lang)
    page.context.close()
    _clerk(live_portal, browser, size, lang, number)


def _clerk(live: LivePortal, browser: Any, size: str, lang: str, number: str) -> None:
    page = live.page(browser, size)
    live.sign_in(page, "clerk.990100", lang=lang)
    live.look(page, "/people/self/", "entry-queue", size, lang)
    page.fill("#f-id_number", number)
    page.click('main form[role="search"] button')
    page.click('main table a[href^="/people/self/"]')
    if "/desk/purpose/" in page.url:
        page.click("main form.narrow button[type=submit]")
    live.check(page, "entry-one", size, lang)
    entry = uuid.UUID(page.url.rstrip("/").rpartition("/")[2])
    page.click('input[name="full"] + button')
    live.check(page, "entry-one-full", size, lang)
    page.check('input[name="seen"][value="evidence"]')
    page.check('input[name="identity_seen"]')
    page.click(f'form[action="/people/self/{entry}/accept/"] button')
    live.check(page, "entry-accepted", size, lang)
    assert page.query_selector('main a[href^="/people/"]:not([href="/people/self/"])') is not None
    page.context.close()
