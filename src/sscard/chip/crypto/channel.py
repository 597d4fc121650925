"""A card's side of one load (`sscard.keys.loads`): the chain of MACs and the deciphering, each one running cipher."""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, algorithms, modes

from sscard.chip.crypto.ciphers import DES, CardCipher, padded, unframed
from sscard.keys import loads


class Channel:
    """Opened by a card's own transport key. A MAC that does not fit breaks the chain for good."""

    def __init__(self, how: CardCipher, transport: bytes) -> None:
        enciphering, authenticating = loads.channel(how, transport)
        self._block: Final = how.block
        start = bytes(how.block)
        self._chain: Final = Cipher(_algorithm(how, authenticating), modes.CBC(start)).encryptor()
        self._open: Final = Cipher(_algorithm(how, enciphering), modes.ECB()).decryptor()  # noqa: S305 - loads.py
        self.broken = False

    def fits(self, covered: bytes, mac: bytes) -> bool:
        """Is this the MAC of the next command?"""
        last = self._chain.update(padded(covered, self._block))[-self._block :]
        if self._block == 16:
            whole = int.from_bytes(last, "big")
            last = ((whole ^ whole >> 32 ^ whole >> 64 ^ whole >> 96) & 0xFFFFFFFF).to_bytes(4, "big")
        self.broken = self.broken or not hmac.compare_digest(last[: loads.MAC_BYTES], mac)
        return not self.broken

    def opened(self, secret: bytes) -> bytes:
        """The value of a command whose MAC fits. Raises chip.tlv where its length does not."""
        return unframed(self._open.update(secret))


def _algorithm(how: CardCipher, key: bytes) -> CipherAlgorithm:
    return TripleDES(key + key[:8]) if how.id == DES else algorithms.SM4(key)
