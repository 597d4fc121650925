"""Anything a reader may send: a status word, never an exception, and a refusal changes nothing."""

from __future__ import annotations

import contextlib

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from chip_kit import contacts
from sscard.chip.card import MemoryStore, VirtualCard
from sscard.chip.card.apdu import Command
from sscard.chip.card.selecting import CERT, PAY
from sscard.chip.card.status import Status
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.files import applications
from sscard.chip.personal import demo
from sscard.chip.psam.card import AID, Psam

IMAGES = {kind: demo.card(version=kind[0], algorithm=kind[1]) for kind in (("1.0", "3des"), ("3.0", "sm4"))}
KNOWN = sorted({*VirtualCard.social, *VirtualCard.payment, *VirtualCard.pki})
NAMES = [one.df_name for one in applications()] + [PAY, CERT, b"\x3f\x00"]

headers = st.one_of(
    st.tuples(st.sampled_from(KNOWN), st.integers(0, 255), st.integers(0, 255)).map(
        lambda it: bytes((*it[0], it[1], it[2]))
    ),
    st.binary(min_size=4, max_size=4),
)
bodies = st.one_of(st.just(b""), st.binary(max_size=40), st.sampled_from(NAMES))
commands = st.one_of(
    st.tuples(headers, bodies, st.booleans()).map(
        lambda it: it[0] + (bytes((len(it[1]),)) + it[1] if it[1] else b"") + (b"\x00" if it[2] else b"")
    ),
    st.binary(max_size=300),
)


def counted(image: object) -> object:
    """The image without what must count when a command is refused."""
    found = msgspec.to_builtins(image)
    assert isinstance(found, dict)
    for name in ("pin_tries", "key_tries"):
        found.pop(name)
    return found


@settings(max_examples=120)
@given(
    kind=st.sampled_from(sorted(IMAGES)), profile=st.sampled_from(["apdu", "t0"]), sent=st.lists(commands, max_size=15)
)
def test_no_bytes_break_a_card(kind: tuple[str, str], profile: str, sent: list[bytes]) -> None:
    card = contacts(IMAGES[kind], profile)  # type: ignore[arg-type]
    card.power_on()
    for raw in sent:
        before = counted(card.card.image)
        answer = card.transmit(raw)
        assert 2 <= len(answer) <= 258
        if answer[-2] not in (0x90, 0x61):
            assert counted(card.card.image) == before
            assert counted(card.card.store.load()) == before
    assert card.power_on()[:1] == b"\x3b"


@given(raw=st.binary(max_size=300))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    with contextlib.suppress(Status):
        command = Command.parse(raw)
        assert raw.startswith(command.header)
        assert len(command.data) <= 255


@given(sent=st.lists(st.one_of(commands, st.just(b"\x00\xa4\x04\x00\x06" + AID)), max_size=10))
def test_no_bytes_break_a_psam(sent: list[bytes]) -> None:
    psam = Psam(TestKeys(), "990100")
    psam.transmit(b"\x00\xa4\x04\x00\x06" + AID)
    for raw in sent:
        assert len(psam.transmit(raw)) >= 2


@settings(max_examples=30)
@given(damage=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_card_with_damaged_files_still_answers(damage: list[tuple[int, int]]) -> None:
    """Records of a card that somebody else wrote badly: every read is a status word."""
    image = MemoryStore(IMAGES[("3.0", "sm4")]).load()
    files = sorted(image.files)
    for where, byte in damage:
        rows = image.files[files[where % len(files)]].records
        if rows:
            rows[where % len(rows)] = bytes((byte,)) * (where % 40 + 1)
    card = contacts(image)
    card.power_on()
    for number in range(1, 9):
        for sfi in (5, 6, 7):
            assert len(card.transmit(bytes((0x00, 0xB2, number, sfi << 3 | 4, 0)))) >= 2
