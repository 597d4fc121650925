"""Power goes off at any point: a write is whole or not there, and a counted try stays counted."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chip_kit import psam, wait_for
from sscard.chip.card import FileStore, VirtualCard
from sscard.chip.card.apdu import Command
from sscard.chip.card.transport import Contacts
from sscard.chip.faults import ChipFault
from sscard.chip.personal import demo
from sscard.chip.reader.terminal import Terminal

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


class Reader:
    """The reader's end of vpcd's link, so that the program with the card can be killed at any moment."""

    def __init__(self, server: socket.socket, path: Path) -> None:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        command = [sys.executable, "-m", "sscard.app.command", "card", "insert", str(path), "--reader", place]
        self.program = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.line = server.accept()[0]
        self.line.settimeout(20)
        self.atr = b""

    def tell(self, message: bytes) -> None:
        self.line.sendall(len(message).to_bytes(2, "big") + message)

    def hear(self) -> bytes:
        """What the card says; empty when it was killed meanwhile."""
        found = b""
        with contextlib.suppress(ConnectionError):
            while len(found) < 2 or len(found) < 2 + int.from_bytes(found[:2], "big"):
                more = self.line.recv(4096)
                if not more:
                    return b""
                found += more
        return found[2:]

    def reset(self) -> bytes:
        self.tell(b"\x01")
        self.tell(b"\x04")
        self.atr = self.hear()
        return self.atr

    def transmit(self, raw: bytes) -> bytes:
        self.tell(raw)
        return self.hear()

    def close(self) -> None:
        self.program.kill()
        self.program.wait(timeout=20)
        self.line.close()


def test_the_card_program_is_killed_between_two_writes(path: Path) -> None:
    """`sscard card insert`, killed by -9 while a terminal writes number after number: what was answered is on the card after
    it is put in again, what was not answered is there whole or not at all, and a counted try stays counted."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(30)
    written = answered = tries = 0
    for cut in (0.0, 0.0007, 0.003, 0.0):
        reader = Reader(server, path)
        try:
            reader.reset()
            terminal = Terminal(reader, psam())
            terminal.open()
            before = terminal.tries_left() or 0
            assert tries == 0 or before in (tries, tries - 1), "a try that was answered is counted after the kill"
            terminal.select_application("DF01")
            assert terminal.verify(PIN).good, "and the right password gives them back"
            row = terminal.read_record(6, 0x28, 0).data
            number = int(row[2:13].rstrip(b"\0") or b"0")
            assert answered <= number <= written, "whole, the answered one or the one behind it"
            assert terminal.authenticate("DF01", "UK4").good
            for written in range(number + 1, number + 6):
                assert terminal.update_record(6, 0x28, b"\x28\x0f" + f"{written:011}".encode() + bytes(4), 0).good
            answered, written = written, written + 1
            assert terminal.verify(bytes.fromhex("111111")).sw == 0x63C5
            tries = 5
            last = b"\x28\x0f" + f"{written:011}".encode() + bytes(4)
            reader.tell(bytes((0x00, 0xDC, 0x28, 6 << 3, len(last))) + last)
            time.sleep(cut)
            reader.program.send_signal(signal.SIGKILL)
            if reader.hear()[-2:] == b"\x90\x00":
                answered = written
        finally:
            reader.close()
    server.close()
    assert answered >= 20, "the terminal wrote in every life of the program"


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
