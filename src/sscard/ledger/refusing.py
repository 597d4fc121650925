"""What a refused item says to people."""

from __future__ import annotations

from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.ledger.items import Posted


def refusal_of(one: Posted) -> Refusal:
    """What a refused item says to people. A limit names its kind and period."""
    if not one.limited_by:
        return Refusal(f"ledger.{one.status}")
    kind, period = one.limited_by.split(":")
    said = {f"period_{lang}": words.text("state", f"ledger.period.{period}", lang) for lang in words.LANGUAGES}
    return Refusal(f"ledger.{one.status}", kind=kind, period=period, **said)
