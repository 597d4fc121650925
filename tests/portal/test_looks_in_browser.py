"""The gallery in a real browser: phone and desktop, both languages, elder mode; axe, keys, script and no script.

`make screenshots` leaves pictures in build/pages/ for looking at.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from types import ModuleType, SimpleNamespace
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Browser, Page, expect

from pages_kit import AXE_AT, PICTURES, PICTURES_WANTED, SIZES, rules_broken

pytestmark = pytest.mark.slow
PAGES = (
    *("", "holder/", "desk/", "check/", "done/", "terminal/", "terminal/devices/", "receipt/", "work/"),
    *("error/404/", "error/409/", "error/429/", "error/503/"),
)
TOO_NARROW = """[...document.querySelectorAll('a, button, select, input:not([type=hidden], [type=radio])')]
    .filter(e => e.offsetWidth && !e.closest('.skip, .tile') && e.offsetHeight < 43.5)
    .map(e => ['lower than 44 px', e.outerHTML.slice(0, 80)])"""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *said: object) -> None:
        """The test's output is its own."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    addresses = ModuleType("gallery_addresses")
    addresses.urlpatterns = [path("gallery/", include("sscard.portal.gallery"))]
    addresses.handler404 = "sscard.portal.errors.not_found"
    middleware = [
        "sscard.portal.middleware.HouseHeaders",
        "sscard.portal.looks.Looks",
        "django.middleware.csrf.CsrfViewMiddleware",
    ]
    with override_settings(
        ROOT_URLCONF=addresses, MIDDLEWARE=middleware, ALLOWED_HOSTS=["*"], CONFIG=SimpleNamespace(profile="test")
    ):
        handler = StaticFilesHandler(WSGIHandler())
        server = make_server("127.0.0.1", 0, handler, server_class=Server, handler_class=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/gallery/"
        server.shutdown()
        server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 780})
    opened = context.new_page()
    opened.trouble = []
    opened.on("pageerror", lambda error: opened.trouble.append(str(error)))
    opened.on("console", lambda said: opened.trouble.append(said.text) if "Content Security" in said.text else None)
    yield opened
    assert opened.trouble == []
    context.close()


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_is_accessible_and_fits(page: Page, site: str, lang: str, elder: bool) -> None:
    """The rules of all pages, and what is touched is 44 px high."""
    page.goto(f"{site}?lang={lang}&elder={int(elder)}")
    broken = {}
    for name in PAGES:
        page.goto(site + name)
        label = name.strip("/").replace("/", "-") or "components"
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            broken[name, size] = rules_broken(page, lang, axe=size == AXE_AT[lang])
            if size == "phone" and lang == "zh":
                broken[name, size] += page.evaluate(TOO_NARROW)
            if PICTURES_WANTED:
                mode = "-elder" if elder else ""
                page.screenshot(path=PICTURES / f"gallery-{label}-{size}-{lang}{mode}.png", full_page=True)
    assert {where: told for where, told in broken.items() if told} == {}


def test_a_wrong_page_breaks_each_rule(browser: Browser) -> None:
    """What holds all pages to the rules must itself see a page that breaks them."""
    opened = browser.new_page(viewport={"width": 360, "height": 780})
    opened.set_content(
        '<html lang="en"><head><title>x</title></head><body><img src="x.png"><p style="font-size:10px;width:900px">small'
        '<span style="color:#bbb">pale</span></p><button></button></body></html>'
    )
    told = str(rules_broken(opened, "zh"))
    assert str(rules_broken(opened, "zh")) == told, "what is wrong is looked at each time"
    opened.close()
    for part in (
        "image-alt",
        "button-name",
        "color-contrast",
        "smaller than 16 px",
        "the language of the page",
        "wider than the screen",
    ):
        assert part in told


def test_the_first_key_finds_the_way_past_the_menu(page: Page, site: str) -> None:
    page.goto(site + "holder/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_faults_take_the_focus_and_lead_to_their_fields(page: Page, site: str) -> None:
    page.goto(site + "desk/")
    assert page.evaluate("document.activeElement.className") == "summary-faults"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "f-id_number"


def test_the_eye_shows_and_says_that_it_was_recorded(page: Page, site: str) -> None:
    page.goto(site + "holder/")
    page.click(".eye")
    expect(page.locator("[data-value]")).not_to_contain_text("*")
    assert "已留痕" in page.inner_text("[data-said]")


def test_the_eye_works_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "holder/")
    page.click(".eye")
    assert "*" not in page.inner_text("[data-value]")
    context.close()


def test_a_table_filters_while_typing_and_by_address(page: Page, site: str) -> None:
    page.goto(site + "?q=CCB")
    assert page.locator("tbody tr").count() == 4
    page.goto(site + "?sort=cards")
    assert page.get_attribute("th[aria-sort]", "aria-sort") == "ascending"


def test_a_terminal_works_by_keys_and_refreshes_its_devices(page: Page, site: str) -> None:
    page.goto(site + "terminal/devices/")
    with page.expect_response(lambda answer: answer.url.endswith("/live/")):
        pass
    assert page.locator(".device").count() == 2
    page.keyboard.press("Escape")
    page.wait_for_url(site)
    page.goto(site + "terminal/")
    with page.expect_navigation():
        page.keyboard.press("1")


def test_elder_mode_stays(page: Page, site: str) -> None:
    page.goto(site + "holder/")
    page.click("text=长辈版")
    assert page.get_attribute("html", "class") == "elder"
    page.goto(site + "desk/")
    assert page.get_attribute("html", "class") == "elder"
    page.click("text=标准版")
    assert page.get_attribute("html", "class") is None
