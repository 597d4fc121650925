"""Registering persons: one set-based way for a million rows of a file and for one person at a desk.

A row comes in normal form and without fault (`people.roster`). By its number it is new, known and the same, known and
changed, or it disagrees with what we have; by name, birth date and phone or address it may be a person whom we have under
another number. What disagrees is not decided here: it goes to the queue of two persons (`people.duplicates`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import psycopg
from django.db import connection

from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.keyclient import keys
from sscard.kernel.masked import mask_id, mask_name, mask_phone
from sscard.kernel.sealed import aad_for, encode, open_many
from sscard.people.models import DuplicateCase, IdHistory, Person

Row = Mapping[str, str | None]
MOST = 5_000
FACTS = (
    "name", "id_number", "id_type", "phone", "household_address", "live_address", "employer_name",
    "guardian_name", "guardian_id", "guardian_relation", "photo", "remark",
)  # fmt: skip


TOLD = (*FACTS, "sex", "birth_date", "nation", "category", "employer_code")
"""What a row says about a person: the same again changes nothing."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of one row: "new", "same", "changed", "queued" or "elsewhere" (registered in another area)."""

    outcome: str
    person_id: int | None = None
    public_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keyed values of one row."""

    id_index: bytes
    name_index: bytes
    like_phone: bytes
    like_address: bytes
    facts_index: bytes


def register_many(
    inside: Inside,
    rows: Sequence[Row],
    *,
    source: str,
    import_id: uuid.UUID | None = None,
    ignore_likeness: bool = False,
) -> list[Registered]:
    """Register at most `MOST` clean rows in the running transaction; the results stand in the order of the rows.

    `ignore_likeness`: a decision of two persons says that this is another person in spite of the likeness.
    """
    if not rows:
        return []
    assert len(rows) <= MOST
    made = _keys_of(rows)
    known = _known([one.id_index for one in made])
    found: list[Registered | None] = [None] * len(rows)
    fresh: list[int] = []
    for index, one in enumerate(made):
        if (hit := known.get(one.id_index)) is None:
            fresh.append(index)
        elif hit[0] != inside.area_code:
            found[index] = Registered("elsewhere")
    new = set(fresh)
    mine = {one.id_index: i for i, one in enumerate(made) if found[i] is None and i not in new}
    for index, result in _meet_known(inside, rows, made, known, mine, import_id).items():
        found[index] = result
    if fresh and not ignore_likeness:
        for index, person_id in _alike(made, fresh).items():
            found[index] = queue(inside, "same_person_other_number", rows[index], person_id, import_id)
        fresh = [index for index in fresh if found[index] is None]
    for index, result in _insert(inside, rows, made, fresh, source).items():
        found[index] = result
    return [result or Registered("same") for result in found]


def _keys_of(rows: Sequence[Row]) -> list[_Keys]:
    service = keys()
    ids_ = service.blind("id_number", [(row["id_number"] or "").encode() for row in rows])
    wanted: list[bytes] = []
    for row in rows:
        who = f"{row['name']}|{row['birth_date']}"
        wanted += [
            (row["name"] or "").encode(),
            f"p|{who}|{row['phone'] or row['id_number']}".encode(),
            f"a|{who}|{row['household_address'] or row['id_number']}".encode(),
        ]
    names = service.blind("name", wanted)
    digests = service.mac("fingerprint", [_digested(row) for row in rows])
    return [_Keys(ids_[i], names[3 * i], names[3 * i + 1], names[3 * i + 2], digests[i]) for i in range(len(rows))]


def _digested(row: Row) -> bytes:
    return msgspec.json.encode([row.get(name) for name in TOLD])


def _binary_cursor() -> psycopg.Cursor[Any]:
    """A cursor of the running transaction that binds on the server: Django's writes thousands of values into the text."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _known(indexes: list[bytes]) -> dict[bytes, tuple[str, int]]:
    """Numbers that somebody has: index → (area, person_id)."""
    with _binary_cursor() as cursor:
        cursor.execute(
            "select value, area_code, person_id from people_lookup where kind = 'id_number' and value = any(%b)",
            [indexes],
        )
        return {bytes(value): (area, person_id) for value, area, person_id in cursor.fetchall()}


