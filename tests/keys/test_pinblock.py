"""PIN blocks against an independent calculation, and what they are bound to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscard.keys import pinblock
from sscard.keys.errors import KeyFault

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
PAN = "9001234567890123"


def test_layout_against_openssl(openssl: Callable[..., bytes]) -> None:
    """ISO 9564-1:2017, format 4, built by hand, enciphered by another program."""

    def sm4(block: bytes) -> bytes:
        return openssl("enc", "-sm4-ecb", "-nopad", "-K", KEY.hex(), given=block)

    random = bytes.fromhex("1122334455667788")
    pin_field = bytes.fromhex("46528094AAAAAAAA") + random
    account_field = bytes.fromhex("49001234567890123000000000000000")  # 16 digits: 4, then the digits, then zeros
    inner = int.from_bytes(sm4(pin_field)) ^ int.from_bytes(account_field)
    assert pinblock.make(KEY, PAN, bytearray(b"528094"), random) == sm4(inner.to_bytes(16))


@pytest.mark.parametrize(
    ("account", "field"),
    [
        ("900123456789", "09001234567890000000000000000000"),
        ("9001234567890123456", "79001234567890123456000000000000"),
    ],
)
def test_account_field(account: str, field: str) -> None:
    assert pinblock.account_field(account).hex() == field


ACCOUNTS = st.one_of(st.from_regex(r"9[0-9]{11,18}", fullmatch=True), st.from_regex(r"[0-9A-Z]{9}", fullmatch=True))
PINS = st.from_regex(r"[0-9]{4,12}", fullmatch=True)


@settings(max_examples=80, deadline=None)
@given(account=ACCOUNTS, other=ACCOUNTS, pin=PINS)
def test_reads_back_for_its_account_only(account: str, other: str, pin: str) -> None:
    block = pinblock.make(KEY, account, bytearray(pin.encode()))
    assert pinblock.read(KEY, account, block) == pin.encode()
    if other != account:
        with pytest.raises(KeyFault, match=r"keys\.pin_block"):
            pinblock.read(KEY, other, block)


def test_every_changed_bit_is_refused() -> None:
    block = pinblock.make(KEY, PAN, bytearray(b"528094"))
    for bit in range(128):
        changed = (int.from_bytes(block) ^ 1 << bit).to_bytes(16)
        with pytest.raises(KeyFault, match=r"keys\.pin_block"):
            pinblock.read(KEY, PAN, changed)


def test_key_and_size_matter_and_blocks_never_repeat() -> None:
    block = pinblock.make(KEY, PAN, bytearray(b"528094"))
    for key, given_block in ((bytes(16), block), (KEY, block[:15]), (KEY, b"")):
        with pytest.raises(KeyFault, match=r"keys\.pin_block"):
            pinblock.read(key, PAN, given_block)
    assert len({pinblock.make(KEY, PAN, bytearray(b"528094")) for _ in range(200)}) == 200


@pytest.mark.parametrize("pin", [b"", b"123", b"1234567890123", b"12345a", b"12 456"])
def test_what_is_no_pin_makes_no_block(pin: bytes) -> None:
    with pytest.raises(KeyFault, match=r"keys\.pin_length"):
        pinblock.make(KEY, PAN, bytearray(pin))


def test_wipe() -> None:
    pin = bytearray(b"528094")
    pinblock.wipe(pin)
    assert pin == bytes(6)
