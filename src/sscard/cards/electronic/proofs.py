"""Real person (实人): the face on the phone, the clerk's eyes at a counter, or the photo of a child whose guardian signs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sscard.cards.electronic.models import EcardProof
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Refusal
from sscard.people import lookup, photos
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.terminals.evidence import take
from sscard.verification import face

PROOF_DAYS: Final = 7
KINDS: Final = ("face", "counter", "photo")


@dataclass(frozen=True, slots=True)
class IdentifyForElectronicCard:
    """The clerk's device session: the original ID in the reader, its owner in front of him."""

    session: uuid.UUID


@act("cards.ecard_identify", right="cards.ecard_counter", clause="QAM-1", about_person=True)
def identify(inside: Inside, request: IdentifyForElectronicCard) -> dict[str, Any]:
    """Instead of the face check on the phone, for whoever does not want it or cannot: good for one signing."""
    taken = take(inside, request.session, matter="cards.ecard_identify", wanted=frozenset({"id_reader"}))
    identity = taken.identity
    assert identity is not None, "the ID reader was asked for"
    if not identity.original:
        raise Refusal("cards.id_copy")
    if identity.expired(inside.today):
        raise Refusal("cards.id_expired")
    if identity.id_index == inside.caller.person_index:
        raise Refusal("control.own_record")
    found = lookup.require("id_number", identity.id_index, area=inside.area_code)
    person = people.by_id(inside, people.true_person(found.person_id))
    EcardProof(
        person_id=person.person_id,
        proof_id=ids.new_id(),
        area_code=inside.area_code,
        place=taken.terminal.organisation[:60],
        expires_at=inside.now + timedelta(days=PROOF_DAYS),
    ).save(force_insert=True)
    inside.emit("ecard.person_identified", {"person": str(person.public_id)})
    return {"person": str(person.public_id), "valid_days": PROOF_DAYS}


def need(
    inside: Inside, person: Person, *, kind: str, action: str, challenge: uuid.UUID | None, photo: bytes = b""
) -> None:
    """Use one proof up for this act. A child's guardian sends a photo, everybody else is seen himself.

    Raises cards.ecard_proof_kind, cards.ecard_face_first, cards.ecard_no_counter_proof, people.photo_*, verification.*.
    """
    child = age_on(person.birth_date, inside.today) < inside.area.value("guardian_age", inside.today)
    if kind not in KINDS or child != (kind == "photo"):
        raise Refusal("cards.ecard_photo_for_child" if child else "cards.ecard_proof_kind")
    if kind == "photo":
        photos.keep(inside, person.person_id, photo)
    elif kind == "counter":
        _counter(inside, person)
    else:
        _face(inside, person, action, challenge)


def _counter(inside: Inside, person: Person) -> None:
    row = (
        EcardProof.objects.select_for_update()
        .filter(person_id=person.person_id, used_at=None, expires_at__gt=inside.now)
        .order_by("expires_at")
        .first()
    )
    if row is None:
        raise Refusal("cards.ecard_no_counter_proof")
    row.used_at = inside.now
    row.save(update_fields=["used_at"])


def _face(inside: Inside, person: Person, action: str, challenge: uuid.UUID | None) -> None:
    if challenge is None:
        raise Refusal("cards.ecard_face_first")
    face.result(
        challenge=challenge,
        action=action,
        session=inside.caller.session,
        person_id=person.person_id,
        area=inside.area_code,
    )
