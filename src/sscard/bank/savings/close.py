"""The daily close (日终): each bank's business days are closed in turn, with a trial balance, and interest is paid after each
settlement day. It may be run again at any time: what is done is left alone, what was cut off goes on.

A book has one business day, and it is closed when it is over in every area of the bank. Interest is an area's: its settlement
day counts when it is over there. So a sandbox area whose clock was moved ahead gets its interest, and closes nothing for the
others (docs/decisions/0011).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sscard.bank.savings import interest
from sscard.bank.savings.interest import Ran
from sscard.bank.savings.interest_rules import settlement_day_before
from sscard.control.acts_registry import act
from sscard.control.caller import SYSTEM_ID, system
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.control.models import Idempotency
from sscard.kernel import clock
from sscard.kernel.db import bank_role, unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.area import Area
from sscard.ledger import days
from sscard.ledger.days import DayTrial

_MOST_SETTLEMENTS = 40


@dataclass(frozen=True, slots=True)
class Closed:
    """What one run did for one bank. `day`: its last closed business date; `trials`: of the days that it closed now;
    `interest`: area, settlement day and what was paid."""

    bank: str
    day: date | None
    trials: tuple[DayTrial, ...]
    interest: tuple[tuple[str, date, Ran], ...]

    @property
    def sound(self) -> bool:
        return all(trial.sound for trial in self.trials)


def close_all() -> list[Closed]:
    """Every bank that works with an area of this house."""
    codes = {bank.code for area in areas.all_areas() for bank in area.banks(clock.today(area.code))}
    return [close(code) for code in sorted(codes)]


def close(bank: str, until: date | None = None) -> Closed:
    """Close a bank's days up to `until`, by default the last one that is over in all its areas. A settlement day is closed
    by itself, so that its interest is there before the next day is closed. Raises law.bank_unknown, ledger.day_not_over."""
    homes = [area for area in areas.all_areas() if any(one.code == bank for one in area.banks(clock.today(area.code)))]
    if not homes:
        raise Refusal("bank.payee_bank_unknown", bank=bank[:12])
    over = [_over(home, bank) for home in homes]
    last_over, now, area = min(over)
    last = until or last_over
    if last > last_over:
        raise Refusal("ledger.day_not_over", day=last.isoformat())
    trials, paid = [], []
    closed = _closed(bank)
    for day in _to_close(closed, last):
        if closed is None or day > closed:
            trials.append(days.close(f"bank:{bank}", day, now=now, area=areas.get(area)))
            closed = day
        paid += _paid([home.code for home in homes], bank, settlement_day_before(closed + timedelta(days=1)))
    if closed is not None and until is None:
        for ended, _, ahead in over:
            for day in _settlements(closed, ended):
                paid += _paid([ahead], bank, day)
    return Closed(bank, closed, tuple(trials), tuple(paid))


def _over(area: Area, bank: str) -> tuple[date, datetime, str]:
    now = clock.now(area.code)
    return days.date_of(now, area.bank(bank, clock.today(area.code)).cut_off) - timedelta(days=1), now, area.code


def _closed(bank: str) -> date | None:
    with unit_of_work(), bank_role(f"bank:{bank}"):
        return days.last_closed(f"bank:{bank}")


def _to_close(closed: date | None, last: date) -> list[date]:
    """The settlement days on the way, and the last day; when all is closed the last one again, for its interest."""
    first = closed or settlement_day_before(last) - timedelta(days=1)
    return sorted({*_settlements(first, last), last})


def _settlements(after: date, until: date) -> list[date]:
    """The settlement days after the one day, up to the other; of very many the last ones, for interest goes on from the
    period that was paid."""
    found: list[date] = []
    day = settlement_day_before(until + timedelta(days=1))
    while day > after and len(found) < _MOST_SETTLEMENTS:
        found.append(day)
        day = settlement_day_before(day)
    return sorted(found)


def _paid(homes: list[str], bank: str, day: date) -> list[tuple[str, date, Ran]]:
    return [(home, *found) for home in homes if (found := _pay(home, bank, day)) is not None]


def _pay(area: str, bank: str, day: date) -> tuple[date, Ran] | None:
    """Interest of a settlement day that is over, unless its run came to its end before."""
    key = f"interest-paid:{area}:{bank}:{day}"
    if Idempotency.objects.filter(caller_id=SYSTEM_ID, key=key, result="ok").exists():
        return None
    ran = interest.run(area, bank, day)
    request = InterestPaidUp(bank, day, ran.accounts, ran.paid, ran.amount_fen)
    perform(system(area), "bank.interest_paid_up", request, key=key)
    return day, ran


@dataclass(frozen=True, slots=True)
class InterestPaidUp:
    """The record that the interest of a settlement day has been paid to all accounts of a bank in an area."""

    bank: str
    settlement_day: date
    accounts: int
    paid: int
    amount_fen: int


@act("bank.interest_paid_up", right="bank.close_day")
def interest_paid_up(inside: Inside, request: InterestPaidUp) -> dict[str, Any]:
    """Written after the last piece; with it the run need not look again."""
    inside.object = f"interest:{request.bank}:{request.settlement_day}"
    inside.detail |= {"accounts": request.accounts, "paid": request.paid, "amount_fen": request.amount_fen}
    return {"settlement_day": request.settlement_day.isoformat(), "paid": request.paid}
