"""Which accounts a timer has to touch: unused for months, card expired, a restriction run out. All in slices.

After opening (activation, or a check at the counter) an account without any movement of a kind that counts is served at
the counter only once the bank's months have passed; the first such movement stops the timer for good (banking.md §1
rows 8 and 10: social card accounts are never cleaned up).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from django.db import connection
from django.db.models import Exists, OuterRef

from sscard.bank.models import AccountStatus
from sscard.bank.states import Restriction, Status
from sscard.cards.models import Card
from sscard.kernel.clock import CHINA

SLICE = 200
Key = tuple[int, uuid.UUID]

_UNUSED = """
select a.person_id, a.account_id
  from bank_bankaccount a,
       lateral (select greatest(a.activated_at, coalesce(a.reverified_at, a.activated_at)) as began) t
 where a.area_code = %s and a.status = 'ACTIVE' and t.began < %s
   and not exists (select 1 from bank_accountrestriction r where r.person_id = a.person_id
        and r.account_id = a.account_id and r.kind = 'COUNTER_ONLY' and r.lifted_at is null)
   and not exists (select 1 from ledger_entry e where e.person_id = a.person_id and e.account_id = a.account_id
        and e.posted_at >= t.began and e.kind <> all(%s))
 order by a.person_id, a.account_id limit %s
"""
_RUN_OUT = """
select distinct r.person_id, r.account_id from bank_accountrestriction r
  join bank_bankaccount a using (person_id, account_id)
 where a.area_code = %s and r.lifted_at is null and r.until <= %s
 order by 1, 2 limit %s
"""


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months ago; the month's last day where there is no such day.

    >>> months_before(date(2026, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError  # every month has a 28th


def began_before(today: date, months: int) -> datetime:
    """An account that began before this moment has had its months."""
    return datetime.combine(months_before(today, months), time(), CHINA)


def unused(area: str, before: datetime, ignored: tuple[str, ...]) -> list[Key]:
    """In the bank's role."""
    return _rows(_UNUSED, [area, before, list(ignored), SLICE])


def run_out(area: str, now: datetime) -> list[Key]:
    """In the bank's role: accounts with a restriction that has ended by itself and is still in mask and mirror."""
    return _rows(_RUN_OUT, [area, now, SLICE])


def expired_cards(bank: str, today: date) -> list[Key]:
    """In the area: accounts whose card's last day has passed."""
    card = Card.objects.filter(person_id=OuterRef("person_id"), card_id=OuterRef("card_id"), expires_on__lt=today)
    rows = AccountStatus.objects.filter(
        Exists(card), bank=bank, status__in=(Status.NOT_ACTIVATED, Status.ACTIVE)
    ).exclude(restrictions__contains=[str(Restriction.CARD_EXPIRED)])
    return list(rows.order_by("person_id", "account_id").values_list("person_id", "account_id")[:SLICE])


def _rows(statement: str, values: list[object]) -> list[Key]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]
