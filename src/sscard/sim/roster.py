"""The roster file that a bureau would send: ten thousand people, one in eight rows with something about it.

`write_roster` also writes what must become of each row (`<file>.truth.jsonl`), so that tests can hold the import to it.
`write_large` writes a million clean rows in seconds, for measuring.
"""

from __future__ import annotations

import csv
import json
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sscard.codes import demo, gb11643
from sscard.codes.nations import name as nation_name
from sscard.codes.sex import Sex
from sscard.people.roster.columns import COLUMNS, Column
from sscard.sim import dirt
from sscard.sim.people import Town, VirtualPerson

SHARE = 0.12
"""Part of the rows that has something about it."""
CATEGORY = {
    "employee": "在职职工", "flexible": "灵活就业人员", "resident": "城乡居民", "retiree": "退休人员",
    "unemployed": "失业人员", "student": "学生", "child": "少年儿童",
}  # fmt: skip
DOCUMENT = {
    "resident_id": "居民身份证", "residence_permit": "港澳台居民居住证", "passport": "护照",
    "permanent_resident": "外国人永久居留身份证",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Truth:
    """What must become of a row. `row` is as a spreadsheet counts; `faults` are codes, sorted; `person` an index of
    the town.

    `waits` tells whether the row is held for a decision, `doubt` why, `others` the rows of its group.
    """

    row: int
    dirt: str
    outcome: str
    faults: tuple[str, ...]
    person: int
    doubt: str = ""
    waits: bool = False
    others: tuple[int, ...] = ()


def write_roster(
    path: Path,
    area: str = "990100",
    rows: int = 10_000,
    seed: int = 1,
    *,
    format: str = "csv",
    encoding: str = "utf-8",
    header: str = "zh",
    shuffle_columns: bool = False,
) -> list[Truth]:
    """Writes a dirty roster and, beside it, its truth. `format` csv or xlsx; `encoding` utf-8, utf-8-sig or gb18030."""
    dice = random.Random(f"roster:{area}:{seed}")
    columns = list(COLUMNS)
    if shuffle_columns:
        dice.shuffle(columns)
    cells, truths = [], []
    for row, truth in _rows(area, rows, seed, dice):
        cells.append([row[column.name] for column in columns])
        truths.append(truth)
    table = [_heading(columns, header, dice, plain=not shuffle_columns), *cells]
    if format == "xlsx":
        _write_xlsx(path, table)
    else:
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(table)
    truth_path(path).write_text(
        "".join(json.dumps(_plain(truth), ensure_ascii=False) + "\n" for truth in truths), "utf-8"
    )
    return truths


def truth_path(path: Path) -> Path:
    return path.with_name(path.name + ".truth.jsonl")


def read_truth(path: Path) -> list[Truth]:
    """The truth beside a roster."""
    lines = truth_path(path).read_text("utf-8").splitlines()
    return [
        Truth(**{key: tuple(v) if isinstance(v, list) else v for key, v in json.loads(line).items()}) for line in lines
    ]


def cells_of(person: VirtualPerson) -> dict[str, str]:
    """A person as a careful clerk would type him."""
    guardian, employer = person.guardian, person.employer
    return {
        "id_number": person.id_number,
        "id_type": DOCUMENT[person.id_type],
        "name": person.name,
        "sex": Sex(person.sex).name_in("zh"),
        "birth_date": f"{person.birth_date:%Y%m%d}",
        "nation": nation_name(person.nation) + "族" if person.nation else "",
        "category": CATEGORY[person.category],
        "phone": person.phone,
        "household_address": person.household_address,
        "live_address": person.live_address or "",
        "employer_code": employer.code if employer else "",
        "employer_name": employer.name if employer else "",
        "guardian_name": guardian.name if guardian else "",
        "guardian_id": guardian.id_number if guardian else "",
        "guardian_relation": guardian.relation if guardian else "",
        "photo": person.photo_name or "",
        "old_id_number": person.old_id_number or "",
        "remark": "",
    }


def _rows(area: str, rows: int, seed: int, dice: random.Random) -> Iterator[tuple[dict[str, str], Truth]]:
    """Each row with its truth. Kinds of dirt come round evenly, each at the next person on whom it can lie."""
    kinds: list[dirt.Dirt | str] = [*dirt.KINDS, *dirt.DOUBTS]
    dice.shuffle(kinds)
    queue = deque((kinds * (round(rows * SHARE) // len(kinds) + 1))[: round(rows * SHARE)])
    town = Town(area, seed)
    clean: deque[tuple[VirtualPerson, dict[str, str], int]] = deque(maxlen=50)
    for row, person in enumerate(town.people(rows), start=2):
        cells = cells_of(person)
        kind = _due(queue, cells, bool(clean), dice.random() * (rows + 2 - row) < len(queue))
        if kind is None:
            truth = Truth(row, "", "good", (), person.index)
            if dirt.citizen(cells):
                clean.append((person, dict(cells), row))
        elif isinstance(kind, dirt.Dirt):
            kind.soil(cells)
            truth = Truth(row, kind.name, kind.outcome, tuple(sorted(kind.faults)), person.index)
        else:
            # Each earlier person is taken once, so that every group of doubtful rows is a pair.
            other, other_cells, other_row = clean.pop()
            cells = _double(kind, town, other, other_cells, cells)
            truth = Truth(row, kind, "good", (), other.index, kind, waits=True, others=(other_row,))
        yield cells, truth


def _due(queue: deque[dirt.Dirt | str], cells: dict[str, str], earlier: bool, wanted: bool) -> dirt.Dirt | str | None:
    """The first kind in the queue that can lie on this row, if the row is to have one."""
    if not wanted:
        return None
    for kind in queue:
        if kind.fits(cells) if isinstance(kind, dirt.Dirt) else earlier:
            queue.remove(kind)
            return kind
    return None


def _double(kind: str, town: Town, other: VirtualPerson, theirs: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    if kind == dirt.REPEATED:
        return dict(theirs)
    if kind == dirt.TWO_NUMBERS:
        return {**theirs, "id_number": town.number("resident_id", other.birth_date, other.sex), "old_id_number": ""}
    # Another's name, phone and address under his number; birth and sex agree with the number, as they do in life.
    same = ("id_number", "id_type", "birth_date", "sex", "category", "employer_code", "employer_name")
    swapped = {**own, **{name: theirs[name] for name in same}}
    name = town.another_name(other)
    empty = dict.fromkeys(("old_id_number", "guardian_name", "guardian_id", "guardian_relation"), "")
    return {**swapped, **empty, "name": name,
            "nation": "汉族"}  # fmt: skip


def _heading(columns: Sequence[Column], header: str, dice: random.Random, *, plain: bool) -> list[str]:
    if header == "en":
        return [column.en for column in columns]
    if plain:
        return [column.zh for column in columns]
    # Files of other offices call the same columns otherwise.
    chinese = [[column.zh, *(also for also in column.also if not also.isascii())] for column in columns]
    return [
        dice.choice(names) + ("（必填）" if column.needed else "")
        for names, column in zip(chinese, columns, strict=True)
    ]


def _plain(truth: Truth) -> dict[str, object]:
    return {name: getattr(truth, name) for name in Truth.__slots__}


def _write_xlsx(path: Path, table: list[list[str]]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名册")
        for line, row in enumerate(table):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(line, column, text)


def write_large(path: Path, rows: int = 1_000_000, area: str = "990100", *, wrong_every: int = 1000) -> None:
    """A large CSV without blemish except a wrong check character every `wrong_every` rows (0: never)."""
    town = Town(area, seed=0)
    people = list(town.people(2000))
    tails = [
        _tail(cells_of(person))
        for person in people
        if person.category in ("flexible", "resident", "retiree", "employee")
    ]
    names = [person.name for person in people if "·" not in person.name and person.nation]
    district, start = demo.DISTRICTS[area], date(1950, 1, 1)
    days = [(start + timedelta(days=index)).strftime("%Y%m%d") for index in range(20_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        columns = ("id_number", "name", "sex", "birth_date", "phone", *_TAIL)
        heading = {column.name: column.zh for column in COLUMNS}
        file.write(",".join(heading[name] for name in columns) + "\n")
        for first in range(0, rows, 10_000):
            lines = []
            for index in range(first, min(first + 10_000, rows)):
                day, sequence = days[index % 20_000], index // 20_000 + 1
                body = f"{district}{day}{sequence:03d}"
                check = gb11643.calc_check_digit(body)
                if wrong_every and index % wrong_every == wrong_every - 1:
                    check = "1" if check != "1" else "2"
                sex = "男" if sequence % 2 else "女"
                name = names[index * 7919 % len(names)]
                lines.append(f"{body}{check},{name},{sex},{day},{demo.phone(index)},{tails[index % len(tails)]}\n")
            file.writelines(lines)


_TAIL = ("nation", "category", "household_address", "live_address", "employer_code", "employer_name", "photo")


def _tail(cells: dict[str, str]) -> str:
    return ",".join(cells[name] if name != "nation" else cells[name] or "汉族" for name in _TAIL)