def _meet_known(
    inside: Inside,
    rows: Sequence[Row],
    made: Sequence[_Keys],
    known: Mapping[bytes, tuple[str, int]],
    mine: Mapping[bytes, int],
    import_id: uuid.UUID | None,
) -> dict[int, Registered]:
    """Rows whose number we have: the same, changed, or another person's name on it."""
    if not mine:
        return {}
    persons = {bytes(p.id_index): p for p in Person.objects.filter(person_id__in=[known[k][1] for k in mine])}
    found: dict[int, Registered] = {}
    changed: list[tuple[int, Person]] = []
    for key, index in mine.items():
        person, row = persons[key], rows[index]
        if bytes(person.facts_index) == made[index].facts_index:
            found[index] = Registered("same", person.person_id, person.public_id)
        elif bytes(person.name_index) != made[index].name_index or person.birth_date != day(row["birth_date"]):
            found[index] = queue(inside, "same_number_other_person", row, person.person_id, import_id)
        else:
            changed.append((index, person))
            found[index] = Registered("changed", person.person_id, person.public_id)
    if changed:
        _change(inside, rows, changed)
    return found


def _change(inside: Inside, rows: Sequence[Row], changed: Sequence[tuple[int, Person]]) -> None:
    """New values over old; what the row leaves out stays as it was."""
    for (index, person), facts in zip(
        changed, open_many([person for _, person in changed], "facts", inside), strict=True
    ):
        merged = {**facts, **{name: rows[index][name] for name in FACTS if rows[index].get(name)}}
        put_facts(person, merged, rows[index])
        person.changed_at = inside.now
        person.save()


def put_facts(person: Person, facts: dict[str, Any], row: Row) -> None:
    """Give a person row facts and everything that follows from them: masks, indexes, clear columns."""
    whole = {**row, **facts}
    one = _keys_of([whole])[0]
    person.facts = facts
    person.name_mask, person.id_mask = mask_name(str(facts["name"])), mask_id(str(facts["id_number"]))
    person.phone_mask = mask_phone(str(facts.get("phone") or ""))
    person.id_index, person.name_index, person.facts_index = one.id_index, one.name_index, one.facts_index
    person.like_phone, person.like_address = one.like_phone, one.like_address
    person.category = row.get("category") or person.category
    person.employer = row.get("employer_code") or person.employer
    person.nation = row.get("nation") or person.nation


def _alike(made: Sequence[_Keys], fresh: Sequence[int]) -> dict[int, int]:
    """Fresh rows that look like a person we have: index → that person."""
    phones = {made[i].like_phone: i for i in fresh}
    addresses = {made[i].like_address: i for i in fresh}
    with _binary_cursor() as cursor:
        cursor.execute(
            "select person_id, like_phone, like_address from people_person where like_phone = any(%b) and state = 'active'"
            " union select person_id, like_phone, like_address from people_person"
            " where like_address = any(%b) and state = 'active'",
            [list(phones), list(addresses)],
        )
        found: dict[int, int] = {}
        for person_id, by_phone, by_address in cursor.fetchall():
            for index in (phones.get(bytes(by_phone)), addresses.get(bytes(by_address))):
                if index is not None:
                    found[index] = person_id
    return found


def queue(inside: Inside, kind: str, row: Row, person_id: int | None, import_id: uuid.UUID | None) -> Registered:
    """Put a doubtful row into the queue of two persons; the same row is queued once."""
    row_index = keys().mac("fingerprint", [f"{kind}|".encode() + _digested(row)])[0]
    if known := DuplicateCase.objects.filter(kind=kind, row_index=row_index).first():
        return Registered("queued", known.person_id, None, known.case_id)
    case = DuplicateCase(
        case_id=ids.new_id(),
        area_code=inside.area_code,
        kind=kind,
        person_id=person_id,
        row=dict(row),
        row_index=row_index,
        masks=_masks(row, person_id),
        import_id=import_id,
        opened_at=inside.now,
    )
    case.save(force_insert=True)
    return Registered("queued", person_id, None, case.case_id)


def _masks(row: Row, person_id: int | None) -> dict[str, Any]:
    incoming = {
        "name": mask_name(row["name"] or ""),
        "id": mask_id(row["id_number"] or ""),
        "phone": mask_phone(row["phone"] or ""),
        "birth_date": row["birth_date"],
    }
    person = Person.objects.filter(person_id=person_id).first() if person_id else None
    if person is None:
        return {"incoming": incoming}
    ours = {
        "name": person.name_mask,
        "id": person.id_mask,
        "phone": person.phone_mask,
        "birth_date": person.birth_date.strftime("%Y%m%d"),
    }
    return {"incoming": incoming, "ours": ours}


