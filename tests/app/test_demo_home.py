"""`sscard demo` over a home whose filling was broken off says what to do, and `--anew` empties no other folder than a demo's."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sscard.app import config, demo_home, state
from sscard.app.command import build
from sscard.app.commands import demo as demo_command
from sscard.app.config import Config
from sscard.app.memory import started_at
from sscard.app.supervisor import UpFault
from sscard.sim.story import payees


@pytest.fixture
def demo(tmp_path: Path) -> Config:
    """A home with what a demo leaves, and the operator's own file."""
    found = config.load({"SSCARD_HOME": str(tmp_path / "home")})
    for name in ("postgres/data/PG_VERSION", "demo/signins.json", "wallet.seal", "sscard.toml"):
        (found.home / name).parent.mkdir(parents=True, exist_ok=True)
        (found.home / name).write_text("")
    return found


def refused(what: object, *args: object) -> str:
    with pytest.raises(UpFault) as no:
        what(*args)  # type: ignore[operator]
    for lang in ("zh", "en"):
        assert str(args[0].home) in no.value.sentence(lang)  # type: ignore[attr-defined]
    return no.value.code


def test_a_filling_that_was_broken_off_is_known_until_it_is_whole(demo: Config) -> None:
    assert not demo_home.is_filled(demo)
    demo_home.begin_filling(demo)
    assert refused(demo_home.is_filled, demo) == "demo.half_filled"
    demo_home.end_filling(demo)
    assert demo_home.is_filled(demo)


def test_the_command_says_it_before_it_starts_anything(demo: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    (demo.home / "demo" / "filled").touch()
    monkeypatch.setenv("SSCARD_HOME", str(demo.home))
    done = CliRunner().invoke(build("demo"), ["demo"])
    assert isinstance(done.exception, UpFault)
    assert "sscard demo --anew" in done.exception.sentence("zh")
    assert "sscard demo --anew" in done.exception.sentence("en")


def test_anew_keeps_the_operators_file_only(demo: Config) -> None:
    demo_home.throw_away(demo)
    assert [one.name for one in demo.home.iterdir()] == ["sscard.toml"]


def test_anew_empties_no_running_house_and_no_other_folder(demo: Config, tmp_path: Path) -> None:
    me = state.State(os.getpid(), started_at(os.getpid()) or 0, 0.0, (), ready=True)
    state.keep(demo.home, me)
    assert refused(demo_home.throw_away, demo) == "demo.still_up"
    other = config.load({"SSCARD_HOME": str(tmp_path / "photos")})
    (other.home / "album").mkdir(parents=True)
    assert refused(demo_home.throw_away, other) == "demo.not_ours"
    live = config.load({"SSCARD_HOME": str(demo.home)})
    state.forget(demo.home)
    object.__setattr__(live, "profile", "sandbox")
    assert refused(demo_home.throw_away, live) == "demo.not_ours"
    assert (demo.home / "wallet.seal").exists()
    demo_home.throw_away(config.load({"SSCARD_HOME": str(tmp_path / "nowhere")}))


def test_a_customer_is_told_whom_he_can_send_money_to(tmp_path: Path) -> None:
    """Somebody else of his own bank and somebody of another: never himself, the oldest first."""
    shelf = tmp_path / "cards"
    shelf.mkdir()
    cards = (("CCB", "陈一", "9217000000000000001", "1950"), ("CCB", "李二", "9217000000000000002", "1960"),
             ("ABC", "王小", "9217000000000000003", "2019"), ("ABC", "", "", "1940"))  # fmt: skip
    for number, (bank, name, pan, born) in enumerate(cards):
        told = {"bank": bank, "name": name, "pan": pan, "social_security_number": f"090101{born}0101{number:04}"}
        (shelf / f"{number}.json").write_text(json.dumps(told), encoding="utf-8")
    everybody, said = payees.known(tmp_path), []
    demo_command._payees(
        payees.of(everybody, "CCB", cards[0][2]), "zh",
        lambda code, **facts: said.append((code, facts.get("name"), facts.get("pan"))),
    )  # fmt: skip
    assert said == [
        ("payees", None, None), ("payee_here", "李二", cards[1][2]), ("payee_there", "王小", cards[2][2]),
    ]  # fmt: skip
