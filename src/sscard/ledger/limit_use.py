"""What was counted in limits follows the money: to the account that takes another one's place, and back when a movement of
the earlier account is undone. Inside the bank's role, under the locks of both accounts.
"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import connection

from sscard.ledger.items import Limit
from sscard.ledger.models import LimitUse

_CARRY = """
insert into ledger_limituse (person_id, account_id, begins, period, kind, book, used_fen, times)
select person_id, %(new)s, begins, period, kind, book, used_fen, times from ledger_limituse
 where person_id = %(person)s and account_id = %(old)s and begins >= date_trunc('year', %(day)s::date)::date
on conflict (person_id, account_id, begins, period, kind)
do update set used_fen = ledger_limituse.used_fen + excluded.used_fen, times = ledger_limituse.times + excluded.times
"""
_GIVE_BACK = """
update ledger_limituse u
   set used_fen = greatest(0, u.used_fen - %(fen)s), times = greatest(0, u.times - 1)
  from unnest(string_to_array(%(limits)s, ' ')) as e(name)
 where u.person_id = %(person)s and u.account_id = %(account)s
   and u.kind = split_part(e.name, ':', 1) and u.period = split_part(e.name, ':', 2)
   and u.begins = date_trunc(split_part(e.name, ':', 2), %(day)s::date)::date
"""


def used(person_id: int, account_id: uuid.UUID, limit: Limit, day: date) -> int:
    """What was counted under this limit by now, in fen, in the day, month or year that `day` falls into."""
    if limit.period == "operation":
        return 0
    begins = {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[limit.period]
    row = LimitUse.objects.filter(
        person_id=person_id, account_id=account_id, begins=begins, period=limit.period, kind=limit.kind
    ).first()
    return row.used_fen if row else 0


def carry(person_id: int, old: uuid.UUID, new: uuid.UUID, day: date) -> None:
    """The new account has used what the old one has used in the day, month and year of `day`: a new card is no new
    allowance."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRY, {"person": person_id, "old": old, "new": new, "day": day})


def give_back(person_id: int, account_id: uuid.UUID, limits: str, counted_on: date | None, amount_fen: int) -> None:
    """`limits` and `counted_on` as they stand with the hold or transfer that is undone."""
    if not limits or counted_on is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _GIVE_BACK,
            {"person": person_id, "account": account_id, "limits": limits, "day": counted_on, "fen": amount_fen},
        )
