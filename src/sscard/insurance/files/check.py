"""A whole file, block by block: every row against the rules, the registered people and the file's other rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sscard.insurance.files import charge, contribution, statement
from sscard.insurance.files.charge import ChargeRow, CheckedCharge
from sscard.insurance.files.contribution import Checked, ContributionRow
from sscard.insurance.files.read import InsuranceFile
from sscard.insurance.files.statement import CheckedStatement, StatementRow
from sscard.insurance.files.values import KEEP, FileValues
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Fault
from sscard.kernel.sealed import blind_many
from sscard.law.area import Area
from sscard.people.models import Lookup, Person, PersonAlias
from sscard.people.roster.faults import ROW_PLACE, BadRow
from sscard.people.roster.read import Block

Row = ContributionRow | StatementRow | ChargeRow
CHECKS: Mapping[str, Callable[[Mapping[str, str], FileValues], Checked | CheckedStatement | CheckedCharge]] = {
    "contributions": contribution.check,
    "accounts": statement.check,
    "charges": charge.check,
}
LONGEST_CELL = 500
BLOCK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Good:
    """A row that can be posted: where it stood and whose it is."""

    number: int
    person_id: int
    row: Row


@dataclass(frozen=True, slots=True)
class Batch:
    good: tuple[Good, ...]
    bad: tuple[BadRow, ...]
    last: int
    """The last row of the file that this batch has seen."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A registered person: the true record, and the index of his name."""

    person_id: int
    area: str
    name_index: bytes


class FileCheck:
    """Sorts the rows of one open file; iterate it once. `held` are rows known to be contradicted by later ones."""

    def __init__(
        self, file: InsuranceFile, content: str, *, area: Area, today: date, held: frozenset[int] = frozenset()
    ) -> None:
        self._file, self._check, self._area = file, CHECKS[content], area.code
        self._values = FileValues(area, today, file.scheme)
        self._held = held
        self._people: dict[str, _Hit | None] = {}
        self._names: dict[str, bytes] = {}
        self._seen: dict[int, tuple[int, int]] = {}
        self._repeats: dict[int, list[int]] = {}
        self._taken = True
        self._columns = [(index, name) for index, name in enumerate(file.layout.fields) if name]
        self.contradicted: dict[int, int] = {}
        """Earlier good row → the later row that says otherwise. Neither can be taken."""
        self.by_fault: Counter[str] = Counter()
        self.by_warning: Counter[str] = Counter()
        self.good = self.bad = self.blank = 0

    def __iter__(self) -> Iterator[Batch]:
        for block in self._file.blocks():
            for start in range(0, block.cells.height, BLOCK_ROWS):
                yield self._batch(block, start)

    def _batch(self, block: Block, start: int) -> Batch:
        rows = block.cells.slice(start, BLOCK_ROWS).rows()
        checked = []
        for number, *texts in rows:
            extra = block.extra.get(number, ())
            if not extra and not any(text and text.strip() for text in texts):
                self.blank += 1
                continue
            named = {name: (texts[index] or "")[:LONGEST_CELL] for index, name in self._columns}
            checked.append((number, texts, extra, self._check(named, self._values)))
        self._look_up({one.id_number: one.name for _, _, _, one in checked if one.id_number})
        good: list[Good] = []
        bad: list[BadRow] = []
        for number, texts, extra, one in checked:
            faults = [*one.faults, *self._person_faults(one.id_number, one.name)]
            if extra:
                faults.insert(0, Fault(ROW_PLACE, "people.row_too_many_cells", {"columns": len(texts)}))
            hit = self._people.get(one.id_number)
            if not faults and hit and one.row is not None:
                faults += self._twice(number, hit.person_id, one.row)
            self.by_warning.update({fault.code for fault in one.warnings})
            if faults or one.row is None or hit is None:
                bad.append(BadRow(number, tuple(text or "" for text in texts), tuple(faults), extra))
                self.by_fault.update({fault.code for fault in faults})
            elif self._taken:
                good.append(Good(number, hit.person_id, one.row))
        self.good += len(good)
        self.bad += len(bad)
        return Batch(tuple(good), tuple(bad), rows[-1][0] if rows else 0)

    def _twice(self, number: int, person_id: int, row: Row) -> list[Fault]:
        """The same key twice in one file: repeated values are harmless, other values are not."""
        if isinstance(row, ContributionRow):
            key = hash((person_id, row.scheme, row.code, row.entry.month, row.entry.employer))
            says = hash(row.entry)
        elif isinstance(row, ChargeRow):
            key, says = hash(row.reference), hash((person_id, row))
        else:
            key, says = hash((person_id, row.account, row.year)), hash(row)
        first, said = self._seen.setdefault(key, (number, says))
        if said == says and first not in self.contradicted:
            if first != number:
                self._repeats.setdefault(first, []).append(number)
            self._taken = first not in self._held
            return []
        self.contradicted.setdefault(first, number)
        return [Fault(ROW_PLACE, "insurance.row_contradicts", {"row": first})]

    def contradicted_rows(self) -> Iterator[BadRow]:
        """The earlier rows of contradicting pairs, read once more for the workbook; known when the file is through."""
        wanted = dict(self.contradicted)
        for first, later in self.contradicted.items():
            wanted |= dict.fromkeys(self._repeats.get(first, ()), later)
        if not wanted:
            return
        for block in self._file.blocks():
            for number, *texts in block.cells.filter(block.cells["row"].is_in(list(wanted))).rows():
                fault = Fault(ROW_PLACE, "insurance.row_contradicts", {"row": wanted[number]})
                self.by_fault[fault.code] += 1
                self.good -= 1
                self.bad += 1
                yield BadRow(number, tuple(text or "" for text in texts), (fault,))

    # --- the registered people ------------------------------------------------------------------------------

    def _look_up(self, wanted: Mapping[str, str]) -> None:
        """Find the people of a batch: two key-service calls and three queries, whatever their number."""
        if len(self._people) > KEEP:
            self._people.clear()
        if len(self._names) > KEEP:
            self._names.clear()
        fresh = [number for number in wanted if number not in self._people]
        if fresh:
            with unit_of_work(area=self._area):
                self._people |= _hits(fresh)
        names = sorted({name for name in wanted.values() if name and name not in self._names})
        if names:
            self._names |= dict(zip(names, blind_many("name", names), strict=True))

    def _person_faults(self, id_number: str, name: str) -> list[Fault]:
        if not id_number:
            return []
        hit = self._people.get(id_number)
        if hit is None or hit.area != self._area:
            return [Fault("id_number", "insurance.person_unknown")]
        if name and self._names.get(name, hit.name_index) != hit.name_index:
            return [Fault("name", "insurance.name_differs")]
        return []


def _hits(numbers: list[str]) -> dict[str, _Hit | None]:
    """The registered persons behind ID numbers; a duplicate's number leads to the true record."""
    found: dict[str, _Hit | None] = dict.fromkeys(numbers)
    indexes = dict(zip(blind_many("id_number", numbers), numbers, strict=True))
    hits = list(Lookup.objects.filter(kind="id_number", value__in=list(indexes)))
    ids = [hit.person_id for hit in hits]
    true = dict(PersonAlias.objects.filter(person_id__in=ids).values_list("person_id", "true_person_id"))
    names = dict(
        Person.objects.filter(person_id__in=[true.get(one, one) for one in ids]).values_list("person_id", "name_index")
    )
    for hit in hits:
        person_id = true.get(hit.person_id, hit.person_id)
        if person_id in names:
            found[indexes[bytes(hit.value)]] = _Hit(person_id, hit.area_code, bytes(names[person_id]))
    return found
