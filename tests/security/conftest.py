"""The town of the abuse tests, founded once a module; `house` is entered for each test that asks for `town`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests_support import House

if TYPE_CHECKING:
    from security_kit import Town


@pytest.fixture(scope="module")
def _founded(_module_house: House) -> Town:
    from security_kit import Town

    with _module_house.entered():
        return Town.found()


@pytest.fixture
def town(house: House, _founded: Town) -> Town:
    return _founded


@pytest.fixture(params=["test keys", "own keys"])
def whose_keys(request: pytest.FixtureRequest, house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """The chips of area one have test keys, as in a sandbox, or keys of their own city out of a ceremony."""
    if request.param == "own keys":
        from real_keys_kit import admit_machine, hold_ceremony
        from security_kit import ONE
        from sscard.kernel.keyclient import keys
        from sscard.law.area import Area

        monkeypatch.setattr(Area, "sandbox", property(lambda area: area.code != ONE and area.sheet.sandbox))
        if keys().card_key_set(ONE, 3)["set"] == "test":
            hold_ceremony(keys(), f"city:{ONE}")
        admit_machine(keys())
    return str(request.param)
