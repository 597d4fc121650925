"""Writing the audit trail, and the one canonical form that its MACs cover."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from sscard.control.audit_form import COVERED, MAC_KEY, canonical_of, clean, columns_of
from sscard.control.caller import Caller
from sscard.control.models import AuditRow, AuditSubject
from sscard.kernel.keyclient import keys

__all__ = ["COVERED", "MAC_KEY", "canonical", "canonical_of", "clean", "link_hash", "row_of", "write", "write_beside"]


def canonical(row: AuditRow) -> bytes:
    """The bytes that the MAC covers: every column that the act wrote, in fixed order."""
    return canonical_of({name: getattr(row, name) for name in COVERED})


def row_of(
    caller: Caller,
    verb: str,
    *,
    area: str,
    now: datetime,
    result: str = "ok",
    reason: str = "",
    object: str = "",
    purpose: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditRow:
    """A row ready for its MAC. `detail` holds masked facts only."""
    columns = columns_of(
        caller,
        verb,
        area=area,
        now=now,
        result=result,
        reason=reason,
        object=object,
        purpose=purpose,
        detail=detail,
    )
    return AuditRow(**columns)


def write(rows: Sequence[AuditRow], subjects: Sequence[tuple[AuditRow, int, str]] = ()) -> None:
    """Insert rows with their MACs (one call of the key service) and who they are about: (row, person_id, area)."""
    for row, mac in zip(rows, keys().mac(MAC_KEY, [canonical(row) for row in rows]), strict=True):
        row.mac = mac
    AuditRow.objects.bulk_create(rows)
    AuditSubject.objects.bulk_create(
        [
            AuditSubject(person_id=person, audit_id=row.audit_id, area_code=area, occurred_at=row.occurred_at)
            for row, person, area in subjects
        ]
    )


def write_beside(cursor: Any, row: AuditRow, person_id: int) -> None:
    """The same for one row, through the cursor of a transaction beside the running one (kernel.aside)."""
    row.mac = keys().mac(MAC_KEY, [canonical(row)])[0]
    subject = AuditSubject(
        person_id=person_id, audit_id=row.audit_id, area_code=row.area_code, occurred_at=row.occurred_at
    )
    for one, names in ((row, (*COVERED, "mac")), (subject, ("person_id", "audit_id", "area_code", "occurred_at"))):
        values = [Jsonb(value) if isinstance(value := getattr(one, name), dict) else value for name in names]
        places = SQL(", ").join([SQL("%s")] * len(names))
        cursor.execute(
            SQL("insert into {} ({}) values ({})").format(
                Identifier(one._meta.db_table), SQL(", ").join(map(Identifier, names)), places
            ),
            values,
        )


def link_hash(previous: bytes, audit_id: Any, mac: bytes, recorded_at: datetime) -> bytes:
    """The chain's hash of one row (SM3 where OpenSSL has it, as the MACs are keyed already)."""
    stamp = recorded_at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    return hashlib.new("sm3", previous + audit_id.bytes + mac + stamp).digest()
