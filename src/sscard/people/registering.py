"""One person's form: what it asks, what is wrong with it, and what becomes of it. A desk, an employer and the person himself
take the same way, which is also the import's (`registry`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.people import guardians, photos, registry
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


def checked(inside: Inside, form: PersonForm | Mapping[str, str | None]) -> dict[str, str | None]:
    """The form in normal form; refuses with every fault at its field."""
    raw = asdict(form) if isinstance(form, PersonForm) else form
    found = rules.check(raw, on=inside.today, values=rules.RosterValues.of(inside.area, inside.today))
    refuse_if_any(found.faults)
    return dict(found.row)


def settle(inside: Inside, row: Mapping[str, str | None], photo: bytes, source: str) -> registry.Registered:
    """Register one clean row with photo and guardian. Raises people.registered_elsewhere."""
    (result,) = registry.register_many(inside, [row], source=source)
    if result.outcome == "elsewhere":
        raise Refusal("people.registered_elsewhere")
    if result.outcome == "queued" or result.person_id is None:
        if result.person_id:
            inside.about(result.person_id, what="duplicate")
        return result
    inside.about(result.person_id, what="registration")
    if row.get("guardian_id"):
        guardians.link_many(inside, [(result.person_id, row)])
    if photo:
        photos.keep(inside, result.person_id, photo)
    inside.object = f"person:{result.public_id}"
    inside.emit("person.registered", {"person": str(result.public_id), "outcome": result.outcome})
    return result


def answer_of(result: registry.Registered) -> dict[str, Any]:
    """What became of it, as acts answer it."""
    if result.outcome == "queued" or result.person_id is None:
        return {"outcome": "queued", "case": str(result.case_id)}
    return {"outcome": result.outcome, "person": str(result.public_id)}
