"""The house's side of a chip in a reader: is this answer the chip's own, and what opens a blocked password.

Fills the port `terminals.chips`. `source` says whose keys the chips have; test keys, which anybody can compute, serve
cards of sandbox areas only.
"""

from __future__ import annotations

import hmac
import secrets

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import CardCipher, cipher
from sscard.chip.crypto.tree import KeySource, TestKeys
from sscard.chip.files.table import key_rules
from sscard.chip.personal import certificate as certificates
from sscard.codes import card_identification_code
from sscard.kernel.refusals import Refusal
from sscard.keys import recipes
from sscard.law import areas
from sscard.terminals.chips import ChipSeen

source: KeySource = TestKeys()
"""Whose keys stand behind the chips."""


class Proofs:
    def answered(self, chip: ChipSeen, question: bytes, answer: bytes) -> bool:
        """INTERNAL AUTHENTICATE under IRK (card.md §7.3). False also for an ATR that is not this card's."""
        how, key = _key(chip, "IRK")
        if not _own_atr(chip):
            return False
        wanted = how.authenticate(how.session(key, question[:8]), question[8:16])
        return hmac.compare_digest(wanted, answer)

    def signed(self, chip: ChipSeen, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """The certificate is of our authority and of this very card, and so is the signature (r ‖ s)."""
        try:
            subject, public = certificates.check(certificate)
        except ValueError:
            return False
        if subject != chip.card_id_code or len(signature) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        return recipes.sm2_verify(public, message, der)

    def opening(self, chip: ChipSeen, step: str, challenge: bytes) -> bytes:
        """EXTERNAL AUTHENTICATE with PUK, or PIN CHANGE/UNBLOCK under a session key of STK (S5 6.15, S7 13.3)."""
        if step == "puk":
            how, key = _key(chip, "PUK")
            original = secrets.token_bytes(8)
            proof = how.authenticate(how.session(key, challenge), original)
            return bytes((0x00, 0x82, 0x00, key_rules()["SSSE", "PUK"].id, 16)) + proof + original
        how, key = _key(chip, "STKSSSE")
        session = how.session(key, challenge)
        body = how.encrypt(session, b"") if step == "empty" else b""
        head = bytes((0x84, 0x24, 0x00, 0x01 if step == "empty" else 0x00, len(body) + 4))
        return head + body + how.mac(session, head + body)


def _key(chip: ChipSeen, name: str) -> tuple[CardCipher, bytes]:
    """Raises chip.test_keys for a card of an area in earnest while only test keys are there."""
    area = chip.card_id_code[:6]
    if isinstance(source, TestKeys) and not areas.get(area).sandbox:
        raise Refusal("chip.test_keys", area=area)
    key = source.card_key(key_rules()["SSSE", name], 1, area, chip.atr, chip.algorithm)
    return cipher(chip.algorithm), key


def _own_atr(chip: ChipSeen) -> bool:
    """The last historical bytes are the area's first four digits and the serial that the identification code names: so
    the key that answered belongs to this code (card.md §2, §4.1)."""
    tail = bytes.fromhex(chip.card_id_code[:4]) + card_identification_code.get_serial(chip.card_id_code)
    return factors.historical(chip.atr)[-6:] == tail
