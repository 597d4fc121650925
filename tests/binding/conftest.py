"""The bureau's portal served on a free port, once for all tests of this folder, on a database of its own; `partner` is a
bank's client there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests_support import House, KeyService, Template, free_port, fresh_name

if TYPE_CHECKING:
    from binding_kit import Partner


@pytest.fixture(scope="session")
def _bureau_house(template: Template, key_service: KeyService, django_db_blocker: object) -> Iterator[House]:
    house = House.clone(template, fresh_name("bureau"), key_service)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield house
        house.drop()


@pytest.fixture(scope="module")
def _module_house(_bureau_house: House) -> House:
    return _bureau_house


@pytest.fixture(scope="session")
def bureau(_bureau_house: House) -> Iterator[str]:
    """The address of the served portal."""
    from pages_kit import portal_running
    from sscard.app import config as configuration
    from sscard.app.tls import ensure_certificate

    warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    with _bureau_house.entered():
        config = configuration.load({**os.environ, "SSCARD_PORTAL_PORT": str(free_port())})
        ensure_certificate(config)
        with portal_running(_bureau_house, config):
            yield f"https://localhost:{config.portal_port}"


@pytest.fixture(scope="session")
def _partner(_bureau_house: House, bureau: str) -> Partner:
    from binding_kit import Partner

    with _bureau_house.entered():
        return Partner.register(bureau)


@pytest.fixture
def partner(house: House, _partner: Partner) -> Partner:
    from binding_kit import calm

    calm()
    return _partner
