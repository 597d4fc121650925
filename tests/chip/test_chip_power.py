"""Power goes off at any point: a write is whole or not there, and a counted try stays counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chip_kit import wait_for
from sscard.chip.card import FileStore, VirtualCard
from sscard.chip.card.apdu import Command
from sscard.chip.card.transport import Contacts
from sscard.chip.faults import ChipFault
from sscard.chip.personal import demo

PIN = bytes.fromhex("246813")

WRITER = """
import sys
from sscard.chip.card import FileStore, VirtualCard
card = VirtualCard(FileStore(sys.argv[1]))
card.power_on()
card.session.application = "DF02"
card.session.keys = {"UK3"}
file = card.file(0x07)
rows = card.contents(file).records
print("ready", flush=True)
for number in range(1, 1_000_000):
    record = number.to_bytes(4, "big") * 21 + b"\\0"
    rows.insert(0, record)
    del rows[4:]
    card.image.purse.balance_fen = number
    card.keep()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    FileStore(tmp_path / "card.json").save(demo.card())
    return tmp_path / "card.json"


def contacts(path: Path) -> Contacts:
    found = Contacts(VirtualCard(FileStore(path)))
    found.power_on()
    return found


def test_killed_while_writing(path: Path) -> None:
    """Record and purse are written together: after kill -9 at any moment they belong to one another."""
    last = 0
    for _ in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(0.03)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        image = FileStore(path).load()
        rows = image.files["DF02/07"].records
        assert len(rows) == 4
        number = int.from_bytes(rows[0][:4], "big")
        if any(rows[0].rstrip(b"\xff\x00")):
            assert rows[0][:84] == number.to_bytes(4, "big") * 21
            assert image.purse.balance_fen == number
            last = max(last, number)
    assert last > 0, "something was written before the last kill"


def test_cut_at_every_step_of_a_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each system call of the write fails in turn: the card answers 6581 and is as before, or is as after."""
    before = path.read_bytes()
    steps = [(os, "open"), (os, "write"), (os, "fsync"), (Path, "replace")]
    for where, name in steps:
        card = contacts(path)
        with monkeypatch.context() as broken:

            def no(*_: object, **__: object) -> None:
                raise OSError("power")

            broken.setattr(where, name, no)
            assert card.transmit(b"\x00\x20\x00\x00\x03\x11\x11\x11").hex() == "6581"
        assert path.read_bytes() == before
        assert card.transmit(bytes.fromhex("0020000000")).hex() == "63c6"


def test_a_try_is_counted_before_the_compare(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Power off between count and compare: the try is gone, also when the password was right."""
    card = contacts(path)

    def cut(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("sscard.chip.card.pins.hmac.compare_digest", cut)
    with pytest.raises(KeyboardInterrupt):
        card.transmit(b"\x00\x20\x00\x00\x03" + PIN)
    monkeypatch.undo()
    assert contacts(path).transmit(bytes.fromhex("0020000000")).hex() == "63c5"


def test_key_tries_are_counted_before_the_compare(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = contacts(path)
    card.transmit(bytes.fromhex("0084000008"))

    def cut(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("sscard.chip.card.authentication.hmac.compare_digest", cut)
    with pytest.raises(KeyboardInterrupt):
        card.transmit(bytes.fromhex("0082000410" + "00" * 16))
    monkeypatch.undo()
    assert FileStore(path).load().key_tries == {"SSSE/UKSSSE": 14}


def test_what_was_not_saved_is_gone(path: Path) -> None:
    card = contacts(path)
    card.card.image.purse.balance_fen = 5
    card.power_on()
    assert card.card.image.purse.balance_fen == 0


def test_the_file_tells_no_secret(path: Path) -> None:
    image = FileStore(path).load()
    raw = path.read_bytes()
    assert image.secrets.pin == PIN
    from base64 import b64encode

    for versions in image.secrets.keys.values():
        for key in versions:
            assert key not in raw
            assert b64encode(key) not in raw
            assert key.hex().encode() not in raw
    assert b64encode(image.secrets.pin) not in raw
    assert oct(path.stat().st_mode & 0o777) == oct((path.parent / "chip.seal").stat().st_mode & 0o777) == "0o600"


def test_a_damaged_file_or_another_seal_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "chip.seal"
    FileStore(tmp_path / "b.json", other).save(demo.card())
    with pytest.raises(ChipFault) as no:
        FileStore(path, other).load()
    assert no.value.code == "chip.card_file"
    with pytest.raises(ChipFault):
        FileStore(path, tmp_path / "nowhere.seal").load()
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ChipFault) as no:
        VirtualCard(FileStore(path))
    assert "card.json" in no.value.sentence("zh")


def test_purse_is_whole(path: Path) -> None:
    """An answer that was given is on disk."""
    card = contacts(path)
    assert card.card.execute(Command(0x00, 0x20, 0, 0, PIN))[1] == 0x9000
    wait_for(lambda: FileStore(path).load().pin_tries == 6, "tries are back on disk", 5)
