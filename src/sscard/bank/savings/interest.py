"""Paying demand interest: all accounts of a bank in an area once a quarter, or one account when it is closed.

The quarterly run goes through the accounts in pieces, each a transaction of its own; the SQL function writes a row for
account and period before it posts, so a run that was cut off or is started again pays nobody twice.
"""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from sscard.bank.models import AccountStatus
from sscard.bank.savings import books
from sscard.bank.savings.interest_rules import DayEnd, interest_fen, yuan_days
from sscard.bank.savings.tables import InterestPaid
from sscard.bank.standing import Standing
from sscard.control.acts_registry import act
from sscard.control.caller import SYSTEM_ID, system
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel import ids
from sscard.kernel.clock import CHINA
from sscard.kernel.db import bank_role, unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.savings import DemandRate
from sscard.ledger import days, posting
from sscard.ledger.models import Entry
from sscard.ledger.permits import Permit

PIECE = 2_000
LANES = 2
PIECE_TIMEOUT = "120s"
_CALL = "select * from bank_pay_interest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
FIRST_ACCOUNT, LAST_ACCOUNT, LAST_PERSON = uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), 2**63 - 1


@dataclass(frozen=True, slots=True)
class PayInterest:
    """One piece of the quarterly run: the accounts after this one, up to those of a person, in the order of their keys."""

    bank: str
    settlement_day: date
    after_person: int = 0
    after_account: uuid.UUID = FIRST_ACCOUNT
    until_person: int = LAST_PERSON
    most: int = PIECE


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did: accounts looked at, accounts paid, fen in all."""

    accounts: int
    paid: int
    amount_fen: int


@act("bank.pay_interest", right="bank.close_day")
def pay_interest(inside: Inside, request: PayInterest) -> dict[str, Any]:
    """Interest to the settlement day, credited on the next day; when the run comes so late that this day is closed, on the
    first open one. Refused before the day is over and when the area pack has no rate for it."""
    rate = inside.area.demand_rate(request.bank, request.settlement_day)
    now = inside.now
    book = f"bank:{request.bank}"
    if request.settlement_day >= days.date_of(now, inside.area.bank(request.bank, inside.today).cut_off):
        raise Refusal("bank.interest_too_early", day=request.settlement_day.isoformat())
    with inside.bank_role(request.bank):
        closed = days.last_closed(book)
        credited = max(request.settlement_day, closed or request.settlement_day) + timedelta(days=1)
        expense = books.house(book, books.INTEREST, ids.new_id(), now=now)
        with connection.cursor() as cursor:
            cursor.execute("select set_config('statement_timeout', %s, true)", [PIECE_TIMEOUT])
            cursor.execute(
                _CALL,
                [
                    inside.area_code, request.settlement_day, rate.ppm, rate.source[:200],
                    credited, now, request.after_person, request.after_account, request.until_person,
                    request.most, expense.person_id, expense.account_id, SYSTEM_ID,
                ],
            )  # fmt: skip
            row = cursor.fetchone()
    if row is None:
        return {"accounts": 0, "paid": 0, "amount_fen": 0, "last": None}
    accounts, paid, amount, person, account = row
    inside.object = f"interest:{request.bank}:{request.settlement_day}"
    inside.detail |= {"accounts": accounts, "paid": paid, "rate_ppm": rate.ppm}
    return {"accounts": accounts, "paid": paid, "amount_fen": amount, "last": [person, str(account)]}


def run(area: str, bank: str, settlement_day: date, *, piece: int = PIECE, lanes: int = LANES) -> Ran:
    """The whole run, piece after piece; whatever was paid before is left alone. The accounts are shared out among lanes,
    each with a connection of its own: the work is the database's, and so it uses as many of its processors."""
    bounds = _bounds(area, bank, lanes)
    with ThreadPoolExecutor(len(bounds)) as pool:
        parts = list(pool.map(lambda part: _lane(area, bank, settlement_day, part, piece), bounds))
    return Ran(sum(one.accounts for one in parts), sum(one.paid for one in parts), sum(one.amount_fen for one in parts))


