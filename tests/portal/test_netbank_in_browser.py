"""The bank's site in a real browser, at phone and desktop width, in both languages: pictures, axe, keys, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from holders_kit import social
from netbank_kit import COOKIE, bank_kit, customers_kit, session_of

from pages_kit import IN_BOTH_LANGUAGES

pytestmark = pytest.mark.slow
OUTSIDE = {
    "nb-sign-in": "/sign-in/",
    "nb-set-up": "/set-up/",
    "nb-offline": "/offline/",
    "nb-404": "/nowhere/",
    "nb-passkey": "/passkey/",
}
INSIDE = {
    "nb-home": "/",
    "nb-statement": "/statement/",
    "nb-statement-period": "/statement/?from=2020-01-01&to=2099-01-01",
    "nb-statement-none": "/statement/?from=2020-01-01&to=2020-01-02",
    "nb-transfer": "/transfer/",
    "nb-card": "/card/",
    "nb-settings": "/settings/",
    "nb-password": "/settings/password/",
    "nb-stop": "/settings/stop/",
    "nb-notices": "/notices/",
    "nb-limits": "/settings/limits/",
    "nb-orders": "/orders/",
    "nb-recharge": "/recharge/",
    "nb-top-up": "/recharge/pull/",
    "nb-messages": "/messages/",
    "nb-passkeys": "/settings/passkeys/",
}


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    """The browser's driver keeps an event loop in this thread; the tests' own queries are plain all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


class Bank:
    """The live portal under the bank's name."""

    def __init__(self, live_portal: Any, code: str = "ccb") -> None:
        self.live, self.url = live_portal, f"https://{code}.localhost:{live_portal.port}"

    def enter(self, page: Any, token: str, lang: str) -> None:
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": self.url, "secure": True, "httpOnly": True}
                for name, value in ((COOKIE, token), ("__Host-sscard-lang", lang))
                if value
            ]
        )

    def look(self, page: Any, path: str, name: str, size: str, lang: str) -> None:
        page.goto(self.url + path)
        self.live.check(page, name, size, lang)


@pytest.fixture
def bank(live_portal: Any) -> Bank:
    return Bank(live_portal)


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_outside(bank: Bank, browser: Any, house: Any, size: str, lang: str) -> None:
    page = bank.live.page(browser, size)
    bank.enter(page, "", lang)
    for name, path in OUTSIDE.items():
        bank.look(page, path, name, size, lang)
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_pages_of_the_customer(bank: Bank, browser: Any, house: Any, size: str, lang: str) -> None:
    one = customers_kit.customer(fen=5_000_00)
    bank_kit.pay_in(one.holder, 678_90)
    social(one.holder, "normal")
    session_of(one)
    page = bank.live.page(browser, size)
    bank.enter(page, session_of(one), lang)
    for name, path in INSIDE.items():
        bank.look(page, path, name, size, lang)
    page.goto(bank.url)
    page.click(".eye")
    page.wait_for_selector("text=5,678.90")
    bank.live.check(page, "nb-home-shown", size, lang)
    page.context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_elder_mode_has_few_things_and_large_ones(bank: Bank, browser: Any, house: Any, lang: str) -> None:
    one = customers_kit.customer(fen=5_000_00)
    page = bank.live.page(browser, "phone")
    bank.enter(page, session_of(one), lang)
    page.goto(f"{bank.url}/?elder=1")
    bank.look(page, "/", "nb-elder-home", "phone", lang)
    shown = [tile for tile in page.query_selector_all(".ways a") if tile.is_visible()]
    assert [tile.get_attribute("href") for tile in shown] == ["/transfer/", "/statement/", "/card/"]
    assert all(tile.bounding_box()["height"] >= 80 and tile.query_selector("small") for tile in shown)
    entries = [one for one in page.query_selector_all(".bank-nav a") if one.is_visible()]
    assert [one.get_attribute("href") for one in entries] == ["/", "/statement/", "/settings/"]
    assert page.inner_text(".eye").strip(), "words beside the drawing"
    page.click(".eye")
    page.wait_for_selector("text=5,000.00")
    assert "骗子" in page.inner_text(".foot") or lang == "en", "the warning stays"
    for path in ("/transfer/", "/statement/", "/settings/"):
        bank.look(page, path, f"nb-elder{path.replace('/', '-')}", "phone", lang)
    page.context.close()


