"""`sscard walk` and `sscard otp` without a house, or before it is up: a sentence and the next step; a house that comes is waited
for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sscard.cli import walk
from sscard.sim.story import ready
from tests_support import free_port


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = typer.Typer()
    walk.register(app)
    monkeypatch.setattr(ready, "WITHIN_S", 0.1)
    monkeypatch.setenv("SSCARD_HOME", str(tmp_path))
    address = f"https://localhost:{free_port()}"
    for more in ([], ["--trust", str(tmp_path / "not-written-yet.pem")]):
        said = CliRunner().invoke(app, ["--lang", "en", "--server", address, *more])
        assert said.exit_code == 1
        assert "did not answer within a minute" in said.output
        assert "sscard demo" in said.output
        assert said.exception is None or isinstance(said.exception, SystemExit)


def test_a_house_that_comes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    there = threading.Event()
    monkeypatch.setattr(ready, "PAUSE_S", 0.01)
    monkeypatch.setattr(ready, "_answers", lambda *_: there.is_set())
    threading.Timer(0.05, there.set).start()
    assert ready.within("https://localhost:1", None, 30.0)
    there.clear()
    assert not ready.within("https://localhost:1", None, 0.0)


def test_a_code_of_a_secret_needs_no_house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The secret as the developers' page shows it, in groups; a wrong one is refused with a sentence."""
    from sscard.cli import otp
    from sscard.control import totp
    from sscard.kernel import clock

    monkeypatch.setenv("SSCARD_HOME", str(tmp_path))
    app, secret = typer.Typer(), totp.new_secret()
    otp.register(app)
    shown = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)).lower()
    said = CliRunner().invoke(app, ["--secret", shown, "--code-only"])
    assert totp.matching_step(secret, said.output, clock.real_now()) is not None
    for words in (["--secret", "no"], ["nobody"], []):
        assert CliRunner().invoke(app, words).exit_code == 1
