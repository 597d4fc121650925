"""The number that identifies a person, of whatever document: one entry over all kinds.

>>> found = parse(" 11010519491231002x")
>>> found.kind.value, found.birth_date.isoformat(), found.sex.value
('citizen', '1949-12-31', '2')
>>> print(found)
1101**********002X
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sscard.codes import citizen_id, foreigner_number, gb11643, permanent_resident, residence_permit
from sscard.codes.errors import NumberFault, passes
from sscard.codes.sex import Sex
from sscard.codes.text import LETTERS, fill, normal
from sscard.kernel.masked import mask_id


class Kind(StrEnum):
    """Which document the number belongs to. The values are stored."""

    CITIZEN = "citizen"
    RESIDENCE_PERMIT = "residence_permit"
    FOREIGNER = "foreigner"
    PERMANENT_RESIDENT = "permanent_resident"
    PERMANENT_RESIDENT_OLD = "permanent_resident_old"
    CITIZEN_15 = "citizen_15"
    """Fifteen digits: only in a person's history, never on a card."""


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A valid number in normal form and what it says itself. Its text form is masked; `number` is the whole one."""

    kind: Kind
    number: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)

    @property
    def masked(self) -> str:
        return mask_id(self.number)

    def __str__(self) -> str:
        return self.masked


def compact(text: str) -> str:
    """Normal form under which numbers are counted, looked up and indexed (T17)."""
    return normal(text)


def parse(text: str, *, on: date | None = None) -> PersonNumber:
    """The number with its kind, or `NumberFault` with every fault of the kind it looks like.

    `on` is the business day: with it a birth in the future is a fault too. Fifteen digits raise `codes.id_old_15`.
    """
    number = fill(compact(text))
    if number[0] in LETTERS:
        if permanent_resident.is_old(number):
            return PersonNumber(Kind.PERMANENT_RESIDENT_OLD, permanent_resident.validate(number))
        return PersonNumber(Kind.FOREIGNER, foreigner_number.validate(number))
    if citizen_id.is_old_15(number):
        raise NumberFault("codes.id_old_15")
    if number[0] == "9":
        kind, number = Kind.PERMANENT_RESIDENT, permanent_resident.validate(number, on=on)
    elif number[:2] in residence_permit.ORIGINS:
        kind, number = Kind.RESIDENCE_PERMIT, residence_permit.validate(number, on=on)
    else:
        kind, number = Kind.CITIZEN, citizen_id.validate(number, on=on)
    return PersonNumber(kind, number, gb11643.birth_date(number), gb11643.sex(number))


def parse_history(text: str) -> PersonNumber:
    """A number out of a person's past: everything `parse` takes, and numbers of fifteen digits."""
    number = fill(compact(text))
    if not citizen_id.is_old_15(number):
        return parse(number)
    now = citizen_id.convert_15(number)
    return PersonNumber(Kind.CITIZEN_15, number, gb11643.birth_date(now), gb11643.sex(now))


def validate(text: str, *, on: date | None = None) -> str:
    """Normal form of a number on which a card may be issued, or `NumberFault`."""
    return parse(text, on=on).number


def is_valid(text: str) -> bool:
    return passes(parse, text)
