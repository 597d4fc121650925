"""The 18-character pattern of GB 11643: six digits of place, birth date, three of sequence, one check character.

Citizens' numbers, residence permits of Hong Kong, Macao and Taiwan residents and the new permanent-resident cards share
it; GB/T 40217 asks the same of every social security number that starts with a digit. The place is not looked up: codes
that were dissolved stay in people's numbers.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Final

from sscard.codes.errors import bad_characters
from sscard.codes.sex import Sex
from sscard.codes.text import DIGITS, is_digits
from sscard.kernel.refusals import Fault

LENGTH: Final = 18
WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS: Final = "10X98765432"
"""Check character by the weighted sum modulo 11 (ISO 7064 MOD 11-2)."""
EARLIEST_YEAR: Final = 1850
"""Nobody on any roster was born before; an earlier year is a slip of the pen."""

_ALLOWED: Final = (DIGITS,) * 17 + (DIGITS + "X",)


def calc_check_digit(body: str) -> str:
    """Check character of the first 17 digits.

    >>> calc_check_digit("11010519491231002")
    'X'
    """
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def faults(number: str, on: date | None = None) -> list[Fault]:
    """Everything wrong with a number in normal form; with `on`, a birth after that day too."""
    if len(number) != LENGTH:
        return [Fault("", "codes.id_length", {"length": len(number)})]
    found = bad_characters(number, _ALLOWED, "codes.id_character")
    if is_digits(number[6:14]):
        found += birth_faults(number[6:14], on)
    if is_digits(number[:17]) and number[17] in _ALLOWED[17]:
        expected = calc_check_digit(number[:17])
        if number[17] != expected:
            facts = {"position": 18, "expected": expected, "given": number[17]}
            found.append(Fault("", "codes.id_check_digit", facts))
    return found


def birth_faults(digits: str, on: date | None = None, first_position: int = 7) -> list[Fault]:
    """What is wrong with a birth date YYYYMMDD whose first digit stands at `first_position`."""
    return list(_birth_faults(digits, on, first_position))


def _birth_faults(digits: str, on: date | None, first: int) -> Iterator[Fault]:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if year < EARLIEST_YEAR:
        facts = {"position": first, "to": first + 3, "given": digits[:4], "earliest": EARLIEST_YEAR}
        yield Fault("", "codes.id_birth_year", facts)
        # A year that cannot be still tells whether the month and the day can.
        year = 2000
    if not 1 <= month <= 12:
        yield Fault("", "codes.id_birth_month", {"position": first + 4, "to": first + 5, "given": digits[4:6]})
        month, on = 1, None
    if not 1 <= day <= monthrange(year, month)[1]:
        yield Fault("", "codes.id_birth_day", {"position": first + 6, "to": first + 7, "given": digits[6:]})
    elif on and date(year, month, day) > on:
        yield Fault("", "codes.id_birth_future", {"position": first, "to": first + 7})


def birth_date(number: str) -> date:
    """Birth date of a valid number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> Sex:
    """Odd seventeenth digit: male; even: female."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
