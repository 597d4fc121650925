"""Whose record the holder looks at: his own, or that of a child under his guardianship. Kept in the session, so that no
address names anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sscard.control.inside import Inside
from sscard.people import lookup
from sscard.people import reads as people
from sscard.people.models import Person
from sscard.portal.signed import AtPage

CHOSEN = "whose"


@dataclass(frozen=True, slots=True)
class Whose:
    """The person shown, whether it is the signed-in holder himself, and whom he may switch to: (public id, name)."""

    person: Person
    own: bool
    others: tuple[tuple[str, str], ...]


@contextmanager
def looking(at: AtPage, what: str) -> Iterator[tuple[Inside, Whose]]:
    """A reading of the chosen person's record. `what` names the page in the audit row."""
    with at.reading("people.view_self", "my") as inside:
        mine = people.true_person(lookup.require("holder", at.caller.id, area=inside.area_code).person_id)
        wards = people.wards_of(mine)
        family = {one.person_id: one for one in Person.objects.filter(person_id__in=[mine, *wards])}
        chosen = at.request.session.get(CHOSEN, "")
        shown = next((one for one in family.values() if str(one.public_id) == chosen), family[mine])
        inside.about(shown.person_id, what=what)
        others = tuple((str(one.public_id), one.name_mask) for key, one in family.items() if key != shown.person_id)
        yield inside, Whose(shown, shown.person_id == mine, others)
