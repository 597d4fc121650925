"""T30: a recorded APDU session, played again to the card, proves nothing; a copied card without keys is found out."""

from __future__ import annotations

import pytest

from chip_kit import contacts, psam, terminal
from sscard.chip.card.transport import Contacts
from sscard.chip.conformance.blocking import BLOCK_CARD
from sscard.chip.conformance.passwords import UNBLOCK
from sscard.chip.files import key_rules
from sscard.chip.personal import demo
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess

CLASS_OF_REFUSALS = {"6982", "6984", "6988"}


class Tapped:
    """A transport with somebody listening."""

    def __init__(self, card: Contacts) -> None:
        self.card, self.heard = InProcess(card), []

    heard: list[bytes]

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def transmit(self, raw: bytes) -> bytes:
        self.heard.append(raw)
        return self.card.transmit(raw)

    def reset(self) -> bytes:
        return self.card.reset()

    def close(self) -> None:
        self.card.close()


@pytest.mark.parametrize("algorithm", ["3des", "sm4"])
def test_a_recorded_session_is_refused(algorithm: str) -> None:
    """Authentication, a write with MAC and an unblocking: each recorded, each refused when it is played again."""
    tap = Tapped(contacts(demo.card(version="3.0", algorithm=algorithm)))
    card = Terminal(tap, psam(algorithm))
    card.begin()
    row = card.read_record(5, 2).data
    stk = key_rules()["SSSE", "STKSSSE"]
    assert card.authenticate("SSSE", "UKSSSE").good
    assert card.with_mac(bytes((0x04, 0xDC, 0x02, 0x2C)), row, stk).good
    assert card.authenticate("SSSE", "PUK").good
    assert card.with_mac(UNBLOCK, b"", stk).good
    assert card.authenticate("SSSE", "BK").good
    heard = list(tap.heard)
    tap.reset()
    played = [(raw, tap.card.transmit(raw)[-2:].hex()) for raw in heard]
    proofs = [sw for raw, sw in played if raw[1] in (0x82,)]
    acts = [sw for raw, sw in played if raw[0] in (0x04, 0x84)]
    assert len(proofs) == 3
    assert all(sw.startswith("63c") for sw in proofs), "a new challenge was asked, the old answer does not fit it"
    assert len(acts) == 2
    assert set(acts) <= CLASS_OF_REFUSALS
    assert tap.card.transmit(BLOCK_CARD + b"\x04\x00\x00\x00\x00")[-2:].hex() == "6982"


def test_an_answer_without_its_challenge_is_refused() -> None:
    """The same bytes right after one another, and after a reset: 6984."""
    tap = Tapped(contacts(demo.card()))
    card = Terminal(tap, psam())
    card.begin()
    assert card.authenticate("SSSE", "RKSSSE").good
    proof = next(raw for raw in tap.heard if raw[1] == 0x82)
    assert tap.transmit(proof).hex() == "6984"
    tap.reset()
    assert tap.transmit(proof).hex() == "6984"


def test_a_copy_without_keys_does_not_prove_itself() -> None:
    """Everything readable copied onto another card: it lacks the key of INTERNAL AUTHENTICATE, and a recorded answer fits no new
    question."""
    image = demo.card()
    copy = demo.card(sequence=2)
    copy.files, copy.atr = image.files, image.atr
    fake = Terminal(InProcess(contacts(copy)), psam())
    fake.begin()
    assert not fake.card_proves_itself()
    real = terminal()
    assert real.card_proves_itself()
    answers = {real.exchange(b"\x00\x88\x00\x00\x10" + bytes((n,)) * 16).data for n in range(20)}
    assert len(answers) == 20