COLUMNS = (
    "person_id", "area_code", "public_id", "facts", "name_mask", "id_mask", "phone_mask", "id_kind", "id_index",
    "name_index", "like_phone", "like_address", "facts_index", "birth_date", "sex", "nation", "category", "employer",
    "has_photo", "state", "source", "created_at", "changed_at",
)  # fmt: skip


def _insert(
    inside: Inside, rows: Sequence[Row], made: Sequence[_Keys], fresh: Sequence[int], source: str
) -> dict[int, Registered]:
    """Insert new persons by COPY into a temporary table (COPY into a table under row-level security is refused)."""
    if not fresh:
        return {}
    table = Person._meta.db_table
    person_ids = [ids.new_person_id() for _ in fresh]
    public_ids = [ids.new_id() for _ in fresh]
    facts = [{name: rows[i].get(name) for name in FACTS if rows[i].get(name)} for i in fresh]
    blobs = keys().seal(
        "person",
        [(aad_for(table, "facts", (p,)), encode(f)) for p, f in zip(person_ids, facts, strict=True)],
    )
    now, area = inside.now, inside.area_code
    with connection.cursor() as cursor:
        cursor.execute(f"create temp table if not exists incoming (like {table}) on commit delete rows")
        with cursor.copy(f"copy incoming ({', '.join(COLUMNS)}) from stdin") as copy:
            for i, person_id, public_id, blob in zip(fresh, person_ids, public_ids, blobs, strict=True):
                row, one = rows[i], made[i]
                copy.write_row((
                    person_id, area, public_id, blob, mask_name(row["name"] or ""), mask_id(row["id_number"] or ""),
                    mask_phone(row["phone"] or ""), kind_of(row), one.id_index, one.name_index, one.like_phone,
                    one.like_address, one.facts_index, day(row["birth_date"]), row["sex"], row["nation"] or "",
                    row["category"], row["employer_code"] or "", False, "active", source, now, now,
                ))  # fmt: skip
        cursor.execute(
            "insert into people_lookup (kind, value, area_code, person_id)"
            " select 'id_number', id_index, area_code, person_id from incoming on conflict do nothing returning person_id"
        )
        taken = {row[0] for row in cursor.fetchall()}
        cursor.execute("delete from incoming where not person_id = any(%s)", [list(taken)])
        cursor.execute(
            "insert into people_lookup (kind, value, area_code, person_id)"
            " select 'person', uuid_send(public_id), area_code, person_id from incoming"
        )
        names = ", ".join(COLUMNS)
        cursor.execute(f"insert into {table} ({names}) select {names} from incoming")  # noqa: S608
        cursor.execute("delete from incoming")
    _history(inside, rows, [(i, p) for i, p in zip(fresh, person_ids, strict=True) if p in taken])
    return {
        i: Registered("new", person_id, public_id) if person_id in taken else Registered("same")
        for i, person_id, public_id in zip(fresh, person_ids, public_ids, strict=True)
    }


def _history(inside: Inside, rows: Sequence[Row], pairs: Sequence[tuple[int, int]]) -> None:
    """Old numbers of fifteen digits: kept as history, nothing is issued on them."""
    old = [(rows[i]["old_id_number"] or "", person) for i, person in pairs if rows[i].get("old_id_number")]
    indexes = keys().blind("id_number", [number.encode() for number, _ in old]) if old else []
    for (number, person_id), index in zip(old, indexes, strict=True):
        IdHistory(
            person_id=person_id, entry_id=ids.new_id(), area_code=inside.area_code, number=number,
            number_index=index, kind="citizen_15" if len(number) == 15 else "former", until=inside.now,
        ).save(force_insert=True)  # fmt: skip


def day(text: str | None) -> date:
    """YYYYMMDD, already checked."""
    assert text
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def kind_of(row: Row) -> str:
    """The kind of number without parsing a million of them again: the document decides, the form settles the rest."""
    number, document = row["id_number"] or "", row.get("id_type") or "resident_id"
    if document == "resident_id":
        return "citizen"
    if document == "residence_permit":
        return "residence_permit"
    if document == "permanent_resident":
        return "permanent_resident" if len(number) == 18 else "permanent_resident_old"
    return "foreigner"
