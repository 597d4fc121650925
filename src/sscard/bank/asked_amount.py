"""The amount of a refused business, for the customer's notices. It is sealed for the bank: the audit row that keeps it is read
by the bureau's auditors too, who never see a customer's money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

from sscard.control.inside import Inside
from sscard.control.models import AuditRow
from sscard.kernel.keyclient import keys
from sscard.kernel.refusals import Refusal

PURPOSE, DETAIL = "bank", "asked_amount"
Function = Callable[[Inside, Any], dict[str, Any]]
MOST_FEN: Final = 10**12
"""Beyond this it is a slip of the keys, and nothing to tell."""


def kept_if_refused(function: Function) -> Function:
    """Below `@act`, whose request has `amount_fen`."""

    @wraps(function)
    def inner(inside: Inside, request: Any) -> dict[str, Any]:
        try:
            return function(inside, request)
        except Refusal:
            if inside.persons and 0 < request.amount_fen < MOST_FEN:
                aad = _aad(str(inside.caller.id), inside.key)
                (blob,) = keys().seal(PURPOSE, [(aad, str(request.amount_fen).encode())])
                inside.detail[DETAIL] = blob.hex()
            raise

    return inner


def amounts_of(rows: Sequence[AuditRow]) -> list[int]:
    """Fen, in the order of the rows; 0 where none was kept."""
    kept = [row for row in rows if DETAIL in row.detail]
    pairs = [(_aad(str(row.actor), row.detail["key"]), bytes.fromhex(row.detail[DETAIL])) for row in kept]
    found = (
        {row.audit_id: int(clear) for row, clear in zip(kept, keys().unseal(PURPOSE, pairs), strict=True)}
        if kept
        else {}
    )
    return [found.get(row.audit_id, 0) for row in rows]


def _aad(caller: str, key: str) -> bytes:
    return f"asked_amount|{caller}|{key}".encode()
