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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests_support import House, KeyService, Template, free_port, fresh_name

if TYPE_CHECKING:
    from pages_kit import LivePortal, Office


@dataclass(frozen=True, slots=True)
class Founded:
    """A database with the demo's offices, ready to be cloned, and the folder with their book of sign-ins."""

    database: str
    home: Path


@pytest.fixture(scope="session")
def _founded(
    template: Template, key_service: KeyService, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Founded:
    """Founding hashes half a hundred passwords: once a run, not once a module."""
    from sscard.sim import city

    house = House.clone(template, fresh_name("founded"), key_service)
    with django_db_blocker.unblock(), house.entered():
        city.found(home := tmp_path_factory.mktemp("book"))
    house.leave()
    return Founded(house.database, home)


@pytest.fixture(scope="module")
def _module_house(
    request: pytest.FixtureRequest, template: Template, key_service: KeyService, django_db_blocker: Any
) -> Iterator[House]:
    """As for every module; with the offices where a test of it asks for them."""
    asked = {name for item in request.session.items if item.path == request.path for name in item.fixturenames}
    of = {"of": request.getfixturevalue("_founded").database} if "_founded" in asked else {}
    house = House.clone(template, fresh_name(request.module.__name__), key_service, **of)
    with django_db_blocker.unblock():
        yield house
        house.drop()


@pytest.fixture
def office(house: House, _founded: Founded) -> Office:
    from pages_kit import Office
    from sscard.sim import city

    return Office(city.Book(_founded.home))


@pytest.fixture(scope="module")
def live_portal(_module_house: House, _founded: Founded) -> Iterator[LivePortal]:
    from pages_kit import LivePortal, portal_running
    from sscard.app import config as configuration
    from sscard.app.tls import ensure_certificate
    from sscard.sim import city

    with _module_house.entered():
        book = city.Book(_founded.home)
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
