"""T30, T03 at a desk with a chip: recorded answers, another card, a copied card, a lying reader; all sessions are their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import chip_desk_kit as chips  # isort: skip
import terminals_kit as kit  # isort: skip
from sscard.cards import acts
from sscard.chip.card import MemoryStore, VirtualCard
from sscard.chip.card.transport import Contacts
from sscard.control.door import perform
from sscard.kernel.refusals import Refusal
from sscard.terminals.client import DeviceRefused

pytestmark = pytest.mark.usefixtures("whose_keys")
ENABLE, ID, CARD, PAD = "cards.enable", "id_reader", "card_slot", "pin_pad"


@pytest.fixture
def town(house: object) -> Iterator[kit.Town]:
    return kit.Town().settle()


@pytest.fixture
def desk(town: kit.Town) -> chips.ReaderDesk:
    return chips.ReaderDesk(town.terminal())


def begun(desk: chips.ReaderDesk, who: Any, matter: str = ENABLE) -> uuid.UUID:
    return kit.open_session(who, desk.desk, matter, (ID, CARD, PAD))


def code_of(what: Any, *args: Any) -> str:
    try:
        what(*args)
    except (Refusal, DeviceRefused) as no:
        return str(no.code)
    return "ok"


def enable(who: Any, session: uuid.UUID) -> str:
    return code_of(lambda: perform(who, ENABLE, acts.Enable(session), key=kit.key()))


class Recorder:
    """A card made of what somebody recorded: it answers each command as the real one did then, else 6D00."""

    def __init__(self, atr: bytes, heard: list[tuple[bytes, bytes]]) -> None:
        self.atr, self.heard = atr, heard

    def power_on(self) -> bytes:
        return self.atr

    def power_off(self) -> None:
        pass

    def transmit(self, raw: bytes) -> bytes:
        same = [answer for command, answer in self.heard if command == raw]
        alike = [answer for command, answer in self.heard if command[:2] == raw[:2]]
        return (same or alike or [b"\x6d\x00"])[0]


def test_a_recorded_session_enables_nothing(desk: chips.ReaderDesk) -> None:
    """Everything that went over the contacts when a card was enabled, played to the same desk: the challenge is another."""
    li, who = kit.resident(), kit.staff()
    chip = chips.chip_of(li)
    watch = desk.insert(chip)
    session = begun(desk, who)
    desk.desk.present_id(li.body)
    desk.order("prove")
    desk.order("password", kit.PIN, kit.PIN)
    again = begun(desk, who)
    desk.desk.present_id(li.body)
    desk.insert(Recorder(chip.card.image.atr, list(watch.heard)))
    assert code_of(desk.order, "prove") == "terminals.replayed"
    assert code_of(desk.order, "password", kit.PIN, kit.PIN) == "reader.other_card"
    assert enable(who, again) == "terminals.evidence_missing"
    assert enable(who, session) == "terminals.session_closed"
    assert li.row().social == "sealed"


def test_an_answer_for_one_matter_is_none_for_another(desk: chips.ReaderDesk, town: kit.Town) -> None:
    """The question is made of session, matter and both random numbers of the house."""
    from sscard.terminals.chips import question

    one = question("S", ENABLE, b"n" * 16, b"c" * 16)
    others = [
        question("T", ENABLE, b"n" * 16, b"c" * 16), question("S", "bank.activate", b"n" * 16, b"c" * 16),
        question("S", ENABLE, b"m" * 16, b"c" * 16), question("S", ENABLE, b"n" * 16, b"d" * 16),
    ]  # fmt: skip
    assert len({one, *others}) == 5


def test_another_card_in_the_reader(desk: chips.ReaderDesk) -> None:
    """Changed after it was proved: the reader notices; a reader that did not would be found out by the chip's signature."""
    li, wang, who = kit.resident(), kit.resident(), kit.staff()
    desk.insert(chips.chip_of(li))
    session = begun(desk, who)
    desk.desk.present_id(li.body)
    desk.order("prove")
    desk.insert(chips.chip_of(wang))
    assert code_of(desk.order, "password", kit.PIN, kit.PIN) == "reader.other_card"
    orders = desk.orders()
    orders._same_card = lambda *_: None  # a reader that somebody tampered with
    try:
        assert code_of(desk.order, "password", kit.PIN, kit.PIN) == "terminals.chip_not_signed"
    finally:
        del orders._same_card
    assert enable(who, session) == "terminals.evidence_missing"
    assert (li.row().social, wang.row().social) == ("sealed", "sealed")


