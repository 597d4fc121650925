"""Opening accounts in a book, and changing what they let through. All inside the bank's role."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from sscard.ledger import house_accounts
from sscard.ledger.house_accounts import BUCKETS
from sscard.ledger.models import CUSTOMER, OWN, SAVINGS, LedgerAccount
from sscard.ledger.permits import Permit

__all__ = ["BUCKETS", "Opening", "internal", "open_customers", "permits_of", "set_frozen", "set_permits"]


@dataclass(frozen=True, slots=True)
class Opening:
    person_id: int
    account_id: uuid.UUID
    permits: Permit
    purpose: str = SAVINGS
    """savings, medical or provider (`models`)."""


def open_customers(book: str, openings: Sequence[Opening], *, now: datetime) -> None:
    """Open customers' accounts with balance zero."""
    LedgerAccount.objects.bulk_create(
        LedgerAccount(
            person_id=one.person_id,
            account_id=one.account_id,
            book=book,
            kind=CUSTOMER,
            permits=int(one.permits),
            purpose=one.purpose,
            opened_at=now,
        )
        for one in openings
    )


def set_permits(person_id: int, account_id: uuid.UUID, permits: Permit, *, using: str = "default") -> None:
    """Store a new mask. It waits for a running movement of the account and holds from then on."""
    LedgerAccount.objects.using(using).filter(person_id=person_id, account_id=account_id).update(permits=int(permits))


def set_frozen(person_id: int, account_id: uuid.UUID, frozen_fen: int) -> None:
    """Store the sum of the amount freezes in force: it is not available, whatever the balance. Waits as above."""
    if frozen_fen < 0:
        raise ValueError("frozen_fen is never negative")
    LedgerAccount.objects.filter(person_id=person_id, account_id=account_id).update(frozen_fen=frozen_fen)


def permits_of(person_id: int, account_id: uuid.UUID) -> Permit:
    """The stored mask."""
    row = LedgerAccount.objects.values_list("permits", flat=True).get(person_id=person_id, account_id=account_id)
    return Permit(row)


def internal(book: str, name: str, spread: uuid.UUID, *, now: datetime, purpose: str = OWN) -> tuple[int, uuid.UUID]:
    """(person_id, account_id) of an internal account such as "cash.counter". `spread` picks the bucket: give the
    customer's account id, so that one customer's movements meet one bucket. `purpose` is that of its first use:
    "provider" for what medical money may be settled to."""
    person_id, account_id = house_accounts.key_of(book, name, spread)
    if not LedgerAccount.objects.filter(person_id=person_id, account_id=account_id).exists():
        with connections["default"].cursor() as cursor:
            cursor.execute(
                house_accounts.OPEN, [person_id, account_id, book, name, house_accounts.PERMITS, purpose, now]
            )
    return person_id, account_id
