"""The one door: every act passes here, from page, API, file, terminal or job.

who → right and scope → idempotency key → rule → four eyes if the act asks for them → facts, event and audit row in one
transaction → answer with the next step. A refusal undoes all that the act did (a savepoint); the refusal itself is stored
under the key and written to the audit trail, commits, and is raised again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from sscard.control.acts_registry import Act, find
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.models import Approval, Idempotency
from sscard.control.rights import decide
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal
from sscard.kernel.typed import ready


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act. `once` holds values that are shown once and stored nowhere (a hand-out code);
    `waiting` is the approval that a second person must give first."""

    answer: dict[str, Any]
    replayed: bool = False
    waiting: uuid.UUID | None = None
    once: dict[str, Any] = field(default_factory=dict)


def canonical(act: Act, request: Any, area: str) -> bytes:
    """The exact request as bytes: what idempotency fingerprints and what the second person signs."""
    body = msgspec.to_builtins(request)
    return msgspec.json.encode({"act": act.name, "area": area, "request": body}, order="deterministic")


def perform(
    caller: Caller, name: str, request: Any, *, key: str, purpose: str = "", area: str | None = None, forced: str = ""
) -> Outcome:
    """Do an act for a caller. `key` is made by the caller before the first try and kept for repeats. `forced`: in a
    sandbox, the refusal that a developer ordered instead of the act; it is stored and repeated like every other.

    Raises Refusal; a repeat of a refused request raises the same refusal again.
    """
    act = find(name)
    where = "" if act.no_area else caller.area if area is None else area
    if not isinstance(request, act.request):
        raise TypeError(f"{name} takes {act.request.__name__}")
    if not key or len(key) > 120:
        raise Refusal("control.key_missing")
    if not decide(caller, act.right):
        refusal = Refusal("control.not_allowed", act=name)
        _write_refusal(caller, act, where, refusal, purpose)
        raise refusal
    body = canonical(act, request, where)
    print_ = keys().mac("fingerprint", [body])[0]
    if (earlier := _earlier(caller, key, print_)) is not None:
        return earlier
    inside = Inside(caller=caller, area_code=where, act=name, purpose=purpose, key=key)
    try:
        with unit_of_work(area=where):
            _claim(caller, key, act, print_)
            try:
                with transaction.atomic():  # a savepoint: a refusal undoes the act, never the claim of its key
                    _forced(inside, forced)
                    outcome = (
                        _ask_second_person(inside, act, request, body) if act.four_eyes else _do(inside, act, request)
                    )
            except Refusal as refusal:
                _settle_refusal(inside, refusal)
                refused = refusal
            else:
                _settle(caller, key, "waiting" if outcome.waiting else "ok", outcome)
                inside.write(result="waiting" if outcome.waiting else "ok")
                return Outcome(answer=_in_order(outcome.answer), waiting=outcome.waiting, once=dict(inside.once))
    except _TakenMeanwhile:
        earlier = _earlier(caller, key, print_)
        if earlier is None:
            raise Refusal("control.key_in_progress") from None
        return earlier
    raise refused


def _forced(inside: Inside, code: str) -> None:
    if code and inside.area.sandbox:
        raise Refusal(code)


def _do(inside: Inside, act: Act, request: Any) -> Outcome:
    return Outcome(answer=_run(inside, act, request))


def _run(inside: Inside, act: Act, request: Any) -> dict[str, Any]:
    answer = act.function(inside, request)
    if act.about_person and not inside.persons:
        raise RuntimeError(f"{act.name} must name the person it is about")
    return answer


class _TakenMeanwhile(Exception):
    """The same key was used by another request of the same caller a moment ago."""


