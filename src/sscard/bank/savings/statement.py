"""The statement of an account (交易明细): pages by sequence, newest first, of all or of a period of business dates.

On-line the signed-in customer reads his own; at counter or kiosk the act `bank.statement` gives it to card and PIN.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from sscard.bank import rules
from sscard.bank.savings import presence, settings
from sscard.bank.standing import bank_rule, find, load
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.ledger import reads as ledger
from sscard.ledger.permits import Permit

MATTER = "bank.statement"
MOST_LINES = 500
MOST_LINES_IN_FILE = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `in_fen` and `out_fen`: one of them is 0. The other side is masked."""

    seq: int
    business_date: date
    posted_at: datetime
    kind: str
    in_fen: int
    out_fen: int
    balance_fen: int
    other_name_mask: str
    other_number_mask: str
    other_bank: str
    memo: str
    channel: str
    transfer: uuid.UUID


@dataclass(frozen=True, slots=True)
class Page:
    """`lines` newest first. `next_before`: `before_seq` of the next page, None on the last. The balances are those of
    the whole period, not of the page: `opening` before its first day, `closing` after its last (both in fen)."""

    account: uuid.UUID
    number_mask: str
    name_mask: str
    from_day: date | None
    to_day: date | None
    opening_fen: int
    closing_fen: int
    lines: tuple[Line, ...]
    next_before: int | None


_LINES = """
select e.seq, e.business_date, e.posted_at, e.kind,
       case e.side when 'C' then e.amount_fen else 0 end, case e.side when 'D' then e.amount_fen else 0 end,
       e.balance_fen, coalesce(n.other_name_mask, ''), coalesce(n.other_number_mask, ''), coalesce(n.other_bank, ''),
       coalesce(n.memo, ''), coalesce(n.channel, ''), e.transfer_id
  from ledger_entry e
  left join bank_statementnote n on n.person_id = e.person_id and n.account_id = e.account_id
                                and n.transfer_id = e.transfer_id
 where e.person_id = %s and e.account_id = %s and e.seq < %s
   and (%s::date is null or e.business_date >= %s) and (%s::date is null or e.business_date <= %s)
 order by e.seq desc limit %s
"""
_NO_END = 2**62


def statement(
    inside: Inside,
    account_id: uuid.UUID,
    *,
    before_seq: int | None = None,
    limit: int = 50,
    from_day: date | None = None,
    to_day: date | None = None,
) -> Page:
    """A page for the customer signed in at his bank (right "bank.statement"). Raises bank.asleep and its like while
    inquiry is closed, bank.period_turned when the period ends before it begins."""
    mirror = find(inside, account_id)
    bank, now = bank_rule(mirror, inside), inside.now
    _check(from_day, to_day)
    with inside.bank_role():
        standing = load(mirror, bank, now=now)
        standing.require(Permit.INQUIRY)
        settings.require_channel(standing, presence.ONLINE)
        return read(standing.account, before_seq=before_seq, limit=limit, from_day=from_day, to_day=to_day)


def read(account: Any, *, before_seq: int | None, limit: int, from_day: date | None, to_day: date | None) -> Page:
    """In the bank's role, for a caller who may see the account."""
    who = (account.person_id, account.account_id)
    most = max(1, min(limit, MOST_LINES_IN_FILE))
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [*who, before_seq or _NO_END, from_day, from_day, to_day, to_day, most + 1])
        rows = [Line(*row) for row in cursor.fetchall()]
    found = ledger.balance(*who)
    assert found is not None  # the account's row refers to it
    opening = _balance_before(*who, from_day) if from_day else 0
    closing = ledger.balance_on(*who, to_day) if to_day else found.balance_fen
    lines, more = tuple(rows[:most]), len(rows) > most
    return Page(
        account.account_id, account.number_mask, account.name_mask, from_day, to_day, opening, closing,
        lines, lines[-1].seq if more else None,
    )  # fmt: skip


def _balance_before(person_id: int, account_id: uuid.UUID, day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select balance_fen from ledger_entry where person_id = %s and account_id = %s and business_date < %s"
            " order by seq desc limit 1",
            [person_id, account_id, day],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _check(from_day: date | None, to_day: date | None) -> None:
    if from_day and to_day and to_day < from_day:
        raise Refusal("bank.period_turned")


@dataclass(frozen=True, slots=True)
class Statement:
    """At counter or kiosk: `session` with card and PIN. `before_seq` for the next page; `from_day`, `to_day` bound the
    business dates."""

    account: uuid.UUID
    session: uuid.UUID
    before_seq: int | None = None
    limit: int = 50
    from_day: date | None = None
    to_day: date | None = None


@act(MATTER, right="bank.statement_at_terminal", about_person=True)
def statement_at_terminal(inside: Inside, request: Statement) -> dict[str, Any]:
    """The page stands in `once`: amounts are shown and stored nowhere outside the bank's own tables."""
    _check(request.from_day, request.to_day)
    mirror = find(inside, request.account)
    here = presence.present(inside, mirror, request.session, matter=MATTER, business=rules.INQUIRY)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
        page = read(
            standing.account, before_seq=request.before_seq, limit=min(request.limit, MOST_LINES),
            from_day=request.from_day, to_day=request.to_day,
        )  # fmt: skip
    inside.once["statement"] = as_json(page)
    return {"account": str(mirror.account_id), "lines": len(page.lines), "at": inside.now.isoformat()}


def as_json(page: Page) -> dict[str, Any]:
    """For the API: days and times as ISO text, ids as text, amounts in fen."""
    return {
        "account": str(page.account),
        "number_mask": page.number_mask,
        "name_mask": page.name_mask,
        "from_day": page.from_day.isoformat() if page.from_day else None,
        "to_day": page.to_day.isoformat() if page.to_day else None,
        "opening_fen": page.opening_fen,
        "closing_fen": page.closing_fen,
        "next_before": page.next_before,
        "lines": [
            {
                "seq": one.seq,
                "business_date": one.business_date.isoformat(),
                "posted_at": one.posted_at.isoformat(),
                "kind": one.kind,
                "in_fen": one.in_fen,
                "out_fen": one.out_fen,
                "balance_fen": one.balance_fen,
                "other_name_mask": one.other_name_mask,
                "other_number_mask": one.other_number_mask,
                "other_bank": one.other_bank,
                "memo": one.memo,
                "channel": one.channel,
                "transfer": str(one.transfer),
            }
            for one in page.lines
        ],
    }
