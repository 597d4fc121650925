"""Acts on residents' data, one by one: registering, correcting, photo, guardian. Bulk: `imports`; doubts: `duplicates`."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.people import duplicates, guardians, holders, imports, passkeys, photos, registry  # noqa: F401 - acts register
from sscard.people.models import Person
from sscard.people.roster import rules


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What a form collects, as typed. The names are those of the roster's columns; the same rules check them."""

    id_number: str = ""
    id_type: str = ""
    name: str = ""
    sex: str = ""
    birth_date: str = ""
    nation: str = ""
    category: str = ""
    phone: str = ""
    household_address: str = ""
    live_address: str = ""
    employer_code: str = ""
    employer_name: str = ""
    guardian_name: str = ""
    guardian_id: str = ""
    guardian_relation: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """One person at a desk, by himself or by his employer. `photo` is PNG or JPEG, or empty."""

    form: PersonForm
    photo: bytes = b""


@act("people.register", right="people.register", clause="M47-6")
def register(inside: Inside, request: RegisterPerson) -> dict[str, Any]:
    return _register(inside, request, "desk")


@act("people.register_staff", right="people.register_staff", clause="SIL-58")
def register_staff(inside: Inside, request: RegisterPerson) -> dict[str, Any]:
    """An employer's handler registers a member of its staff: the employer is his own, whatever the form says."""
    from dataclasses import replace

    from sscard.control.models import Organisation

    employer = Organisation.objects.get(code=inside.caller.organisation)
    form = replace(
        request.form, category="employee", employer_code=employer.credit_code, employer_name=employer.name_zh
    )
    return _register(inside, RegisterPerson(form, request.photo), "employer")


def _register(inside: Inside, request: RegisterPerson, source: str) -> dict[str, Any]:
    row = checked(inside, request.form)
    (result,) = registry.register_many(inside, [row], source=source)
    if result.outcome == "elsewhere":
        raise Refusal("people.registered_elsewhere")
    if result.outcome == "queued" or result.person_id is None:
        if result.person_id:
            inside.about(result.person_id, what="duplicate")
        return {"outcome": "queued", "case": str(result.case_id)}
    inside.about(result.person_id, what="registration")
    if row.get("guardian_id"):
        guardians.link_many(inside, [(result.person_id, row)])
    if request.photo:
        photos.keep(inside, result.person_id, request.photo)
    inside.object = f"person:{result.public_id}"
    inside.emit("person.registered", {"person": str(result.public_id), "outcome": result.outcome})
    return {"outcome": result.outcome, "person": str(result.public_id)}


def checked(inside: Inside, form: PersonForm) -> dict[str, str | None]:
    """The form in normal form; refuses with every fault at its field."""
    values = rules.RosterValues.of(inside.area, inside.today)
    found = rules.check(asdict(form), on=inside.today, values=values)
    refuse_if_any(found.faults)
    return dict(found.row)


@dataclass(frozen=True, slots=True)
class CorrectPerson:
    """New values for a person; empty fields stay as they are. Name and number change with a second person."""

    person: uuid.UUID
    phone: str = ""
    live_address: str = ""
    household_address: str = ""
    category: str = ""


@act("people.correct", right="people.register", clause="M47-6", about_person=True)
def correct(inside: Inside, request: CorrectPerson) -> dict[str, Any]:
    from sscard.kernel.sealed import open_one
    from sscard.people.reads import require

    person = require(inside, request.person, lock=True)
    facts = open_one(person, "facts", inside)
    given = {k: v for k, v in asdict(request).items() if k != "person" and v}
    row = {**facts, **_clear(person), **given}
    found = rules.check(row, on=inside.today, values=rules.RosterValues.of(inside.area, inside.today))
    refuse_if_any([fault for fault in found.faults if fault.place in given])
    merged = {**facts, **{k: found.row[k] for k in given if k in registry.FACTS}}
    registry.put_facts(person, merged, {**_clear(person), **found.row})
    person.changed_at = inside.now
    person.save()
    inside.detail["changed"] = sorted(given)
    inside.emit("person.changed", {"person": str(person.public_id), "fields": sorted(given)})
    return {"person": str(person.public_id), "changed": sorted(given)}


def _clear(person: Person) -> dict[str, str]:
    return {
        "sex": person.sex,
        "birth_date": person.birth_date.strftime("%Y%m%d"),
        "nation": person.nation,
        "category": person.category,
        "employer_code": person.employer,
    }


@dataclass(frozen=True, slots=True)
class AddPhoto:
    person: uuid.UUID
    image: bytes


@act("people.add_photo", right="people.register", clause="M47-6", about_person=True)
def add_photo(inside: Inside, request: AddPhoto) -> dict[str, Any]:
    from sscard.people.reads import require

    person = require(inside, request.person, lock=True)
    photos.keep(inside, person.person_id, request.image)
    return {"person": str(person.public_id), "photo": True}
