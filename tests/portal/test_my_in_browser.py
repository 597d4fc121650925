"""The holder's, the bank's, the terminal's and the employer's pages in a real browser: pictures, axe, keys, passkey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from holders_kit import applied, bank_kit, contributions, session_of, social, way, with_sign_in

from pages_kit import IN_BOTH_LANGUAGES
from sscard.kernel import clock

pytestmark = pytest.mark.slow
CCB = "990100-CCB-01"
MY = {"my-start": "/my/", "my-guide": "/my/guide/", "my-records": "/my/records/", "my-money": "/my/money/"} | {
    "my-looked": "/my/looked/?own=1",
    "my-data": "/my/data/",
    "my-passkeys": "/my/passkeys/",
    "my-password": "/my/password/",
}

SEEN_BY = {"awake": ("my-start", "my-money", "my-guide"), "awaits": ("my-start",)}
"""Pages that differ from those of the first of the people."""


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    """The browser's driver keeps an event loop in this thread; the tests' own queries are plain all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


def enter(live_portal: Any, page: Any, token: str, lang: str) -> None:
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": live_portal.url, "secure": True, "httpOnly": True}
            for name, value in (("__Host-sscard", token), ("__Host-sscard-lang", lang))
        ]
    )


@pytest.fixture
def people(house: Any) -> Any:
    """One whose card waits for the bank, one whose card is all right, and one who waits for his first card."""
    asleep, awake = bank_kit.opened(bank_kit.person()), bank_kit.opened(bank_kit.person())
    year = clock.today("990100").year
    for one in (asleep, awake):
        bank_kit.pay_in(one, 520_13)
        contributions(one, year, range(1, 11), owed=(4,))
        contributions(one, year - 1, range(1, 13))
    social(asleep, "normal")
    social(awake, "normal")
    way(asleep, ("social", "normal"))
    way(awake, ("social", "normal"))
    bank_kit.activated(awake)
    awaits = session_of(applied(bank_kit.person()))
    return {"asleep": session_of(with_sign_in(asleep)), "awake": session_of(with_sign_in(awake)), "awaits": awaits}


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_of_the_holder(live_portal: Any, browser: Any, people: Any, size: str, lang: str) -> None:
    page = live_portal.page(browser, size)
    for state, token in people.items():
        enter(live_portal, page, token, lang)
        for name, path in MY.items():
            if state == "asleep" or name in SEEN_BY[state]:
                live_portal.look(page, path, f"{name}-{state}", size, lang)
    page.context.close()


