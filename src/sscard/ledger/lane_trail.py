"""What a movement of the fast lane leaves beside the ledger: its audit row with MAC, whom it is about, and its event.

The row for success is made and sealed while the writer is busy with others, 256 at a time in one call of the key service.
A refusal's row differs in result and reason; refusals are rare, so theirs are sealed when they happen. The rows are written
in the movement's own transaction, once: a repeat of a key writes none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sscard.control import audit
from sscard.control.caller import Caller
from sscard.kernel.ids import new_id
from sscard.kernel.keyclient import keys
from sscard.ledger import literals
from sscard.ledger.items import DONE, NOT_KEPT, Item, Posted

if TYPE_CHECKING:
    from sscard.ledger.gather import Asked

_COLUMNS: dict[str, tuple[str, Any]] = {
    "audit_id": ("uuid", literals.ids),
    "occurred_at": ("timestamptz", literals.times),
    "area_code": ("text", literals.texts),
    "organisation": ("text", literals.texts),
    "actor_kind": ("text", literals.texts),
    "actor": ("uuid", literals.ids),
    "actor_name": ("text", literals.texts),
    "actor_person": ("bytea", literals.octets),
    "roles": ("text", literals.texts),
    "session": ("text", literals.texts),
    "channel": ("text", literals.texts),
    "address": ("text", literals.texts),
    "verb": ("text", literals.texts),
    "object": ("text", literals.texts),
    "purpose": ("text", literals.texts),
    "result": ("text", literals.texts),
    "reason": ("text", literals.texts),
    "request_id": ("text", literals.texts),
    "detail": ("jsonb", literals.texts),
    "mac": ("bytea", literals.octets),
}
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(f"%s::{kind}[]" for kind, _ in _COLUMNS.values())
_ROWS = f"insert into control_auditrow ({_NAMES}) select * from unnest({_VALUES})"  # noqa: S608 - our own names only
_SUBJECTS = (
    "insert into control_auditsubject (person_id, audit_id, area_code, occurred_at)"
    " select * from unnest(%s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[])"
)
_EVENTS = (
    "insert into control_outbox (event_id, area_code, name, body, occurred_at)"
    " select * from unnest(%s::uuid[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[])"
)


@dataclass(slots=True)
class Trail:
    """Who asks for what, for the audit trail. `event`: name and body of the event when it is done; no amounts, no full
    numbers in either."""

    caller: Caller
    verb: str
    area: str
    at: datetime
    person_id: int | None = None
    object: str = ""
    purpose: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    event: tuple[str, dict[str, Any]] | None = None
    row: dict[str, Any] | None = None
    """Sealed for success, ahead of the call."""

    def make_row(self, *, refused_for: str = "") -> dict[str, Any]:
        return _shared(self.caller) | {
            "audit_id": new_id(),
            "occurred_at": self.at,
            "area_code": self.area,
            "verb": self.verb,
            "object": audit.clean(self.object)[:120],
            "purpose": audit.clean(self.purpose)[:120],
            "result": "refused" if refused_for else "ok",
            "reason": f"ledger.{refused_for}"[:60] if refused_for else "",
            "detail": self.detail,
        }


@lru_cache(1_024)
def _shared_of(caller: _ById) -> dict[str, Any]:
    """What all rows of a caller have in common."""
    row = audit.row_of(caller.caller, "", area="", now=datetime.min.replace(tzinfo=UTC))
    return {name: getattr(row, name) for name in _COLUMNS if name != "mac"}


def _shared(caller: Caller) -> dict[str, Any]:
    return _shared_of(_ById(caller))


class _ById:
    """A caller as a key: the same object, which is frozen."""

    __slots__ = ("caller",)

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def __hash__(self) -> int:
        return id(self.caller)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.caller is self.caller


@dataclass(frozen=True, slots=True)
class Request:
    """Items that are decided together: one, or one group. `trail` becomes the audit row and the event."""

    items: tuple[Item, ...]
    trail: Trail | None = None


async def seal(batch: Sequence[Asked[Request, list[Posted]]]) -> None:
    """Make the rows for success, with their MACs. When the key service does not answer, these requests fail, undone."""
    trails = [one.ask.trail for one in batch if one.ask.trail is not None]
    try:
        await _seal(trails, [trail.make_row() for trail in trails])
    except Exception as error:
        for one in batch:
            if one.ask.trail is not None:
                one.fail(error)


async def _seal(trails: Sequence[Trail], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    macs = await asyncio.to_thread(keys().mac, audit.MAC_KEY, [audit.canonical_of(row) for row in rows])
    for trail, row, mac in zip(trails, rows, macs, strict=True):
        row["mac"] = mac
        trail.row = row


async def insert_rows(requests: Sequence[Request], found: Sequence[Posted]) -> list[tuple[str, list[Any]]]:
    """The statements that write the trail of what was decided now."""
    decided: list[tuple[Trail, bool]] = []
    refused: list[tuple[Trail, str]] = []
    at = 0
    for request in requests:
        part = found[at : at + len(request.items)]
        at += len(part)
        if request.trail is None or part[0].replayed or any(one.status in NOT_KEPT for one in part):
            continue
        bad = next((one.status for one in part if one.status not in DONE), "")
        decided.append((request.trail, not bad))
        if bad:
            refused.append((request.trail, bad))
    if not decided:
        return []
    await _seal([trail for trail, _ in refused], [trail.make_row(refused_for=why) for trail, why in refused])
    rows = [trail.row for trail, _ in decided if trail.row is not None]
    columns = [as_array([row[name] for row in rows]) for name, (_, as_array) in _COLUMNS.items() if name != "detail"]
    columns.insert(-1, literals.texts([json.dumps(row["detail"], ensure_ascii=False) for row in rows]))
    statements: list[tuple[str, list[Any]]] = [(_ROWS, columns)]
    about = [t for t, _ in decided if t.person_id is not None and t.row is not None]
    if about:
        statements.append(
            (
                _SUBJECTS,
                [
                    literals.plain([t.person_id for t in about]),
                    literals.ids([t.row["audit_id"] for t in about if t.row]),
                    literals.texts([t.area for t in about]),
                    literals.times([t.at for t in about]),
                ],
            )
        )
    events = [(t, *t.event) for t, done in decided if done and t.event]
    if events:
        statements.append(
            (
                _EVENTS,
                [
                    literals.ids([new_id() for _ in events]),
                    literals.texts([t.area for t, _, _ in events]),
                    literals.texts([name for _, name, _ in events]),
                    literals.texts([json.dumps(body) for _, _, body in events]),
                    literals.times([t.at for t, _, _ in events]),
                ],
            )
        )
    return statements
