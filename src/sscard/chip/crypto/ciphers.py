"""What the card computes, for both kinds of keys (S4, S9 7; SM4 by the clause for 16-byte ciphers, card.md §7.2–7.3).

Two classes with the same six words: diversify, session, authenticate, mac, encrypt, tac. DES keys have 16 bytes (K1 ‖
K2), the key STK 8; SM4 keys 16. Pure functions of keys and data; nothing is kept.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sscard.chip.faults import ChipFault

DES, SSF33, SM4 = 0x01, 0x02, 0x03
"""Algorithm identifiers of the FCI (A5 → 9F0C → 86)."""
NAMES: Final = {"3des": DES, "ssf33": SSF33, "sm4": SM4}


class CardCipher(Protocol):
    """`block`: bytes of a block; `wide`: bytes of r that a session key takes."""

    block: int
    id: int

    def diversify(self, key: bytes, factor: bytes) -> bytes: ...
    def session(self, key: bytes, r: bytes) -> bytes: ...
    def authenticate(self, session: bytes, original: bytes) -> bytes: ...
    def mac(self, session: bytes, data: bytes) -> bytes: ...
    def encrypt(self, session: bytes, clear: bytes) -> bytes: ...
    def decrypt(self, session: bytes, secret: bytes) -> bytes: ...
    def tac(self, key: bytes, data: bytes) -> bytes: ...
    def blocks(self, session: bytes, data: bytes) -> bytes: ...


def cipher(algorithm: int) -> CardCipher:
    """Raises chip.algorithm for one that is not public (SSF33) or not known."""
    if algorithm not in _CIPHERS:
        raise ChipFault("chip.algorithm", algorithm=f"{algorithm:02X}")
    return _CIPHERS[algorithm]


def padded(data: bytes, block: int) -> bytes:
    """80 and then 00s, always (ISO 9797-1 method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def framed(clear: bytes, block: int) -> bytes:
    """Length byte ‖ clear, padded with 80 00 … only when it does not fill its blocks."""
    raw = bytes((len(clear),)) + clear
    return raw if len(raw) % block == 0 else padded(raw, block)


def unframed(raw: bytes) -> bytes:
    """What `framed` framed. Raises chip.tlv where the length does not fit."""
    if not raw or raw[0] > len(raw) - 1:
        raise ChipFault("chip.tlv", place="+0")
    return raw[1 : 1 + raw[0]]


def inverse(factor: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in factor)


class Des:
    """3DES with two keys; session keys are single DES. A key of 8 bytes (STK) is single DES all along."""

    block = 8
    id = DES

    def diversify(self, key: bytes, factor: bytes) -> bytes:
        """E(f) ‖ E(¬f); a key of 8 bytes gives E(f)."""
        right = b"" if len(key) == 8 else inverse(factor)
        return _des(key, factor + right)

    def session(self, key: bytes, r: bytes) -> bytes:
        """One DES key of 8 bytes out of the challenge, padded to 8 with 00."""
        return _des(key, r[:8].ljust(8, b"\x00"))

    def authenticate(self, session: bytes, original: bytes) -> bytes:
        return _des(session, original)

    def mac(self, session: bytes, data: bytes) -> bytes:
        """Single-DES CBC from a zero vector, left 4 bytes."""
        return _des_cbc(session, padded(data, 8))[-8:][:4]

    def blocks(self, session: bytes, data: bytes) -> bytes:
        """Whole blocks enciphered, ECB."""
        return _des(session, data)

    def encrypt(self, session: bytes, clear: bytes) -> bytes:
        return _des(session, framed(clear, 8))

    def decrypt(self, session: bytes, secret: bytes) -> bytes:
        return unframed(_des(session, secret, back=True))

    def tac(self, key: bytes, data: bytes) -> bytes:
        """MAC under the left half XOR the right half."""
        return self.mac(bytes(a ^ b for a, b in zip(key[:8], key[8:], strict=True)), data)


class Sm4:
    """SM4 (GM/T 0002). Where DES gives 8 bytes, 16 are folded: left half XOR right half; MACs fold four groups of
    four."""

    block = 16
    id = SM4

    def diversify(self, key: bytes, factor: bytes) -> bytes:
        return _sm4(key, factor + inverse(factor))

    def session(self, key: bytes, r: bytes) -> bytes:
        return _sm4(key, r[:16].ljust(16, b"\x00"))

    def authenticate(self, session: bytes, original: bytes) -> bytes:
        return folded(_sm4(session, original.ljust(16, b"\x00")))

    def mac(self, session: bytes, data: bytes) -> bytes:
        last = _sm4_cbc(session, padded(data, 16))[-16:]
        return bytes(last[n] ^ last[n + 4] ^ last[n + 8] ^ last[n + 12] for n in range(4))

    def blocks(self, session: bytes, data: bytes) -> bytes:
        return _sm4(session, data)

    def encrypt(self, session: bytes, clear: bytes) -> bytes:
        return _sm4(session, framed(clear, 16))

    def decrypt(self, session: bytes, secret: bytes) -> bytes:
        return unframed(_sm4(session, secret, back=True))

    def tac(self, key: bytes, data: bytes) -> bytes:
        return self.mac(key, data)


_CIPHERS: Final[dict[int, CardCipher]] = {DES: Des(), SM4: Sm4()}


def folded(block: bytes) -> bytes:
    """Left 8 bytes XOR right 8."""
    return bytes(a ^ b for a, b in zip(block[:8], block[8:], strict=True))


@lru_cache(maxsize=512)
def _triple(key: bytes) -> TripleDES:
    """K1 ‖ K2 as K1 ‖ K2 ‖ K1, single DES as K ‖ K ‖ K: the library takes 24 bytes only."""
    return TripleDES(key + key[:8] if len(key) == 16 else key * 3)


@lru_cache(maxsize=512)
def _plain(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)


def _des(key: bytes, data: bytes, *, back: bool = False) -> bytes:
    found = Cipher(_triple(key), modes.ECB())  # noqa: S305 - whole blocks, as the standard says
    run = found.decryptor() if back else found.encryptor()
    return run.update(data) + run.finalize()


def _des_cbc(key: bytes, data: bytes) -> bytes:
    run = Cipher(_triple(key), modes.CBC(bytes(8))).encryptor()
    return run.update(data) + run.finalize()


def _sm4(key: bytes, data: bytes, *, back: bool = False) -> bytes:
    found = Cipher(_plain(key), modes.ECB())  # noqa: S305 - whole blocks, as the standard says
    run = found.decryptor() if back else found.encryptor()
    return run.update(data) + run.finalize()


def _sm4_cbc(key: bytes, data: bytes) -> bytes:
    run = Cipher(_plain(key), modes.CBC(bytes(16))).encryptor()
    return run.update(data) + run.finalize()
