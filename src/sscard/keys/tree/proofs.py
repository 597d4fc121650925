"""What a card proves to its house, and what opens its password again: one key and one challenge each (card.md §5, §7.3).

    answer   INTERNAL AUTHENTICATE under IRK: factor(8) ‖ original(8) → 8 bytes
    puk      EXTERNAL AUTHENTICATE under PUK for the card's challenge: the issuer is there (S7 13.3)
    counter  PIN CHANGE/UNBLOCK, MAC under STK: the tries come back
    empty    the same with an empty password, enciphered under STK: a forgotten one is taken away

Which key does what is fixed here, so that a PUK never makes a MAC and an STK never an authentication. Pure functions of
a card's key and a challenge: the key service and the test keys of sandbox areas share them.
"""

from __future__ import annotations

import secrets
from typing import Final

from sscard.keys.tree.ciphers import KeyCipher

IRK: Final = "SSSE/IRK/1"
STEPS: Final = {"puk": "SSSE/PUK/1", "counter": "SSSE/STKSSSE/1", "empty": "SSSE/STKSSSE/1"}
"""Step → the key of the card that it takes."""
PUK_ID: Final = 0x06
"""Identifier of PUK on the card (card.md §7.1)."""
CHALLENGE: Final = 8
"""Bytes of the card's challenge, and of an original."""


def answer(how: KeyCipher, key: bytes, question: bytes) -> bytes:
    """What the card that has this IRK answers to factor ‖ original."""
    return how.authenticate(how.session(key, question[:CHALLENGE]), question[CHALLENGE : 2 * CHALLENGE])


def opening(how: KeyCipher, key: bytes, step: str, challenge: bytes) -> bytes:
    """The command of a step. `key`: the one that `STEPS` names."""
    session = how.session(key, challenge)
    if step == "puk":
        original = secrets.token_bytes(CHALLENGE)
        proof = how.authenticate(session, original)
        return bytes((0x00, 0x82, 0x00, PUK_ID, 2 * CHALLENGE)) + proof + original
    body = how.encrypt(session, b"") if step == "empty" else b""
    head = bytes((0x84, 0x24, 0x00, 0x01 if step == "empty" else 0x00, len(body) + 4))
    return head + body + how.mac(session, head + body)