@pytest.mark.parametrize(("size", "lang"), IN_BOTH_LANGUAGES)
def test_the_whole_way_of_a_transfer_by_keys_alone(bank: Bank, browser: Any, house: Any, size: str, lang: str) -> None:
    """Sign in, transfer, find it in the statement: Tab, typing and Enter only."""
    one, other = customers_kit.customer(fen=8_000_00), bank_kit.activated(bank_kit.opened(bank_kit.person()))
    page = bank.live.page(browser, size)
    page.goto(f"{bank.url}/?lang={lang}")
    typed(page, {"f-username": one.username, "f-password": customers_kit.PASSWORD, "f-code": one.fresh_code()})
    page.wait_for_selector(".account-card")
    onward(page, 'a[href="/transfer/"]')
    page.wait_for_selector("#f-to_name")
    typed(page, {"f-to_name": other.name, "f-to_number": "12"})
    page.wait_for_selector(".summary-faults")
    bank.live.check(page, "nb-transfer-faults", size, lang)
    typed(page, {"f-to_number": other.pan})
    page.wait_for_selector("#f-amount")
    bank.live.check(page, "nb-transfer-amount", size, lang)
    typed(page, {"f-amount": "1123.45", "f-memo": "饭钱"})
    page.wait_for_selector("#f-code")
    bank.live.check(page, "nb-transfer-check", size, lang)
    typed(page, {"f-code": one.fresh_code()})
    page.wait_for_selector(".done-panel")
    bank.live.check(page, "nb-transfer-done", size, lang)
    onward(page, 'main a[href="/statement/"]')
    page.wait_for_selector(".line")
    assert "1,123.45" in page.inner_text(".line")
    assert bank_kit.balance_of(other) == 1123_45
    page.context.close()


def typed(page: Any, values: dict[str, str]) -> None:
    """Tab to each field in reading order, type, and Enter in the last one."""
    for field, text in values.items():
        reach(page, f"#{field}")
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def reach(page: Any, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("(s) => document.activeElement === document.querySelector(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def onward(page: Any, selector: str) -> None:
    reach(page, selector)
    page.keyboard.press("Enter")


def test_without_network_the_page_says_so_and_holds_nothing(bank: Bank, browser: Any, house: Any) -> None:
    """The service worker answers with its one page, and its store has nothing of anybody's."""
    one = customers_kit.customer(fen=77_00)
    page = bank.live.page(browser, "phone")
    bank.enter(page, session_of(one), "zh")
    page.goto(bank.url)
    page.wait_for_selector(".account-card")
    waited = "new Promise(done => setTimeout(() => done(false), 20000))"
    assert page.evaluate(f"Promise.race([navigator.serviceWorker.ready.then(() => true), {waited}])"), "no worker"
    page.context.set_offline(True)
    page.reload()
    assert "没有网络" in page.inner_text("h1")
    assert one.customer.name_mask not in page.content()
    page.context.set_offline(False)
    page.click("main .button")
    page.wait_for_selector(".account-card")
    kept = page.evaluate("caches.keys().then(n => caches.open(n[0])).then(c => c.keys()).then(k => k.map(r => r.url))")
    assert kept
    assert not [url for url in kept if url.rstrip("/") == bank.url or "/statement" in url]
    page.context.close()


def test_a_passkey_of_the_bank_is_added_and_signs_in(bank: Bank, browser: Any, house: Any) -> None:
    one = customers_kit.customer()
    page = bank.live.page(browser, "phone")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    bank.enter(page, session_of(one), "zh")
    page.goto(f"{bank.url}/settings/passkeys/")
    page.fill("#f-label", "我的手机")
    page.fill("#f-code", "000000")
    page.click("[data-passkey-button]")
    page.wait_for_selector(".summary-faults")
    page.fill("#f-label", "我的手机")
    page.fill("#f-code", one.fresh_code())
    page.click("[data-passkey-button]")
    page.wait_for_selector("text=已添加的设备")
    page.context.clear_cookies(name=COOKIE)
    page.goto(f"{bank.url}/passkey/")
    page.click("[data-passkey-button]")
    page.wait_for_selector(".account-card")
    page.goto(f"{bank.url}/settings/passkeys/")
    page.click("main .answer-change button")
    page.wait_for_selector("text=还没有添加")
    page.context.clear_cookies(name=COOKIE)
    page.goto(f"{bank.url}/passkey/")
    page.click("[data-passkey-button]")
    page.wait_for_selector(".summary-faults")
    page.context.close()
