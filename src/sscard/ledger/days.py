"""Business dates: the cut-off, closing a day, and the trial balance that is drawn up for it (banking.md §3, §6).

A day is closed in two steps, each a transaction of its own. `shut` waits for the movements that are under way and keeps
all later ones out of the day; it is over in a moment. `draw_up` then writes opening, movements and closing of each account
that moved, and checks every account of the book against its counters, while business of the next day goes on. Both may be
run again at any time and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from django.db import connection

from sscard.kernel.clock import CHINA
from sscard.kernel.db import bank_role, unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.ledger.business_dates import date_of, open_date
from sscard.ledger.models import BusinessDay, Entry

LOCK_CLASS = 7215
"""First half of the advisory lock of a book's day; ledger_post_batch takes it shared, `shut` alone."""
DRAW_UP_WITHIN_MS = 600_000
_MOST_DAYS = 400


class HasCutOff(Protocol):
    """The bank's entry in the area pack."""

    cut_off: time


class HasBanks(Protocol):
    """`law.areas.Area`."""

    def bank(self, code: str, on: date) -> Any: ...


@dataclass(frozen=True, slots=True)
class DayTrial:
    """The trial balance of a closed day. Fen; sound when debits are credits, all balances sum to 0 and none is wrong."""

    day: date
    moved: int
    entries: int
    debits_fen: int
    credits_fen: int
    total_fen: int
    wrong: int

    @property
    def sound(self) -> bool:
        return self.debits_fen == self.credits_fen and self.total_fen == 0 and self.wrong == 0


def business_date(book: str, now: datetime, area: HasBanks) -> date:
    """In the bank's role: the date that a movement made now belongs to; never a closed one."""
    bank = area.bank(book.removeprefix("bank:"), now.astimezone(CHINA).date())
    return open_date(now, bank.cut_off, last_closed(book))


def last_closed(book: str) -> date | None:
    """In the bank's role: the latest closed business date."""
    return BusinessDay.objects.filter(book=book).order_by("-day").values_list("day", flat=True).first()


def close(book: str, day: date, *, now: datetime, area: HasBanks) -> DayTrial:
    """Close a business date that is over, and draw up its trial balance; again if it was closed before.

    Makes its own units of work: never call it inside one. Raises Refusal "ledger.day_not_over".
    """
    with unit_of_work(), bank_role(book):
        bank = area.bank(book.removeprefix("bank:"), now.astimezone(CHINA).date())
        if day >= date_of(now, bank.cut_off):
            raise Refusal("ledger.day_not_over", day=day.isoformat())
        shut(book, day, now=now)
    found: DayTrial | None = None
    with unit_of_work(), bank_role(book):
        days = _to_draw_up(book, day)
    for one in days:
        with unit_of_work(statement_timeout_ms=DRAW_UP_WITHIN_MS), bank_role(book):
            found = draw_up(book, one, now=now)
    assert found is not None  # the day itself is always among them
    return found


def shut(book: str, day: date, *, now: datetime) -> None:
    """Keep everything out of `day` and the days before it from the end of this transaction on. Waits for movements that
    are under way; those that come meanwhile wait for us, so nothing else belongs into this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_CLASS, book])
        cursor.execute(_SHUT, [book, day, now])


def draw_up(book: str, day: date, *, now: datetime) -> DayTrial:
    """Day balances and trial balance of a closed day, the days before it being drawn up. Raises Refusal
    "ledger.day_still_open"."""
    if (closed := last_closed(book)) is None or closed < day:
        raise Refusal("ledger.day_still_open", day=day.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(_SHUT, [book, day, now])  # a day before the last closed one may have no row of its own
        cursor.execute(_DRAW_UP, {"book": book, "day": day})
        cursor.execute(_TRIAL, {"book": book, "day": day, "now": now})
        return DayTrial(day, *cursor.fetchone())


def _to_draw_up(book: str, day: date) -> list[date]:
    """The days that have no trial balance yet, and `day` at last."""
    rows = BusinessDay.objects.filter(book=book, day__lt=day)
    drawn = rows.filter(drawn_at__isnull=False).order_by("-day").values_list("day", flat=True).first()
    if drawn is None:
        first = Entry.objects.filter(book=book, business_date__lt=day).order_by("business_date").first()
        drawn = first.business_date - timedelta(days=1) if first else day - timedelta(days=1)
    count = (day - drawn).days
    if count > _MOST_DAYS:
        raise Refusal("ledger.too_many_days", days=count, most=_MOST_DAYS)
    return [drawn + timedelta(days=n) for n in range(1, count + 1)]


_SHUT = """
insert into ledger_businessday (book, day, closed_at, moved, entries, debits_fen, credits_fen, total_fen, wrong)
values (%s, %s, %s, 0, 0, 0, 0, 0, 0) on conflict do nothing
"""
_DRAW_UP = """
insert into ledger_daybalance (person_id, account_id, day, book, opening_fen, debits_fen, credits_fen, closing_fen,
                               entries, last_seq)
select m.person_id, m.account_id, %(day)s, %(book)s, coalesce(p.closing_fen, 0), m.debits, m.credits,
       coalesce(p.closing_fen, 0) + m.credits - m.debits, m.n, m.last_seq
  from (select person_id, account_id, count(*) as n, max(seq) as last_seq,
               coalesce(sum(amount_fen) filter (where side = 'D'), 0) as debits,
               coalesce(sum(amount_fen) filter (where side = 'C'), 0) as credits
          from ledger_entry where business_date = %(day)s group by person_id, account_id) m
  left join lateral (select b.closing_fen from ledger_daybalance b
                      where b.person_id = m.person_id and b.account_id = m.account_id and b.day < %(day)s
                      order by b.day desc limit 1) p on true
on conflict (person_id, account_id, day)
do update set opening_fen = excluded.opening_fen, debits_fen = excluded.debits_fen, credits_fen = excluded.credits_fen,
              closing_fen = excluded.closing_fen, entries = excluded.entries, last_seq = excluded.last_seq
 where (ledger_daybalance.closing_fen, ledger_daybalance.entries) <> (excluded.closing_fen, excluded.entries)
"""
_TRIAL = """
with of_day as (
    select count(*) as moved, coalesce(sum(entries), 0) as entries, coalesce(sum(debits_fen), 0) as debits,
           coalesce(sum(credits_fen), 0) as credits
      from ledger_daybalance where day = %(day)s and book = %(book)s),
later as (
    select person_id, account_id, sum(case side when 'C' then amount_fen else -amount_fen end) as net
      from ledger_entry where business_date > %(day)s group by person_id, account_id),
accounts as (
    select coalesce(b.closing_fen, 0) as closing,
           a.credits_posted - a.debits_posted - coalesce(l.net, 0) <> coalesce(b.closing_fen, 0) as wrong
      from ledger_ledgeraccount a
      left join lateral (select closing_fen from ledger_daybalance d
                          where d.person_id = a.person_id and d.account_id = a.account_id and d.day <= %(day)s
                          order by d.day desc limit 1) b on true
      left join later l on l.person_id = a.person_id and l.account_id = a.account_id)
update ledger_businessday d
   set drawn_at = %(now)s, moved = o.moved, entries = o.entries, debits_fen = o.debits, credits_fen = o.credits,
       total_fen = t.total, wrong = t.wrong
  from of_day o, (select coalesce(sum(closing), 0) as total, count(*) filter (where wrong) as wrong from accounts) t
 where d.book = %(book)s and d.day = %(day)s
returning d.moved, d.entries, d.debits_fen, d.credits_fen, d.total_fen, d.wrong
"""
