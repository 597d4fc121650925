"""The one canonical form of an audit row, which its MAC covers. Plain values only, so that a program without Django can
make rows too (the gateway and the ledger's fast lane)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sscard.kernel import ids

if TYPE_CHECKING:
    from sscard.control.caller import Caller

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


def canonical_of(row: Mapping[str, Any]) -> bytes:
    """The bytes that the MAC covers: every column that the act wrote, in fixed order."""
    return json_of({name: row[name] for name in COVERED}).encode()


def json_of(value: Any) -> str:
    """A value as it stands in the canonical form."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> str:
    """What JSON has no form for: moments, bytes, ids."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def columns_of(
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
) -> dict[str, Any]:
    """The columns of a row ready for its MAC. `detail` holds masked facts only."""
    return {
        "audit_id": ids.new_id(),
        "occurred_at": now,
        "area_code": area,
        "organisation": caller.organisation,
        "actor_kind": caller.kind,
        "actor": caller.id,
        "actor_name": clean(caller.name)[:60],
        "actor_person": caller.person_index,
        "roles": ",".join(sorted(caller.roles))[:200],
        "session": caller.session[:32],
        "channel": caller.channel,
        "address": caller.address,
        "verb": verb,
        "object": clean(object)[:120],
        "purpose": clean(purpose)[:120],
        "result": result,
        "reason": reason,
        "request_id": caller.request_id,
        "detail": json.loads(json.dumps(detail or {}, default=str)),
    }


def clean(text: str) -> str:
    """No control characters: one row stays one line in every log and export."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " for c in text)
