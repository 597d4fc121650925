"""Queries on residents. Each opening of a record goes through `about`, so that it is written down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sscard.codes import person_number
from sscard.codes.errors import NumberFault
from sscard.control.inside import Inside
from sscard.control.models import AuditRow, AuditSubject
from sscard.kernel.masked import mask_name
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index, open_one
from sscard.people import lookup
from sscard.people.models import Guardian, Person, PersonAlias, Photo


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as lists and heads of pages show him: masks only."""

    person_id: int
    public_id: uuid.UUID
    name: str
    id_number: str
    phone: str
    birth_date: date
    sex: str
    category: str
    has_photo: bool
    state: str

    @classmethod
    def of(cls, person: Person) -> PersonView:
        return cls(
            person.person_id, person.public_id, person.name_mask, person.id_mask, person.phone_mask,
            person.birth_date, person.sex, person.category, person.has_photo, person.state,
        )  # fmt: skip


def require(inside: Inside, public_id: uuid.UUID, *, lock: bool = False, what: str = "record") -> Person:
    """The person behind a public id, noted in the audit row. Raises control.not_found as for a missing record."""
    found = lookup.require("person", public_id, area=inside.area_code)
    person_id = true_person(found.person_id)
    inside.about(person_id, what=what)
    query = Person.objects.select_for_update() if lock else Person.objects
    return query.get(person_id=person_id)


def by_id(inside: Inside, person_id: int, *, lock: bool = False, what: str = "record") -> Person:
    """The person of an internal id, noted in the audit row."""
    inside.about(person_id, what=what)
    query = Person.objects.select_for_update() if lock else Person.objects
    found = query.filter(person_id=person_id).first()
    if found is None:
        raise Refusal("control.not_found")
    return found


def true_person(person_id: int) -> int:
    """A duplicate's true record, or the same id."""
    alias = PersonAlias.objects.filter(person_id=person_id).values_list("true_person_id", flat=True).first()
    return alias or person_id


def find(inside: Inside, text: str, *, most: int = 20) -> list[PersonView]:
    """Persons by ID number, name or phone-and-name: exact by blind index, masked in the list. Raises people.search_short."""
    query = text.strip()
    if len(query) < 2:
        raise Refusal("people.search_short")
    try:
        number = person_number.parse(query).number
    except NumberFault:
        number = ""
    if number:
        hit = lookup.find("id_number", blind_index("id_number", number))
        persons = Person.objects.filter(person_id=true_person(hit.person_id)) if hit else Person.objects.none()
    else:
        from sscard.codes import names

        persons = Person.objects.filter(name_index=blind_index("name", names.compact(query)), state="active")
    found = [PersonView.of(person) for person in persons[:most]]
    inside.detail["found"] = len(found)
    for view in found:
        inside.persons.setdefault(view.person_id, inside.area_code)
    return found


def facts(inside: Inside, person: Person) -> Mapping[str, Any]:
    """The sealed facts in clear: a recorded unmask with the purpose of this unit of work."""
    opened: Mapping[str, Any] = open_one(person, "facts", inside)
    return opened


def photo(inside: Inside, person: Person) -> tuple[str, bytes] | None:
    """Media type and bytes of the current photo."""
    found = Photo.objects.filter(person_id=person.person_id, current=True).first()
    return (found.media_type, open_one(found, "image", inside)) if found else None


def guardians_of(person_id: int) -> list[int]:
    return list(Guardian.objects.filter(person_id=person_id).values_list("guardian_person_id", flat=True))


def wards_of(person_id: int) -> list[int]:
    return list(Guardian.objects.filter(guardian_person_id=person_id).values_list("person_id", flat=True))


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a record, as its holder sees it."""

    at: Any
    who: str
    organisation: str
    channel: str
    verb: str
    purpose: str
    result: str
    read: bool = False
    """Nothing was done, somebody only looked."""


def who_looked(inside: Inside, person_id: int, *, most: int = 100) -> list[Look]:
    """Everybody who read or changed this person's record, newest first (SEC-1). Staff stand there with masked names,
    programs with their own."""
    ids = AuditSubject.objects.filter(person_id=person_id).order_by("-occurred_at").values_list("audit_id", flat=True)
    rows = AuditRow.objects.filter(audit_id__in=list(ids[:most])).order_by("-occurred_at")
    return [
        Look(
            row.occurred_at,
            mask_name(row.actor_name) if row.actor_kind == "staff" else row.actor_name,
            row.organisation,
            row.channel,
            row.verb,
            row.purpose,
            row.result,
            bool(row.detail.get("read")),
        )
        for row in rows
    ]