def test_a_copy_with_other_keys_is_no_card(desk: chips.ReaderDesk) -> None:
    """All that can be read of a card, on a chip without its keys."""
    li, wang, who = kit.resident(), kit.resident(), kit.staff()
    copy, real = chips.image_of(wang), chips.image_of(li)
    copy.files, copy.atr = real.files, real.atr
    desk.insert(Contacts(VirtualCard(MemoryStore(copy))))
    session = begun(desk, who)
    desk.desk.present_id(li.body)
    assert code_of(desk.order, "prove") == "terminals.card_answer_wrong"
    assert enable(who, session) == "terminals.evidence_missing"


def test_a_card_with_keys_of_its_own_does_not_pass_for_another(desk: chips.ReaderDesk) -> None:
    """Good keys of one card under the number of another: the answer is computed from the number, and the answer to reset
    has to be this number's."""
    li, wang, who = kit.resident(), kit.resident(), kit.staff()
    image = chips.image_of(wang)
    image.files["SSSE/05"] = chips.image_of(li).files["SSSE/05"]
    desk.insert(Contacts(VirtualCard(MemoryStore(image))))
    begun(desk, who)
    assert code_of(desk.order, "prove") == "terminals.card_answer_wrong"


def test_a_reader_cannot_say_that_a_password_was_right(desk: chips.ReaderDesk) -> None:
    """Third-generation cards sign; the word of the reader alone, or a signature for something else, is not enough."""
    from sscard.chip.reader import proving
    from sscard.chip.reader.terminal import Terminal

    li, who = kit.resident(), kit.staff()
    chip = chips.chip_of(li, kit.PIN)
    watch = desk.insert(chip)
    session = begun(desk, who)
    desk.desk.present_id(li.body)
    desk.order("prove")
    pad, now = desk.desk.device("pin_pad"), desk.slot().session()
    assert code_of(pad.send, now, PAD, {"result": "new"}) == "ok", "taken in as the reader's word"
    assert enable(who, session) == "cards.chip_must_sign"
    terminal = Terminal(watch.inserted())
    terminal.begin()
    assert terminal.verify(bytes.fromhex(kit.PIN)).good
    certificate = proving.certificate(terminal).hex()
    for message in (b"something else", b""):
        signature = proving.signature(terminal, message).hex()
        payload = {"result": "new", "certificate": certificate, "signature": signature}
        assert code_of(pad.send, now, PAD, payload) == "terminals.chip_not_signed"
    assert li.row().social == "sealed"


@pytest.mark.parametrize("left_out", [ID, CARD, PAD])
def test_T03_each_piece_of_evidence_of_this_session(desk: chips.ReaderDesk, left_out: str) -> None:
    li, who = kit.resident(), kit.staff()
    desk.insert(chips.chip_of(li))
    session = begun(desk, who)
    if left_out != ID:
        desk.desk.present_id(li.body)
    if left_out != CARD:
        desk.order("prove")
        if left_out != PAD:
            desk.order("password", kit.PIN, kit.PIN)
    assert enable(who, session) == "terminals.evidence_missing"
    assert li.row().social == "sealed"


def test_T03_the_session_belongs_to_one_terminal_and_one_clerk(desk: chips.ReaderDesk, town: kit.Town) -> None:
    li, who = kit.resident(), kit.staff()
    desk.insert(chips.chip_of(li))
    session = begun(desk, who)
    now = desk.slot().session()
    desk.desk.present_id(li.body)
    desk.order("prove")
    desk.order("password", kit.PIN, kit.PIN)
    assert enable(kit.staff(), session) == "terminals.wrong_terminal"
    other = town.terminal().device("card_slot")
    assert code_of(other.send, now, CARD, {"x": "y"}) == "terminals.wrong_terminal"
    assert enable(who, session) == "ok"
    assert enable(who, session) == "terminals.session_used"