def test_a_passkey_is_added_and_signs_in(live_portal: Any, browser: Any, people: Any) -> None:
    page = live_portal.page(browser, "phone")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    enter(live_portal, page, people["awake"], "zh")
    page.goto(live_portal.url + "/my/passkeys/")
    page.fill("#f-label", "我的手机")
    page.click("[data-passkey-button]")
    page.wait_for_selector("text=我的手机")
    page.context.clear_cookies()
    page.goto(live_portal.url + "/my/passkey/")
    live_portal.check(page, "my-passkey-sign-in", "phone", "zh")
    page.click("[data-passkey-button]")
    page.wait_for_url(live_portal.url + "/my/")
    assert "您的卡一切正常" in page.inner_text("h1")
    page.goto(live_portal.url + "/my/passkeys/")
    page.click("main .answer-change button")
    page.wait_for_selector("text=还没有登记通行密钥")
    assert page.trouble == []
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_of_the_bank(live_portal: Any, browser: Any, house: Any, size: str, lang: str) -> None:
    holder = bank_kit.opened(bank_kit.person())
    counter = bank_kit.Terminal("CCB", outlet=CCB)
    page = live_portal.page(browser, size)
    live_portal.sign_in(page, f"teller.{CCB}", lang=lang)
    page.goto(live_portal.url + "/bank/counter/")
    page.check(f'input[value="{counter.code}"]')
    page.click("main button[type=submit]")
    live_portal.check(page, "bank-start", size, lang)
    page.click("main button[data-key=r]")
    live_portal.check(page, "bank-read", size, lang)
    counter.desk.insert_card(holder.virtual_card())
    page.wait_for_url("**/bank/customer/")
    live_portal.check(page, "bank-customer", size, lang)
    page.click("a.act-primary")
    live_portal.check(page, "bank-before", size, lang)
    page.click("main .buttons button")
    counter.desk.present_id(holder.virtual_person())
    page.wait_for_selector(".device-done")
    live_portal.check(page, "bank-devices", size, lang)
    counter.desk.insert_card(holder.virtual_card())
    counter.desk.enter_pin(bank_kit.PIN)
    page.wait_for_url("**/bank/do/")
    page.fill("#f-phone", "12")
    page.keyboard.press("Enter")
    page.wait_for_selector(".summary-faults")
    live_portal.check(page, "bank-check-faults", size, lang)
    page.fill("#f-phone", "91300000001")
    page.keyboard.press("Enter")
    page.wait_for_selector(".receipt")
    live_portal.check(page, "bank-receipt", size, lang)
    live_portal.look(page, "/bank/customer/", "bank-customer-active", size, lang)
    live_portal.look(page, "/bank/deposit/", "bank-deposit", size, lang)
    reviewer = live_portal.page(browser, size)
    live_portal.sign_in(reviewer, "bankreview.990100.CCB", lang=lang)
    live_portal.look(reviewer, "/bank/approvals/", "bank-approvals", size, lang)
    live_portal.look(reviewer, "/bank/books/", "bank-books", size, lang)
    page.context.close()
    reviewer.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_screens_of_the_terminal(live_portal: Any, browser: Any, house: Any, size: str, lang: str) -> None:
    """By keys alone, and back to the clean screen when the card is pulled."""
    holder = bank_kit.opened(bank_kit.person())
    bank_kit.pay_in(holder, 4321_00)
    kiosk = bank_kit.Terminal("CCB", kind="kiosk", outlet=CCB)
    one = live_portal.book.programs[f"kiosk.{CCB}"]
    page = live_portal.page(browser, size)
    page.goto(f"{live_portal.url}/terminal/sign-in/?lang={lang}")
    live_portal.check(page, "terminal-sign-in", size, lang)
    for name, value in (("name", one.name), ("secret", one.secret), ("terminal", kiosk.code)):
        page.fill(f"#f-{name}", value)
    page.keyboard.press("Enter")
    page.wait_for_selector(".terminal-choices")
    live_portal.check(page, "terminal-start", size, lang)
    page.keyboard.press("1")
    page.wait_for_url("**/terminal/devices/")
    live_portal.check(page, "terminal-devices", size, lang)
    kiosk.desk.present_id(holder.virtual_person())
    kiosk.desk.insert_card(holder.virtual_card())
    page.wait_for_selector(".device-done")
    live_portal.check(page, "terminal-pin", size, lang)
    kiosk.desk.enter_pin(bank_kit.PIN)
    page.wait_for_selector(".keypad")
    for digit in "91300000001":
        page.click(f'[data-press="{digit}"]')
    live_portal.check(page, "terminal-phone", size, lang)
    page.click(".terminal-form .button")
    page.wait_for_selector(".done-panel")
    live_portal.check(page, "terminal-done", size, lang)
    page.keyboard.press("Escape")
    page.wait_for_selector(".terminal-choices")
    assert page.get_attribute("html", "lang") == "zh-CN", "the next one begins in Chinese"
    page.goto(f"{live_portal.url}/terminal/?lang={lang}")
    page.keyboard.press("2")
    page.wait_for_url("**/terminal/devices/")
    kiosk.desk.insert_card(holder.virtual_card())
    kiosk.desk.enter_pin("192837")
    page.wait_for_selector("button[data-digit='1']")
    page.keyboard.press("1")
    page.wait_for_selector(".trouble")
    live_portal.check(page, "terminal-refused", size, lang)
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Eject', bubbles: true}))")
    page.wait_for_selector(".terminal-choices")
    page.go_back()
    page.wait_for_load_state()
    assert "4,321" not in page.content()
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_of_the_employer(live_portal: Any, browser: Any, house: Any, size: str, lang: str) -> None:
    page = live_portal.page(browser, size)
    live_portal.sign_in(page, "employer.990100", lang=lang)
    live_portal.look(page, "/employer/", "employer-list", size, lang)
    live_portal.look(page, "/employer/new/", "employer-new", size, lang)
    page.fill("#f-name", "王")
    page.fill("#f-id_number", "090101199102030777")
    page.click("main button[type=submit]")
    live_portal.check(page, "employer-faults", size, lang)
    page.context.close()
