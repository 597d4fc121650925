"""One row of a roster: its normal form and everything that is wrong with it.

The same rules serve a desk that collects one person and the import that collects a million: `fast.py` only finds the
rows that plainly pass. Numbers are checked by room codes; here stands what concerns a person as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from sscard.codes import credit_code, documents, gb11643, names, nations, person_number, phone
from sscard.codes.errors import NumberFault
from sscard.codes.person_number import Kind, PersonNumber
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault
from sscard.people.roster import cells
from sscard.people.roster.cells import Category
from sscard.people.roster.columns import BY_NAME, COLUMNS

MOST_PER_CELL: Final = 3
"""Faults told of one cell: a name full of signs is wrong once, not forty times."""
EARLIEST_YEAR: Final = gb11643.EARLIEST_YEAR
SHORTEST_ADDRESS: Final = 4

_ADDRESS_SIGNS: Final = re.compile(r"[<>{}\\\ufffd\ue000-\uf8ff]|^[=+@|-]")
_PHOTO: Final = re.compile(r"[\w\-]{1,80}\.(?:jpg|jpeg|png)", re.IGNORECASE | re.ASCII)
_FOREIGN: Final = {Kind.FOREIGNER, Kind.PERMANENT_RESIDENT, Kind.PERMANENT_RESIDENT_OLD}
DOCUMENT_OF: Final = {
    Kind.CITIZEN: "resident_id",
    Kind.RESIDENCE_PERMIT: "residence_permit",
    Kind.FOREIGNER: "passport",
    Kind.PERMANENT_RESIDENT: "permanent_resident",
    Kind.PERMANENT_RESIDENT_OLD: "permanent_resident",
}
"""The document meant when the file has no column for it."""


class Dated(Protocol):
    """What an area pack offers: its values on a day."""

    def value(self, name: str, on: date) -> Any: ...


@dataclass(frozen=True, slots=True)
class RosterValues:
    """Values of the area that the rules need. Ages in full years."""

    guardian_age: int = 16
    """Below it a guardian acts (regulations.md §3.8, §10)."""
    photo_free_below_age: int = 7
    adult_age: int = 18
    """A guardian is of full age (Civil Code, arts. 17 and 27)."""

    @classmethod
    def of(cls, area: Dated, on: date) -> RosterValues:
        return cls(int(area.value("guardian_age", on)), int(area.value("photo_free_below_age", on)))


@dataclass(frozen=True, slots=True)
class Checked:
    """A row in normal form (absent values are None) with every fault in the order of the columns."""

    row: Mapping[str, str | None]
    faults: tuple[Fault, ...]


def check_row(raw: Mapping[str, str | None], *, on: date, values: RosterValues) -> list[Fault]:
    """Every fault of one row. `raw` maps our column names to the cells as they were typed; absent ones may be
    missing."""
    return list(check(raw, on=on, values=values).faults)


def check(raw: Mapping[str, str | None], *, on: date, values: RosterValues) -> Checked:
    """Normal form and faults of one row."""
    row = {name: normal(cells.cut(name, raw.get(name))) for name, normal in cells.NORMAL.items()}
    found: list[Fault] = [
        Fault(column.name, "people.cell_too_long", {"limit": column.limit})
        for column in COLUMNS
        if cells.too_long(column.name, raw.get(column.name))
    ]
    # A cell that is too long has that one fault; looking at its cut-off beginning would only mislead.
    long_cells = {fault.place for fault in found}
    found += [fault for fault in _faults(row, on, values) if fault.place not in long_cells]
    order = list(BY_NAME)
    found.sort(key=lambda fault: order.index(fault.place))
    if not found and not row["id_type"]:
        row["id_type"] = DOCUMENT_OF[person_number.parse(row["id_number"]).kind]
    return Checked({name: value or None for name, value in row.items()}, tuple(found))


def normal_row(raw: Mapping[str, str | None]) -> dict[str, str | None]:
    """Only the normal form, faults or not."""
    return {name: normal(cells.cut(name, raw.get(name))) or None for name, normal in cells.NORMAL.items()}


def _faults(row: Mapping[str, str], on: date, values: RosterValues) -> Iterator[Fault]:
    birth = real_date(row["birth_date"])
    number, number_faults = _number(row["id_number"], "id_number", on)
    yield from number_faults
    yield from _id_type(row["id_type"], number)
    yield from _name(row["name"], "name")
    yield from _sex(row)
    yield from _birth(row, birth, on)
    yield from _nation(row["nation"], number)
    yield from _category(row)
    yield from _phone(row["phone"])
    yield from _addresses(row)
    yield from _employer(row)
    yield from _guardian(row, birth, on, values)
    if row["photo"] and not _PHOTO.fullmatch(row["photo"]):
        yield Fault("photo", "people.photo_name")
    if row["old_id_number"]:
        yield from _refused(person_number.parse_history, row["old_id_number"], "old_id_number")


def _refused(validate: Callable[[str], object], text: str, place: str) -> tuple[Fault, ...]:
    try:
        validate(text)
    except NumberFault as fault:
        return fault.at(place)[:MOST_PER_CELL]
    return ()


def _number(text: str, place: str, on: date) -> tuple[PersonNumber | None, tuple[Fault, ...]]:
    """The parsed number, if it is one, and what is wrong with it."""
    if not text:
        return None, (Fault(place, "people.id_missing"),)
    try:
        return person_number.parse(text, on=on), ()
    except NumberFault as fault:
        if cells.SPREADSHEET_NUMBER.fullmatch(text) or _rounded(text):
            return None, (Fault(place, "people.id_spreadsheet"),)
        return None, fault.at(place)[:MOST_PER_CELL]


def _rounded(text: str) -> bool:
    """Spreadsheets keep fifteen digits of a number and write zeros for the rest."""
    return len(text) == gb11643.LENGTH and text.isdigit() and text.endswith("000")


def _id_type(text: str, number: PersonNumber | None) -> Iterator[Fault]:
    if not text:
        return
    if text not in documents.TABLE:
        yield from _refused(documents.validate, text, "id_type")
    elif number and not documents.fits(text, number.kind):
        facts = {"document": documents.name(text), "document_en": documents.name(text, "en")}
        yield Fault("id_type", "codes.document_mismatch", facts)


def _name(text: str, place: str) -> tuple[Fault, ...]:
    return _refused(names.validate, text, place) if text else (Fault(place, "people.name_missing"),)


def _told_by_number(text: str) -> tuple[str, str] | None:
    """Birth date and sex in an 18-character number after GB 11643, even if its check character is wrong."""
    if len(text) == gb11643.LENGTH and text[:17].isascii() and text[:17].isdigit():
        return text[6:14], "1" if int(text[16]) % 2 else "2"
    return None


def _sex(row: Mapping[str, str]) -> Iterator[Fault]:
    sex, told = row["sex"], _told_by_number(row["id_number"])
    if not sex:
        yield Fault("sex", "people.sex_missing")
    elif sex not in ("1", "2"):
        yield Fault("sex", "people.sex_unknown")
    elif told and told[1] != sex:
        yield Fault("sex", "people.sex_disagrees")


def _birth(row: Mapping[str, str], birth: date | None, on: date) -> Iterator[Fault]:
    text, told = row["birth_date"], _told_by_number(row["id_number"])
    if not text:
        yield Fault("birth_date", "people.birth_missing")
    elif not (len(text) == 8 and text.isascii() and text.isdigit()):
        yield Fault("birth_date", "people.birth_form")
    elif birth is None:
        yield Fault("birth_date", "people.birth_impossible")
    elif birth > on:
        yield Fault("birth_date", "people.birth_future")
    elif told and real_date(told[0]) and told[0] != text:
        yield Fault("birth_date", "people.birth_disagrees")


def real_date(text: str) -> date | None:
    """The day YYYYMMDD, or None for what is no day of the calendar or before 1850."""
    if not (len(text) == 8 and text.isascii() and text.isdigit()) or int(text[:4]) < EARLIEST_YEAR:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _nation(text: str, number: PersonNumber | None) -> Iterator[Fault]:
    if text and text not in nations.TABLE:
        yield from _refused(nations.validate, text, "nation")
    # Foreigners belong to none of the groups of GB/T 3304.
    if not text and not (number and number.kind in _FOREIGN):
        yield Fault("nation", "people.nation_missing")


def _category(row: Mapping[str, str]) -> Iterator[Fault]:
    if not row["category"]:
        yield Fault("category", "people.category_missing")
    elif row["category"] not in set(Category):
        yield Fault("category", "people.category_unknown")


def _phone(text: str) -> tuple[Fault, ...]:
    return _refused(phone.validate, text, "phone") if text else (Fault("phone", "people.phone_missing"),)


def _addresses(row: Mapping[str, str]) -> Iterator[Fault]:
    if not row["household_address"]:
        yield Fault("household_address", "people.address_missing")
    for place in ("household_address", "live_address"):
        if _ADDRESS_SIGNS.search(row[place]):
            yield Fault(place, "people.address_signs")
        elif row[place] and len(row[place]) < SHORTEST_ADDRESS:
            yield Fault(place, "people.address_short")


def _employer(row: Mapping[str, str]) -> Iterator[Fault]:
    if row["employer_code"]:
        yield from _refused(credit_code.validate, row["employer_code"], "employer_code")
    elif row["category"] == Category.EMPLOYEE:
        yield Fault("employer_code", "people.employer_missing")


def _guardian(row: Mapping[str, str], birth: date | None, on: date, values: RosterValues) -> Iterator[Fault]:
    name, number = row["guardian_name"], row["guardian_id"]
    child = birth is not None and birth <= on and age_on(birth, on) < values.guardian_age
    if name:
        yield from _name(name, "guardian_name")
    elif child or number:
        yield Fault("guardian_name", "people.guardian_name_missing", {"guardian_age": values.guardian_age})
    if number:
        yield from _guardian_number(row, on, values)
    elif child or name:
        yield Fault("guardian_id", "people.guardian_id_missing", {"guardian_age": values.guardian_age})


def _guardian_number(row: Mapping[str, str], on: date, values: RosterValues) -> Iterator[Fault]:
    guardian, faults = _number(row["guardian_id"], "guardian_id", on)
    yield from faults
    if row["guardian_id"] == row["id_number"]:
        yield Fault("guardian_id", "people.guardian_is_self")
    elif guardian and guardian.birth_date and age_on(guardian.birth_date, on) < values.adult_age:
        yield Fault("guardian_id", "people.guardian_too_young", {"adult_age": values.adult_age})