def _claim(caller: Caller, key: str, act: Act, print_: bytes) -> None:
    """Insert the key first: a second request with it waits here until the first one is decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into control_idempotency (caller_id, key, act, fingerprint, result, answer, at)"
            " values (%s, %s, %s, %s, 'claimed', '{}', now()) on conflict do nothing",
            [caller.id, key, act.name, print_],
        )
        if cursor.rowcount == 0:
            raise _TakenMeanwhile


def _settle(caller: Caller, key: str, result: str, outcome: Outcome) -> None:
    stored = {"answer": outcome.answer, "waiting": str(outcome.waiting or "")}
    Idempotency.objects.filter(caller_id=caller.id, key=key).update(result=result, answer=stored)


def _earlier(caller: Caller, key: str, print_: bytes) -> Outcome | None:
    found = Idempotency.objects.filter(caller_id=caller.id, key=key).first()
    if found is None:
        return None
    if bytes(found.fingerprint) != print_:
        raise Refusal("control.key_reused")
    if found.result == "refused":
        refusal = Refusal.from_dict(found.answer)
        refusal.replayed = True  # type: ignore[attr-defined]
        raise refusal
    waiting = found.answer.get("waiting")
    told = _in_order(found.answer["answer"])
    return Outcome(answer=told, replayed=True, waiting=uuid.UUID(waiting) if waiting else None)


def _in_order(value: Any) -> Any:
    """Members by name, so that a repeat is the same bytes: the database keeps no order of them."""
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(one) for one in value] if isinstance(value, list | tuple) else value


def _settle_refusal(inside: Inside, refusal: Refusal) -> None:
    """Store answer and audit row of a refusal, in the transaction that still holds the key: a twin that waits for it gets
    this refusal. A "not now" (something of ours is down) is not kept, so that the same key may try again."""
    mine = Idempotency.objects.filter(caller_id=inside.caller.id, key=inside.key)
    if refusal.status < 500:
        mine.update(result="refused", answer=refusal.as_dict())
    else:
        mine.delete()
    inside.write(result="refused", reason=refusal.code)


def _write_refusal(caller: Caller, act: Act, area: str, refusal: Refusal, purpose: str) -> None:
    inside = Inside(caller=caller, area_code=area, act=act.name, purpose=purpose)
    with unit_of_work(area=area):
        inside.write(result="refused", reason=refusal.code)


# --- four eyes -------------------------------------------------------------------------------------------------------


def _ask_second_person(inside: Inside, act: Act, request: Any, body: bytes) -> Outcome:
    """Keep the exact request, sealed, until a second person signs its digest."""
    caller = inside.caller
    if caller.person_index is None:
        raise Refusal("control.four_eyes_needs_person")
    if act.check:
        act.check(inside, request)
    waiting = Approval(
        area_code=inside.area_code,
        organisation=caller.organisation,
        act=act.name,
        request=body,
        digest=digest(body),
        summary=act.summary(request) if act.summary else {},
        purpose=inside.purpose,
        maker=caller.id,
        maker_kind=caller.kind,
        maker_person=caller.person_index,
        maker_name=caller.name,
        made_at=inside.now,
        expires_at=clock.real_now() + timedelta(hours=act.approval_hours),
    )
    waiting.save(force_insert=True)
    inside.object = f"approval:{waiting.approval_id}"
    return Outcome(
        answer={"waiting_for": "second_person", "approval": str(waiting.approval_id)}, waiting=waiting.approval_id
    )


def digest(body: bytes) -> bytes:
    """What the second person signs: SM3 over the exact request."""
    return hashlib.new("sm3", body).digest()


def run_approved(inside: Inside, waiting: Approval, body: bytes) -> dict[str, Any]:
    """Do the approved act inside the checker's transaction, in the maker's name with the checker beside him."""
    act = find(waiting.act)
    stored = msgspec.json.decode(body)
    request = msgspec.convert(stored["request"], type=ready(act.request))
    inside.maker, inside.checker = waiting.maker, inside.caller.id
    inside.maker_person = bytes(waiting.maker_person)
    return _run(inside, act, request)


# --- reading ---------------------------------------------------------------------------------------------------------


@contextmanager
def reading(caller: Caller, *, right: str, purpose: str, area: str | None = None) -> Iterator[Inside]:
    """A unit of work for queries. What `about()` and `opened()` note becomes one audit row of verb "read"."""
    where = caller.area if area is None else area
    inside = Inside(caller=caller, area_code=where, act=right, purpose=purpose)
    if not decide(caller, right):
        with unit_of_work(area=where):
            inside.write(result="refused", reason="control.not_allowed")
        raise Refusal("control.not_allowed", act=right)
    try:
        with unit_of_work(area=where):
            yield inside
            if inside.persons or inside.detail:
                inside.detail["read"] = True
                inside.write(result="ok")
    except Refusal as refusal:
        with unit_of_work(area=where):
            inside.write(result="refused", reason=refusal.code)
        raise
