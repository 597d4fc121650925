"""What a refused item says to people."""

from __future__ import annotations

from typing import Any

from sscard.kernel import words
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Refusal
from sscard.ledger.items import Item, Posted

CODES = {code.partition(".")[2]: code for code in (
    "ledger.insufficient", "ledger.not_permitted", "ledger.limit", "ledger.amount", "ledger.same_account",
    "ledger.no_account", "ledger.key_reused", "ledger.hold_gone", "ledger.already_reversed", "ledger.reversed_before",
    "ledger.group_refused", "ledger.business_day_closed", "ledger.busy",
)}  # fmt: skip
"""Status of an item → its refusal."""


def refusal_of(one: Posted, item: Item | None = None) -> Refusal:
    """What a refused item says to people: its amount where money was short or over a limit, and the limit with its kind and
    period. Nothing of the account itself: a refusal is kept and repeated outside the bank's tables."""
    facts: dict[str, Any] = {"amount": yuan(item.amount_fen)} if item is not None else {}
    if one.limited_by:
        kind, period = one.limited_by.split(":")
        facts |= {"kind": kind, "period": period, **_limit(item, kind, period)}
        facts |= {f"period_{lang}": words.text("state", f"ledger.period.{period}", lang) for lang in words.LANGUAGES}
    return Refusal(CODES[one.status], **facts)


def _limit(item: Item | None, kind: str, period: str) -> dict[str, str]:
    """How much, and how often, by this limit; "…" where nobody can tell any more."""
    found = next((one for one in item.all_limits if (one.kind, one.period) == (kind, period)), None) if item else None
    if found is None:
        return {}
    told = {}
    for lang, money, times in (("zh", "{} 元", "{} 次"), ("en", "¥{}", "{} times")):
        parts = [money.format(yuan(found.most_fen))] if found.most_fen is not None else []
        parts += [times.format(found.most_times)] if found.most_times is not None else []
        told[f"limit_{lang}"] = " / ".join(parts)
    return told
