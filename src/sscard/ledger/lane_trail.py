"""What a movement of the fast lane leaves beside the ledger: its audit row with MAC, whom it is about, and its event.

The row for success is made and sealed while the writer is busy with others, 256 at a time in one call of the key service.
A refusal's row differs in result and reason; refusals are rare, so theirs are sealed when they happen. The rows are written
in the movement's own transaction by one statement, once: a repeat of a key writes none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

import msgspec

from sscard.control import audit_form
from sscard.control.caller import Caller
from sscard.kernel.ids import new_id_text
from sscard.kernel.keyclient import keys
from sscard.ledger import literals
from sscard.ledger.items import DONE, NOT_KEPT, Item, Posted

if TYPE_CHECKING:
    from sscard.ledger.gather import Asked

Statement = tuple[str, list[Any]]
_OF_CALLER = (
    "organisation::text", "actor_kind::text", "actor::uuid", "actor_name::text", "actor_person::bytea", "roles::text",
    "session::text", "channel::text", "address::text",
)  # fmt: skip
"""Columns that all rows of a caller have in common: sent once a caller, and picked by his place."""
_OWN = (
    "audit_id::uuid", "occurred_at::timestamptz", "area_code::text", "verb::text", "object::text", "purpose::text",
    "result::text", "reason::text", "request_id::text", "detail::jsonb", "mac::bytea",
)  # fmt: skip
_BESIDE = ("person_id::bigint", "event::text", "body::jsonb")
"""Whom the row is about, and the event of what was done; none where there is none."""


def _names(columns: Sequence[str], before: str = "") -> str:
    return ", ".join(before + column.partition("::")[0] for column in columns)


_ALL = (*_OWN, *_OF_CALLER)
_EACH = ", ".join(f"%s::{column.partition('::')[2]}[]" for column in (*_OWN, *_BESIDE))
_PICKED = ", ".join("(%s::{1}[])[r.place] as {0}".format(*column.split("::")) for column in _OF_CALLER)
_TRAIL = f"""
with trail as (select r.*, {_PICKED} from unnest({_EACH}, %s::integer[]) as r({_names((*_OWN, *_BESIDE))}, place)
                where %s or current_setting('sscard.batch', true) = 'done'),
     rows as (insert into control_auditrow ({_names(_ALL)}) select {_names(_ALL)} from trail),
     subjects as (insert into control_auditsubject (person_id, audit_id, area_code, occurred_at)
                  select person_id, audit_id, area_code, occurred_at from trail where person_id is not null)
insert into control_outbox (event_id, area_code, name, body, occurred_at)
select gen_random_uuid(), area_code, event, body, occurred_at from trail where event is not null
"""  # noqa: S608 - our own names only
_MORE_EVENTS = """
insert into control_outbox (event_id, area_code, name, body, occurred_at)
select gen_random_uuid(), e.* from unnest(%s::text[], %s::text[], %s::jsonb[], %s::timestamptz[]) as e
"""
_encode_detail = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str).encode
_body = msgspec.json.Encoder().encode


class Row(msgspec.Struct):
    """The part of an audit row that is its own, as it stands in the table."""

    audit_id: str
    at: str
    object: str
    purpose: str
    result: str
    reason: str
    request_id: str
    detail: str
    mac: bytes = b""


Event = tuple[str, dict[str, Any]]
"""Name and body; no amounts, no full numbers in either."""


class Above(msgspec.Struct, frozen=True):
    """One event more when the credited account holds more than so much afterwards."""

    fen: int
    event: Event


class Trail(msgspec.Struct):
    """Who asks for what, for the audit trail. `event`: what is told when it is done."""

    caller: Caller
    verb: str
    area: str
    at: datetime
    person_id: int | None = None
    object: str = ""
    purpose: str = ""
    detail: dict[str, Any] = {}
    event: Event | None = None
    above: Above | None = None
    request_id: str = ""
    """When the caller is kept for many requests: the trace id of this one."""
    row: Row | None = None
    """Sealed for success, ahead of the call."""

    def make_row(self, *, refused_for: str = "") -> Row:
        return Row(
            new_id_text(),
            _moment(self.at),
            audit_form.clean(self.object)[:120],
            audit_form.clean(self.purpose)[:120],
            "refused" if refused_for else "ok",
            _reason(refused_for)[:60],
            self.request_id or self.caller.request_id,
            _detail(self.detail),
        )

    def canonical(self, row: Row) -> bytes:
        """What `audit_form.canonical_of` makes of the row, written out: most of it is the same for all of a caller's."""
        head, to_detail, to_purpose, to_verb = shared_of(self.caller).parts
        return (
            f'{head}{quoted(self.area)}, "audit_id": "{row.audit_id}"{to_detail}{row.detail}, "object": {quoted(row.object)}'
            f', "occurred_at": "{row.at}"{to_purpose}{quoted(row.purpose)}, "reason": {quoted(row.reason)}, "request_id": '
            f'{quoted(row.request_id)}, "result": "{row.result}"{to_verb}{quoted(self.verb)}}}'
        ).encode()


