"""PIN blocks: ISO 9564-1:2017 format 4, with SM4 in place of the standard's AES (both have 16-byte blocks).

    PIN field      4 | length | PIN digits, filled with A to 16 hex digits | 16 random hex digits
    account field  account length − 12 | account digits | filled with 0 to 32 hex digits
    block          E(E(PIN field) xor account field)

The PIN never leaves the block outside the key service; PINs are bytearrays of ASCII digits, and their owner wipes them.
"""

from __future__ import annotations

import secrets
from typing import Final

from sscard.keys import recipes
from sscard.keys.errors import KeyFault

BLOCK: Final = 16
SHORTEST, LONGEST = 4, 12  # PIN digits by ISO 9564-1
_FILL: Final = 0xA


def account_digits(account: str) -> str:
    """12 to 19 digits that stand for the account in the block.

    Card and account numbers of 12 to 19 digits stand for themselves. Any other (a social-security number with
    letters, a short one) is mapped by SM3 to 19 digits that begin with 9, so that the block is bound to it as well.
    """
    if account.isascii() and account.isdecimal() and 12 <= len(account) <= 19:
        return account
    return f"9{int.from_bytes(recipes.sm3(account.encode())) % 10**18:018d}"


def account_field(account: str) -> bytes:
    digits = account_digits(account)
    return bytes.fromhex(f"{len(digits) - 12}{digits}".ljust(32, "0"))


def make(key: bytes, account: str, pin: bytearray, random: bytes | None = None) -> bytes:
    """The 16-byte block a PIN pad sends. `random` (8 bytes) only for test vectors."""
    if not SHORTEST <= len(pin) <= LONGEST or not bytes(pin).isdigit():
        raise KeyFault("keys.pin_length", digits=f"{SHORTEST}–{LONGEST}")
    field = bytearray((4 << 4 | len(pin),))
    nibbles = bytearray(digit & 0x0F for digit in pin).ljust(14, bytes((_FILL,)))
    field += bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))
    field += random or secrets.token_bytes(8)
    try:
        inner = recipes.sm4_block(key, field)
    finally:
        wipe(field)
        wipe(nibbles)
    return recipes.sm4_block(key, _xor(inner, account_field(account)))


def read(key: bytes, account: str, block: bytes) -> bytearray:
    """The PIN in a block for this account. A block of another account, terminal or form is refused, all alike."""
    if len(block) != BLOCK:
        raise KeyFault("keys.pin_block")
    inner = _xor(recipes.sm4_block_back(key, block), account_field(account))
    field = recipes.sm4_block_open(key, inner)
    try:
        nibbles = bytearray(half for byte in field[:8] for half in (byte >> 4, byte & 0x0F))
        length = nibbles[1]
        fits = nibbles[0] == 4 and SHORTEST <= length <= LONGEST
        fits = fits and all(one <= 9 for one in nibbles[2 : 2 + length])
        fits = fits and all(one == _FILL for one in nibbles[2 + length :])
        if not fits:
            raise KeyFault("keys.pin_block")
        pin = bytearray(one | 0x30 for one in nibbles[2 : 2 + length])
        wipe(nibbles)
        return pin
    finally:
        wipe(field)


def wipe(secret: bytearray) -> None:
    """Overwrite in place."""
    secret[:] = bytes(len(secret))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
