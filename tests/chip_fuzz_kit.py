"""Everything of the chip that reads bytes of strangers, as targets of fuzzing: what goes in, and what may come out.

The tests run a short form (mutations of the corpus, some seconds), `make fuzz` runs atheris on each for a minute. A target
returns, or raises what it must not: only the faults named here are answers.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sscard.chip.card import FileStore, MemoryStore, VirtualCard
from sscard.chip.card.apdu import Command
from sscard.chip.card.image import Image
from sscard.chip.card.status import Status
from sscard.chip.card.transport import Contacts
from sscard.chip.codec import contents, tlv
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.faults import ChipFault
from sscard.chip.files import DF_NAME, files
from sscard.chip.personal import demo
from sscard.chip.personal.certificate import check
from sscard.chip.psam.card import AID, Psam
from sscard.chip.reader.reading import read_card
from sscard.chip.reader.terminal import Terminal

SELECT = b"\x00\xa4\x04\x00"
SSSE = SELECT + bytes((len(DF_NAME),)) + DF_NAME
KEPT = MemoryStore(demo.card()), MemoryStore(demo.card(version="1.0", algorithm="3des"))
ALL_FILES = [one for version in ("1.0", "2.0", "3.0") for one in files(version) if one.items]


def chunks(raw: bytes) -> Iterator[bytes]:
    """A sequence of messages out of one run of bytes: each begins with its length."""
    at = 0
    while at < len(raw):
        yield raw[at + 1 : at + 1 + raw[at]]
        at += 1 + raw[at]


def joined(*messages: bytes) -> bytes:
    return b"".join(bytes((len(one),)) + one for one in messages)


def parse_tlv(raw: bytes) -> None:
    for way in (tlv.split, tlv.ber_split):
        with contextlib.suppress(ChipFault):
            found = way(raw)
            assert sum(len(value) for _, value in found) <= len(raw)
            if way is tlv.split:
                assert b"".join(tlv.record(tag, value) for tag, value in found) == raw
    with contextlib.suppress(ChipFault):
        tlv.ber_find(raw, (0x6F, 0xA5, 0x9F0C, 0x86))


def parse_apdu(raw: bytes) -> None:
    with contextlib.suppress(Status):
        command = Command.parse(raw)
        assert raw.startswith(command.header)
        assert len(command.data) <= 255


def _state(image: Image) -> object:
    """The image without what must count when a command is refused."""
    found = msgspec.to_builtins(image)
    return {name: value for name, value in found.items() if name not in ("pin_tries", "key_tries")}


def talk_to_card(raw: bytes) -> None:
    """A whole conversation; after a refusal the card is as it was, in memory and where it is kept."""
    kept = KEPT[raw[0] & 1 if raw else 0]
    card = VirtualCard(MemoryStore(kept.load()))
    contacts = Contacts(card, "t0" if raw and raw[0] & 2 else "apdu")
    contacts.power_on()
    for message in list(chunks(raw[1:]))[:20]:
        before = _state(card.image)
        answer = contacts.transmit(message)
        assert 2 <= len(answer) <= 258
        if answer[-2] not in (0x90, 0x61):
            assert _state(card.image) == before
            assert _state(card.store.load()) == before
    assert contacts.power_on()[:1] == b"\x3b"


def talk_to_psam(raw: bytes) -> None:
    psam = Psam(TestKeys(), "990100", "3des" if raw and raw[0] & 1 else "sm4")
    psam.transmit(SELECT + b"\x06" + AID)
    for message in list(chunks(raw[1:]))[:20]:
        assert len(psam.transmit(message)) >= 2


def read_files(raw: bytes) -> None:
    """Records of a card that somebody else wrote; a certificate among them."""
    if not raw:
        return
    file = ALL_FILES[raw[0] % len(ALL_FILES)]
    with contextlib.suppress(ChipFault):
        contents.values(file, list(chunks(raw[1:])))
    with contextlib.suppress(ChipFault):
        contents.cyclic_values(next(one for one in ALL_FILES if one.structure == "cyclic"), raw[1:])
    with contextlib.suppress(ChipFault):
        check(raw[1:])


def load_card_file(raw: bytes) -> None:
    """The virtual card's own file, as somebody may hand it over; the seal beside it is right."""
    folder = _folder()
    (folder / "card.json").write_bytes(raw)
    with contextlib.suppress(ChipFault):
        image = FileStore(folder / "card.json").load()
        Contacts(VirtualCard(MemoryStore(image))).power_on()


def read_strange_card(raw: bytes) -> None:
    """A terminal before a card that answers anything at all: a fault, never an exception of ours."""
    with contextlib.suppress(ChipFault):
        read_card(Terminal(_Strange(list(chunks(raw)))))


