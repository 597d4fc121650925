"""Queries: what the bureau may know, what the holder sees of his own, what a teller sees, numbers for the answer
file."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sscard.bank import rules
from sscard.bank.models import AccountStatus, BankAccount
from sscard.bank.standing import bank_rule, find, load
from sscard.bank.states import Restriction, Status
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_many
from sscard.ledger import reads as ledger
from sscard.ledger.permits import Permit


@dataclass(frozen=True, slots=True)
class AccountView:
    """For anybody who may see the card: never a balance."""

    account_id: uuid.UUID
    card_id: uuid.UUID
    bank: str
    pan_mask: str
    status: Status
    restrictions: tuple[Restriction, ...]
    since: datetime
    opened_at: datetime
    activated_at: datetime | None

    @property
    def asleep(self) -> bool:
        return self.status is Status.NOT_ACTIVATED


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """For the holder himself. The balances are None while inquiry is closed; `closed_because` is the refusal's code."""

    view: AccountView
    closed_because: str = ""
    balance_fen: int | None = None
    available_fen: int | None = None
    entries: tuple[ledger.EntryLine, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class CounterView:
    """For a teller of the account's bank: who and how it stands, masked; no balance without card and PIN."""

    view: AccountView
    name_mask: str
    phone_mask: str
    branch: str
    permits: Permit


@dataclass(frozen=True, slots=True)
class Numbers:
    """Full numbers, for the answer file to the bureau's producer."""

    account_id: uuid.UUID
    pan: str
    number: str


def accounts_of(inside: Inside, person_id: int, card_id: uuid.UUID | None = None) -> list[AccountView]:
    """All accounts of a person in this area (or the one of a card), newest first. The caller of this has named the
    person."""
    rows = AccountStatus.objects.filter(person_id=person_id)
    if card_id is not None:
        rows = rows.filter(card_id=card_id)
    return [view_of(row) for row in rows.order_by("-opened_at")]


def own_accounts(inside: Inside, person_id: int, *, entries: int = 0) -> list[OwnAccount]:
    """The holder's page. Inquiry of an account that is asleep is refused here as everywhere: no balance, not even
    zero."""
    if inside.caller.kind != "holder":
        raise Refusal("control.not_allowed", act="bank.own")
    inside.about(person_id, what="bank_accounts")
    mirrors = list(AccountStatus.objects.filter(person_id=person_id).order_by("-opened_at"))
    bank_rules, now = [bank_rule(mirror, inside) for mirror in mirrors], inside.now
    found = []
    for mirror, bank in zip(mirrors, bank_rules, strict=True):
        with inside.bank_role(mirror.bank):
            standing = load(mirror, bank, now=now)
            closed = rules.why_not(standing.status, standing.restrictions, Permit.INQUIRY)
            if closed:
                found.append(OwnAccount(view_of(mirror), closed))
                continue
            balance = ledger.balance(person_id, mirror.account_id)
            lines = ledger.entries(person_id, mirror.account_id, limit=entries) if entries else []
        assert balance is not None  # the account's row refers to it
        found.append(OwnAccount(view_of(mirror), "", balance.balance_fen, balance.available_fen, tuple(lines)))
    return found


def at_counter(inside: Inside, account_id: uuid.UUID) -> CounterView:
    """What a teller of the account's own bank sees before he asks for card and ID."""
    mirror = find(inside, account_id)
    bank, now = bank_rule(mirror, inside), inside.now
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
    account = standing.account
    return CounterView(view_of(mirror), account.name_mask, account.phone_mask, account.branch, standing.permits)


def covers(inside: Inside, account_id: uuid.UUID, amount_fen: int) -> bool:
    """Would the available balance carry this cash-out? For a teller before he asks for card and PIN: yes or no, no amount, and
    the look is written down. An account that nothing may leave says so at the act itself; then the answer is yes."""
    mirror = find(inside, account_id)
    bank, now, need = bank_rule(mirror, inside), inside.now, rules.need(rules.CASH, counter=True)
    with inside.bank_role():
        if need & ~load(mirror, bank, now=now).permits:
            return True
        held = ledger.balance(mirror.person_id, mirror.account_id)
    inside.detail["covers"] = str(account_id)
    return held is not None and amount_fen <= held.available_fen


def numbers_of(inside: Inside, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Numbers]:
    """Opened with one call of the key service and one audit row; for the bank's file program."""
    with inside.bank_role():
        rows = list(BankAccount.objects.filter(account_id__in=list(account_ids), area_code=inside.area_code))
    facts = open_many(rows, "facts", inside)
    return {
        row.account_id: Numbers(row.account_id, one["pan"], one["number"]) for row, one in zip(rows, facts, strict=True)
    }


def view_of(row: AccountStatus) -> AccountView:
    return AccountView(
        row.account_id,
        row.card_id,
        row.bank,
        row.pan_mask,
        Status(row.status),
        tuple(Restriction(one) for one in row.restrictions),
        row.since,
        row.opened_at,
        row.activated_at,
    )
