"""The documents' examples run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sscard.control import totp
from sscard.kernel import clock

DOCS = Path(__file__).resolve().parents[2] / "docs"


def code_of(document: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / document).read_text("utf-8"), re.DOTALL)
    assert found, f"{document} has no {language} example"
    return found[1]


def test_the_integrators_example(founded_house: Any) -> None:
    who = founded_house.book.staff["clerk.990100"]
    names: dict[str, Any] = {
        "base": founded_house.url,
        "authority": str(founded_house.authority),
        "username": who.username,
        "password": who.password,
        "code": totp.code(who.totp, clock.real_now()),
    }
    exec(compile(code_of("integrator.md", "python"), "docs/integrator.md", "exec"), names)
    assert names["first"].status_code == 200, names["first"].text
    assert names["first"].json()["outcome"] == "new"
    assert names["again"].json() == names["first"].json()
    assert names["again"].headers["Idempotent-Replayed"] == "true"
    assert names["wrong"].status_code == 422
    places = {fault["place"] for fault in names["wrong"].json()["faults"]}
    assert {"id_number", "name", "phone", "household_address", "category"} <= places
