"""Sending and checking are written into the audit trail, where the person sees them too; beside the running act."""

from __future__ import annotations

import uuid
from typing import Any

from sscard.control import audit
from sscard.control.caller import system
from sscard.kernel import clock


def note(
    cursor: Any, verb: str, area: str, person_id: int, challenge: uuid.UUID, session: str, address: str,
    *, action: str, ok: bool = True, **detail: Any,
) -> None:  # fmt: skip
    """`address`: where the request came from, "" when that is not known here."""
    row = audit.row_of(
        system(area, name="verification"), verb, area=area, now=clock.now(area), result="ok" if ok else "refused",
        object=f"challenge:{challenge}", purpose=action, detail={"session": session[:16], "from": address, **detail},
    )  # fmt: skip
    audit.write_beside(cursor, row, person_id)