def _bounds(area: str, bank: str, lanes: int) -> list[tuple[int, int]]:
    """Ranges of persons with about as many accounts each: after the first, up to the second."""
    with unit_of_work(area=area), bank_role(f"bank:{bank}"), connection.cursor() as cursor:
        cursor.execute(
            "select max(person_id) from (select person_id, ntile(%s) over (order by person_id) as part"
            " from bank_bankaccount where area_code = %s) x group by part order by part",
            [lanes, area],
        )
        ends = [row[0] for row in cursor.fetchall()]
    if not ends:
        return [(0, LAST_PERSON)]
    return list(zip([0, *ends[:-1]], [*ends[:-1], LAST_PERSON], strict=True))


def _lane(area: str, bank: str, settlement_day: date, part: tuple[int, int], piece: int) -> Ran:
    total, person, account = Ran(0, 0, 0), part[0], LAST_ACCOUNT if part[0] else FIRST_ACCOUNT
    try:
        while True:
            request = PayInterest(bank, settlement_day, person, account, part[1], piece)
            done = perform(system(area), "bank.pay_interest", request, key=f"interest:{ids.new_id()}").answer
            if done["last"] is None:
                return total
            total = Ran(
                total.accounts + done["accounts"], total.paid + done["paid"], total.amount_fen + done["amount_fen"]
            )
            person, account = done["last"][0], uuid.UUID(done["last"][1])
    finally:
        connection.close()


# --- early closing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClosingInterest:
    """`item` is None when there is no interest; else it goes into one group before the pay-out of balance and interest."""

    amount_fen: int
    item: posting.Item | None


def rate_of(mirror: AccountStatus, closing_day: date) -> DemandRate:
    """The rate of the closing day; outside the bank's role."""
    return areas.get(mirror.area_code).demand_rate(mirror.bank, closing_day)


def at_closing(inside: Inside, standing: Standing, rate: DemandRate, closing_day: date) -> ClosingInterest:
    """In the bank's role, under the account's lock: interest to the day before closing, its row written, its movement
    handed back for the act's one group."""
    account, end = standing.account, closing_day - timedelta(days=1)
    whose = {"person_id": account.person_id, "account_id": account.account_id}
    last = InterestPaid.objects.filter(**whose).order_by("-period_end").first()
    begin = last.period_end + timedelta(days=1) if last else account.opened_at.astimezone(CHINA).date()
    if begin > end:
        return ClosingInterest(0, None)
    carried, after = (last.balance_fen, last.through_seq) if last else (0, 0)
    rows = Entry.objects.filter(**whose, seq__gt=after, business_date__lte=end).order_by("seq")
    counted = list(rows.values_list("seq", "business_date", "balance_fen"))
    ends = [DayEnd(begin, carried), *(DayEnd(day, balance) for _, day, balance in counted)]
    numbers = yuan_days(ends, begin, end)
    fen = interest_fen(numbers, rate.ppm)
    expense = books.house(account.book, books.INTEREST, account.account_id, now=standing.now)
    item = posting.Item(
        caller=SYSTEM_ID,
        key=f"interest:{account.account_id}:{end}",
        fingerprint=books.fingerprint("interest", account.account_id, end, fen),
        kind="interest",
        debit=expense,
        credit=books.customer(account.person_id, account.account_id, Permit.NONE),
        amount_fen=fen,
        business_date=closing_day,
    )
    InterestPaid.objects.create(
        **whose, period_end=end, book=account.book, period_begin=begin, yuan_days=numbers, rate_ppm=rate.ppm,
        rate_source=rate.source[:200], amount_fen=fen, transfer_id=item.transfer_id if fen else None,
        through_seq=counted[-1][0] if counted else after, balance_fen=counted[-1][2] if counted else carried,
        made_at=standing.now,
    )  # fmt: skip
    return ClosingInterest(fen, item if fen else None)
