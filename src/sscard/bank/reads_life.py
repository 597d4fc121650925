"""Queries of the account's life: what is frozen by whom, how long a loss holds, what is left to settle elsewhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sscard.bank import freezes, restricting
from sscard.bank.models import AccountStatus, Replacement
from sscard.bank.reads import AccountView, view_of
from sscard.bank.standing import bank_rule, find, in_area, load, rows_in_force
from sscard.bank.states import FREEZES, Restriction, Status
from sscard.codes import person_number
from sscard.codes.errors import NumberFault
from sscard.codes.text import normal
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index
from sscard.ledger import reads as ledger
from sscard.people import lookup


@dataclass(frozen=True, slots=True)
class RestrictionLine:
    """One restriction in force, for the bank's own staff."""

    id: uuid.UUID
    kind: Restriction
    reason: str
    authority: str
    authority_name: str
    document: str
    since: datetime
    until: datetime | None
    amount_fen: int
    covered_fen: int
    """How much of an amount freeze the balance covers now."""

    @property
    def ordered(self) -> bool:
        """Somebody ordered it and may lift it; the others end by an act of their own."""
        return self.kind in FREEZES


def restrictions_of(inside: Inside, account_id: uuid.UUID) -> list[RestrictionLine]:
    """All in force, the strongest authority first; for a teller or reviewer of the account's bank."""
    mirror = find(inside, account_id)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        rows = list(rows_in_force(standing.account, now).order_by("rank", "since"))
        balance = ledger.balance(mirror.person_id, mirror.account_id)
    line = freezes.queue(balance.balance_fen if balance else 0, [restricting.freeze_of(row) for row in rows])
    covered = {one.freeze.id: one.covered_fen for one in line}
    return [
        RestrictionLine(
            row.restriction_id, Restriction(row.kind), row.reason, row.authority, row.authority_name, row.document,
            row.since, row.until, row.amount_fen or 0, covered.get(row.restriction_id, 0),
        )
        for row in rows
    ]  # fmt: skip


def account_of_number(text: str) -> uuid.UUID:
    """The account of a card number or an account number; unknown ones are all the same."""
    plain = normal(text)
    for kind in ("pan", "bank_account"):
        hit = lookup.find(kind, blind_index(kind, plain))
        if hit is not None and hit.object_id is not None:
            return hit.object_id
    raise Refusal("bank.number_unknown")


def find_customer(inside: Inside, text: str) -> AccountStatus:
    """The account of a card number, account number or the holder's ID number, for the account's own bank. Whoever has
    none here is as unknown as a number that does not exist."""
    try:
        return find(inside, account_of_number(text))
    except Refusal as unknown:
        if unknown.code != "bank.number_unknown":
            raise
    try:
        number = person_number.parse(text).number
    except NumberFault:
        raise Refusal("bank.number_unknown") from None
    hit = lookup.find("id_number", blind_index("id_number", number))
    if hit is not None:
        with in_area(inside, hit.area):
            inside.about(hit.person_id, hit.area)
            rows = AccountStatus.objects.filter(person_id=hit.person_id, bank=inside.caller.bank)
            row = rows.order_by("-opened_at").first()
        if row is not None:
            return find(inside, row.account_id)
    raise Refusal("bank.number_unknown")


def freezes_at_counter(inside: Inside, account_id: uuid.UUID) -> list[freezes.Covered]:
    """Amount freezes in the order in which they are met."""
    mirror = find(inside, account_id)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        balance = ledger.balance(mirror.person_id, mirror.account_id)
        return freezes.queue(balance.balance_fen if balance else 0, restricting.freezes_of(standing))


def replacement_waits(inside: Inside, account_id: uuid.UUID) -> bool:
    """A new card waits to take the old one's place at this very account; at the account's bank. Where the number changes
    the new card's own account is activated instead."""
    mirror = find(inside, account_id)
    with inside.bank_role():
        return Replacement.objects.filter(
            person_id=mirror.person_id, account_id=account_id, new_account_id=account_id, state="waiting"
        ).exists()


def money_waits(inside: Inside, account_id: uuid.UUID) -> bool:
    """An earlier account's money waits for this one: it was frozen when the new card was activated."""
    mirror = find(inside, account_id)
    with inside.bank_role():
        waiting = Replacement.objects.filter(person_id=mirror.person_id, new_account_id=account_id, state="waiting")
        return waiting.exclude(account_id=account_id).exists()


def left_behind(inside: Inside, person_id: int) -> list[AccountView]:
    """Accounts that stayed at another bank when the holder's card went to a new one: he settles each there himself, and
    is paid out (banking.md §1, replacement at another bank). The caller of this has named the person."""
    rows = list(AccountStatus.objects.filter(person_id=person_id).order_by("-opened_at"))
    here = [row for row in rows if Status(row.status) in (Status.NOT_ACTIVATED, Status.ACTIVE)]
    if not here:
        return []
    return [view_of(row) for row in here[1:] if row.bank != here[0].bank]
