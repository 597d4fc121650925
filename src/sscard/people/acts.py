"""Acts on residents' data, one by one: registering, correcting, photo, guardian. Bulk: `imports`; doubts: `duplicates`."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.people import duplicates, holders, imports, passkeys, photos, registry, self_entry  # noqa: F401 - acts register
from sscard.people.models import Person
from sscard.people.registering import PersonForm, answer_of, checked, settle
from sscard.people.roster import rules


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
    return answer_of(settle(inside, checked(inside, request.form), request.photo, source))


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
    from sscard.people.reads import require

    person = require(inside, request.person, lock=True)
    given = {k: v for k, v in asdict(request).items() if k != "person" and v}
    put_right(inside, person, given)
    return {"person": str(person.public_id), "changed": sorted(given)}


def put_right(inside: Inside, person: Person, given: dict[str, str]) -> None:
    """New values over old ones of a locked person; refuses with the faults of what was given."""
    from sscard.kernel.sealed import open_one

    facts = open_one(person, "facts", inside)
    row = {**facts, **_clear(person), **given}
    found = rules.check(row, on=inside.today, values=rules.RosterValues.of(inside.area, inside.today))
    refuse_if_any([fault for fault in found.faults if fault.place in given])
    merged = {**facts, **{k: found.row[k] for k in given if k in registry.FACTS}}
    registry.put_facts(person, merged, {**_clear(person), **found.row})
    person.changed_at = inside.now
    person.save()
    inside.detail["changed"] = sorted(given)
    inside.emit("person.changed", {"person": str(person.public_id), "fields": sorted(given)})


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


@dataclass(frozen=True, slots=True)
class CorrectOwn:
    """A holder's own new values (or those of a child in his care); empty ones stay as they are."""

    person: uuid.UUID
    phone: str = ""
    live_address: str = ""
    household_address: str = ""
    photo: bytes = b""


@act("people.own_correction", right="people.register_self", clause="M47-6", about_person=True)
def correct_own(inside: Inside, request: CorrectOwn) -> dict[str, Any]:
    """Whose record it may be is decided by `about`: anybody else's is as if it did not exist."""
    from sscard.people.reads import require

    person = require(inside, request.person, lock=True, what="own correction")
    given = {name: getattr(request, name) for name in OWN if getattr(request, name)}
    if not given and not request.photo:
        raise Refusal("people.nothing_corrected")
    if given:
        put_right(inside, person, given)
    if request.photo:
        photos.keep(inside, person.person_id, request.photo)
    changed = [*sorted(given), *(["photo"] if request.photo else [])]
    inside.detail["changed"] = changed
    return {"person": str(person.public_id), "changed": changed}


OWN = ("phone", "live_address", "household_address")
