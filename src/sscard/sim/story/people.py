"""The people whom a story takes along: fresh ones each time, so that the same story can be told again in the same city."""

from __future__ import annotations

import csv
import io
import random
import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.people.roster.columns import COLUMNS
from sscard.sim.devices import VirtualPerson as Body
from sscard.sim.people import Town, VirtualPerson
from sscard.sim.roster import cells_of
from sscard.sim.story.world import Hero


class Newcomers(Town):
    """People who have just moved to town: numbers and phones from series of their own, drawn anew for each story."""

    def __init__(self, area: str) -> None:
        super().__init__(area, secrets.randbits(48))
        self._fresh = random.SystemRandom()

    def number(self, kind: str, birth: date, sex: str) -> str:
        if kind != "resident_id":
            return super().number(kind, birth, sex)
        return demo.citizen_id(birth, Sex(sex), self._fresh.randrange(200, demo.PER_DAY + 1), self.district)

    def phone(self) -> str:
        return demo.phone(self._fresh.randrange(500_000_000, 999_999_999))


def hero_of(person: VirtualPerson) -> Hero:
    """The person with the ID card in his pocket and a picture of himself."""
    return Hero(
        body=Body.of(person.name, person.id_number),
        phone=person.phone,
        birth=f"{person.birth_date:%Y%m%d}",
        category=person.category,
        employer=person.employer.code if person.employer else "",
        photo=person.photo() or b"",
    )


def roster(people: Sequence[dict[str, str]]) -> bytes:
    """A roster as the bureau's office program writes it: CSV in GB18030 with Chinese headings."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([column.zh for column in COLUMNS])
    table.writerows([cells[column.name] for column in COLUMNS] for cells in people)
    return out.getvalue().encode("gb18030")


def form_of(person: VirtualPerson) -> dict[str, str]:
    """The same as a form asks for it, field by field."""
    left_out = ("photo", "old_id_number")
    return {name: value for name, value in cells_of(person).items() if name not in left_out}


def wrong_digit(number: str) -> str:
    """The number with another last character, as a tired hand types it."""
    signs = "0123456789X"
    return number[:17] + signs[(signs.index(number[17]) + 3) % 11]


def mend(workbook: Path, right: str, into: Path) -> None:
    """Correct the ID number in a workbook of faults, as the clerk does in the spreadsheet, and save it."""
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(workbook)).get_sheet_by_index(0).to_python()
    head = [str(cell) for cell in rows[0]]
    at = next(index for index, cell in enumerate(head) if "证件号码" in cell)
    with xlsxwriter.Workbook(str(into)) as book:
        sheet = book.add_worksheet()
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                text = right if y and x == at else str(cell)
                sheet.write_string(y, x, text)
