"""Finding an account, and how it stands: status, restrictions in force, the mask in the ledger, the bureau's mirror."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from sscard.bank import rules
from sscard.bank.models import AccountRestriction, AccountStatus, BankAccount
from sscard.bank.states import Restriction, Status
from sscard.cards.aside import aside
from sscard.control.inside import Inside
from sscard.kernel import db
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.schema import Bank
from sscard.ledger import accounts
from sscard.ledger.models import LedgerAccount
from sscard.ledger.permits import Permit
from sscard.people import lookup


@contextmanager
def in_area(inside: Inside, area: str) -> Iterator[None]:
    """Statements inside see the rows of the account's area, which another branch of the bank may stand outside of."""
    if area != inside.area_code:
        db.enter_area(area)
    yield
    if area != inside.area_code:
        db.enter_area(inside.area_code)


def find(inside: Inside, account_id: uuid.UUID) -> AccountStatus:
    """The account's mirror, named in the audit row. For the account's own bank only: another bank's caller is told
    which bank it is, as it stands on the card, and nothing else."""
    found = lookup.require("account", account_id)
    with in_area(inside, found.area):
        inside.about(found.person_id, found.area)
        mirror = AccountStatus.objects.filter(person_id=found.person_id, account_id=account_id).first()
    if mirror is None:
        raise Refusal("control.not_found")
    if mirror.bank != inside.caller.bank:
        raise Refusal("bank.other_bank", **naming(mirror, inside))
    inside.object = f"account:{account_id}"
    return mirror


def bank_rule(mirror: AccountStatus, inside: Inside) -> Bank:
    """The bank's rule in the account's area, today."""
    return areas.get(mirror.area_code).bank(mirror.bank, inside.today)


def naming(mirror: AccountStatus, inside: Inside) -> dict[str, str]:
    rule = bank_rule(mirror, inside)
    return {"bank": rule.short.zh, "bank_en": rule.short.en}


@dataclass(slots=True)
class Standing:
    """An account with the restrictions in force now."""

    account: BankAccount
    restrictions: frozenset[Restriction]
    credit_before_activation: str
    now: datetime
    """The act's moment, read before the bank's role was entered: the clock's table is not the bank's."""
    stored: Permit
    """The mask in the ledger. It is behind `permits` when a restriction has run out since."""
    frozen_fen: int = 0
    """Sum of the amount freezes in force."""
    stored_frozen_fen: int = 0
    """That sum in the ledger; behind as `stored` may be."""

    @property
    def status(self) -> Status:
        return Status(self.account.status)

    @property
    def permits(self) -> Permit:
        return rules.permits(self.status, self.restrictions, credit_before_activation=self.credit_before_activation)

    def require(self, wanted: Permit) -> None:
        """Raises the refusal that says why `wanted` is closed."""
        code = rules.why_not(
            self.status, self.restrictions, wanted, credit_before_activation=self.credit_before_activation
        )
        if code:
            raise Refusal(code)


def load(mirror: AccountStatus, rule: Bank, *, now: datetime, lock: bool = False) -> Standing:
    """In the bank's role. `lock` for acts that change the account; it is taken before any lock in the ledger."""
    query = BankAccount.objects.select_for_update(no_key=True) if lock else BankAccount.objects
    account = query.get(person_id=mirror.person_id, account_id=mirror.account_id)
    whose = {"person_id": account.person_id, "account_id": account.account_id}
    mask, frozen = LedgerAccount.objects.values_list("permits", "frozen_fen").get(**whose)
    restrictions, frozen_fen = in_force_with_amount(account, now)
    return Standing(account, restrictions, rule.credit_before_activation, now, Permit(mask), frozen_fen, frozen)


def rows_in_force(account: BankAccount, now: datetime) -> QuerySet[AccountRestriction]:
    """Neither lifted nor run out."""
    return AccountRestriction.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now),
        person_id=account.person_id,
        account_id=account.account_id,
        lifted_at__isnull=True,
    )


def in_force(account: BankAccount, now: datetime) -> frozenset[Restriction]:
    """The kinds of restriction."""
    return in_force_with_amount(account, now)[0]


def in_force_with_amount(account: BankAccount, now: datetime) -> tuple[frozenset[Restriction], int]:
    """The kinds of restriction, and how much is frozen by amount, in fen."""
    rows = rows_in_force(account, now).values_list("kind", "amount_fen")
    return frozenset(Restriction(kind) for kind, _ in rows), sum(amount or 0 for _, amount in rows)


def store(standing: Standing) -> None:
    """In the bank's role: what status and restrictions let through goes into the ledger's mask, and the frozen amount
    beside it."""
    account = standing.account
    accounts.set_permits(account.person_id, account.account_id, standing.permits)
    accounts.set_frozen(account.person_id, account.account_id, standing.frozen_fen)


def freshen(standing: Standing) -> None:
    """Bring mask, frozen amount and mirror up to date when a restriction has run out. Beside the act, because the act may hold no
    lock in the ledger before it posts; if somebody else changed the mask meanwhile, his change stands."""
    if (standing.stored, standing.stored_frozen_fen) == (standing.permits, standing.frozen_fen):
        return
    account = standing.account
    who = [account.person_id, account.account_id]
    with aside(account.area_code) as cursor:
        cursor.execute(
            "update bank_accountstatus set restrictions = to_jsonb(%s::text[])"
            " where person_id = %s and account_id = %s",
            [sorted(str(one) for one in standing.restrictions), *who],
        )
        cursor.execute("set local role sscard_bank")
        cursor.execute("select set_config('sscard.book', %s, true)", [account.book])
        cursor.execute(
            "update ledger_ledgeraccount set permits = %s, frozen_fen = %s"
            " where person_id = %s and account_id = %s and permits = %s and frozen_fen = %s",
            [int(standing.permits), standing.frozen_fen, *who, int(standing.stored), standing.stored_frozen_fen],
        )


closed: list[Callable[[Inside, int, uuid.UUID], None]] = []
"""Port, filled by rooms above: told (person, account) of each account that was closed, in the same transaction."""


def reflect(inside: Inside, standing: Standing, *, since: datetime) -> None:
    """Outside the bank's role, in the same transaction: the bureau's and the holder's view of the account."""
    account = standing.account
    with in_area(inside, account.area_code):
        AccountStatus.objects.filter(person_id=account.person_id, account_id=account.account_id).update(
            status=account.status,
            restrictions=sorted(str(one) for one in standing.restrictions),
            since=since,
            activated_at=account.activated_at,
        )
        if account.status == Status.CLOSED:
            for watcher in closed:
                watcher(inside, account.person_id, account.account_id)
