"""The card's ciphers: the computing that key service, PSAM and card share (`keys.tree.ciphers`), and deciphering, which
only a card does.
"""

from __future__ import annotations

from typing import Final, Protocol

from sscard.chip.faults import ChipFault
from sscard.keys.tree import ciphers as shared
from sscard.keys.tree.ciphers import DES, NAMES, SM4, SSF33, folded, framed, inverse, padded


class CardCipher(shared.KeyCipher, Protocol):
    def decrypt(self, session: bytes, secret: bytes) -> bytes: ...


def cipher(algorithm: int) -> CardCipher:
    """Raises chip.algorithm for one that is not public (SSF33) or not known."""
    if algorithm not in _CIPHERS:
        raise ChipFault("chip.algorithm", algorithm=f"{algorithm:02X}")
    return _CIPHERS[algorithm]


def unframed(raw: bytes) -> bytes:
    """What `framed` framed. Raises chip.tlv where the length does not fit."""
    if not raw or raw[0] > len(raw) - 1:
        raise ChipFault("chip.tlv", place="+0")
    return raw[1 : 1 + raw[0]]


class Des(shared.Des):
    def decrypt(self, session: bytes, secret: bytes) -> bytes:
        return unframed(self.blocks_back(session, secret))


class Sm4(shared.Sm4):
    def decrypt(self, session: bytes, secret: bytes) -> bytes:
        return unframed(self.blocks_back(session, secret))


_CIPHERS: Final[dict[int, CardCipher]] = {DES: Des(), SM4: Sm4()}

__all__ = [
    "DES", "NAMES", "SM4", "SSF33", "CardCipher", "Des", "Sm4", "cipher", "folded", "framed", "inverse", "padded", "unframed",
]  # fmt: skip
