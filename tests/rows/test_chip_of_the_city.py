"""CHP-1, CHP-2, ISS-3, ISS-5: a card of the running city in a reader. A file of its own: the city is there before the reader
service is taken."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from typer.testing import CliRunner

from chip_kit import present, psam, reader_service, wait_for
from rows_kit import Walked
from sscard.chip.card.pins import packed
from sscard.chip.reader.pcsc import PcscCard
from sscard.chip.reader.terminal import Terminal
from sscard.cli.card import app
from sscard.codes import card_identification_code, card_number
from sscard.codes.citizen_id import validate as citizen_id

INITIAL = "123456"
"""The area's rule `initial_password_value`."""
SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"


@pytest.fixture
def pcscd(walked: Walked) -> Iterator[None]:
    yield from reader_service()


@contextmanager
def in_reader(walked: Walked, number: str, area: str) -> Iterator[None]:
    """`sscard card insert <card number>` in a window of its own, on the city's installation."""
    command = [sys.executable, "-u", "-m", "sscard.app.command", "card", "insert", number, "--area", area]
    program = subprocess.Popen(command, env={**walked.world.environ}, stdout=subprocess.PIPE, text=True)
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


def items(raw: bytes) -> dict[int, bytes]:
    """Tag, length, value, one behind the other."""
    found, at = {}, 0
    while at < len(raw):
        size = raw[at + 1]
        found[raw[at]] = raw[at + 2 : at + 2 + size]
        at += 2 + size
    return found


def text(raw: bytes) -> str:
    return raw.rstrip(b"\x00").decode("gbk")


@pytest.mark.slow
@pytest.mark.row("CHP-1")
@pytest.mark.row("CHP-2")
@pytest.mark.row("ISS-3")
@pytest.mark.row("ISS-5")
@pytest.mark.usefixtures("pcscd")
def test_what_was_collected_stands_on_the_chip(walked: Walked) -> None:
    """The hero's card of the story, made by the producer, read by opensc-tool and by raw commands: every item of EF05 and EF06,
    address, telephone and photo, decoded here by hand, is what was collected and numbered."""
    world = walked.world
    hero = world.hero
    plastic = hero.plastic
    assert plastic is not None
    area = plastic.card_id_code[:6]
    with in_reader(walked, plastic.card_number, area):
        told = subprocess.run(
            ["opensc-tool", "-r", "0", "-s", SELECT, "-s", "00B2012D00"],
            capture_output=True, text=True, check=False, timeout=300,
        ).stdout  # fmt: skip
        card = PcscCard(0)
        terminal = Terminal(card, psam(area=area))
        terminal.begin()
        issuer = terminal.send("EF05", bytes.fromhex("00B2012D00"))
        assert terminal.card_proves_itself()
        assert card.transmit(bytes.fromhex("00B2013500"))[-2:].hex() == "6982", "EF06 of a third-generation card"
        assert terminal.authenticate("SSSE", "RKSSSE").good
        holder = terminal.send("EF06", bytes.fromhex("00B2013500"))
        terminal.send("select EF08", bytes.fromhex("00A4020002EF08"))
        photo = b"".join(terminal.send("EF08", bytes((0, 0xB0, at >> 8, at & 0xFF, 0))) for at in range(0, 4096, 256))
        terminal.select_application("DF01")
        assert terminal.verify(packed(INITIAL)).good
        registration = items(terminal.send("DF01/EF05", bytes.fromhex("00B2012D00")))
        residence = items(terminal.send("DF01/EF06", bytes.fromhex("00B2013500")))
        card.close()
        read = CliRunner().invoke(app, ["read", "--psam", "test", "--json"])
    assert plastic.card_number in told, "opensc-tool prints the text of what it reads"
    five, six = items(issuer), items(holder)
    assert (len(issuer), len(holder), set(five), set(six)) == (64, 91, set(range(1, 8)), {8, 9, 0x4E, *range(0xA, 0xE)})
    assert five[1].hex().upper() == card_identification_code.validate(plastic.card_id_code)
    assert card_number.validate(text(five[7])) == plastic.card_number
    assert (text(five[2]), text(five[3])) == ("3", "3.00")
    assert five[4].hex().upper().startswith(f"9156000002{area}{area}")
    on = date.fromisoformat(f"{five[5].hex()[:4]}-{five[5].hex()[4:6]}-{five[5].hex()[6:]}")
    assert five[6].hex() > five[5].hex()
    kept = json.loads((world.wallet.folder / "cards" / f"{hero.body.id_number}.json").read_text("utf-8"))
    assert kept["issue_date"] == on.isoformat()
    assert citizen_id(text(six[8])) == hero.body.id_number
    assert text(six[9]) + text(six[0x4E]) == hero.body.name
    assert six[0x0D].hex() == hero.birth.replace("-", "")
    assert six[0x0C].hex() == hero.body.id_number[:6]
    assert text(six[0x0A]) == ("1" if int(hero.body.id_number[16]) % 2 else "2")
    assert six[0x0B].hex() == "01"
    assert photo.startswith(b"\xff\xd8\xff"), "the photo, as a JPEG that fits"
    assert text(registration[0x21])
    assert text(residence[0x28]) == hero.phone
    assert json.loads(read.stdout)["genuine"] is True


@pytest.mark.slow
@pytest.mark.row("CHP-2")
def test_a_number_that_is_no_card_of_the_drawer_is_refused_with_a_way_on(walked: Walked) -> None:
    plastic = walked.world.hero.plastic
    assert plastic is not None
    command = [sys.executable, "-m", "sscard.app.command", "card", "insert", plastic.card_number, "--area", "650100"]
    refused = subprocess.run(
        command, env={**walked.world.environ}, capture_output=True, text=True, check=False, timeout=300
    )
    assert refused.returncode == 1
    assert refused.stderr
