"""May this person be enrolled for on-line banking, here, on this evidence? All reasons, never only the first.

Basis: banking.md §1 rows 4 to 8 (own bank, original ID, the account is awake), security.md T03, T04, T14. The three
proofs are the same as for choosing a new PIN: the original ID, the card that answers, and the PIN of the account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sscard.bank.states import Restriction, Status
from sscard.kernel.dates import age_on
from sscard.kernel.refusals import Fault

INVITE_DAYS: Final = 7
INVITE_TRIES: Final = 5
USERNAME_LEAST, USERNAME_MOST = 4, 32
_USERNAME: Final = re.compile(r"[^\s|]+")
_LIKE_A_NUMBER: Final = re.compile(r"[0-9]{11,}X?")
_STOPPED: Final = (Restriction.FULL_FREEZE, Restriction.LOST, Restriction.PIN_LOCKED)
_WHY: Final = {
    Restriction.FULL_FREEZE: "bank.frozen",
    Restriction.LOST: "bank.lost",
    Restriction.PIN_LOCKED: "bank.pin_locked",
}


@dataclass(frozen=True, slots=True)
class Presented:
    """The account as it stands, and what the devices saw."""

    status: Status
    restrictions: frozenset[Restriction]
    birth_date: date
    is_holder: bool
    id_source: str
    id_valid_until: date | None
    card_is_this: bool
    card_answered: bool


def may_enrol(seen: Presented, *, least_age: int, on: date) -> list[Fault]:
    """Every reason against it with its place; an empty list means yes. `least_age`: below it a guardian acts for the
    child, and on-line banking waits."""
    return [*_account(seen), *_evidence(seen, on), *_person(seen, least_age, on)]


def _account(seen: Presented) -> Iterator[Fault]:
    if seen.status is Status.CLOSED:
        yield Fault("account", "bank.closed")
    elif seen.status is not Status.ACTIVE:
        yield Fault("account", "bank.asleep")
    for one in _STOPPED:
        if one in seen.restrictions:
            yield Fault("account", _WHY[one])


def _evidence(seen: Presented, on: date) -> Iterator[Fault]:
    if seen.id_source != "original":
        yield Fault("identity", "bank.original_needed")
    if seen.id_valid_until is not None and seen.id_valid_until < on:
        yield Fault("identity", "bank.id_expired", {"until": seen.id_valid_until.isoformat()})
    if not seen.card_is_this:
        yield Fault("card", "bank.card_differs")
    elif not seen.card_answered:
        yield Fault("card", "bank.card_no_answer")


def _person(seen: Presented, least_age: int, on: date) -> Iterator[Fault]:
    if not seen.is_holder:
        yield Fault("identity", "bank.not_the_holder")
    elif age_on(seen.birth_date, on) < least_age:
        yield Fault("identity", "bank.online_too_young", {"age": least_age})


def username_fault(name: str) -> Fault | None:
    """What is wrong with a user name in its normal form: its length, blanks, or that it looks like somebody's number."""
    if not USERNAME_LEAST <= len(name) <= USERNAME_MOST or not _USERNAME.fullmatch(name):
        return Fault("username", "bank.username_form", {"least": USERNAME_LEAST, "most": USERNAME_MOST})
    if _LIKE_A_NUMBER.fullmatch(name):
        return Fault("username", "bank.username_number")
    return None
