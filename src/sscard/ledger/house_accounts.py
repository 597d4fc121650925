"""Where an institution's own accounts stand: their keys follow from their names, so nobody has to look them up."""

from __future__ import annotations

import hashlib
import uuid
from functools import lru_cache

from sscard.ledger.permits import INTERNAL

BUCKETS = 16
"""How many rows an internal account of an institution is split over, so that no row is hot."""
_NAMESPACE = uuid.UUID("6f0f4e52-6a0c-4b3e-9a1e-0d6a1f3d9b57")
OPEN = (
    "insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen,"
    " debits_posted, credits_posted, debits_held, credits_held, seq, opened_at)"
    " values (%s, %s, %s, 'internal', %s, %s, %s, 0, 0, 0, 0, 0, 0, %s) on conflict do nothing"
)
"""In the bank's role: person_id, account_id, book, name, permits (INTERNAL), purpose, opened_at."""


PERMITS = int(INTERNAL)


def key_of(book: str, name: str, spread: uuid.UUID) -> tuple[int, uuid.UUID]:
    """(person_id, account_id) of an internal account such as "cash.counter". `spread` picks the bucket: give the
    customer's account id, so that one customer's movements meet one bucket."""
    bucket = hashlib.blake2b(spread.bytes, digest_size=2).digest()[0] % BUCKETS
    return -1 - bucket, _account_of(book, name, bucket)


@lru_cache(4_096)
def _account_of(book: str, name: str, bucket: int) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{book}|{name}|{bucket}")
