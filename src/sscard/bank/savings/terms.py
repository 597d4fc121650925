"""What holds for a movement today: the area pack's terms, and limits that are the lower of the bank's and the customer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from msgspec.structs import replace

from sscard.bank.limits import REMOTE, Limit
from sscard.kernel.clock import CHINA
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.savings import SavingsTerms

REALTIME, NORMAL, NEXT_DAY = "realtime", "normal", "next_day"
TIMINGS = (REALTIME, NORMAL, NEXT_DAY)
ANY_SIZE = 10_000_000_000_00


def of(area: str, bank: str, on: date) -> SavingsTerms:
    """Outside the bank's role."""
    return areas.get(area).savings_terms(bank, on)


def lowered(caps: Sequence[Limit], own: Mapping[str, int]) -> tuple[Limit, ...]:
    """The bank's limits with the customer's own: of two for the same thing the lower holds. Own limits are named
    "transfer_day", "transfer_operation" and so on, in fen; what the bank does not limit for this business is left out.

    >>> lowered([Limit("transfer", "day", 500)], {"transfer_day": 300, "withdrawal_day": 1})
    (Limit(kind='transfer', period='day', most_fen=300, most_times=None),)
    """
    left = dict(own)
    found = []
    for cap in caps:
        mine = left.pop(f"{cap.kind}_{cap.period}", None)
        bound = ANY_SIZE if cap.most_fen is None else cap.most_fen
        found.append(cap if mine is None else replace(cap, most_fen=min(bound, mine)))
    kinds = {cap.kind for cap in caps}
    for name, most in sorted(left.items()):
        kind, _, period = name.rpartition("_")
        if kind in kinds:
            found.append(Limit(kind, period, most))  # type: ignore[arg-type]  # names were checked when they were set
    return tuple(found)


def without_step_up(caps: Sequence[Limit], rule: SavingsTerms, *, stepped_up: bool) -> tuple[Limit, ...]:
    """On-line transfers to others: up to the sum of the day that needs no second factor anew; with it, only counted."""
    kept = [cap for cap in caps if cap.kind != REMOTE]
    bounds = [cap.most_fen for cap in caps if cap.kind == REMOTE and cap.most_fen is not None]
    most = None if stepped_up else min(rule.step_up_over_day_fen, *bounds)
    return (*kept, Limit(REMOTE, "day", most))


def leaves_at(timing: str, now: datetime, terms: SavingsTerms, *, terminal_to_other: bool) -> datetime:
    """When a transfer leaves the account for good; until then it can be recalled. A transfer to somebody else from a
    self-service terminal waits its hours, whatever speed was chosen (银发〔2016〕261号). Raises bank.timing_unknown."""
    if timing == REALTIME:
        chosen = now
    elif timing == NORMAL:
        chosen = now + timedelta(minutes=terms.normal_minutes)
    elif timing == NEXT_DAY:
        tomorrow = now.astimezone(CHINA).date() + timedelta(days=1)
        chosen = datetime.combine(tomorrow, time(terms.next_day_hour), tzinfo=CHINA).astimezone(now.tzinfo)
    else:
        raise Refusal("bank.timing_unknown")
    if terminal_to_other:
        return max(chosen, now + timedelta(hours=terms.terminal_delay_hours))
    return chosen
