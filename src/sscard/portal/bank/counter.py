"""The teller's counter: which terminal it is, and what is on its desk now. All of it lives in the session, so that no
address names a customer, and is gone with the next customer or the sign-out."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from sscard.kernel.refusals import Refusal
from sscard.portal import evidence
from sscard.portal.signed import AtPage
from sscard.terminals.models import Terminal

TERMINAL, DESK = "counter_terminal", "counter_desk"
PURPOSE = "bank_counter"
LOOK = "bank.look"
"""Matter of the session that only reads the card; no act takes its evidence."""


@dataclass(frozen=True, slots=True)
class Desk:
    """`session` and `matter`: the running device session. `area`, `card`, `account`: the customer's, once read.
    `method`: self or guardian."""

    session: str = ""
    matter: str = ""
    area: str = ""
    card: str = ""
    account: str = ""
    amount_fen: int = 0
    method: str = "self"


def desk(at: AtPage) -> Desk:
    stored: dict[str, Any] = at.request.session.get(DESK) or {}
    return Desk(**stored)


def put(at: AtPage, what: Desk) -> None:
    at.request.session[DESK] = asdict(what)


def clear(at: AtPage) -> None:
    """The customer has gone: the device session is closed and nothing of him stays."""
    was = desk(at)
    if was.session:
        evidence.end(at.caller, was.session)
    at.request.session.pop(DESK, None)


def counters(at: AtPage) -> list[Terminal]:
    return evidence.terminals_of(at.caller, "counter")


def terminal(at: AtPage) -> str:
    """The counter this teller has chosen, or the only one there is; "" when he has to choose."""
    codes = [one.code for one in counters(at)]
    chosen = at.request.session.get(TERMINAL, "")
    if chosen in codes:
        return str(chosen)
    return codes[0] if len(codes) == 1 else ""


def account(of: Desk) -> uuid.UUID:
    """The account of the customer at the desk."""
    if not of.account:
        raise Refusal("portal.no_customer")
    return uuid.UUID(of.account)
