"""The producer as its operator meets it: a program with sentences, and exit codes that say whether all was made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sscard.app.command", "producer", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env={"PATH": "", "SSCARD_LANGUAGE": "en"}
    )


def test_set_up_prints_public_halves_and_keeps_the_private_ones(tmp_path: Path) -> None:
    home = tmp_path / "plant"
    first, second = (run("set-up", "--code", "PRODUCER-YUNSHAN", "--home", str(home)) for _ in range(2))
    public = json.loads(first.stdout)
    assert json.loads(second.stdout) == public
    assert len(public["signing"]) == len(public["receiving"]) == 128
    keys = home / "keys.json"
    assert oct(keys.stat().st_mode)[-3:] == "600"
    assert json.loads(keys.read_text())["signing"]["private"] not in first.stdout


def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path) -> None:
    home, inbox = tmp_path / "plant", tmp_path / "inbox"
    inbox.mkdir()
    folders = ("--inbox", str(inbox), "--outbox", str(tmp_path / "outbox"), "--home", str(home))
    none_yet = run("run", *folders)
    assert none_yet.returncode == 1
    assert "set-up" in none_yet.stderr
    run("set-up", "--code", "PRODUCER-YUNSHAN", "--home", str(home))
    assert run("run", *folders).returncode == 0  # an empty inbox is no fault
    odd = run("run", *folders, "--spoil", "some")
    assert odd.returncode == 1
    assert "2% or 0.02" in odd.stderr
    trust = tmp_path / "trust.json"
    trust.write_text('{"issuer": "issuer:990100", "signing": "00", "receiving": "zz"}')
    assert run("trust", str(trust), "--home", str(home)).returncode == 1
    (inbox / "a.package").write_bytes(b"nothing of the kind")
    broken = run("run", *folders)
    assert broken.returncode == 1
    assert "a.package was not made" in broken.stdout
    assert not list((tmp_path / "outbox").glob("*.return"))
