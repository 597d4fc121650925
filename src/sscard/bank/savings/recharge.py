"""Top-up from another bank's card (他行卡充值): pulled from the holder's own account there.

This bank asks under the holder's own name and proves by his ID number whom it means; the other bank compares, and its answer
is the authorisation. Nothing is credited before it has paid.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sscard.bank import ceiling
from sscard.bank.asked_amount import kept_if_refused
from sscard.bank.savings import books, orders, payee, presence
from sscard.bank.savings.states import Order, Way
from sscard.bank.savings.tables import TransferOrder
from sscard.bank.standing import find
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.kernel.sealed import open_one
from sscard.law import areas
from sscard.ledger.permits import Permit

MATTER = "bank.recharge"


@dataclass(frozen=True, slots=True)
class Recharge:
    """Into `account` from the holder's own card or account number `from_number` at the bank `from_bank`."""

    account: uuid.UUID
    amount_fen: int
    from_number: str
    from_bank: str


@act(MATTER, right=MATTER, about_person=True)
@kept_if_refused
def recharge(inside: Inside, request: Recharge) -> dict[str, Any]:
    """Asked for; it arrives when the other bank has paid, and is shown among the orders until then."""
    mirror = find(inside, request.account)
    if request.from_bank == mirror.bank:
        raise Refusal("bank.recharge_own_bank")
    here = presence.present(inside, mirror, None, matter=MATTER, need=Permit.CREDIT)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
    account, area, now = standing.account, areas.get(mirror.area_code), here.now
    name = str(open_one(account, "facts", inside)["name"])
    whom, faults = payee.wanted(request.from_number, name)
    places = {"to_number": "from_number"}
    faults = [type(one)(places.get(one.place, one.place), one.code, one.facts) for one in faults]
    refuse_if_any([*faults, *books.amount_faults(request.amount_fen)])
    assert whom is not None  # else there are faults
    payee.bank_named(inside, request.from_bank, inside.today)
    with inside.bank_role():
        day = books.business_day(area, account.book, now)
        ceiling.require(area, account, request.amount_fen, day, touched=[])
        order = TransferOrder(
            person_id=account.person_id, order_id=new_id(), book=account.book, area_code=account.area_code,
            account_id=account.account_id, way=Way.PULL, to_bank=request.from_bank,
            payee={"number": whom.number, "name": whom.name}, payee_number_mask=whom.number_mask,
            payee_name_mask=whom.name_mask, amount_fen=request.amount_fen, timing="realtime", channel=here.channel,
            state=Order.WAITING, made_at=now, due_at=now,
        )  # fmt: skip
        order.save(force_insert=True)
        orders.queue(inside, account, order.order_id, now)
    orders.hurry()
    return {
        "account": str(mirror.account_id), "order": str(order.order_id), "state": str(Order.WAITING),
        "amount_fen": request.amount_fen, "from_bank": request.from_bank, "from_number_mask": whom.number_mask,
        "business_date": day.isoformat(), "at": now.isoformat(),
    }  # fmt: skip
