"""What card, PSAM and key service compute, for both kinds of keys (S4, S9 7; SM4 by the clause for 16-byte ciphers,
card.md §7.2–7.3).

Two classes with the same words: diversify, session, authenticate, mac, encrypt, tac … DES keys have 16 bytes (K1 ‖
K2), the key STK 8; SM4 keys 16. Pure functions of keys and data; nothing is kept. The card's own half, deciphering,
is in `chip.crypto.ciphers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DES, SSF33, SM4 = 0x01, 0x02, 0x03
"""Algorithm identifiers of the FCI (A5 → 9F0C → 86)."""
NAMES: Final = {"3des": DES, "ssf33": SSF33, "sm4": SM4}


_INVERSE: Final = bytes(255 - byte for byte in range(256))


class KeyCipher(Protocol):
    """`block`: bytes of a block; `wide`: bytes of r that a session key takes."""

    block: int
    id: int

    def diversify(self, key: bytes, factor: bytes) -> bytes: ...
    def diversify_many(self, key: bytes, ways: Sequence[bytes]) -> list[bytes]: ...
    def session(self, key: bytes, r: bytes) -> bytes: ...
    def authenticate(self, session: bytes, original: bytes) -> bytes: ...
    def mac(self, session: bytes, data: bytes) -> bytes: ...
    def encrypt(self, session: bytes, clear: bytes) -> bytes: ...
    def tac(self, key: bytes, data: bytes) -> bytes: ...
    def blocks(self, session: bytes, data: bytes) -> bytes: ...
    def blocks_back(self, session: bytes, data: bytes) -> bytes: ...
    def framed(self, clear: bytes) -> bytes: ...
    def chained(self, key: bytes, start: bytes, pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]: ...


def padded(data: bytes, block: int) -> bytes:
    """80 and then 00s, always (ISO 9797-1 method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def framed(clear: bytes, block: int) -> bytes:
    """Length byte ‖ clear, padded with 80 00 … only when it does not fill its blocks."""
    raw = bytes((len(clear),)) + clear
    return raw if len(raw) % block == 0 else padded(raw, block)


def inverse(factor: bytes) -> bytes:
    return factor.translate(_INVERSE)


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _ends(data: bytes, pieces: Sequence[bytes], block: int) -> list[bytes]:
    """The last block of each piece in their common cipher text."""
    ends, place = [], 0
    for piece in pieces:
        place += len(piece)
        ends.append(data[place - block : place])
    return ends


class Des:
    """3DES with two keys; session keys are single DES. A key of 8 bytes (STK) is single DES all along."""

    block = 8
    id = DES

    def diversify(self, key: bytes, factor: bytes) -> bytes:
        """E(f) ‖ E(¬f); a key of 8 bytes gives E(f)."""
        right = b"" if len(key) == 8 else inverse(factor)
        return _des(key, factor + right)

    def diversify_many(self, key: bytes, ways: Sequence[bytes]) -> list[bytes]:
        """Like `diversify`, for many factors at once."""
        whole = ways if len(key) == 8 else [one + inverse(one) for one in ways]
        return _cut(_des(key, b"".join(whole)), len(key))

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

    def framed(self, clear: bytes) -> bytes:
        return framed(clear, 8)

    def chained(self, key: bytes, start: bytes, pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]:
        """MACs of pieces in a chain, and where it goes on: each starts from the last block of the one before."""
        whole = [padded(piece, 8) for piece in pieces]
        ends = _ends(_des_cbc(key, b"".join(whole), start), whole, 8)
        return [end[:4] for end in ends], ends[-1] if ends else start

    def encrypt(self, session: bytes, clear: bytes) -> bytes:
        return _des(session, framed(clear, 8))

    def blocks_back(self, session: bytes, data: bytes) -> bytes:
        return _des(session, data, back=True)

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

    def diversify_many(self, key: bytes, ways: Sequence[bytes]) -> list[bytes]:
        return _cut(_sm4(key, b"".join([one + inverse(one) for one in ways])), 16)

    def session(self, key: bytes, r: bytes) -> bytes:
        return _sm4(key, r[:16].ljust(16, b"\x00"))

    def authenticate(self, session: bytes, original: bytes) -> bytes:
        return folded(_sm4(session, original.ljust(16, b"\x00")))

    def mac(self, session: bytes, data: bytes) -> bytes:
        return _four(_sm4_cbc(session, padded(data, 16))[-16:])

    def blocks(self, session: bytes, data: bytes) -> bytes:
        return _sm4(session, data)

    def framed(self, clear: bytes) -> bytes:
        return framed(clear, 16)

    def chained(self, key: bytes, start: bytes, pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]:
        whole = [padded(piece, 16) for piece in pieces]
        ends = _ends(_sm4_cbc(key, b"".join(whole), start), whole, 16)
        return [_four(end) for end in ends], ends[-1] if ends else start

    def encrypt(self, session: bytes, clear: bytes) -> bytes:
        return _sm4(session, framed(clear, 16))

    def blocks_back(self, session: bytes, data: bytes) -> bytes:
        return _sm4(session, data, back=True)

    def tac(self, key: bytes, data: bytes) -> bytes:
        return self.mac(key, data)


CIPHERS: Final[dict[int, KeyCipher]] = {DES: Des(), SM4: Sm4()}


def folded(block: bytes) -> bytes:
    """Left 8 bytes XOR right 8."""
    return bytes(a ^ b for a, b in zip(block[:8], block[8:], strict=True))


def _four(block: bytes) -> bytes:
    """Four groups of four bytes, XOR."""
    whole = int.from_bytes(block, "big")
    return ((whole ^ whole >> 32 ^ whole >> 64 ^ whole >> 96) & 0xFFFFFFFF).to_bytes(4, "big")


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


def _des_cbc(key: bytes, data: bytes, start: bytes = b"") -> bytes:
    run = Cipher(_triple(key), modes.CBC(start or bytes(8))).encryptor()
    return run.update(data) + run.finalize()


def _sm4(key: bytes, data: bytes, *, back: bool = False) -> bytes:
    found = Cipher(_plain(key), modes.ECB())  # noqa: S305 - whole blocks, as the standard says
    run = found.decryptor() if back else found.encryptor()
    return run.update(data) + run.finalize()


def _sm4_cbc(key: bytes, data: bytes, start: bytes = b"") -> bytes:
    run = Cipher(_plain(key), modes.CBC(start or bytes(16))).encryptor()
    return run.update(data) + run.finalize()
