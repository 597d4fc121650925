"""What makes a PIN too easy to guess, and the verifier that is kept instead of a PIN."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Final

from sscard.keys import recipes
from sscard.keys.errors import KeyFault
from sscard.keys.pinblock import wipe
from sscard.keys.ring import Key

SCHEME_HMAC_SM3: Final = 1
VERIFIER: Final = 34  # scheme, key version, 32 bytes
DIGITS: Final = 6  # of every PIN in this service, social and bank
# Of the PINs people choose most where six digits are asked for: patterns that the other rules do not catch.
COMMON: Final = (
    b"123123 321321 112233 332211 121212 212121 123321 654456 520520 521521 131419 151515 159753 147258 258369 "
    b"147852 110110 119119 100200 001122 223344 556677 667788 778899 888666 666888 168168 518518 520131 201314 "
    b"789456 456789 101010 102030 111222 123654 135790 246810 159357 147369 963852 852963 741852 963741 778800 "
    b"998877"
).split()


def weakness(pin: bytearray, hints: Mapping[str, str]) -> str | None:
    """The code of the rule that refuses this PIN, or None. `hints`: `birthday` YYYYMMDD, `id_number`, `phone`."""
    if len(pin) != DIGITS:
        return "keys.pin_length"
    if len(set(pin)) == 1:
        return "keys.pin_equal_digits"
    # wraps at 9 ↔ 0, so that 890123 and 210987 count too
    steps = {(after - before) % 10 for before, after in itertools.pairwise(pin)}
    if steps in ({1}, {9}):
        return "keys.pin_sequence"
    if pin in COMMON or _repeats(pin, 3) or _repeats(pin, 2):
        return "keys.pin_common"
    for code, parts in (
        ("keys.pin_birthday", _birthday_parts(hints)),
        ("keys.pin_id_tail", _tails(hints.get("id_number", ""))),
        ("keys.pin_phone_tail", _tails(hints.get("phone", ""))),
    ):
        if any(pin == part.encode() for part in parts):
            return code
    return None


def _repeats(pin: bytearray, length: int) -> bool:
    """Is it one group of digits again and again? Compared in place: no copy of a PIN is left in memory."""
    return all(pin[at] == pin[at % length] for at in range(len(pin)))


def _birthday_parts(hints: Mapping[str, str]) -> Iterator[str]:
    """Six-digit forms of the date: YYMMDD, YYYYMM, MMDDYY, DDMMYY, MMYYYY, YYYYDD and the like."""
    number = hints.get("id_number", "")
    for date in {hints.get("birthday", ""), number[6:14] if len(number) == 18 else ""}:
        if len(date) != 8:
            continue
        year, month, day = date[:4], date[4:6], date[6:]
        short = year[2:]
        yield from (short + month + day, year + month, month + day + short, day + month + short)
        yield from (month + year, date[2:], year + day, year + str(int(month)) + str(int(day)))


def _tails(number: str) -> Iterator[str]:
    """The last six digits; for an ID number that ends in X also the six before it, and X read as 0 or left out."""
    number = number.upper().strip()
    yield number[-DIGITS:]
    if number.endswith("X"):
        yield number[-DIGITS - 1 : -1]
        yield number[-DIGITS:-1] + "0"
    elif len(number) == 18:  # the six before the check digit are as easily found
        yield number[-DIGITS - 1 : -1]


def verifier(key: Key, account: str, pin: bytearray) -> bytes:
    """scheme ‖ key version ‖ HMAC-SM3(PIN key, account ‖ PIN): of no use to anyone without the key."""
    message = bytearray(len(account.encode()).to_bytes(2, "big") + account.encode())
    message += pin
    try:
        return bytes((SCHEME_HMAC_SM3, key.version)) + recipes.hmac_sm3(key.hmac, message)
    finally:
        wipe(message)


def check_form(stored: bytes) -> int:
    """The key version of a stored verifier."""
    if len(stored) != VERIFIER or stored[0] != SCHEME_HMAC_SM3:
        raise KeyFault("keys.scheme_unknown", scheme=str(stored[0]) if stored else "")
    return stored[1]
