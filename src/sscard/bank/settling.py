"""Closing an account in one group of the ledger: interest to the day before, everything paid out, balance zero."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date

from msgspec.structs import replace

from sscard.bank import whole
from sscard.bank.closing import CASH, NOTHING, TRANSFER, ClosingFacts
from sscard.bank.models import AccountStatus, BankAccount, Replacement
from sscard.bank.savings import books, interest
from sscard.bank.standing import Standing, store
from sscard.bank.states import after
from sscard.cards.models import Card
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.refusals import Refusal
from sscard.law.savings import DemandRate
from sscard.law.schema import Bank
from sscard.ledger import accounts, follow_up, posting, reads
from sscard.ledger.permits import INTERNAL, Permit
from sscard.people import lookup

KIND = "closing"


def facts_of(standing: Standing, card: Card | None, bank: Bank, target: lookup.Found | None) -> ClosingFacts:
    """In the bank's role, under the ledger's locks, so that no movement comes between the question and the pay-out."""
    account = standing.account
    whose = {"person_id": account.person_id, "account_id": account.account_id}
    keys = [(account.person_id, account.account_id), _cash(standing)]
    keys.append(accounts.internal(account.book, books.INTEREST, account.account_id, now=standing.now))
    if target is not None and target.object_id is not None:
        keys.append((target.person_id, target.object_id))
    whole.lock(keys)
    balance = reads.balance(**whose)
    assert balance is not None  # the account's row refers to it
    return ClosingFacts(
        status=standing.status,
        restrictions=standing.restrictions,
        balance_fen=balance.balance_fen,
        holds=len(follow_up.holds_of(**whose)),
        replacement_waits=Replacement.objects.filter(person_id=account.person_id, state="waiting")
        .filter(account_id=account.account_id)
        .exists(),
        social_live=card is not None and card.social != "cancelled" and card.production == "handed_out",
        needs_social_cancelled=bank.life.close_needs_social_cancelled,
    )


def target_of(mirror: AccountStatus, payout: str, to_account: uuid.UUID | None) -> lookup.Found | None:
    """Where the money goes by transfer: another account of the same person at the same bank."""
    if payout != TRANSFER:
        return None
    found = lookup.find("account", to_account) if to_account else None
    if found is None or found.person_id != mirror.person_id or to_account == mirror.account_id:
        raise Refusal("bank.payout_not_own")
    return found


def settle(
    inside: Inside,
    standing: Standing,
    facts: ClosingFacts,
    rate: DemandRate,
    payout: str,
    target: lookup.Found | None,
    day: date,
) -> tuple[list[posting.Item], int, int]:
    """In the bank's role: status CLOSED, and the items that empty the account, the amount paid out and the interest in
    it. The caller posts the items as its last statement."""
    account = standing.account
    group = ids.new_id()
    earned = interest.at_closing(inside, standing, rate, day)
    items = [replace(earned.item, group=group)] if earned.item else []
    fen = facts.balance_fen + earned.amount_fen
    if fen:
        items.append(_pay_out(inside, standing, payout, target, fen, day, group))
    account.status = str(after(standing.status, "bank.close"))
    account.closed_at = account.changed_at = standing.now
    account.save(force_update=True, update_fields=["status", "closed_at", "changed_at"])
    store(standing)
    return items, fen, earned.amount_fen


def _cash(standing: Standing) -> whole.Key:
    account = standing.account
    return accounts.internal(account.book, "cash.counter", account.account_id, now=standing.now)


def _pay_out(
    inside: Inside,
    standing: Standing,
    payout: str,
    target: lookup.Found | None,
    fen: int,
    day: date,
    group: uuid.UUID,
) -> posting.Item:
    account = standing.account
    if target is not None and target.object_id is not None:
        if not BankAccount.objects.filter(person_id=target.person_id, account_id=target.object_id).exists():
            raise Refusal("bank.payout_not_own")
        credit = posting.Side(target.person_id, target.object_id, Permit.CREDIT)
    else:
        assert payout in (CASH, NOTHING)  # interest on an empty account is paid in cash
        credit = posting.Side(*_cash(standing), INTERNAL)
    asked = f"{inside.act}|{account.account_id}|{payout}|{fen}"
    return posting.Item(
        inside.caller.id, inside.key, hashlib.new("sm3", asked.encode()).digest(), KIND,
        posting.Side(account.person_id, account.account_id, Permit.NONE), credit, fen, day, group=group,
    )  # fmt: skip
