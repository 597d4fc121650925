"""Who may freeze an account, whose freeze is met first, and who may lift it: pure rules (banking.md §1, state model).

Each freeze stands by itself with its authority. A judicial one beats everything: nothing that the bank, the holder or
another authority does takes it away. Amount freezes wait in line: what the balance does not cover now is covered as soon
as money comes in or an earlier one ends (轮候冻结).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sscard.bank.states import FREEZES, Restriction, Status
from sscard.kernel.refusals import Fault

BANK, HOLDER = "bank", "holder"
JUDICIAL_RANK, BANK_RANK = 1, 8
RANK: Final[dict[str, int]] = {
    "court": 1,
    "procuratorate": 1,
    "police": 1,
    "state_security": 1,
    "supervision": 1,
    "customs": 2,
    "tax": 2,
    BANK: BANK_RANK,
    HOLDER: 9,
}
"""Kind of authority → whose amount freeze is met first; the lower the earlier."""
OUTSIDE: Final = frozenset(RANK) - {BANK, HOLDER}
"""Authorities that need a name and a document."""
MOST_REASON, MOST_NAME, MOST_DOCUMENT = 60, 80, 60


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    kind: str
    reason: str
    authority: str
    authority_name: str
    document: str
    amount_fen: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Freeze:
    """One freeze in force."""

    id: UUID
    kind: Restriction
    authority: str
    authority_name: str
    rank: int
    since: datetime
    amount_fen: int = 0


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of an amount freeze the balance covers now; the rest waits."""

    freeze: Freeze
    covered_fen: int

    @property
    def waiting_fen(self) -> int:
        return self.freeze.amount_fen - self.covered_fen


def may_freeze(order: Order, status: Status, on: date) -> list[Fault]:
    """All that is wrong with an order."""
    return list(_order_faults(order, status, on))


def _order_faults(order: Order, status: Status, on: date) -> Iterator[Fault]:
    if order.kind not in {str(one) for one in FREEZES}:
        yield Fault("kind", "bank.freeze_kind")
    if not 1 <= len(order.reason.strip()) <= MOST_REASON:
        yield Fault("reason", "bank.freeze_reason", {"most": MOST_REASON})
    yield from _authority_faults(order.authority, order.authority_name, order.document)
    if (order.kind == Restriction.AMOUNT_FREEZE) != (order.amount_fen > 0):
        yield Fault("amount_fen", "bank.freeze_amount")
    if order.until is not None and order.until < on:
        yield Fault("until", "bank.freeze_until")
    if status in (Status.CLOSED, Status.PENDING_OPEN):
        yield Fault("account", "bank.closed" if status is Status.CLOSED else "bank.not_open_yet")


def _authority_faults(authority: str, name: str, document: str) -> Iterator[Fault]:
    if authority not in RANK:
        yield Fault("authority", "bank.freeze_authority")
    if len(name) > MOST_NAME or (authority in OUTSIDE and not name.strip()):
        yield Fault("authority_name", "bank.freeze_authority_name", {"most": MOST_NAME})
    if len(document) > MOST_DOCUMENT or (authority in OUTSIDE and not document.strip()):
        yield Fault("document", "bank.freeze_document", {"most": MOST_DOCUMENT})


def may_lift(freeze: Freeze, authority: str, authority_name: str, document: str) -> list[Fault]:
    """Only the authority that ordered it lifts it, by a document of its own."""
    faults = list(_authority_faults(authority, authority_name, document))
    if not faults and (authority, plain(authority_name)) != (freeze.authority, plain(freeze.authority_name)):
        faults.append(Fault("authority", "bank.freeze_of_another"))
    return faults


def plain(name: str) -> str:
    """A name as it is compared: without blanks, whatever the case."""
    return "".join(name.split()).casefold()


def queue(balance_fen: int, freezes: Iterable[Freeze]) -> list[Covered]:
    """Amount freezes in the order in which they are met: by rank, then by time; with what the balance covers of each."""
    left, found = max(balance_fen, 0), []
    for one in sorted((f for f in freezes if f.amount_fen), key=lambda f: (f.rank, f.since, f.id)):
        covered = min(left, one.amount_fen)
        left -= covered
        found.append(Covered(one, covered))
    return found
