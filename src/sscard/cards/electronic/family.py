"""Family service (亲情服务): one phone shows the cards of relatives; an elder agrees himself, a child's guardian signs for it,
and either side ends it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sscard.cards.electronic import holding
from sscard.cards.electronic.models import EcardRelative
from sscard.codes import names, person_number
from sscard.codes.errors import NumberFault
from sscard.control import throttle
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.throttle import Limit
from sscard.kernel import ids
from sscard.kernel.aside import aside
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.kernel.sealed import blind_index
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person

LIVE = ("asked", "active")
ASKING = {"target": Limit(5, 86_400), "source": Limit(10, 86_400), "all": Limit(6000, 3600)}


@dataclass(frozen=True, slots=True)
class AskRelative:
    """Name and ID number as on the relative's card. `kind`: elder, spouse, other."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    kind: str


@act("cards.ecard_family_ask", right="cards.ecard", clause="QAM-1", about_person=True)
def ask(inside: Inside, request: AskRelative) -> dict[str, Any]:
    """Ask a relative to agree. The answer is the same whether the two fit a person or not (T11): he sees the request on his
    own page, and nothing is shown before he has said yes."""
    keeper = _me(inside)
    holding.require(keeper)
    faults, number = [], ""
    try:
        number = person_number.parse(request.id_number).number
    except NumberFault as fault:
        faults += fault.at("id_number")
    if request.kind not in ("elder", "spouse", "other"):
        faults.append(Fault("kind", "cards.ecard_family_kind", {}))
    if not request.name.strip():
        faults.append(Fault("name", "cards.ecard_family_name", {}))
    refuse_if_any(faults)
    _slow(inside, number)
    room(inside, keeper)
    relative = _fitting(inside, number, request.name, keeper)
    if relative is not None:
        inside.persons[relative] = inside.area_code  # he reads in his own list who has asked; no value of his is opened
        EcardRelative.objects.get_or_create(
            person_id=relative,
            keeper_person_id=keeper,
            state__in=LIVE,
            defaults={
                "relative_id": ids.new_id(), "area_code": inside.area_code, "kind": request.kind, "state": "asked",
                "asked_at": inside.now,
            },
        )  # fmt: skip
    return {"asked": True}


@dataclass(frozen=True, slots=True)
class AnswerRelative:
    """The relative's own yes or no."""

    relative: uuid.UUID
    agree: bool


@act("cards.ecard_family_answer", right="cards.ecard", clause="QAM-1", about_person=True)
def answer(inside: Inside, request: AnswerRelative) -> dict[str, Any]:
    me = _me(inside)
    row = EcardRelative.objects.select_for_update().filter(person_id=me, relative_id=request.relative).first()
    if row is None or row.state != "asked":
        raise Refusal("control.not_found")
    if request.agree:
        holding.require(me)
        row.state, row.agreed_at = "active", inside.now
    else:
        row.state, row.ended_at = "ended", inside.now
    row.save(update_fields=["state", "agreed_at", "ended_at"])
    inside.emit("ecard.family_answered", {"relative": str(row.relative_id), "agreed": request.agree})
    return {"relative": str(row.relative_id), "state": row.state}


@dataclass(frozen=True, slots=True)
class EndRelative:
    relative: uuid.UUID


@act("cards.ecard_family_end", right="cards.ecard", clause="QAM-1", about_person=True)
def end(inside: Inside, request: EndRelative) -> dict[str, Any]:
    """By either of the two, at any time."""
    me = _me(inside)
    mine = EcardRelative.objects.select_for_update().filter(relative_id=request.relative, state__in=LIVE)
    row = mine.filter(person_id=me).first() or mine.filter(keeper_person_id=me).first()
    if row is None:
        raise Refusal("control.not_found")
    inside.persons[row.person_id] = inside.area_code
    row.state, row.ended_at = "ended", inside.now
    row.save(update_fields=["state", "ended_at"])
    inside.emit("ecard.family_ended", {"relative": str(row.relative_id)})
    return {"relative": str(row.relative_id), "state": "ended"}


def keep_child(inside: Inside, child: Person) -> None:
    """A guardian who signs for his child shows its card as well."""
    keeper = _me(inside)
    room(inside, keeper)
    EcardRelative(
        person_id=child.person_id,
        relative_id=ids.new_id(),
        area_code=inside.area_code,
        keeper_person_id=keeper,
        kind="child",
        state="active",
        asked_at=inside.now,
        agreed_at=inside.now,
    ).save(force_insert=True)


def room(inside: Inside, keeper: int) -> None:
    """Raises cards.ecard_family_full at the area's limit."""
    most = int(inside.area.value("ecard_family_max", inside.today))
    if EcardRelative.objects.filter(keeper_person_id=keeper, state__in=LIVE).count() >= most:
        raise Refusal("cards.ecard_family_full", most=most)


def shown_by(inside: Inside, keeper: int, person: uuid.UUID) -> int:
    """The relative whose card this keeper may show; as good as missing for anybody else."""
    found = lookup.find("person", person)
    if found is None or found.area != inside.area_code:
        raise Refusal("control.not_found")
    person_id = people.true_person(found.person_id)
    if not EcardRelative.objects.filter(person_id=person_id, keeper_person_id=keeper, state="active").exists():
        raise Refusal("control.not_found")
    inside.persons[person_id] = inside.area_code  # allowed by his own yes, not by the keeper's rights
    return person_id


def _me(inside: Inside) -> int:
    person_id = people.true_person(lookup.require("holder", inside.caller.id, area=inside.area_code).person_id)
    inside.about(person_id, what="ecard")
    return person_id


def _fitting(inside: Inside, number: str, name: str, keeper: int) -> int | None:
    name_index = blind_index("name", names.compact(name))
    found = lookup.find("id_number", blind_index("id_number", number))
    wanted = people.true_person(found.person_id) if found else -1
    person = Person.objects.filter(person_id=wanted, state="active").first()
    fits = person is not None and bytes(person.name_index) == name_index and wanted != keeper
    return wanted if fits else None


def _slow(inside: Inside, number: str) -> None:
    with aside(inside.area_code) as cursor:
        throttle.count("ecard_family", ASKING, target=number, source=str(inside.caller.id), cursor=cursor)
