"""What tests of pages may ask for: signed-in clients of the pages, and the real portal over TLS with a real browser.

* `office`       the demo's offices in this module's database: `office.client("clerk.990100")` is a signed-in test client
* `live_portal`  the portal as `sscard up` starts it, on a free port, on this module's database:
                 `page = live_portal.page(browser, "phone")`, `live_portal.sign_in(page, "clerk.990100", lang="en")`,
                 `live_portal.look(page, "/desk/", "desk", "phone", "en")` opens, takes the picture and holds it to the rules
* `browser`      Chromium, once a module
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests_support import House, free_port

if TYPE_CHECKING:
    from pages_kit import LivePortal, Office


@pytest.fixture(scope="module")
def _book_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book")


@pytest.fixture
def office(house: House, _book_home: Path) -> Office:
    from pages_kit import Office
    from sscard.sim import city

    return Office(city.found(_book_home))


@pytest.fixture(scope="module")
def live_portal(_module_house: House, _book_home: Path) -> Iterator[LivePortal]:
    from pages_kit import LivePortal, portal_running
    from sscard.app import config as configuration
    from sscard.app.tls import ensure_certificate
    from sscard.sim import city

    with _module_house.entered():
        book = city.found(_book_home)
        config = configuration.load({**os.environ, "SSCARD_PORTAL_PORT": str(free_port())})
        ensure_certificate(config)
        with portal_running(_module_house, config):
            yield LivePortal(_module_house, config.portal_port, book)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from pages_kit import ARGUMENTS, CHROMIUM

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
