"""What a customer sees of his accounts when he has signed in at his bank's own site: how they stand, and the balances."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sscard.bank import rules
from sscard.bank.models import AccountStatus
from sscard.bank.standing import bank_rule, find, in_area, load
from sscard.bank.states import Restriction, Status
from sscard.control.inside import Inside
from sscard.ledger import reads as ledger
from sscard.ledger.permits import Permit
from sscard.people.models import Lookup


@dataclass(frozen=True, slots=True)
class Overview:
    """Amounts in fen; None while inquiry is closed, then `closed_because` is the refusal's code."""

    account: uuid.UUID
    bank: str
    number_mask: str
    pan_mask: str
    name_mask: str
    account_class: str
    status: Status
    restrictions: tuple[Restriction, ...]
    closed_because: str
    balance_fen: int | None
    available_fen: int | None

    @property
    def held_fen(self) -> int | None:
        if self.balance_fen is None or self.available_fen is None:
            return None
        return self.balance_fen - self.available_fen


def overview(inside: Inside, account_id: uuid.UUID) -> Overview:
    """One account; right "bank.statement"."""
    return _of(inside, find(inside, account_id))


def accounts(inside: Inside) -> list[Overview]:
    """All accounts of the signed-in customer at this bank, in whatever area, newest first; right "bank.statement"."""
    found: list[AccountStatus] = []
    for person_id in sorted(inside.caller.persons):
        rows = Lookup.objects.filter(kind="account", person_id=person_id).values_list("area_code", flat=True)
        for area in sorted(set(rows)):
            with in_area(inside, area):
                inside.about(person_id, area, what="bank_accounts")
                mine = AccountStatus.objects.filter(person_id=person_id, bank=inside.caller.bank)
                found += list(mine.order_by("-opened_at"))
    return [_of(inside, mirror) for mirror in found]


def _of(inside: Inside, mirror: AccountStatus) -> Overview:
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        closed = rules.why_not(standing.status, standing.restrictions, Permit.INQUIRY) or ""
        balance = None if closed else ledger.balance(mirror.person_id, mirror.account_id)
    account = standing.account
    return Overview(
        account.account_id,
        account.bank,
        account.number_mask,
        account.pan_mask,
        account.name_mask,
        account.account_class,
        standing.status,
        tuple(sorted(standing.restrictions)),
        closed,
        balance.balance_fen if balance else None,
        balance.available_fen if balance else None,
    )