class _Strange:
    """Answers what it was given, then 6A83 for ever."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers
        self.atr = answers.pop(0) if answers else b"\x3b"

    def reset(self) -> bytes:
        return self.atr

    def transmit(self, apdu: bytes) -> bytes:
        return self.answers.pop(0) if self.answers else b"\x6a\x83"


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _folder() -> Path:
    if not _kept:
        _kept.append(tempfile.TemporaryDirectory(prefix="chip-fuzz-"))
        FileStore(Path(_kept[0].name) / "card.json").save(KEPT[0].load())
    return Path(_kept[0].name)


def _good_answers() -> bytes:
    """What a good card answers when its issuer's data are read."""
    contacts = Contacts(VirtualCard(MemoryStore(KEPT[0].load())), "apdu")
    atr = contacts.power_on()
    sent = [SSSE, *(bytes((0x00, 0xB2, number, 0x2C, 0x00)) for number in (1, 3, 1, 2, 3, 4, 5, 6, 7, 8))]
    return joined(atr, *(contacts.transmit(one) for one in sent))


@dataclass(frozen=True, slots=True)
class Target:
    """`corpus`: inputs that go deep; mutations of them go deeper than chance."""

    run: Callable[[bytes], None]
    corpus: tuple[bytes, ...]


PIN = bytes.fromhex("0020000003246813")
CARD_TALKS = (
    b"\x00" + joined(SSSE, b"\x00\xb2\x01\x2c\x00", PIN, b"\x00\x84\x00\x00\x08", bytes.fromhex("0082000A10") + bytes(16)),
    b"\x02" + joined(SSSE, b"\x00\xc0\x00\x00\x1e", SELECT + b"\x06" + bytes.fromhex("D15600000503"), PIN,
                     b"\x00\xb2\x01\x2c\x0a", bytes.fromhex("B026000104"), bytes.fromhex("B028010113") + bytes(19)),
    b"\x01" + joined(SSSE, bytes.fromhex("805E010007246813FF135790"), bytes.fromhex("8424000004") + bytes(4)),
    b"\x00" + joined(SELECT + b"\x08" + bytes.fromhex("A000000333010101"), b"\x00\xb2\x01\x14\x00"),
    b"\x02" + joined(SSSE, bytes.fromhex("00DC022C03020131"), bytes.fromhex("04D6870004") + bytes(4), b"\x00\xb0\x88\x00\x10"),
)  # fmt: skip
PSAM_TALKS = (
    b"\x00" + joined(bytes.fromhex("BFEC0001") + b"\x01\x99", bytes.fromhex("BFDE67") + b"\x08\x28" + bytes(40),
                     bytes.fromhex("80FA0000") + b"\x10" + bytes(16)),
    b"\x01" + joined(bytes.fromhex("BFEC0002") + b"\x01\x33", bytes.fromhex("BFDE27") + b"\x0c\x10" + bytes(16),
                     bytes.fromhex("80FA0500") + b"\x10" + bytes(16), b"\x00\x84\x00\x00\x08"),
)  # fmt: skip
ROWS = tuple(
    bytes((number,)) + joined(*contents.records(file, {}))
    for number, file in enumerate(ALL_FILES)
    if file.structure != "cyclic"
)

TARGETS: dict[str, Target] = {
    "tlv": Target(
        parse_tlv, (tlv.ber(0x6F, tlv.ber(0xA5, tlv.ber(0x9F0C, tlv.ber(0x86, b"\x03")))), b"\x01\x02\x03\x04")
    ),
    "apdu": Target(parse_apdu, (SSSE, PIN, b"\x00\xb2\x01\x2c\x00", b"\x00\xc0\x00\x00")),
    "card": Target(talk_to_card, CARD_TALKS),
    "psam": Target(talk_to_psam, PSAM_TALKS),
    "files": Target(read_files, ROWS),
    "cardfile": Target(load_card_file, ((_folder() / "card.json").read_bytes(), b"{}")),
    "terminal": Target(read_strange_card, (_good_answers(),)),
}


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """One to four changes: a byte, a bit, a cut, a repeat, an end."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0 if at < len(found):
                found[at] = chance.randrange(256)
            case 1 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                del found[at : at + chance.randrange(1, 9)]
            case 3:
                found[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 4:
                found[at:at] = found[chance.randrange(len(found) + 1) :][: chance.randrange(1, 33)]
            case 5:
                del found[at:]
    return bytes(found[:4096]) if len(raw) <= 4096 else bytes(found)
