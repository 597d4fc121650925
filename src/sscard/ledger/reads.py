"""Queries of the ledger, inside the bank's role: a balance, a page of entries, the trial balance."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from sscard.ledger.balances import Balance, balance_of
from sscard.ledger.models import CUSTOMER, Entry, LedgerAccount


@dataclass(frozen=True, slots=True)
class EntryLine:
    seq: int
    side: str
    kind: str
    amount_fen: int
    balance_fen: int
    business_date: date
    posted_at: datetime
    transfer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Wrong:
    """An account whose counters do not follow from its entries."""

    account_id: uuid.UUID
    what: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The trial balance of the book in whose role we are. `sum_fen` must be 0 and `wrong` empty."""

    accounts: int
    entries: int
    sum_fen: int
    wrong: tuple[Wrong, ...]

    @property
    def sound(self) -> bool:
        return self.sum_fen == 0 and not self.wrong


def balance(person_id: int, account_id: uuid.UUID) -> Balance | None:
    row = LedgerAccount.objects.filter(person_id=person_id, account_id=account_id).first()
    if row is None:
        return None
    now = row.credits_posted - row.debits_posted
    customer = row.kind == CUSTOMER
    return balance_of(now, row.debits_held, row.frozen_fen, row.credits_held, row.seq, customer=customer)


def balance_on(person_id: int, account_id: uuid.UUID, day: date) -> int:
    """The balance at the end of a business date, in fen: the last day balance by then, and what came after it. Entries
    count by their business date, which around the cut-off is not always the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_ON, {"person": person_id, "account": account_id, "day": day})
        return int(cursor.fetchone()[0])


def entries(
    person_id: int, account_id: uuid.UUID, *, before_seq: int | None = None, limit: int = 50
) -> list[EntryLine]:
    """A page of entries, newest first; the last line's `seq` is `before_seq` of the next page."""
    rows = Entry.objects.filter(person_id=person_id, account_id=account_id)
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    return [
        EntryLine(e.seq, e.side, e.kind, e.amount_fen, e.balance_fen, e.business_date, e.posted_at, e.transfer_id)
        for e in rows.order_by("-seq")[: min(limit, 500)]
    ]


_ON = """
with drawn as (
    select day, closing_fen from ledger_daybalance
     where person_id = %(person)s and account_id = %(account)s and day <= %(day)s order by day desc limit 1)
select coalesce((select closing_fen from drawn), 0)
     + coalesce(sum(case side when 'C' then amount_fen else -amount_fen end), 0)
  from ledger_entry
 where person_id = %(person)s and account_id = %(account)s and business_date <= %(day)s
   and business_date > coalesce((select day from drawn), '-infinity')
"""
_TRIAL = """
with sums as (
    select person_id, account_id, count(*) n, max(seq) last,
           coalesce(sum(amount_fen) filter (where side = 'D'), 0) debits,
           coalesce(sum(amount_fen) filter (where side = 'C'), 0) credits,
           count(*) filter (where balance_fen <> running) off
      from (select e.*, sum(case side when 'C' then amount_fen else -amount_fen end)
                        over (partition by person_id, account_id order by seq) running from ledger_entry e) x
     group by person_id, account_id)
select a.account_id, a.credits_posted - a.debits_posted, coalesce(s.n, 0),
       case when coalesce(s.debits, 0) <> a.debits_posted or coalesce(s.credits, 0) <> a.credits_posted then 'counters'
            when coalesce(s.n, 0) <> a.seq or coalesce(s.last, 0) <> a.seq then 'sequence'
            when s.off > 0 then 'running_balance'
            when a.debits_held <> coalesce((select sum(h.amount_fen) from ledger_hold h where h.person_id = a.person_id
                 and h.account_id = a.account_id and h.state = 'placed'), 0) then 'held'
            when a.credits_held <> coalesce(c.coming, 0) then 'coming' end
  from ledger_ledgeraccount a left join sums s using (person_id, account_id)
  left join (select h.credit_person_id, h.credit_account_id, sum(h.amount_fen) as coming from ledger_hold h
              where h.state = 'placed' group by 1, 2) c
         on c.credit_person_id = a.person_id and c.credit_account_id = a.account_id
"""
_PAIRS = """
select t.transfer_id from ledger_transfer t
  left join ledger_entry d on d.person_id = t.person_id and d.account_id = t.debit_account_id
       and d.transfer_id = t.transfer_id and d.side = 'D' and d.amount_fen = t.amount_fen
  left join ledger_entry c on c.person_id = t.credit_person_id and c.account_id = t.credit_account_id
       and c.transfer_id = t.transfer_id and c.side = 'C' and c.amount_fen = t.amount_fen
 where d.seq is null or c.seq is null
"""
_STRAY = """
select distinct e.account_id from ledger_entry e
  left join ledger_ledgeraccount a on a.person_id = e.person_id and a.account_id = e.account_id
 where a.account_id is null
"""


def trial_balance() -> Trial:
    """Each account against its entries, each transfer against its two entries, and all against zero."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIAL)
        rows = cursor.fetchall()
        cursor.execute(_PAIRS)
        torn = [Wrong(row[0], "transfer_without_entries") for row in cursor.fetchall()]
        cursor.execute(_STRAY)
        torn += [Wrong(row[0], "entry_without_account") for row in cursor.fetchall()]
    wrong = [Wrong(account, what) for account, _, _, what in rows if what]
    return Trial(len(rows), sum(row[2] for row in rows), sum(row[1] for row in rows), (*wrong, *torn))
