"""Connecting children with their guardians by the guardian's number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sscard.control.inside import Inside
from sscard.kernel.sealed import blind_many
from sscard.people.models import Guardian, Lookup


def link_many(inside: Inside, children: Sequence[tuple[int, Mapping[str, Any]]]) -> int:
    """(child's person_id, row with guardian_id and guardian_relation) → links made. A guardian who is not registered, or in
    another area, is left out: his number stays in the child's facts."""
    if not children:
        return 0
    indexes = blind_many("id_number", [str(row["guardian_id"]) for _, row in children])
    known = {
        bytes(hit.value): hit.person_id
        for hit in Lookup.objects.filter(kind="id_number", value__in=indexes, area_code=inside.area_code)
    }
    links = [
        Guardian(
            person_id=child,
            guardian_person_id=known[index],
            area_code=inside.area_code,
            relation=str(row.get("guardian_relation") or ""),
            since=inside.now,
        )
        for (child, row), index in zip(children, indexes, strict=True)
        if index in known and known[index] != child
    ]
    Guardian.objects.bulk_create(links, ignore_conflicts=True)
    return len(links)