@lru_cache(256)
def _moment(at: datetime) -> str:
    """Many requests of one round have the same."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _detail(detail: dict[str, Any]) -> str:
    """In the canonical form. One text or nothing is the usual case, and written out costs a tenth."""
    if not detail:
        return "{}"
    if len(detail) == 1:
        ((name, value),) = detail.items()
        if type(value) is str:
            return f"{{{quoted(name)}: {quoted(value)}}}"
    return _encode_detail(detail)


def _reason(code: str) -> str:
    """A status of the ledger as the code of its refusal; a code stays what it is."""
    return code if not code or "." in code else f"ledger.{code}"


@dataclass(frozen=True, slots=True)
class Shared:
    """Of one caller: the columns that his rows have in common, and the pieces of their canonical form."""

    columns: tuple[Any, ...]
    parts: tuple[str, str, str, str]


@lru_cache(1_024)
def _shared_of(caller: _ById) -> Shared:
    row = audit_form.columns_of(caller.caller, "", area="", now=datetime.min.replace(tzinfo=UTC))
    said = {name: f'"{name}": {audit_form.json_of(row[name])}' for name in audit_form.COVERED}
    names = ("actor", "actor_kind", "actor_name", "actor_person", "address")
    return Shared(
        tuple(row[column.partition("::")[0]] for column in _OF_CALLER),
        (
            "{" + ", ".join(said[name] for name in names) + ', "area_code": ',
            f', {said["channel"]}, "detail": ',
            f', {said["organisation"]}, "purpose": ',
            f', {said["roles"]}, {said["session"]}, "verb": ',
        ),
    )


def shared_of(caller: Caller) -> Shared:
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


class Request(msgspec.Struct, frozen=True):
    """Items that are decided together: one, or one group. `trail` becomes the audit row and the event."""

    items: tuple[Item, ...]
    trail: Trail | None = None


async def seal(batch: Sequence[Asked[Any, Any]]) -> None:
    """Make the rows for success, with their MACs. When the key service does not answer, these requests fail, undone."""
    trails = [one.ask.trail for one in batch if one.ask.trail is not None]
    try:
        await _seal(trails, [trail.make_row() for trail in trails])
    except Exception as error:
        for one in batch:
            if one.ask.trail is not None:
                one.fail(error)


async def _seal(trails: Sequence[Trail], rows: Sequence[Row]) -> None:
    if not rows:
        return
    forms = [trail.canonical(row) for trail, row in zip(trails, rows, strict=True)]
    macs = await asyncio.to_thread(keys().mac, audit_form.MAC_KEY, forms)
    for trail, row, mac in zip(trails, rows, macs, strict=True):
        row.mac = mac
        trail.row = row


def rows_ahead(requests: Sequence[Request]) -> list[Statement]:
    """The statements for the case that all is done and nothing is a repeat: sent right behind the call, of which they write
    nothing when it was otherwise."""
    return _statements([(one.trail, True) for one in requests if one.trail is not None], always=False)


def as_expected(found: Sequence[Posted]) -> bool:
    """What was sent ahead is written."""
    return all(one.status in DONE and not one.replayed for one in found)


def events_above(requests: Sequence[Request], found: Sequence[Posted]) -> list[Statement]:
    """The statement that tells of accounts which hold more now than their trail says; none when there is none."""
    told: list[tuple[Trail, Event]] = []
    at = 0
    for request in requests:
        at += len(request.items)
        trail, posted = request.trail, found[at - 1]
        if trail is None or trail.above is None or posted.replayed or posted.credit_balance_fen is None:
            continue
        if posted.credit_balance_fen > trail.above.fen:
            told.append((trail, trail.above.event))
    if not told:
        return []
    columns = [
        literals.texts([trail.area for trail, _ in told]),
        literals.texts([name for _, (name, _) in told]),
        literals.texts([_body(body).decode() for _, (_, body) in told]),
        literals.times([trail.at for trail, _ in told]),
    ]
    return [(_MORE_EVENTS, columns)]


async def insert_rows(requests: Sequence[Request], found: Sequence[Posted]) -> list[Statement]:
    """The statements that write the trail of what was decided now, when it was not all as expected."""
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
    return await statements_of(decided, refused)


async def statements_of(decided: Sequence[tuple[Trail, bool]], refused: Sequence[tuple[Trail, str]]) -> list[Statement]:
    """The statements that write the trails of what was decided, done or not. `refused`: those that were not, and why."""
    await _seal([trail for trail, _ in refused], [trail.make_row(refused_for=why) for trail, why in refused])
    return _statements(decided)


def _statements(decided: Sequence[tuple[Trail, bool]], *, always: bool = True) -> list[Statement]:
    """One, or none when nothing is to be told. Without `always` it writes only after a batch that was all done."""
    told = [(trail, trail.row, done) for trail, done in decided if trail.row is not None]
    if not told:
        return []
    places: dict[int, int] = {}
    callers: list[Shared] = []
    for trail, _, _ in told:
        if id(trail.caller) not in places:
            callers.append(shared_of(trail.caller))
            places[id(trail.caller)] = len(callers)
    makers = (literals.texts, literals.texts, literals.ids, literals.texts, literals.octets, *[literals.texts] * 4)
    shared = zip(*[one.columns for one in callers], strict=True)
    rows = [row for _, row, _ in told]
    events = [trail.event if done else None for trail, _, done in told]
    columns = [
        *[make(column) for make, column in zip(makers, shared, strict=True)],
        literals.texts([row.audit_id for row in rows]),
        literals.texts([row.at for row in rows]),
        literals.texts([trail.area for trail, _, _ in told]),
        literals.texts([trail.verb for trail, _, _ in told]),
        literals.texts([row.object for row in rows]),
        literals.texts([row.purpose for row in rows]),
        literals.texts([row.result for row in rows]),
        literals.texts([row.reason for row in rows]),
        literals.texts([row.request_id for row in rows]),
        literals.texts([row.detail for row in rows]),
        literals.octets([row.mac for row in rows]),
        literals.plain([trail.person_id for trail, _, _ in told]),
        literals.texts([event[0] if event else None for event in events]),
        literals.texts([_body(event[1]).decode() if event else None for event in events]),
        literals.plain([places[id(trail.caller)] for trail, _, _ in told]),
        always,
    ]
    return [(_TRAIL, columns)]
