"""An amount that somebody typed, in yuan: what is wrong with it in one sentence of its own."""

from __future__ import annotations

from sscard.bank.savings.books import MOST_FEN
from sscard.kernel import money
from sscard.kernel.refusals import Fault, Refusal

TOO_BIG = "portal.amount_too_big"
"""More than any account moves at once: a bound of the books, no limit of a customer's."""
MOST_DIGITS = 13
"""Longer ones `money.fen` does not read."""


def typed(place: str, text: str) -> tuple[int, list[Fault]]:
    """The amount in fen, or why it is none: nothing typed, no amount, not above zero, more than any account moves at once."""
    bare = text.strip()
    if not bare:
        return 0, [Fault(place, "portal.amount_missing")]
    if bare.isdigit() and len(bare) > MOST_DIGITS:
        return 0, [Fault(place, TOO_BIG, {"most": money.yuan(MOST_FEN)})]
    try:
        fen = money.fen(bare.removeprefix("-"))
    except Refusal as refusal:
        return 0, [Fault(place, refusal.code, refusal.facts)]
    if bare.startswith("-") or fen == 0:
        return 0, [Fault(place, "ledger.amount")]
    if fen > MOST_FEN:
        return 0, [Fault(place, TOO_BIG, {"most": money.yuan(MOST_FEN)})]
    return fen, []
