"""The log of a sandbox's calls: by trace id, bounded, masked. Written after the answer; a log that fails breaks no call."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.db import connection

from sscard.kernel import clock
from sscard.kernel.logs import masked
from sscard.partners.models import RequestLine, Sandbox

KEPT = 2_000
"""Lines of one sandbox; older ones go."""
TRIM_EVERY = 100


def note(
    sandbox: uuid.UUID, *, trace: str, method: str, path: str, status: int, code: str, caller: str, key: str,
    replayed: bool, millis: int,
) -> None:  # fmt: skip
    """One line. Paths lose their query, numbers are masked, of the key only a digest's beginning stays."""
    row = RequestLine.objects.create(
        sandbox=sandbox, trace=trace[:64], at=clock.real_now(), method=method[:8], path=masked(path)[:200],
        status=status, code=code[:60], caller=masked(caller)[:60], replayed=replayed, millis=millis,
        idempotency=key_mark(key),
    )  # fmt: skip
    if row.line_id % TRIM_EVERY == 0:
        trim(sandbox)


def key_mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


def trim(sandbox: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from partners_requestline where sandbox = %s and line_id <= (select line_id from"
            " partners_requestline where sandbox = %s order by line_id desc offset %s limit 1)",
            [sandbox, sandbox, KEPT],
        )


def tidy() -> None:
    for sandbox in Sandbox.objects.values_list("sandbox_id", flat=True):
        trim(sandbox)


def lines(sandbox: uuid.UUID, *, trace: str = "", before: int = 0, limit: int = 50) -> list[RequestLine]:
    """Newest first."""
    found = RequestLine.objects.filter(sandbox=sandbox)
    if trace:
        found = found.filter(trace=trace)
    if before:
        found = found.filter(line_id__lt=before)
    return list(found.order_by("-line_id")[: min(limit, 200)])


def as_json(row: RequestLine) -> dict[str, Any]:
    return {
        "line": row.line_id, "trace": row.trace, "at": row.at.isoformat(), "method": row.method, "path": row.path,
        "status": row.status, "code": row.code, "caller": row.caller, "idempotency": row.idempotency,
        "replayed": row.replayed, "millis": row.millis,
    }  # fmt: skip
