"""The look-up of global uniqueness: a blind index or public id → (area, person, object)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import connection

from sscard.kernel.refusals import Refusal
from sscard.people.models import Lookup


@dataclass(frozen=True, slots=True)
class Found:
    area: str
    person_id: int
    object_id: uuid.UUID | None


def find(kind: str, value: bytes | uuid.UUID) -> Found | None:
    """Whose value this is, in whatever area. Needs no area setting: the table holds indexes and ids only."""
    row = Lookup.objects.filter(kind=kind, value=_bytes(value)).first()
    return Found(row.area_code, row.person_id, row.object_id) if row else None


def require(kind: str, value: bytes | uuid.UUID, *, area: str | None = None) -> Found:
    """Like `find`, refusing with "control.not_found" when there is none or it lies in another area than asked."""
    found = find(kind, value)
    if found is None or (area is not None and found.area != area):
        raise Refusal("control.not_found")
    return found


def put(kind: str, value: bytes | uuid.UUID, *, area: str, person_id: int, object_id: uuid.UUID | None = None) -> bool:
    """Take the value; False if somebody has it already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_lookup (kind, value, area_code, person_id, object_id) values (%s, %s, %s, %s, %s)"
            " on conflict do nothing",
            [kind, _bytes(value), area, person_id, object_id],
        )
        return bool(cursor.rowcount)


def _bytes(value: bytes | uuid.UUID) -> bytes:
    return value.bytes if isinstance(value, uuid.UUID) else value
