"""What room people fills for lower floors."""

from __future__ import annotations

import uuid


def fill() -> None:
    from sscard.control import inside
    from sscard.people.models import Person

    def person_index_of(person_id: int) -> bytes | None:
        found = Person.objects.filter(person_id=person_id).values_list("id_index", flat=True).first()
        return bytes(found) if found is not None else None

    inside.person_index_of = person_index_of

    from sscard.people import imports, jobs

    def defer(import_id: uuid.UUID, area: str, step: str) -> None:
        task = jobs.check_roster if step == "check" else jobs.register_roster
        task.defer(import_id=str(import_id), area=area)

    imports.defer = defer
