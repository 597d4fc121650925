"""What is left of a limit, or to dispose of: told with a refusal to whoever may look at the account anyway, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sscard.kernel.refusals import Refusal
from sscard.ledger import limit_use, reads
from sscard.ledger.items import Item


@contextmanager
def told(item: Item) -> Iterator[None]:
    """Around the posting of `item`, in the bank's role: a refusal for a limit gets `left_fen`, one for cover `available_fen`."""
    try:
        yield
    except Refusal as refusal:
        whose = item.debit.person_id, item.debit.account_id
        if refusal.code == "ledger.limit":
            named = (refusal.facts.get("kind"), refusal.facts.get("period"))
            for one in item.all_limits:
                if (one.kind, one.period) == named and one.most_fen is not None:
                    used = limit_use.used(*whose, one, item.business_date)
                    refusal.once["left_fen"] = max(one.most_fen - used, 0)
        elif refusal.code == "ledger.insufficient" and (found := reads.balance(*whose)) is not None:
            refusal.once["available_fen"] = found.available_fen
        raise
