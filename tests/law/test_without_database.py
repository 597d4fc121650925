"""A process or a test that may not touch the database reads the folder; nothing breaks and nothing is asked in vain."""

from __future__ import annotations

import pytest

from sscard.law import activation, areas


def test_no_database_means_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        areas, "active_packs", areas.ActivePacks(activation.digests_in_force, activation.files_in_force)
    )
    monkeypatch.setattr(areas, "_digests", {})
    areas.forget()
    assert activation.digests_in_force() is None
    assert areas.get("990100").name("en") == "Yunxi"


def test_what_was_known_stays_known_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {path.name: path.read_bytes() for path in (areas.areas_folder() / "990200").glob("*.toml")}
    answers = iter([{"990200": "d1"}, None])
    monkeypatch.setattr(areas, "active_packs", areas.ActivePacks(lambda: next(answers), lambda code, digest: files))
    monkeypatch.setattr(areas, "LOOK_AGAIN_SECONDS", 0)
    monkeypatch.setattr(areas, "_digests", {})
    areas.forget()
    first = areas.get("990200")
    assert areas.get("990200") is first
    monkeypatch.undo()
    areas.forget()
