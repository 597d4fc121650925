"""Writing the audit trail, and the one canonical form that its MACs cover."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sscard.control.caller import Caller
from sscard.control.models import AuditRow, AuditSubject
from sscard.kernel import ids
from sscard.kernel.keyclient import keys

MAC_KEY = "audit"
COVERED = (
    "audit_id",
    "occurred_at",
    "area_code",
    "organisation",
    "actor_kind",
    "actor",
    "actor_name",
    "actor_person",
    "roles",
    "session",
    "channel",
    "address",
    "verb",
    "object",
    "purpose",
    "result",
    "reason",
    "request_id",
    "detail",
)


def canonical(row: AuditRow) -> bytes:
    """The bytes that the MAC covers: every column that the act wrote, in fixed order."""
    return canonical_of({name: getattr(row, name) for name in COVERED})


def canonical_of(row: Mapping[str, Any]) -> bytes:
    """The same of a row that is not a model's (the ledger's fast lane)."""
    covered = {name: row[name] for name in COVERED}
    return json.dumps(covered, ensure_ascii=False, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    """What JSON has no form for: moments, bytes, ids."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


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
    return AuditRow(
        audit_id=ids.new_id(),
        occurred_at=now,
        area_code=area,
        organisation=caller.organisation,
        actor_kind=caller.kind,
        actor=caller.id,
        actor_name=clean(caller.name)[:60],
        actor_person=caller.person_index,
        roles=",".join(sorted(caller.roles))[:200],
        session=caller.session[:32],
        channel=caller.channel,
        address=caller.address,
        verb=verb,
        object=clean(object)[:120],
        purpose=clean(purpose)[:120],
        result=result,
        reason=reason,
        request_id=caller.request_id,
        detail=json.loads(json.dumps(detail or {}, default=str)),
    )


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


def link_hash(previous: bytes, audit_id: Any, mac: bytes, recorded_at: datetime) -> bytes:
    """The chain's hash of one row (SM3 where OpenSSL has it, as the MACs are keyed already)."""
    stamp = recorded_at.astimezone(UTC).isoformat(timespec="microseconds").encode()
    return hashlib.new("sm3", previous + audit_id.bytes + mac + stamp).digest()


def clean(text: str) -> str:
    """No control characters: one row stays one line in every log and export."""
    return "".join(c if c.isprintable() else " " for c in text)
