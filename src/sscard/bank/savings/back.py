"""Money that goes back to who had it: a reversal, a refund, a hold that ends. When a replacement has moved the account since,
all of it reaches the account that is in its place, and the limits are given back there.
"""

from __future__ import annotations

import uuid

from msgspec.structs import replace

from sscard.bank import successor, whole
from sscard.bank.savings import books
from sscard.kernel import ids
from sscard.ledger import follow_up, limit_use, posting
from sscard.ledger.models import Hold, Transfer
from sscard.ledger.permits import Permit

ONWARD = "replacement"
"""Kind of the movement from a replaced account to the one in its place."""


def to(person_id: int, account_id: uuid.UUID) -> posting.Side:
    """The side that a refund credits."""
    return books.customer(person_id, successor.live_id(person_id, account_id), Permit.CREDIT)


def reversal(transfer: Transfer, asked: follow_up.Asked, *, kind: str, first: Hold | None = None) -> list[posting.Item]:
    """The mirror of a transfer, once. The ledger's mirror names the accounts of the original; when the debited one was
    replaced, the same group moves the money on, so that the closed account has nothing at the end of it. `first`: the hold
    as it was placed, for a transfer that captured one. Only as the act's last steps: it takes the ledger's locks."""
    mirror = follow_up.reverse(transfer, asked, kind=kind)
    here = successor.live_id(transfer.person_id, transfer.debit_account_id)
    counted, counted_on = transfer.limits, transfer.counted_on
    moved_hold = first is not None and first.account_id != transfer.debit_account_id
    if first is not None and moved_hold:
        counted, counted_on = first.limits, first.business_date
    if here == transfer.debit_account_id:
        if moved_hold:  # the ledger counted nothing when the hold was placed anew
            whole.lock((side.person_id, side.account_id) for side in (mirror.debit, mirror.credit))
            limit_use.give_back(transfer.person_id, here, counted, counted_on, transfer.amount_fen)
        return [mirror]
    group = ids.new_id()
    onward = _onward(mirror, here, asked, group)
    sides = (mirror.debit, mirror.credit, onward.credit)
    whole.lock((side.person_id, side.account_id) for side in sides)
    limit_use.give_back(transfer.person_id, here, counted, counted_on, transfer.amount_fen)
    return [replace(mirror, group=group), onward]


def captured(hold: Hold, asked: follow_up.Asked) -> list[posting.Item]:
    """The hold's money reaches its receiver; when he was given another account meanwhile, the same group moves it on there,
    and the last item is what he sees."""
    here = successor.live_id(hold.credit_person_id, hold.credit_account_id)
    if here == hold.credit_account_id:
        return [follow_up.capture(hold, asked, need=Permit.CREDIT)]
    group = ids.new_id()
    item = replace(follow_up.capture(hold, asked, need=Permit.NONE), group=group)
    return [item, _onward(item, here, asked, group)]


def _onward(item: posting.Item, here: uuid.UUID, asked: follow_up.Asked, group: uuid.UUID) -> posting.Item:
    """From the account that `item` credits to the one in its place, which must take money."""
    return posting.Item(
        caller=asked.caller,
        key=f"{asked.key[:110]}:onward",
        fingerprint=asked.fingerprint,
        kind=ONWARD,
        debit=books.customer(item.credit.person_id, item.credit.account_id, Permit.NONE),
        credit=books.customer(item.credit.person_id, here, Permit.CREDIT),
        amount_fen=item.amount_fen,
        business_date=asked.business_date,
        memo=asked.memo,
        group=group,
    )


def free(hold: Hold, first: Hold, asked: follow_up.Asked) -> posting.Item:
    """End a hold. `first`: as it was placed; on another account if it moved, and then its limits are given back here."""
    item = follow_up.void(hold, asked)
    if hold.hold_id != first.hold_id:
        whole.lock((side.person_id, side.account_id) for side in (item.debit, item.credit))
        limit_use.give_back(hold.person_id, hold.account_id, first.limits, first.business_date, hold.amount_fen)
    return item
