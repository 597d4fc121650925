"""Recipes of cryptography, each with its standard; pure functions on key material.

SM3 GM/T 0004-2012, SM4 GM/T 0002-2012, SM4-GCM RFC 8998, SM2 GM/T 0003.2 (signature), 0003.4 (encryption), parameters
0003.5. Every stored blob begins with a scheme byte; an unknown one is refused, so that another cipher can come
without guessing.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache
from typing import Final

import gmssl_pyx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

from sscard.kernel.quiet import gmssl_quiet
from sscard.keys.errors import KeyFault

SCHEME_SM4_GCM: Final = 1
HEADER: Final = 2  # scheme byte, key version
NONCE: Final = 12
TAG: Final = 16
SM2_ID: Final = b"1234567812345678"  # GM/T 0009-2012, 10: the default id of a signer
SM2_WRAP_MAX: Final = 255  # bytes of clear text in one SM2 encryption by the library
_SM2_CURVE: Final = bytes.fromhex(  # a ‖ b ‖ Gx ‖ Gy, GM/T 0003.5-2012
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)


def sm3(data: bytes) -> bytes:
    """32-byte hash."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def hmac_base(key: bytes) -> HMAC:
    """A keyed start, copied for each message: half the work of a fresh one."""
    return HMAC(key, hashes.SM3())


def hmac_sm3(base: HMAC, message: bytes | bytearray) -> bytes:
    """32 bytes, HMAC-SM3 (GM/T 0042)."""
    fresh = base.copy()
    fresh.update(message)
    return fresh.finalize()


def derive(base: HMAC, label: bytes, code: str, size: int = 32) -> bytes:
    """A key of its own for one card, terminal or device: HMAC-SM3(master, label | code), first `size` bytes."""
    return hmac_sm3(base, label + b"|" + code.encode())[:size]


def same(left: bytes, right: bytes) -> bool:
    """Compare without telling by time where the difference is."""
    return hmac.compare_digest(left, right)


def kcv(key: bytes) -> bytes:
    """Key check value of an SM4 key: a zero block encrypted, first 3 bytes."""
    return sm4_block(key, bytes(16))[:3]


def sm4_block(key: bytes, block: bytes | bytearray) -> bytes:
    """One block of 16 bytes enciphered."""
    cipher = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - one block, the standard's primitive
    return cipher.update(block) + cipher.finalize()


def sm4_block_back(key: bytes, block: bytes) -> bytes:
    cipher = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305 - one block, the standard's primitive
    return cipher.update(block) + cipher.finalize()


def sm4_block_open(key: bytes, block: bytes) -> bytearray:
    """One block deciphered into memory that its owner can wipe."""
    cipher = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305 - one block, the standard's primitive
    room = bytearray(31)  # the library asks for one byte less than a block more
    cipher.update_into(block, room)
    del room[16:]
    return room


def seal(key: algorithms.SM4, version: int, aad: bytes, clear: bytes, nonce: bytes | None = None) -> bytes:
    """scheme ‖ key version ‖ nonce ‖ ciphertext ‖ tag. Scheme and version are authenticated together with `aad`.

    `nonce` is 12 fresh random bytes; a batch draws them at once and hands them in.
    """
    nonce = nonce or secrets.token_bytes(NONCE)
    header = bytes((SCHEME_SM4_GCM, version))
    return header + nonce + sm4_gcm(key, nonce, header + aad, clear)


def sm4_gcm(key: algorithms.SM4, nonce: bytes, aad: bytes, clear: bytes) -> bytes:
    """ciphertext ‖ 16-byte tag (RFC 8998)."""
    cipher = Cipher(key, modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(aad)
    return cipher.update(clear) + cipher.finalize() + cipher.tag


def nonces(count: int) -> list[bytes]:
    """Fresh nonces for a batch, drawn from the system in one go."""
    pool = secrets.token_bytes(NONCE * count)
    return [pool[at : at + NONCE] for at in range(0, len(pool), NONCE)]


def sealed_version(blob: bytes) -> int:
    """The key version a blob was sealed under. Refuses what is too short or of an unknown scheme."""
    if len(blob) < HEADER + NONCE + TAG:
        raise KeyFault("keys.seal_broken")
    if blob[0] != SCHEME_SM4_GCM:
        raise KeyFault("keys.scheme_unknown", scheme=str(blob[0]))
    return blob[1]


def unseal(key: algorithms.SM4, aad: bytes, blob: bytes) -> bytes:
    """The clear value. Another place (`aad`), another key or one changed bit is refused, all with the same answer."""
    sealed_version(blob)
    cipher = Cipher(key, modes.GCM(blob[HEADER : HEADER + NONCE], blob[-TAG:])).decryptor()
    cipher.authenticate_additional_data(blob[:HEADER] + aad)
    try:
        return cipher.update(blob[HEADER + NONCE : -TAG]) + cipher.finalize()
    except InvalidTag:
        raise KeyFault("keys.seal_broken") from None


def sm2_pair() -> tuple[bytes, bytes]:
    """(public key 64 bytes x ‖ y, private key 32 bytes)."""
    return gmssl_pyx.sm2_key_generate()


@lru_cache(maxsize=1024)
def sm2_za(public: bytes, signer: bytes = SM2_ID) -> bytes:
    """ZA = SM3(bit length of id ‖ id ‖ a ‖ b ‖ Gx ‖ Gy ‖ Px ‖ Py), GM/T 0003.2, 5.5."""
    return sm3((len(signer) * 8).to_bytes(2, "big") + signer + _SM2_CURVE + public)


def sm2_sign(private: bytes, public: bytes, message: bytes, signer: bytes = SM2_ID) -> bytes:
    """DER signature over e = SM3(ZA ‖ M). The library's message call makes a heap of nonces each time and is ten times
    slower.
    """
    return gmssl_pyx.sm2_sign_sm3_digest(private, sm3(sm2_za(public, signer) + message))


def sm2_verify(public: bytes, message: bytes, signature: bytes, signer: bytes = SM2_ID) -> bool:
    """False for any signature that does not fit, also for one that is no signature at all."""
    digest = sm3(sm2_za(public, signer) + message)
    try:
        with gmssl_quiet():
            return bool(gmssl_pyx.sm2_verify_sm3_digest(public, digest, signature))
    except (gmssl_pyx.GmsslInnerError, ValueError):
        return False


def sm2_encrypt(public: bytes, clear: bytes) -> bytes:
    """DER, order C1 C3 C2; 1 to 255 bytes. Refuses a public key that is no point of the curve."""
    if not 1 <= len(clear) <= SM2_WRAP_MAX:
        raise KeyFault("keys.wrap_size", most=str(SM2_WRAP_MAX))
    try:
        with gmssl_quiet():
            return gmssl_pyx.sm2_encrypt(gmssl_pyx.normalize_sm2_public_key(public), clear)
    except (gmssl_pyx.GmsslInnerError, ValueError):
        raise KeyFault("keys.public_key_wrong") from None


def sm2_decrypt(private: bytes, wrapped: bytes) -> bytes:
    try:
        with gmssl_quiet():
            return gmssl_pyx.sm2_decrypt(private, wrapped)
    except (gmssl_pyx.GmsslInnerError, ValueError):
        raise KeyFault("keys.wrap_broken") from None
