"""The house's side of a chip in a reader: is this answer the chip's own, and what opens a blocked password.

Fills the port `terminals.chips`. Cards of sandbox areas have test keys, which anybody can compute: these are computed
here. All others are asked of the key service, under the set that the card was made with; their keys are never here.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import cipher
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.faults import ChipFault
from sscard.chip.files.table import key_rules
from sscard.chip.personal import certificate as certificates
from sscard.codes import card_identification_code
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.keys import recipes
from sscard.keys.tree import proofs
from sscard.law import areas
from sscard.terminals.chips import ChipSeen

TEST_SET: Final = "test"


def _unknown(_chip: ChipSeen) -> str:
    return ""


key_set_of: Callable[[ChipSeen], str] = _unknown
"""The key set a card was made with, filled by `app`; "" for a card that the house did not make: then the set that
serves its area answers."""


class ChipKeys(Protocol):
    """Whose keys stand behind a chip."""

    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool: ...
    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes: ...


class TestChips:
    """Chips of sandbox areas."""

    __test__ = False
    source = TestKeys()

    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        return hmac.compare_digest(proofs.answer(cipher(chip.algorithm), self._key(chip, proofs.IRK), question), answer)

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        return proofs.opening(cipher(chip.algorithm), self._key(chip, proofs.STEPS[step]), step, challenge)

    def _key(self, chip: ChipSeen, ref: str) -> bytes:
        application, name, version = ref.split("/")
        rule = key_rules()[application, name]
        return self.source.card_key(rule, int(version), chip.card_id_code[:6], chip.atr, chip.algorithm)


class ServiceChips:
    """Chips whose keys the key service holds. Raises keys.tree_retired for a card of a set that was destroyed,
    keys.tree_none for an area without keys, chip.test_keys where test keys stand for an area in earnest."""

    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        item = (factors.card(chip.atr), question, answer)
        return keys().chip_answers(chip.card_id_code[:6], chip.algorithm, self._set(chip), [item])[0]

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        area, factor = chip.card_id_code[:6], factors.card(chip.atr)
        return keys().chip_opening(area, chip.algorithm, self._set(chip), factor, step, challenge)

    def _set(self, chip: ChipSeen) -> str:
        area = chip.card_id_code[:6]
        found = key_set_of(chip) or keys().card_key_set(area, chip.algorithm)["set"]
        if found == TEST_SET:
            raise Refusal("chip.test_keys", area=area)
        return found


_TEST, _SERVICE = TestChips(), ServiceChips()


class Proofs:
    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        """INTERNAL AUTHENTICATE under IRK (card.md §7.3). False also for an ATR that is not this card's."""
        return _keys_of(chip).answered(chip, question, answer) and _own_atr(chip)

    def signed(self, chip: ChipSeen, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """The certificate is of our authority and of this very card, and so is the signature (r ‖ s)."""
        try:
            subject, public = certificates.check(certificate)
        except ChipFault:
            return False
        if subject != chip.card_id_code or len(signature) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        return recipes.sm2_verify(public, message, der)

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        """EXTERNAL AUTHENTICATE with PUK, or PIN CHANGE/UNBLOCK under a session key of STK (S5 6.15, S7 13.3)."""
        return _keys_of(chip).opening(chip, step, challenge)


def _keys_of(chip: ChipSeen) -> ChipKeys:
    return _TEST if areas.get(chip.card_id_code[:6]).sandbox else _SERVICE


def _own_atr(chip: ChipSeen) -> bool:
    """The last historical bytes are the area's first four digits and the serial that the identification code names: so
    the key that answered belongs to this code (card.md §2, §4.1)."""
    tail = bytes.fromhex(chip.card_id_code[:4]) + card_identification_code.get_serial(chip.card_id_code)
    return factors.historical(chip.atr)[-6:] == tail
