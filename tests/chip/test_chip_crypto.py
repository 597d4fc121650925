"""The card's cryptography: published vectors for the ciphers, and the standard's formulas once more through OpenSSL.

No vector of the card's own derivations is published, so a second implementation, another library's ciphers put together from the
clauses, must give the same.
"""

from __future__ import annotations

import subprocess

import pytest

from sscard.chip.crypto import factors, tree
from sscard.chip.crypto.ciphers import DES, SM4, cipher, framed, inverse, padded, unframed
from sscard.chip.faults import ChipFault
from sscard.chip.files import key_rules
from sscard.chip.personal import demo
from sscard.chip.personal.making import answer_to_reset

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
F = b"650100sx"


def openssl(name: str, key: bytes, data: bytes) -> bytes:
    """Another library's cipher, ECB."""
    command = ["openssl", "enc", f"-{name}", "-K", key.hex(), "-nopad"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def triple(key: bytes, data: bytes) -> bytes:
    return openssl("des-ede", key if len(key) == 16 else key * 2, data)


def sm4(key: bytes, data: bytes) -> bytes:
    return openssl("sm4-ecb", key, data)


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def test_published_vectors() -> None:
    """GB/T 32907-2016 appendix A; FIPS 46 as in the textbooks (key 133457799BBCDFF1)."""
    assert cipher(SM4).blocks(KEY, KEY).hex() == "681edf34d206965e86b3e94f536e4246"
    single = cipher(DES).blocks(bytes.fromhex("133457799bbcdff1"), bytes.fromhex("0123456789abcdef"))
    assert single.hex().upper() == "85E813540F0AB405"


def test_dispersal_by_another_implementation() -> None:
    """3DES: E(f) ‖ E(¬f); a key of 8 bytes: E(f); 16-byte cipher: E(f ‖ ¬f) (S9 7)."""
    assert cipher(DES).diversify(KEY, F) == triple(KEY, F) + triple(KEY, inverse(F))
    assert cipher(DES).diversify(KEY[:8], F) == triple(KEY[:8], F)
    assert cipher(SM4).diversify(KEY, F) == sm4(KEY, F + inverse(F))


def test_session_and_authentication_by_another_implementation() -> None:
    r, original = bytes(range(8)), bytes(range(8, 16))
    session = triple(KEY, r)
    assert cipher(DES).session(KEY, r) == session
    assert cipher(DES).session(KEY, r[:4]) == triple(KEY, r[:4] + bytes(4))
    assert cipher(DES).authenticate(session, original) == triple(session, original)
    session = sm4(KEY, r + bytes(8))
    assert cipher(SM4).session(KEY, r) == session
    block = sm4(session, original + bytes(8))
    assert cipher(SM4).authenticate(session, original) == xor(block[:8], block[8:])


@pytest.mark.parametrize("size", [0, 1, 7, 8, 15, 16, 17, 40])
def test_macs_by_another_implementation(size: int) -> None:
    """CBC from zeros, 80 and 00s always, left 4 bytes; SM4: XOR of the four groups of the last block (S4)."""
    data = bytes(range(size))
    for number, encipher, key, block in ((DES, triple, KEY[:8], 8), (SM4, sm4, KEY, 16)):
        raw, last = padded(data, block), bytes(block)
        for at in range(0, len(raw), block):
            last = encipher(key, xor(last, raw[at : at + block]))
        wanted = last[:4] if block == 8 else bytes(last[n] ^ last[n + 4] ^ last[n + 8] ^ last[n + 12] for n in range(4))
        assert cipher(number).mac(key, data) == wanted
    assert cipher(DES).tac(KEY, data) == cipher(DES).mac(xor(KEY[:8], KEY[8:]), data)


@pytest.mark.parametrize("size", [0, 3, 7, 8, 15])
def test_framing_comes_back(size: int) -> None:
    clear = bytes(range(size))
    for how in (cipher(DES), cipher(SM4)):
        session = KEY[: how.block]
        assert how.decrypt(session, how.encrypt(session, clear)) == clear
        assert len(framed(clear, how.block)) % how.block == 0
    with pytest.raises(ChipFault):
        unframed(b"\x09\x00")


def test_factors() -> None:
    """S9 7: province, city, card; Zhejiang's four digits (T2 10.3); the area never from the ATR."""
    atr = answer_to_reset("330182", bytes.fromhex("01020304"))
    assert len(atr) == 17
    assert factors.all_three("330182", atr) == (b"330000sh", b"330100sx", atr[-8:])
    assert factors.card(atr, "t8td0000") == atr[-6:] + bytes(2)
    assert factors.all_three("650102", atr)[1] == b"650102sx"


def test_a_citys_terminal_key_reaches_the_cards_own() -> None:
    """What the PSAM disperses from its level is the key on the card; a neighbour's write key is not."""
    source, atr = tree.TestKeys(), answer_to_reset("990100", bytes(4))
    first, second, third = factors.all_three("990100", atr)
    for algorithm in (DES, SM4):
        how = cipher(algorithm)
        for rule in key_rules().values():
            own = source.card_key(rule, 1, "990100", atr, algorithm)
            held = source.terminal_key(rule, 1, "990100", algorithm)
            way = (first, second, third) if rule.dispersals == 3 else (third,)
            assert tree.dispersed(how, held, way) == own
            assert len(own) == (8 if rule.short_des and algorithm == DES else 16)
            neighbour = source.terminal_key(rule, 1, "990200", algorithm)
            assert (neighbour == held) is (rule.dispersals == 3)


def test_keys_of_cards_and_versions_differ() -> None:
    one, two = demo.card(sequence=1), demo.card(sequence=2)
    assert one.secrets.keys["SSSE/IRK"] != two.secrets.keys["SSSE/IRK"]
    assert len(set(one.secrets.keys["SSSE/IRK"])) == 3


def test_ssf33_is_refused_by_name() -> None:
    with pytest.raises(ChipFault) as no:
        cipher(0x02)
    assert no.value.code == "chip.algorithm"
