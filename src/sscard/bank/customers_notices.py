"""Notices to a customer of the bank's site, newest first, with how many he has not seen.

They are read from what happened and are not written beside it, so none can be missing: each movement is an entry of the ledger,
whoever posted it (a till, clearing, interest, an agency's file); each freeze, loss and lock is a restriction; each order that
came to nothing has its reason; each changed setting, and each business that was refused, is in the audit trail. The customer's
own choice says from which amount on he is told of movements; of the others he is always told.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sscard.bank import asked_amount, customers, customers_reads
from sscard.bank.models import AccountRestriction, Customer
from sscard.bank.savings import settings
from sscard.bank.savings.states import Order
from sscard.bank.savings.tables import TransferOrder
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.control.models import AuditRow, AuditSubject
from sscard.ledger.models import Entry

MOST, DAYS = 100, 92
"""At most so many, and of so many days; older ones stand in the statement."""
MOVEMENT, RESTRICTED, FREED, ORDER, CHANGED, REFUSED = "movement", "restricted", "freed", "order", "changed", "refused"
TOLD_CHANGES = ("bank.settings", "bank.pin_reset", "bank.pin_unlock", "bank.activate", "bank.return_payment")
TOLD_REFUSALS = (
    "bank.transfer", "bank.withdraw", "bank.balance", "bank.purchase", "bank.recharge", "bank.transfer_recall", "bank.settings",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """`what`: the kind of a movement, the restriction, the state of an order, or the act. `reason`: a code with a text.
    `in_fen` is negative for money that left; of what was
    refused it is what was asked for, 0 where that is not known."""

    at: datetime
    kind: str
    what: str
    account: uuid.UUID
    pan_mask: str
    in_fen: int = 0
    reason: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Notices:
    unread: int
    lines: tuple[Notice, ...]


def notices(inside: Inside, *, most: int = MOST) -> Notices:
    """Of all accounts of the signed-in customer at this bank. Runs in a reading."""
    mine = {one.account_id: one.pan_mask for one in customers_reads.accounts(inside)}
    (person_id,) = inside.caller.persons
    now = inside.now
    since = now - timedelta(days=DAYS)
    found = list(_audited(person_id, mine, since))
    with inside.bank_role():
        seen = customers.own(inside).notices_seen_at
        for account, pan in mine.items():
            found += _of_account(person_id, account, pan, since, now)
    found.sort(key=lambda one: one.at, reverse=True)
    lines = [_marked(one, seen) for one in found]
    return Notices(sum(one.fresh for one in lines), tuple(lines[: min(most, MOST)]))


def _marked(one: Notice, seen: datetime | None) -> Notice:
    fresh = seen is None or one.at > seen
    return Notice(one.at, one.kind, one.what, one.account, one.pan_mask, one.in_fen, one.reason, fresh)


def _of_account(person_id: int, account: uuid.UUID, pan: str, since: datetime, now: datetime) -> Iterator[Notice]:
    """In the bank's role."""
    whose = {"person_id": person_id, "account_id": account}
    over = settings.of_account(person_id, account).notice_over_fen
    if over is not None:
        rows = Entry.objects.filter(**whose, posted_at__gt=since, amount_fen__gte=over).order_by("-seq")[:MOST]
        for row in rows:
            fen = row.amount_fen if row.side == "C" else -row.amount_fen
            yield Notice(row.posted_at, MOVEMENT, row.kind, account, pan, fen)
    for one in AccountRestriction.objects.filter(**whose):
        if one.since > since:
            yield Notice(one.since, RESTRICTED, one.kind, account, pan, reason=one.authority_name)
        ended = min((at for at in (one.lifted_at, one.until) if at is not None and at <= now), default=None)
        if ended is not None and ended > since:
            yield Notice(ended, FREED, one.kind, account, pan)
    stopped = TransferOrder.objects.filter(**whose, state=Order.REJECTED, ended_at__gt=since).defer("payee")
    for order in stopped.order_by("-ended_at")[:MOST]:
        assert order.ended_at is not None  # a rejected order has ended
        yield Notice(order.ended_at, ORDER, order.state, account, pan, order.amount_fen, order.reason)


def _audited(person_id: int, mine: dict[uuid.UUID, str], since: datetime) -> Iterator[Notice]:
    """What was set for an account, and what was refused on it, whoever asked: also somebody with the card in his hand."""
    named = {f"account:{account}": account for account in mine}
    subjects = AuditSubject.objects.filter(person_id=person_id, occurred_at__gt=since).order_by("-occurred_at")
    ids = list(subjects.values_list("audit_id", flat=True)[: MOST * 10])
    rows = list(
        AuditRow.objects.filter(audit_id__in=ids, object__in=list(named), verb__in={*TOLD_CHANGES, *TOLD_REFUSALS})
    )
    for row, fen in zip(rows, asked_amount.amounts_of(rows), strict=True):
        account = named[row.object]
        if row.result == "refused" and row.verb in TOLD_REFUSALS:
            yield Notice(row.occurred_at, REFUSED, row.verb, account, mine[account], fen, row.reason)
        elif row.result == "ok" and row.verb in TOLD_CHANGES:
            yield Notice(row.occurred_at, CHANGED, row.verb, account, mine[account])


@dataclass(frozen=True, slots=True)
class ReadNotices:
    """All that stand there now have been seen."""


@act("bank.read_notices", right="bank.own_online", about_person=True)
def read_notices(inside: Inside, request: ReadNotices) -> dict[str, Any]:
    """From now on only newer ones count as unread."""
    now = inside.now
    with inside.bank_role():
        customer = customers.own(inside)
        Customer.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id).update(
            notices_seen_at=now
        )
    return {"seen_at": now.isoformat()}
