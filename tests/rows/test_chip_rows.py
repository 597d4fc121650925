"""CHP-1, CHP-2, CHP-3 and NAT-1, the chip's part: by the product's own commands, PC/SC and other people's programs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from chip_kit import KINDS, inserted, present, psam, reader_service, wait_for
from sscard.chip.conformance import run_suite
from sscard.chip.conformance.passwords import UNBLOCK
from sscard.chip.files import files, key_rules
from sscard.chip.personal import demo
from sscard.chip.reader.pcsc import PcscCard
from sscard.chip.reader.terminal import Terminal
from sscard.cli.card import app

PIN = f"{demo.PIN}\n"


@pytest.fixture(scope="module", autouse=True)
def pcscd() -> Iterator[None]:
    yield from reader_service()


def sscard(*words: str, stdin: str = "") -> Result:
    """A command of `sscard card …`, run here: the card it speaks to is behind a reader."""
    return CliRunner().invoke(app, list(words), input=stdin)


@contextmanager
def inserted_by_the_program(*what: str) -> Iterator[None]:
    """The same as people do it: `sscard card insert` in a window of its own."""
    command = [sys.executable, "-u", "-m", "sscard.app.command", "card", "insert", *what, "--profile", "t0"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    try:
        assert "35963" in program.stdout.readline()
        wait_for(present, "the reader sees the card")
        yield
    finally:
        program.terminate()
        program.wait(timeout=120)
        program.stdout.close()
    wait_for(lambda: not present(), "the reader is empty")


@pytest.mark.row("CHP-1")
@pytest.mark.parametrize(("version", "algorithm"), [KINDS[0], KINDS[3], KINDS[5]])
def test_a_card_is_personalised_whole(tmp_path: Path, version: str, algorithm: str) -> None:
    """Made, put into a reader, and read by a terminal that has nothing but its PSAM and the holder's password."""
    path = str(tmp_path / "card.json")
    made = sscard("make", "--version", version, "--algorithm", algorithm, "--out", path)
    assert made.exit_code == 0, made.output
    assert "TEST KEYS" in made.stdout
    with inserted(path):
        read = sscard("read", "--all", "--pin", "--psam", "test", "--full", "--json", stdin=PIN)
        assert read.exit_code == 0, read.output
        told = json.loads(read.stdout)
        closed = sscard("read", "--all", "--json")
    assert (told["version"], told["algorithm"], told["genuine"]) == (version, algorithm, True)
    assert set(told["files"]) == {one.place for one in files(version)}
    assert not [place for place, one in told["files"].items() if one["refused"]]
    assert told["files"]["SSSE/EF06"]["values"]["name"] == demo.NAMES[0]
    assert told["files"]["DF04/EF05"]["values"]["medical_kind"] == "31000000"
    free = {place for place, one in json.loads(closed.stdout)["files"].items() if not one["refused"]}
    assert free == {one.place for one in files(version) if one.read.text == "free"}


@pytest.mark.row("CHP-2")
def test_other_peoples_programs_read_and_write_it_and_so_does_ours(tmp_path: Path) -> None:
    path = str(tmp_path / "card.json")
    assert sscard("make", "--version", "2.0", "--algorithm", "3des", "--out", path).exit_code == 0
    with inserted_by_the_program(path):
        told = subprocess.run(
            ["opensc-tool", "-r", "0", "-s", "00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "-s", "00B2072C0B"],
            capture_output=True, text=True, check=False, timeout=300,
        ).stdout  # fmt: skip
        assert "X90000011" in told
        changed = subprocess.run(
            ["opensc-tool", "-r", "0", "-s", "805E010007246813FF135790", "-s", "0020000003246813"],
            capture_output=True, text=True, check=False, timeout=300,
        ).stdout  # fmt: skip
        assert re.findall(r"SW1=0x(..), SW2=0x(..)", changed) == [("90", "00"), ("63", "C5")], changed
        card = PcscCard(0)
        terminal = Terminal(card, psam("3des"))
        terminal.begin()
        terminal.select_application("DF01")
        assert terminal.authenticate("DF01", "UK4").good
        assert terminal.update_record(6, 0x28, b"\x28\x0f93000000007\x00\x00\x00\x00", 0).good
        card.close()
        read = sscard("read", "--all", "--pin", "--json", stdin="135790\n")
    assert json.loads(read.stdout)["files"]["DF01/EF06"]["values"]["phone"] == "930****0007"  # shown masked
    with inserted(path):
        again = sscard("read", "--all", "--pin", "--json", stdin="135790\n")
    assert json.loads(again.stdout)["files"]["DF01/EF06"]["values"]["phone"] == "930****0007", "written for good"


@pytest.mark.row("CHP-2")
def test_a_vendor_tries_his_checker_on_a_wrong_card() -> None:
    """Any of the deliberately wrong cards by its name; it is readable like any other, and as new at each insertion."""
    for _ in range(2):
        with inserted_by_the_program("--wrong", "specification-version-not-known"):
            read = sscard("read")
            assert read.exit_code == 0, read.output
            assert re.search(r"规范版本 spec version +9\.00\n", read.stdout)


@pytest.mark.row("CHP-3")
def test_the_social_password_is_the_chips(tmp_path: Path) -> None:
    """Checked and counted on the chip, locked, opened by PUK; the payment side has no part in it."""
    path = str(tmp_path / "card.json")
    assert sscard("make", "--out", path).exit_code == 0
    with inserted(path):
        assert sscard("verify-pin", stdin=PIN).exit_code == 0
        for left in (5, 4, 3, 2, 1, 0):
            wrong = sscard("verify-pin", stdin="111111\n")
            assert wrong.exit_code == 1
            assert f"{left} tries left" in wrong.stdout
        assert "blocked" in sscard("verify-pin", stdin=PIN).stdout
        card = PcscCard(0)
        report = run_suite(card, psam(), demo.PIN, only=frozenset({"FIREWALL"}))
        assert not report.passed, "a locked password answers 6983"
        terminal = Terminal(card, psam())
        terminal.begin()
        assert terminal.authenticate("SSSE", "PUK").good
        assert terminal.with_mac(UNBLOCK, b"", key_rules()["SSSE", "STKSSSE"]).good
        report = run_suite(card, psam(), demo.PIN, only=frozenset({"FIREWALL", "CHANGE_PIN", "PIN_VERIFY"}))
        assert report.passed, report.as_text()
        card.close()
        assert sscard("verify-pin", stdin=PIN).exit_code == 0
    for file in tmp_path.iterdir():
        assert not re.search(rb"246813|JGgT", file.read_bytes()), "no password in clear in any file"


@pytest.mark.row("NAT-1", part="chip")
def test_a_card_of_area_a_in_a_terminal_of_area_b(tmp_path: Path) -> None:
    path = str(tmp_path / "card.json")
    assert sscard("make", "--area", "990100", "--out", path).exit_code == 0
    with inserted(path):
        card = PcscCard(0)
        report = run_suite(
            card, psam(), demo.PIN, foreign=psam(area="990200"), only=frozenset({"UNIVERSAL", "FACTORS"})
        )
        card.close()
    assert report.passed, report.as_text()
    assert {one.code for one in report.results} == {"OPENING", "UNIVERSAL", "FACTORS"}
    audit = sscard("audit", "--file", path, "--out", str(tmp_path / "report.json"))
    assert audit.exit_code == 0, audit.stdout
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["passed"] is True
