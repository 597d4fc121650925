"""Standards' examples and a second implementation."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from hypothesis import given, settings
from hypothesis import strategies as st
from pyasn1.codec.der import encoder
from pyasn1.type import univ

from sscard.kernel import quiet
from sscard.keys import recipes
from sscard.keys.errors import KeyFault

# GM/T 0003.5-2012, annex A (signature) and C (encryption): the same pair
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
ZA = bytes.fromhex("B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3")
E = bytes.fromhex("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640")
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def der(*parts: int | bytes) -> bytes:
    row = univ.Sequence()
    for at, part in enumerate(parts):
        row[at] = univ.Integer(part) if isinstance(part, int) else univ.OctetString(part)
    return encoder.encode(row)


@pytest.mark.parametrize(
    ("message", "digest"),
    [  # GM/T 0004-2012, annex A.1 and A.2
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_examples(message: bytes, digest: str) -> None:
    assert recipes.sm3(message).hex() == digest


def test_sm4_example() -> None:  # GM/T 0002-2012, annex A, example 1
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    block = recipes.sm4_block(key, key)
    assert block.hex() == "681edf34d206965e86b3e94f536e4246"
    assert recipes.sm4_block_back(key, block) == key


def test_sm4_gcm_example() -> None:  # RFC 8998, appendix A.1
    key = algorithms.SM4(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    clear = bytes.fromhex("".join(letter * 16 for letter in "ABCDEFEA"))
    aad = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    sealed = recipes.sm4_gcm(key, bytes.fromhex("00001234567800000000ABCD"), aad, clear)
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15"
        "A56834CBCF98C397B4024A2691233B8D83DE3541E4C2B58177E065A9BF7B62EC"
    )


def test_sm2_signature_example() -> None:
    assert recipes.sm2_za(PUBLIC) == ZA
    assert recipes.sm3(ZA + MESSAGE) == E
    assert recipes.sm2_verify(PUBLIC, MESSAGE, der(R, S))


def test_sm2_encryption_example() -> None:
    x = 0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73
    y = 0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0
    c3 = bytes.fromhex("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
    c2 = bytes.fromhex("21886CA989CA9C7D58087307CA93092D651EFA")
    assert recipes.sm2_decrypt(PRIVATE, der(x, y, c3, c2)) == b"encryption standard"


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30\x00",
        der(R, S)[:-1],
        der(R, S) + b"\x00",
        der(0, S),
        der(R, 0),
        der(ORDER, S),
        der(R, ORDER),
        der(R, ORDER - R),
        der(S, R),
        der(R ^ 1, S),
        der(R, S ^ 1),
    ],
)
def test_forged_signatures_are_refused(signature: bytes) -> None:
    assert not recipes.sm2_verify(PUBLIC, MESSAGE, signature)


def test_signature_is_bound_to_message_key_and_signer() -> None:
    other_public, _ = recipes.sm2_pair()
    signature = recipes.sm2_sign(PRIVATE, PUBLIC, MESSAGE)
    assert recipes.sm2_verify(PUBLIC, MESSAGE, signature)
    assert gmssl_pyx.sm2_verify(PUBLIC, MESSAGE, signature)
    assert not recipes.sm2_verify(PUBLIC, MESSAGE + b".", signature)
    assert not recipes.sm2_verify(other_public, MESSAGE, signature)
    assert not recipes.sm2_verify(PUBLIC, MESSAGE, signature, b"somebody else")


@settings(max_examples=40, deadline=None)
@given(message=st.binary(max_size=300), signer=st.binary(min_size=1, max_size=40))
def test_digest_path_and_message_path_agree(message: bytes, signer: bytes) -> None:
    ours = recipes.sm2_sign(PRIVATE, PUBLIC, message, signer)
    assert gmssl_pyx.sm2_verify(PUBLIC, message, ours, signer)
    theirs = gmssl_pyx.sm2_sign(PRIVATE, PUBLIC, message, signer)
    assert recipes.sm2_verify(PUBLIC, message, theirs, signer)


def test_point_off_the_curve_and_sizes_are_refused() -> None:
    off = PUBLIC[:-1] + bytes((PUBLIC[-1] ^ 1,))
    for public in (off, PUBLIC[:-1], b""):
        with pytest.raises(KeyFault, match=r"keys\.public_key_wrong"):
            recipes.sm2_encrypt(public, b"k")
    for clear in (b"", bytes(256)):
        with pytest.raises(KeyFault, match=r"keys\.wrap_size"):
            recipes.sm2_encrypt(PUBLIC, clear)
    assert recipes.sm2_decrypt(PRIVATE, recipes.sm2_encrypt(PUBLIC, bytes(255))) == bytes(255)
    with pytest.raises(KeyFault, match=r"keys\.wrap_broken"):
        recipes.sm2_decrypt(PRIVATE, recipes.sm2_encrypt(recipes.sm2_pair()[0], b"k"))


@settings(max_examples=60, deadline=None)
@given(
    clear=st.binary(max_size=200), aad=st.binary(max_size=60), at=st.integers(0, 10_000), version=st.integers(1, 255)
)
def test_sealed_value_opens_only_as_it_was(clear: bytes, aad: bytes, at: int, version: int) -> None:
    key = algorithms.SM4(bytes(range(16)))
    blob = recipes.seal(key, version, aad, clear)
    assert recipes.sealed_version(blob) == version
    assert recipes.unseal(key, aad, blob) == clear
    changed = bytearray(blob)
    changed[at % len(blob)] ^= 1 << (at % 8)
    for other_key, other_aad, other in (
        (key, aad, bytes(changed)),
        (key, aad + b"x", blob),
        (algorithms.SM4(bytes(16)), aad, blob),
        (key, aad, blob[:-1]),
    ):
        with pytest.raises(KeyFault):
            recipes.unseal(other_key, other_aad, other)


def test_same_value_never_looks_the_same() -> None:
    key = algorithms.SM4(bytes(16))
    assert len({recipes.seal(key, 1, b"", b"value") for _ in range(500)}) == 500
    assert len(set(recipes.nonces(5_000))) == 5_000


# --- against the system's openssl -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def foreign(openssl: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes, bytes]:
    """Private PEM, public PEM, public 64 bytes, private 32 bytes of a pair that openssl made."""
    home = tmp_path_factory.mktemp("pem")
    private, public = home / "private.pem", home / "public.pem"
    private.write_bytes(openssl("genpkey", "-algorithm", "SM2"))
    public.write_bytes(openssl("pkey", "-in", str(private), "-pubout"))
    text = openssl("pkey", "-in", str(private), "-noout", "-text").decode()
    found = re.search(r"priv:\s*([0-9a-f:\s]+)pub:\s*([0-9a-f:\s]+)ASN1", text)
    assert found
    secret, point = (bytes.fromhex(re.sub(r"[:\s]", "", part)) for part in found.groups())
    return private, public, point[-64:], secret[-32:].rjust(32, b"\0")


DISTID = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


def test_signatures_both_ways(openssl: Callable[..., bytes], foreign: tuple, tmp_path: Path) -> None:
    private, public, point, secret = foreign
    message, signature = tmp_path / "m", tmp_path / "s"
    message.write_bytes("云溪市 990100".encode())
    signature.write_bytes(recipes.sm2_sign(secret, point, message.read_bytes()))
    openssl(
        "pkeyutl", "-verify", *DISTID, "-pubin", "-inkey", str(public), "-in", str(message), "-sigfile", str(signature)
    )
    theirs = openssl("pkeyutl", "-sign", *DISTID, "-inkey", str(private), "-in", str(message))
    assert recipes.sm2_verify(point, message.read_bytes(), theirs)
    assert not recipes.sm2_verify(point, message.read_bytes() + b"!", theirs)


def test_encryption_both_ways(openssl: Callable[..., bytes], foreign: tuple, tmp_path: Path) -> None:
    private, public, point, secret = foreign
    clear, sealed = tmp_path / "c", tmp_path / "w"
    clear.write_bytes(bytes(range(16)))
    sealed.write_bytes(recipes.sm2_encrypt(point, clear.read_bytes()))
    assert openssl("pkeyutl", "-decrypt", "-inkey", str(private), "-in", str(sealed)) == clear.read_bytes()
    theirs = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", str(public), "-in", str(clear))
    assert recipes.sm2_decrypt(secret, theirs) == clear.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 1000])
def test_hmac_and_hash_agree(openssl: Callable[..., bytes], size: int) -> None:
    message, key = bytes(at % 251 for at in range(size)), bytes(range(32))
    theirs = openssl("dgst", "-sm3", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary", given=message)
    assert recipes.hmac_sm3(recipes.hmac_base(key), message) == theirs
    assert recipes.sm3(message) == openssl("dgst", "-sm3", "-binary", given=message)


def test_the_library_says_nothing_on_standard_error_and_others_are_heard(capfd: pytest.CaptureFixture[str]) -> None:
    """Refused signatures, ciphertexts and keys; what somebody else writes meanwhile comes through, also a line like its own."""
    public, private = recipes.sm2_pair()
    assert not recipes.sm2_verify(public, b"message", recipes.sm2_sign(private, public, b"another"))
    assert not recipes.sm2_verify(public, b"message", b"no signature")
    with pytest.raises(KeyFault):
        recipes.sm2_decrypt(private, b"0" * 120)
    with pytest.raises(KeyFault):
        recipes.sm2_encrypt(b"\x01" * 64, b"clear")
    assert capfd.readouterr().err == ""
    with quiet.gmssl_quiet():
        os.write(2, b"a warning\n/project/GmSSL/src/sm2_sign.c:328:sm2_do_verify():\nGmSSL: another\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "a warning\nGmSSL: another\nafter\n"
