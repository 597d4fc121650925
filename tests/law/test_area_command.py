"""`sscard area check | show | diff | pack`, as people call it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from law_pack_making import AREAS, Signer, copy_area, edit
from sscard.cli.area import app
from sscard.kernel import keyclient
from sscard.law import areas
from sscard.law.pack import open_pack

run = CliRunner().invoke


@pytest.fixture(autouse=True)
def _folder_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "active_packs", None)
    areas.forget()


@pytest.mark.parametrize("code", ["990100", "990200", "990300"])
def test_a_good_folder(code: str) -> None:
    result = run(app, ["check", str(AREAS / code)])
    assert result.exit_code == 0
    assert code in result.output


def test_all_faults_in_both_languages_with_exit_code_1(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "area.toml", "sandbox = true", "sandbox = 1\ncolour = 2")
    result = run(app, ["check", str(folder)])
    assert result.exit_code == 1
    for text in ("area.toml:14 sandbox", "area.toml:15 colour", "不是是或否", "neither true nor false", "请删去它"):
        assert text in result.output


def test_one_language(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "area.toml", "sandbox = true", "sandbox = 1")
    english = run(app, ["check", str(folder), "--lang", "en"]).output
    assert "neither true nor false" in english
    assert "不是" not in english


def test_show_on_a_day() -> None:
    result = run(app, ["show", "990200", "--on", "2022-06-01"])
    assert result.exit_code == 0
    assert "approval  suspended  2022-05-01" in result.output
    assert "temp_loss_days = 10" in result.output
    assert "nationwide" in result.output


@pytest.mark.parametrize(
    "arguments", [["show", "123456"], ["show", "990100", "--on", "2019-01-01"], ["show", "990100", "--on", "1.2."]]
)
def test_show_what_is_not_there(arguments: list[str]) -> None:
    result = run(app, arguments)
    assert result.exit_code in (1, 2)
    assert not isinstance(result.exception, ValueError)


def test_diff(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "banks.toml", '"9-55881"', '"9-55882"')
    result = run(app, ["diff", str(AREAS / "990100"), str(folder)])
    assert result.exit_code == 0
    assert "9-55881 → 9-55882" in result.output
    assert run(app, ["diff", str(folder), str(folder), "--lang", "en"]).output.strip() == "There is no difference."


def test_pack_signs_with_the_key_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer("area_pack")
    asked: list[str] = []

    class Keys:
        def sign(self, key: str, message: bytes) -> bytes:
            asked.append(key)
            return signer.sign(message)

    monkeypatch.setattr(keyclient, "keys", Keys)
    out = tmp_path / "990100.pack"
    result = run(app, ["pack", str(AREAS / "990100"), "-o", str(out)])
    assert (result.exit_code, asked) == (0, ["area_pack"])
    assert open_pack(out.read_bytes(), signer.trusted).area.code == "990100"


def test_pack_of_a_folder_with_faults_writes_nothing(tmp_path: Path) -> None:
    folder = edit(copy_area(tmp_path), "area.toml", "sandbox = true", "sandbox = 1")
    out = tmp_path / "x.pack"
    result = run(app, ["pack", str(folder), "-o", str(out)])
    assert result.exit_code == 1
    assert not out.exists()
    assert "area.toml:14 sandbox" in result.output
