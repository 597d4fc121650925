"""Locks for acts that take an account's whole balance: what is read stays true until it is posted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sscard.ledger.models import LedgerAccount

Key = tuple[int, uuid.UUID]


def lock(keys: Iterable[Key]) -> None:
    """In the bank's role: all rows that the act's movements will touch, in the order in which the ledger locks them, so
    that two acts never wait in a circle."""
    rows = LedgerAccount.objects.filter(pk__in=sorted(set(keys)))
    list(rows.order_by("person_id", "account_id").select_for_update(no_key=True))
