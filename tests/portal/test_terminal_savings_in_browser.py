"""A holder at the machine's screen: seven steps by touch and keys, in a real browser beside real (virtual) devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from holders_kit import bank_kit
from test_terminal_pages import CCB, kiosk_at
from test_terminal_savings import FORM, RELEASE, SAVINGS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _beside_the_browsers_loop() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def screen(live_portal: Any, browser: Any, office: Any) -> Iterator[Any]:
    """The kiosk's screen and its devices; staff have signed it in."""
    kiosk = kiosk_at(office, CCB, "CCB")
    page = live_portal.page(browser, "desktop")
    page.set_default_timeout(120_000)  # the first signed paper takes long on a busy machine
    token = kiosk.client.cookies["__Host-sscard"].value
    page.context.add_cookies(
        [{"name": "__Host-sscard", "value": token, "url": live_portal.url, "secure": True, "httpOnly": True}]
    )
    kiosk.page, kiosk.live = page, live_portal
    yield kiosk
    page.context.close()


def see(screen: Any, name: str, lang: str = "zh") -> None:
    screen.live.check(screen.page, f"kiosk-savings-{name}", "desktop", lang)


def go(screen: Any, button: str = "main form .buttons button[type=submit]") -> None:
    """Press a button of the screen and wait for the next one."""
    with screen.page.expect_navigation():
        screen.page.click(button)


def to_step_4(screen: Any, holder: Any, lang: str) -> None:
    page = screen.page
    page.goto(f"{screen.live.url}/terminal/?lang={lang}")
    see(screen, "0-start", lang)
    go(screen, "button[value=savings]")
    screen.desk.insert_card(holder.virtual_card())
    page.wait_for_url(f"**{SAVINGS}")
    see(screen, "1-papers", lang)
    for box in page.query_selector_all("input[name=papers]"):
        box.check()
    go(screen)
    see(screen, "2-bank", lang)
    go(screen, "button[value=CCB]")
    see(screen, "2-functions", lang)
    page.check("input[value=time]")
    go(screen)
    see(screen, "3-where", lang)
    with page.expect_navigation():
        page.keyboard.press("1")  # by keys as well as by touch


def fill_in(screen: Any, lang: str) -> None:
    page = screen.page
    for digit in FORM["phone"]:
        page.click(f".keypad [data-press='{digit}']")
    see(screen, "4-phone", lang)
    go(screen)
    page.fill("#f-address", FORM["address"])
    go(screen)
    see(screen, "4-occupation", lang)
    for name in ("occupation", "use", "tax"):
        go(screen, f"button[value={FORM[name]}]")
    see(screen, "4-accept", lang)
    page.check("input[value=yes]")
    go(screen)


def identify(screen: Any, holder: Any, lang: str, *, by: Any = None) -> None:
    page = screen.page
    go(screen)
    see(screen, "5-devices", lang)
    screen.desk.present_id((by or holder).virtual_person())  # the card is in
    page.wait_for_selector("main form .buttons button[type=submit]")
    see(screen, "5-compare", lang)
    go(screen)


@pytest.mark.row("ACT-6")
def test_seven_steps_at_the_screen(screen: Any, house: Any) -> None:
    page, lang = screen.page, "zh"
    holder = bank_kit.opened(bank_kit.person())
    to_step_4(screen, holder, lang)
    fill_in(screen, lang)
    see(screen, "5-identify", lang)
    identify(screen, holder, lang, by=bank_kit.person())
    assert "不是持卡人本人" in page.inner_text("main"), "mismatch refused"
    see(screen, "5-refused", lang)
    go(screen, "text=再试一次")
    identify(screen, holder, lang)

    see(screen, "6-form", lang)
    go(screen, "button[value=electronic]")
    see(screen, "6-consent", lang)
    go(screen, "button[name=consent]")
    see(screen, "6-pad", lang)
    pad = screen.desk.signing_pad()
    pad.offer_key(RELEASE)
    page.wait_for_selector("text=准备协议")
    go(screen, "text=准备协议")
    see(screen, "6-read", lang)
    file = page.context.request.get(screen.live.url + page.get_attribute(".terminal-links a", "href")).body()
    pad.sign(RELEASE, file)
    page.wait_for_selector("text=签好了")
    go(screen, "text=签好了")
    see(screen, "7-signed", lang)
    go(screen)
    assert "储蓄功能开通了" in page.inner_text("main")
    see(screen, "7-opened", lang)
    guide = page.get_attribute(".terminal-links a", "href")
    assert page.context.request.get(screen.live.url + guide).body().startswith(b"%PDF"), "the printed guide"

    with page.expect_navigation():
        page.keyboard.press("Escape")  # as when the card is pulled
    assert page.url.endswith("/terminal/")
    assert holder.name not in page.content()
    assert page.context.request.get(screen.live.url + guide).status == 404


def test_the_other_language_and_the_card_pulled(screen: Any, house: Any) -> None:
    page = screen.page
    holder = bank_kit.opened(bank_kit.person())
    to_step_4(screen, holder, "en")
    fill_in(screen, "en")
    identify(screen, holder, "en")
    see(screen, "6-form", "en")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Eject', cancelable: true}))")
    page.wait_for_url("**/terminal/")
    assert page.get_attribute("html", "lang") == "zh-CN", "the next one begins afresh"
    page.goto(screen.live.url + SAVINGS)
    assert page.url.endswith("/terminal/")
