"""How savings speaks to the ledger: sides of a movement, its fingerprint, and the refusals in the customer's words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sscard.bank.cash import SHOPS
from sscard.bank.limits import Limit
from sscard.bank.models import AccountStatus
from sscard.bank.savings.tables import StatementNote
from sscard.control.inside import Inside
from sscard.kernel.refusals import Fault
from sscard.law import areas
from sscard.law.area import Area
from sscard.ledger import accounts, days, posting
from sscard.ledger.items import MOST_FEN, fingerprint
from sscard.ledger.permits import INTERNAL, Permit

__all__ = [
    "INTEREST",
    "MOST_FEN",
    "SETTLEMENT",
    "SHOPS",
    "amount_faults",
    "business_day",
    "customer",
    "fingerprint",
    "house",
    "limits",
    "note",
    "post",
]

SETTLEMENT = "clearing.settlement"
"""The bank's account with the clearing house."""
INTEREST = "interest.expense"


def amount_faults(amount_fen: int, place: str = "amount_fen") -> list[Fault]:
    return [] if 0 < amount_fen <= MOST_FEN else [Fault(place, "ledger.amount")]


def customer(person_id: int, account_id: uuid.UUID, need: Permit) -> posting.Side:
    return posting.Side(person_id, account_id, need)


def house(book: str, name: str, spread: uuid.UUID, *, now: datetime) -> posting.Side:
    """In the bank's role: one of the bank's own accounts."""
    return posting.Side(*accounts.internal(book, name, spread, now=now), INTERNAL)


def limits(caps: Sequence[Limit]) -> tuple[posting.Limit, ...]:
    """The bank's limits in the ledger's words."""
    return tuple(posting.Limit(cap.kind, cap.period, cap.most_fen, cap.most_times) for cap in caps)


def business_day(area: Area, book: str, now: datetime) -> date:
    """In the bank's role: the date that a movement made now belongs to."""
    return days.business_date(book, now, area)


def day_of(inside: Inside, mirror: AccountStatus) -> date:
    """Outside the bank's role: the business date on which an act of now falls for this account. Entries, limits, value
    dates and rates go by it and never by the calendar: after the bank's cut-off it is the next day already."""
    area, now = areas.get(mirror.area_code), inside.now
    with inside.bank_role(mirror.bank):
        return business_day(area, f"bank:{mirror.bank}", now)


def note(
    inside: Inside, book: str, person_id: int, account_id: uuid.UUID, transfer_id: uuid.UUID, **told: str
) -> StatementNote:
    """What the statement will say of one side."""
    told.setdefault("channel", inside.caller.channel[:20])
    return StatementNote(person_id=person_id, account_id=account_id, transfer_id=transfer_id, book=book, **told)


def post(item: posting.Item, *, now: datetime) -> posting.Posted:
    """One movement, the last statement of the act."""
    return posting.post([item], posted_at=now)[0]
