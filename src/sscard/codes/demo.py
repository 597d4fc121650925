"""Numbers that belong to nobody, for demo areas, tests and the virtual world.

ID numbers lie in districts 090101 and 090201, which GB/T 2260 never assigned; bank, card and phone numbers and the
places of credit codes begin with 9. Every one of them is valid, so demo data walks the same paths as real data.

>>> from datetime import date
>>> citizen_id(date(1990, 1, 1), Sex.FEMALE, 1)
'090101199001010024'
>>> is_demo_citizen_id("090201199001010018"), phone(7)
(True, '93000000007')
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sscard.codes import card_number as card_numbers
from sscard.codes import credit_code as credit_codes
from sscard.codes import gb11643, organisation_code, pan
from sscard.codes.gb11643 import calc_check_digit
from sscard.codes.sex import Sex

DISTRICTS: Final = {"990100": "090101", "990200": "090201"}
"""Demo area → district of its people's ID numbers."""
PER_DAY: Final = 499
"""Sequence numbers for one sex on one birth date."""
BINS: Final = {"CCB": "921700", "ICBC": "922200", "BOCOM": "926010", "ABC": "922840"}
"""Demo BIN of each bank: first digit 9 is for national use and reaches no real card."""


def citizen_id(birth: date, sex: Sex, sequence: int, district: str = "090101") -> str:
    """A citizen's number with this birth date and sex; `sequence` 1 … 499 tells people born on one day apart."""
    assert district in DISTRICTS.values(), "demo people live in demo districts only"
    assert 1 <= sequence <= PER_DAY, "a day has 499 demo numbers for each sex"
    assert sex in (Sex.MALE, Sex.FEMALE), "the number itself tells male or female"
    assert birth.year >= gb11643.EARLIEST_YEAR
    body = f"{district}{birth:%Y%m%d}{2 * sequence - (sex is Sex.MALE):03d}"
    return body + calc_check_digit(body)


def is_demo_citizen_id(number: str) -> bool:
    """Whether a number in normal form lies in a demo district."""
    return number[:6] in DISTRICTS.values()


def pan_of(bank: str, account: int, *, length: int = 19) -> str:
    """The bank number of a demo account at one of the four banks."""
    return pan.construct(BINS[bank], account, length=length)


def bins() -> tuple[pan.Bin, ...]:
    """BIN table of the demo banks, as an area pack would hold it."""
    return tuple(pan.Bin(prefix, bank) for bank, prefix in BINS.items())


def phone(sequence: int) -> str:
    """A phone number that no network answers, 0 … 999,999,999."""
    assert 0 <= sequence < 10**9
    return f"93{sequence:09d}"


def card_number(sequence: int, letter: str = "X") -> str:
    """A card number whose seven digits begin with 9; sequence 0 … 999,999. The letter X marks samples."""
    assert 0 <= sequence < 10**6
    return card_numbers.construct(letter, 9_000_000 + sequence)


def credit_code(sequence: int, area: str = "990100") -> str:
    """A credit code registered in a demo area, with an organisation code that begins with 9; 0 … 9,999,999."""
    assert 0 <= sequence < 10**7
    assert area.startswith("99")
    body = f"9{sequence:07d}"
    number = "91" + area + body + organisation_code.calc_check_digit(body)
    return number + credit_codes.calc_check_digit(number)
