"""The life of a consent as a table (banking.md §5): state, act, who may do it, next state.

Who: holder (proved by code, face or at a desk), bank (the client at its customer's wish), client (on its own account),
card_event (in the same transaction as the event), time (decided on reading, written down by a job).
"""

from __future__ import annotations

from typing import Final

from sscard.kernel.refusals import Refusal

_ROWS = """
    AWAITING_AUTHORISATION authorise holder               AUTHORISED
    AWAITING_AUTHORISATION decline   holder               REJECTED
    AWAITING_AUTHORISATION lapse     time                 EXPIRED
    AUTHORISED             suspend   card_event           SUSPENDED
    AUTHORISED             revoke    holder,bank,client   REVOKED
    AUTHORISED             close     card_event           REVOKED
    AUTHORISED             renew     holder               AUTHORISED
    AUTHORISED             lapse     time                 EXPIRED
    SUSPENDED              resume    card_event           AUTHORISED
    SUSPENDED              revoke    holder,bank,client   REVOKED
    SUSPENDED              close     card_event           REVOKED
    SUSPENDED              lapse     time                 EXPIRED
    AWAITING_AUTHORISATION close     card_event           REJECTED
"""

ROWS: Final = tuple(
    (state, act, frozenset(who.split(",")), became)
    for state, act, who, became in (line.split() for line in _ROWS.strip().splitlines())
)
STATES: Final = ("AWAITING_AUTHORISATION", "AUTHORISED", "SUSPENDED", "REJECTED", "REVOKED", "EXPIRED")
ENDS: Final = frozenset(STATES) - {row[0] for row in ROWS}
DURATIONS: Final = ("ONE_TIME", "TIME_BOUND", "PERSISTENT")
REVOKED_BY: Final = ("holder", "bank", "client", "card_event")
_TABLE: Final = {(state, act): (who, became) for state, act, who, became in ROWS}
ACTS: Final = tuple(dict.fromkeys(row[1] for row in ROWS))


def next_state(state: str, act: str, by: str) -> str | Refusal:
    """The state after the act, or the refusal to raise: it names the state that stands in the way."""
    if state not in STATES or act not in ACTS:
        raise KeyError(f"a consent knows no {state} × {act}")
    who, became = _TABLE.get((state, act), (frozenset(), ""))
    if by not in who:
        return Refusal("binding.state_conflict", state=state, act=act)
    return became
