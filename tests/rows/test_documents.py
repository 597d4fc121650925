"""The documents' examples run as they stand, against the running city."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sscard.sim.story.book import Book
from tests_support import RunningHouse

DOCS = Path(__file__).resolve().parents[2] / "docs"


def code_of(document: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / document).read_text("utf-8"), re.DOTALL)
    assert found, f"{document} has no {language} example"
    return found[1]


def test_the_integrators_example(city: RunningHouse) -> None:
    who = Book(city.home).staff()["clerk2.990200"]
    names: dict[str, Any] = {
        "base": city.url,
        "authority": str(city.home / "tls" / "authority.pem"),
        "username": who.username,
        "password": who.password,
        "code": who.code(ahead=1),  # the story may have used this moment's code
    }
    exec(compile(code_of("integrator.md", "python"), "docs/integrator.md", "exec"), names)
    assert names["first"].status_code == 200, names["first"].text
    assert names["first"].json()["outcome"] == "new"
    assert names["again"].json() == names["first"].json()
    assert names["again"].headers["Idempotent-Replayed"] == "true"
    assert names["wrong"].status_code == 422
    places = {fault["place"] for fault in names["wrong"].json()["faults"]}
    assert {"id_number", "name", "phone", "household_address", "category"} <= places
