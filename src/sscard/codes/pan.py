"""Bank card number (PAN, ISO/IEC 7812): 16 to 19 digits, the last one a Luhn check digit.

Which bank a number belongs to is area data: tables of BINs are handed in, none stands in code.

>>> pan = construct("921700", 1234, length=19)
>>> pan, is_valid(pan), find_bin(pan, [Bin("9217", "CCB"), Bin("921700", "ICBC")]).bank
('9217000000000012345', True, 'ICBC')
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sscard.codes.errors import NumberFault, bad_characters, passes, raise_any
from sscard.codes.text import DIGITS, fill, is_digits, normal
from sscard.kernel.masked import mask_card

LENGTHS: Final = range(16, 20)


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a bank's BIN table: its first digits, the bank's code, the length of its numbers (None: any)."""

    prefix: str
    bank: str
    length: int | None = None


def compact(text: str) -> str:
    return normal(text)


def calc_check_digit(body: str) -> str:
    """Luhn check digit to put behind the body."""
    total = 0
    for index, char in enumerate(reversed(body)):
        value = int(char) * (1 if index % 2 else 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def validate(text: str, bins: Iterable[Bin] | None = None) -> str:
    """Normal form, or `NumberFault`: `codes.pan_length`, `pan_character`, `pan_check_digit`; with `bins` also
    `pan_bin_unknown` and `pan_bin_length`."""
    number = fill(compact(text))
    if len(number) not in LENGTHS:
        raise NumberFault("codes.pan_length", length=len(number))
    raise_any(bad_characters(number, (DIGITS,) * len(number), "codes.pan_character"))
    expected = calc_check_digit(number[:-1])
    if number[-1] != expected:
        raise NumberFault("codes.pan_check_digit", position=len(number), expected=expected, given=number[-1])
    if bins is not None:
        row = find_bin(number, bins)
        if row.length is not None and row.length != len(number):
            raise NumberFault("codes.pan_bin_length", expected=row.length, length=len(number))
    return number


def is_valid(text: str) -> bool:
    return passes(validate, text)


def find_bin(number: str, bins: Iterable[Bin]) -> Bin:
    """The row with the longest prefix that fits, or `codes.pan_bin_unknown`."""
    number = compact(number)
    fitting = [row for row in bins if number.startswith(row.prefix)]
    if not fitting:
        raise NumberFault("codes.pan_bin_unknown", last=number[-4:])
    return max(fitting, key=lambda row: len(row.prefix))


def construct(prefix: str, account: int, *, length: int = 19) -> str:
    """The number of the given length out of a BIN, the account's sequence and the check digit.

    `codes.pan_series_full` when the sequence has more digits than the BIN leaves room for.
    """
    if length not in LENGTHS or not is_digits(prefix) or account < 0:
        raise ValueError("a bank card number has 16 to 19 digits, a BIN of digits and a sequence from 0")
    room = length - 1 - len(prefix)
    if len(str(account)) > room:
        raise NumberFault("codes.pan_series_full", room=room)
    body = prefix + str(account).zfill(room)
    return body + calc_check_digit(body)


def format(text: str) -> str:
    """In groups of four."""
    number = compact(text)
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def mask(text: str) -> str:
    """Only the last four digits stay."""
    return mask_card(compact(text))
