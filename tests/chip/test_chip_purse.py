"""The medical purse through the PSAM's keys: load, pay, prove, start of the year (S7 11–12; layout is a choice)."""

from __future__ import annotations

import pytest

from chip_kit import terminal
from sscard.chip.codec import contents
from sscard.chip.crypto import tree
from sscard.chip.crypto.ciphers import CardCipher, cipher
from sscard.chip.files import key_rules, the_file
from sscard.chip.reader.terminal import Terminal

PIN = bytes.fromhex("246813")
MACHINE = bytes.fromhex("990100000001")
WHEN = bytes.fromhex("20260301093000")


class Host:
    """The other side of the purse: bureau and terminal, from the same roots."""

    def __init__(self, card: Terminal) -> None:
        self.card, self.how = card, cipher(card.algorithm)

    def key(self, name: str, version: int = 1) -> bytes:
        rule = key_rules()["DF04", name]
        return tree.TestKeys().card_key(rule, version, self.card.area, self.card.card.atr, self.card.algorithm)

    def load(self, fen: int, *, spoil: bool = False) -> tuple[int, bytes]:
        amount = fen.to_bytes(4, "big")
        begun = self.card.exchange(b"\xb0\x28\x00\x01\x0b\x01" + amount + MACHINE)
        if not begun.good:
            return begun.sw, b""
        head, chance, mac = begun.data[:6], begun.data[8:12], begun.data[12:]
        session = self.how.session(self.key("DLK"), chance + head[4:6] + b"\x80\x00")
        assert mac == self.how.mac(session, head[:4] + amount + b"\x01" + MACHINE)
        proof = bytes(4) if spoil else self.how.mac(session, amount + b"\x01" + MACHINE + WHEN)
        done = self.card.exchange(b"\xb0\x2a\x00\x00\x0b" + WHEN + proof)
        return done.sw, done.data

    def pay(self, account: int, own: int, pool: int, *, version: int = 1, when: bytes = WHEN) -> tuple[int, bytes]:
        amounts = b"".join(fen.to_bytes(4, "big") for fen in (account, own, pool))
        begun = self.card.exchange(b"\xb0\x28\x01\x01\x13" + bytes((version,)) + amounts + MACHINE)
        if not begun.good:
            return begun.sw, b""
        number = bytes.fromhex("00000007")
        session = self.how.session(self.key("DPK", version), begun.data[18:] + begun.data[4:6] + number[2:])
        proof = self.how.mac(session, amounts + b"\x02" + MACHINE + when)
        done = self.card.exchange(b"\xb0\x2c\x01\x00\x0f" + number + when + proof)
        if done.good:
            said = amounts + b"\x02" + MACHINE + number + when
            assert done.data == self.how.tac(self.key("DTK"), said) + self.how.mac(session, amounts[:4])
        return done.sw, done.data

    def sums(self) -> list[int]:
        return [int.from_bytes(self.card.exchange(bytes((0xB0, 0x26, 0, n, 4))).data, "big") for n in (1, 2, 3)]


@pytest.fixture(params=["3des", "sm4"])
def host(request: pytest.FixtureRequest) -> Host:
    card = terminal("t0", version="2.0", algorithm=request.param)
    card.select_application("DF04")
    assert card.verify(PIN).good
    return Host(card)


def test_load_and_pay(host: Host) -> None:
    assert host.load(10_000)[0] == 0x9000
    sw, answer = host.pay(2_500, 300, 7_200)
    assert sw == 0x9000
    assert host.sums() == [7_500, 300, 7_200]
    for version in (2, 3):
        assert host.pay(100, 0, 0, version=version)[0] == 0x9000
    rows = host.card.read_rows(the_file("2.0", "DF04", 0x08))
    details = [contents.cyclic_values(the_file("2.0", "DF04", 0x08), row) for row in rows[:4]]
    assert [one["kind"] for one in details] == ["2", "2", "2", "1"]
    assert int.from_bytes(details[2]["account_fen"], "big") == 2_500
    assert details[0]["terminal"] == MACHINE.hex()
    assert len(rows) == 30
    assert host.card.exchange(bytes.fromhex("B02E000202") + (2).to_bytes(2, "big")).good
    assert host.card.exchange(bytes.fromhex("B02E000202") + (0).to_bytes(2, "big")).sw == 0x9406
    assert len(answer) == 8


def test_what_the_purse_refuses(host: Host) -> None:
    assert host.load(0)[0] == 0x9401
    assert host.load(99_999_999 + 1)[0] == 0x9401
    assert host.load(5_000, spoil=True)[0] == 0x9302
    assert host.sums() == [0, 0, 0]
    assert host.pay(1, 0, 0)[0] == 0x9401
    assert host.pay(0, 0, 0, version=4)[0] == 0x9403
    assert host.pay(0, 0, 0, version=0)[0] == 0x9403


def test_another_command_in_between_ends_the_transaction(host: Host) -> None:
    host.load(1_000)
    amounts = bytes(12)
    assert host.card.exchange(b"\xb0\x28\x01\x01\x13\x01" + amounts + MACHINE).good
    host.card.challenge()
    assert host.card.exchange(bytes.fromhex("B02C01000F") + bytes(15)).sw == 0x6901


def test_a_new_year_begins_its_sums_anew(host: Host) -> None:
    host.load(1_000)
    host.pay(100, 50, 60)
    assert host.pay(100, 1, 2, when=bytes.fromhex("20270101080000"))[0] == 0x9000
    assert host.sums() == [800, 1, 2]


def test_start_of_the_year_is_set_with_a_mac(host: Host) -> None:
    how: CardCipher = host.how
    host.load(1_000)
    host.pay(10, 20, 30)
    data = bytes.fromhex("20280401")
    session = how.session(host.key("DSK"), host.card.challenge())
    head = bytes.fromhex("B056000108")
    assert host.card.exchange(head + data + bytes(4)).sw == 0x9302
    session = how.session(host.key("DSK"), host.card.challenge())
    assert host.card.exchange(head + data + how.mac(session, head + data)).good
    assert host.card.exchange(bytes.fromhex("B056000004")).data == data
    assert host.sums() == [990, 0, 0]


def test_the_purse_is_in_df04_and_asks_the_password() -> None:
    card = terminal()
    assert card.exchange(bytes.fromhex("B026000104")).sw == 0x6985
    card.select_application("DF04")
    assert card.exchange(b"\xb0\x28\x00\x01\x0b\x01" + bytes.fromhex("00000064") + MACHINE).sw == 0x6982
