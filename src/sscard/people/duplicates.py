"""The queue of doubtful rows: decided by two persons, with an undo.

same_number_other_person   correct (the new row is right) | drop (our record is right)
same_person_other_number   merge (one person: the second record becomes an alias) | keep_apart | drop
same_number_twice_in_file  register (this row is the right one) | drop
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one
from sscard.people import registry
from sscard.people.models import DuplicateCase, Lookup, Person, PersonAlias

DECISIONS: dict[str, tuple[str, ...]] = {
    "same_number_other_person": ("correct", "drop"),
    "same_person_other_number": ("merge", "keep_apart", "drop"),
    "same_number_twice_in_file": ("register", "drop"),
}


@dataclass(frozen=True, slots=True)
class DecideDuplicate:
    case: uuid.UUID
    decision: str
    reason: str


def _check(inside: Inside, request: DecideDuplicate) -> None:
    case = _case(inside, request.case)
    if case.state != "open":
        raise Refusal("people.case_closed", state=case.state)
    if request.decision not in DECISIONS[case.kind]:
        allowed = DECISIONS[case.kind]
        raise Refusal(
            "people.case_decision",
            allowed="、".join(words.text("state", f"people.decision.{one}", "zh") for one in allowed),
            allowed_en=", ".join(allowed),
        )
    if not request.reason.strip():
        raise Refusal("control.reason_missing")


@act("people.decide_duplicate", right="people.decide_duplicate", clause="M47-6", four_eyes=True, check=_check,
     summary=lambda r: {"case": str(r.case), "decision": r.decision, "reason": r.reason})  # fmt: skip
def decide(inside: Inside, request: DecideDuplicate) -> dict[str, Any]:
    _check(inside, request)
    case = _case(inside, request.case)
    if case.person_id:
        inside.about(case.person_id, what="duplicate")
    row = open_one(case, "row", inside)
    other = {
        "correct": _correct,
        "merge": _merge,
        "keep_apart": _keep_apart,
        "register": _keep_apart,
        "drop": lambda *_: None,
    }[request.decision](inside, case, row)
    case.state, case.decision, case.reason = "decided", request.decision, request.reason[:300]
    case.other_person_id, case.decided_at = other, inside.now
    case.decided_by, case.approved_by = inside.maker, inside.checker
    case.save()
    inside.emit("duplicate.decided", {"case": str(case.case_id), "decision": request.decision})
    return {"case": str(case.case_id), "state": "decided", "decision": request.decision}


def _correct(inside: Inside, case: DuplicateCase, row: dict[str, Any]) -> None:
    """The incoming row is right: our record takes its values; what stood there is kept sealed for the undo."""
    person = Person.objects.select_for_update().get(person_id=case.person_id)
    before = open_one(person, "facts", inside)
    case.before = {
        "facts": before,
        "birth_date": person.birth_date.strftime("%Y%m%d"),
        "sex": person.sex,
        "nation": person.nation,
        "category": person.category,
        "employer_code": person.employer,
    }
    _put(inside, person, {**before, **{n: row[n] for n in registry.FACTS if row.get(n)}}, row)


def _put(inside: Inside, person: Person, facts: dict[str, Any], row: dict[str, Any]) -> None:
    person.birth_date, person.sex = registry.day(row["birth_date"]), row["sex"]
    registry.put_facts(person, facts, row)
    person.changed_at = inside.now
    person.save()


def _keep_apart(inside: Inside, case: DuplicateCase, row: dict[str, Any]) -> int:
    """The row is a person of its own."""
    (result,) = registry.register_many(inside, [row], source="bulk", ignore_likeness=True)
    if result.outcome != "new" or result.person_id is None:
        raise Refusal("people.case_overtaken")
    return result.person_id


def _merge(inside: Inside, case: DuplicateCase, row: dict[str, Any]) -> int:
    """One person under two numbers: the second record is registered and stands for the first. Nothing is rewritten."""
    second = _keep_apart(inside, case, row)
    assert case.person_id is not None
    Person.objects.filter(person_id=second).update(state="alias")
    PersonAlias.objects.create(
        person_id=second,
        true_person_id=case.person_id,
        area_code=inside.area_code,
        case_id=case.case_id,
        since=inside.now,
    )
    return second


@dataclass(frozen=True, slots=True)
class UndoDuplicate:
    case: uuid.UUID
    reason: str


def _check_undo(inside: Inside, request: UndoDuplicate) -> None:
    if _case(inside, request.case).state != "decided":
        raise Refusal("people.case_not_decided")
    if not request.reason.strip():
        raise Refusal("control.reason_missing")


@act("people.undo_duplicate", right="people.decide_duplicate", clause="M47-6", four_eyes=True, check=_check_undo,
     summary=lambda r: {"case": str(r.case), "reason": r.reason})  # fmt: skip
def undo(inside: Inside, request: UndoDuplicate) -> dict[str, Any]:
    """Take a decision back: the case is open again and both records stand as before."""
    _check_undo(inside, request)
    case = _case(inside, request.case)
    if case.person_id:
        inside.about(case.person_id, what="duplicate")
    if case.decision == "correct":
        before = open_one(case, "before", inside)
        person = Person.objects.select_for_update().get(person_id=case.person_id)
        row = {**before, **before["facts"]}
        _put(inside, person, before["facts"], row)
        case.before = None
    elif case.other_person_id is not None:
        _withdraw(inside, case.other_person_id)
    case.state, case.decision, case.other_person_id, case.decided_at = "open", "", None, None
    case.save()
    inside.detail["reason"] = request.reason
    inside.emit("duplicate.undone", {"case": str(case.case_id)})
    return {"case": str(case.case_id), "state": "open"}


def _withdraw(inside: Inside, person_id: int) -> None:
    """A record that the decision had made stands no longer for its number. It stays as history."""
    PersonAlias.objects.filter(person_id=person_id).delete()
    person = Person.objects.select_for_update().get(person_id=person_id)
    person.state, person.changed_at = "withdrawn", inside.now
    person.save()
    Lookup.objects.filter(kind="id_number", value=bytes(person.id_index), person_id=person_id).delete()


def _case(inside: Inside, case_id: uuid.UUID) -> DuplicateCase:
    found = DuplicateCase.objects.select_for_update().filter(case_id=case_id).first()
    if found is None:
        raise Refusal("control.not_found")
    return found
