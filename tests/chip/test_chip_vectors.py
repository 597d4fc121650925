"""Known answers with their origin, and every derivation of the card once more from another library's ciphers.

Ours are OpenSSL's (by `cryptography`). The others: DES by PyCryptodome, SM4 by GmSSL (`gmssl_pyx`); put together here from the
clauses' own words, nothing of `sscard.chip.crypto` in between. No vector of the card's derivations is published.
"""

from __future__ import annotations

import gmssl_pyx
import pytest
from Crypto.Cipher import DES as OTHER_DES
from Crypto.Cipher import DES3 as OTHER_DES3
from hypothesis import given
from hypothesis import strategies as st

from sscard.chip.crypto.ciphers import DES, SM4, cipher
from sscard.keys import recipes

KEYS, CHALLENGES, MESSAGES = (
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=8, max_size=8),
    st.binary(max_size=70),
)
GB_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


@pytest.mark.parametrize(
    ("key", "plain", "enciphered", "origin"),
    [
        ("0101010101010101", "8000000000000000", "95F8A5E5DD31D900", "NIST SP 800-17 table A.1"),
        ("0101010101010101", "4000000000000000", "DD7F121CA5015619", "NIST SP 800-17 table A.1"),
        ("0101010101010101", "2000000000000000", "2E8653104F3834EA", "NIST SP 800-17 table A.1"),
        ("8001010101010101", "0000000000000000", "95A8D72813DAA94D", "NIST SP 800-17 table A.2"),
        ("0123456789ABCDEF", "4E6F772069732074", "3FA40E8A984D4815", "FIPS PUB 81, table B1"),
        ("0101010101010101" * 2, "8000000000000000", "95F8A5E5DD31D900", "NIST SP 800-20 table A.1, keys alike"),
    ],
)  # fmt: skip
def test_des(key: str, plain: str, enciphered: str, origin: str) -> None:
    assert cipher(DES).blocks(bytes.fromhex(key), bytes.fromhex(plain)).hex().upper() == enciphered, origin


@pytest.mark.parametrize(
    ("plain", "enciphered", "origin"),
    [
        ("0123456789ABCDEFFEDCBA9876543210", "681EDF34D206965E86B3E94F536E4246", "GB/T 32907-2016 A.1"),
        ("AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEEEEEEEFFFFFFFFAAAAAAAABBBBBBBB",
         "5EC8143DE509CFF7B5179F8F474B86192F1D305A7FB17DF985F81C8482192304", "draft-ribose-cfrg-sm4-10 A.2.1.1"),
    ],
)  # fmt: skip
def test_sm4(plain: str, enciphered: str, origin: str) -> None:
    assert cipher(SM4).blocks(GB_KEY, bytes.fromhex(plain)).hex().upper() == enciphered, origin


def test_sm3() -> None:
    """GB/T 32905-2016 A.1, "abc", and GmSSL's own."""
    assert recipes.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    for size in (0, 55, 56, 64, 300):
        assert recipes.sm3(bytes(size)) == bytes(gmssl_pyx.sm3_hash(bytes(size)))


# -- the other implementation, from the clauses -----------------------------------------------------------------------
def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def des(key: bytes, data: bytes) -> bytes:
    """3DES with two keys, or DES with one; DES3 of the library refuses K1 = K2, so it is put together of single steps."""
    if len(key) == 8:
        return bytes(OTHER_DES.new(key, OTHER_DES.MODE_ECB).encrypt(data))
    first, second = OTHER_DES.new(key[:8], OTHER_DES.MODE_ECB), OTHER_DES.new(key[8:], OTHER_DES.MODE_ECB)
    return bytes(first.encrypt(second.decrypt(first.encrypt(data))))


def sm4(key: bytes, data: bytes) -> bytes:
    """ECB, made of CBC with one block at a time."""
    return b"".join(
        bytes(gmssl_pyx.sm4_cbc_padding_encrypt(key, bytes(16), data[at : at + 16]))[:16]
        for at in range(0, len(data), 16)
    )


def not_(data: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in data)


@given(KEYS, CHALLENGES, CHALLENGES)
def test_derivations_of_des(key: bytes, r: bytes, original: bytes) -> None:
    """S9 7 (dispersal), S4 (session key, authentication)."""
    ours = cipher(DES)
    assert ours.diversify(key, r) == des(key, r) + des(key, not_(r))
    assert ours.diversify(key[:8], r) == des(key[:8], r)
    session = des(key, r)
    assert ours.session(key, r) == session
    assert ours.session(key[:8], r) == des(key[:8], r)
    assert ours.authenticate(session, original) == des(session, original)


@given(KEYS, CHALLENGES, CHALLENGES)
def test_derivations_of_sm4(key: bytes, r: bytes, original: bytes) -> None:
    ours = cipher(SM4)
    assert ours.diversify(key, r) == sm4(key, r + not_(r))
    session = sm4(key, r + bytes(8))
    assert ours.session(key, r) == session
    block = sm4(session, original + bytes(8))
    assert ours.authenticate(session, original) == xor(block[:8], block[8:])


@given(KEYS, MESSAGES)
def test_macs(key: bytes, message: bytes) -> None:
    """S4: 80 and zeros always, CBC from zeros, left 4 bytes; of 16-byte ciphers the four groups of the last block XORed."""
    padded = message + b"\x80" + bytes(-(len(message) + 1) % 8)
    chained = OTHER_DES.new(key[:8], OTHER_DES.MODE_CBC, bytes(8)).encrypt(padded)
    assert cipher(DES).mac(key[:8], message) == chained[-8:-4]
    padded = message + b"\x80" + bytes(-(len(message) + 1) % 16)
    last = bytes(gmssl_pyx.sm4_cbc_padding_encrypt(key, bytes(16), padded))[-32:-16]
    groups = [last[at : at + 4] for at in (0, 4, 8, 12)]
    assert cipher(SM4).mac(key, message) == xor(xor(groups[0], groups[1]), xor(groups[2], groups[3]))
    assert cipher(SM4).tac(key, message) == cipher(SM4).mac(key, message)
    assert cipher(DES).tac(key, message) == cipher(DES).mac(xor(key[:8], key[8:]), message)


@given(KEYS, st.binary(max_size=40))
def test_enciphered_values(key: bytes, clear: bytes) -> None:
    """S4: length ‖ plaintext, 80 and zeros only where it is no whole number of blocks, ECB."""
    for ours, encipher, size in ((cipher(DES), des, 8), (cipher(SM4), sm4, 16)):
        framed = bytes((len(clear),)) + clear
        framed += b"" if len(framed) % size == 0 else b"\x80" + bytes(-(len(framed) + 1) % size)
        session = key[:size]
        assert ours.encrypt(session, clear) == encipher(session, framed)


def test_triple_des_of_the_library_agrees() -> None:
    """PyCryptodome's own 3DES, for keys that it takes."""
    key = bytes.fromhex("0123456789ABCDEF23456789ABCDEF01")
    other = OTHER_DES3.new(OTHER_DES3.adjust_key_parity(key), OTHER_DES3.MODE_ECB)
    assert cipher(DES).blocks(OTHER_DES3.adjust_key_parity(key), bytes(range(16))) == other.encrypt(bytes(range(16)))
