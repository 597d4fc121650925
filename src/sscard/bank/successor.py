"""Where an account's money is now: replacements that moved it are followed here and nowhere else."""

from __future__ import annotations

import uuid

from sscard.bank.models import BankAccount, Replacement

MOST_STEPS = 100


def live_id(person_id: int, account_id: uuid.UUID) -> uuid.UUID:
    """In the bank's role: the account itself, or the one that its money was moved to, and so on. It may be closed by its
    holder; then there is no other."""
    for _ in range(MOST_STEPS):
        onward = (
            Replacement.objects.filter(person_id=person_id, account_id=account_id, state="done")
            .exclude(new_account_id=account_id)
            .order_by("-done_at")
            .values_list("new_account_id", flat=True)
            .first()
        )
        if onward is None:
            return account_id
        account_id = onward
    raise RuntimeError("replacements go round in a circle")


def live(person_id: int, account_id: uuid.UUID) -> BankAccount:
    """In the bank's role: that account."""
    return BankAccount.objects.get(person_id=person_id, account_id=live_id(person_id, account_id))
