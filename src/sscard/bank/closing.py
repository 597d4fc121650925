"""May this account be closed, and how is what is left paid out? Pure rules (banking.md §1, §3; regulations.md §3.6).

The order is fixed where the bank's rule says so: first the social side is cancelled, then the bank settles and closes.
What somebody froze, what is still held, and a replacement on its way keep an account open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sscard.bank.states import FREEZES, Restriction, Status
from sscard.kernel.refusals import Fault

CASH, TRANSFER, NOTHING = "cash", "transfer", "nothing"
PAYOUTS = (CASH, TRANSFER, NOTHING)


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    status: Status
    restrictions: frozenset[Restriction]
    balance_fen: int
    holds: int
    replacement_waits: bool
    social_live: bool
    """The card's social side is neither cancelled nor on another card."""
    needs_social_cancelled: bool


def may_close(facts: ClosingFacts, payout: str, *, by_heirs: bool = False) -> list[Fault]:
    """Every reason against it. `by_heirs`: the bank knows of the holder's death, which otherwise stops a closing."""
    return list(_account(facts, by_heirs)) + list(_money(facts, payout))


def _account(facts: ClosingFacts, by_heirs: bool) -> Iterator[Fault]:
    if facts.status not in (Status.NOT_ACTIVATED, Status.ACTIVE):
        yield Fault("account", "bank.closed" if facts.status is Status.CLOSED else "bank.not_open_yet")
        return
    dead = Restriction.DECEASED in facts.restrictions
    if facts.restrictions & (FREEZES - ({Restriction.CREDIT_FREEZE} if dead else set())):
        yield Fault("account", "bank.frozen")
    if dead and not by_heirs:
        yield Fault("account", "bank.deceased")
    if by_heirs and not dead:
        yield Fault("account", "bank.death_not_reported")
    if facts.holds:
        yield Fault("account", "bank.holds_open", {"count": facts.holds})
    if facts.replacement_waits:
        yield Fault("account", "bank.close_replacement")
    if facts.needs_social_cancelled and facts.social_live and not by_heirs:
        yield Fault("card", "bank.social_first")


def _money(facts: ClosingFacts, payout: str) -> Iterator[Fault]:
    if payout not in PAYOUTS:
        yield Fault("payout", "bank.payout_unknown")
    elif payout == NOTHING and facts.balance_fen:
        yield Fault("payout", "bank.balance_left")
