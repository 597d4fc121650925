"""`sscard keys root` and `sscard keys open` against a sealed service: what custodians do at the machine itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from sscard.cli import keys as command
from sscard.kernel.keyclient import KeyClient, KeyRefused
from sscard.keys.testing import Process


class Console:
    """The people at the console: their names in order, and what each wrote down."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, client: KeyClient) -> None:
        self.said: list[str] = []
        self.names: Iterator[str] = iter(())
        self.paper: dict[str, str] = {}
        self.wrong = 0
        monkeypatch.setattr(command, "_client", lambda: client)
        monkeypatch.setattr(typer, "prompt", self.answer)
        monkeypatch.setattr(typer, "echo", lambda text="", **_: self.said.append(str(text)))

    def answer(self, asked: str, **_: object) -> str:
        if asked.endswith("name"):
            return next(self.names)
        return self.words(asked.partition("，")[0]) if asked.endswith("the words") else ""

    def words(self, person: str) -> str:
        if self.wrong:
            self.wrong -= 1
            return "no such words"
        if person not in self.paper:
            self.paper[person] = next(one for one in reversed(self.said) if len(one.split()) == 33)
        return self.paper[person]


def test_made_at_the_console_and_opened_after_a_restart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sk") as short:
        service = Process(tmp_path / "home", Path(short) / "k", "production", "sealed")
        service.start()
        client = KeyClient(service.socket)
        console = Console(monkeypatch, client)
        console.names = iter(("Anna", "Bert", "Carl", "Dora"))
        console.wrong = 1
        command.root(need=2, of=3)
        assert any("Compare the words" in one or "not the share" in one for one in console.said)
        mac = client.mac("audit", [b"x"])
        service.stop()
        service.start()
        console.names = iter(("Carl", "carl "))
        with pytest.raises(KeyRefused) as no:
            command.open_()
        assert no.value.code == "keys.two_persons"
        console.names = iter(("Carl", "Anna"))
        command.open_()
        assert client.mac("audit", [b"x"]) == mac
        command.status()
        service.stop()
