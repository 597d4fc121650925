"""The pages of the savings function in a real browser: pictures, axe, both languages, phone and desktop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from holders_kit import bank_kit, client_of, session_of, with_sign_in
from test_savings_pages import FORM

from pages_kit import IN_BOTH_LANGUAGES

pytestmark = pytest.mark.slow
CCB = "990100-CCB-01"


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


def enter(live_portal: Any, page: Any, token: str, lang: str) -> None:
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": live_portal.url, "secure": True, "httpOnly": True}
            for name, value in (("__Host-sscard", token), ("__Host-sscard-lang", lang))
            if value
        ]
    )


SENT = (
    {"papers_seen": "yes"},
    {"bank": "CCB", "functions": ["demand", "time"]},
    {"channel": "counter", "outlet": CCB},
    FORM,
)


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_for_everybody(live_portal: Any, browser: Any, house: Any, size: str, lang: str) -> None:
    page = live_portal.page(browser, size)
    enter(live_portal, page, "", lang)
    live_portal.look(page, "/savings/990100/", "savings-compare", size, lang)
    assert page.evaluate("document.documentElement.scrollHeight") < 2600, "what is folded is not scrolled through"
    page.click("th a[href='#ICBC']")  # leads into the folded part, which opens
    page.wait_for_selector("#ICBC", state="visible")
    page.click("details summary >> nth=0")
    live_portal.check(page, "savings-compare-open", size, lang)
    live_portal.look(page, "/documents/?code=2222-2222-2222", "documents", size, lang)
    live_portal.look(page, "/", "start", size, lang)
    live_portal.look(page, "/banks/sites/", "bank-sites", size, lang)
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_the_applicants_page_step_by_step(live_portal: Any, browser: Any, house: Any, size: str, lang: str) -> None:
    account = with_sign_in(bank_kit.opened(bank_kit.person()))
    client, page = client_of(account), live_portal.page(browser, size)
    enter(live_portal, page, session_of(account), lang)
    for number, sent in enumerate(SENT, 1):
        live_portal.look(page, "/my/savings/", f"my-savings-{number}", size, lang)
        assert client.act("/my/savings/", **sent).status_code == 302
    live_portal.look(page, "/my/savings/", "my-savings-5", size, lang)
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), [("desktop", "zh"), ("desktop", "en")])
def test_the_counters_pages(live_portal: Any, browser: Any, office: Any, size: str, lang: str) -> None:
    holder = bank_kit.opened(bank_kit.person())
    client = client_of(with_sign_in(holder))
    for sent in SENT:
        client.act("/my/savings/", **sent)
    terminal = bank_kit.Terminal("CCB", outlet=CCB)
    teller = office.client(f"teller.{CCB}", lang=lang)
    teller.act("/bank/counter/", terminal=terminal.code)
    teller.act("/bank/read/")
    terminal.desk.insert_card(holder.virtual_card())
    teller.get("/bank/devices/")
    teller.get("/bank/customer/")
    page = live_portal.page(browser, size)
    enter(live_portal, page, teller.cookies["__Host-sscard"].value, lang)
    live_portal.look(page, "/bank/savings/", "bank-savings-5", size, lang)
    teller.act("/bank/savings/", method="self", papers_seen=["phone", "household_book"])
    live_portal.look(page, "/bank/savings/devices/", "bank-savings-devices", size, lang)
    terminal.desk.present_id(holder.virtual_person())
    terminal.desk.insert_card(holder.virtual_card())
    teller.act("/bank/savings/devices/")
    live_portal.look(page, "/bank/savings/", "bank-savings-6", size, lang)
    live_portal.look(page, "/phone/savings/", "phone-savings", size, lang)
    page.context.close()
