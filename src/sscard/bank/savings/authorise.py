"""An authorisation at a shop's till (预授权): with card and PIN an amount is set aside for the shop, which takes at most
that much later without the card, or lets it go. A hotel or a filling station asks before it knows the sum.

Setting aside is this act. Taking and letting go need no card and no PIN, only the bits and counters that the ledger has:
they are the gateway's (`sscard.gateway`). What was taken is a purchase like any other and can be refunded.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sscard.bank import limits
from sscard.bank.cash import AUTHORISATION
from sscard.bank.savings import books, presence, settings, terms
from sscard.bank.savings.shops import shop_faults
from sscard.bank.standing import find
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import refuse_if_any
from sscard.law import areas
from sscard.ledger import posting
from sscard.ledger.items import capture_id_of
from sscard.ledger.permits import Permit

AUTHORISE = "bank.authorise"


@dataclass(frozen=True, slots=True)
class Authorise:
    """`shop`: the name that will stand on the statement. `session`: card and PIN at the till."""

    account: uuid.UUID
    amount_fen: int
    shop: str
    session: uuid.UUID


@act(AUTHORISE, right="bank.purchase", about_person=True)
def authorise(inside: Inside, request: Authorise) -> dict[str, Any]:
    """Counts in the limits of the day on which it is asked for; what is not taken is given back to them."""
    refuse_if_any(books.amount_faults(request.amount_fen) + shop_faults(request.shop))
    mirror = find(inside, request.account)
    area, today = areas.get(mirror.area_code), inside.today
    lasts = terms.of(mirror.area_code, mirror.bank, today).authorisation_days
    here = presence.present(
        inside, mirror, request.session, matter=AUTHORISE, need=Permit.PURCHASE, channel=presence.TILL
    )
    with inside.bank_role():
        account, hold = presence.admitted(inside, here).account, new_id()
        own = settings.of_account(account.person_id, account.account_id)
        caps = settings.caps(area, here.bank, account, own, limits.PURCHASE, on=today, counter=False)
        day, until = books.business_day(area, account.book, here.now), here.now + timedelta(days=lasts)
        books.note(
            inside, account.book, account.person_id, account.account_id, capture_id_of(hold),
            other_name_mask=request.shop.strip(), channel=presence.TILL,
        ).save(force_insert=True)  # fmt: skip
        item = posting.Item(
            caller=inside.caller.id,
            key=inside.key,
            fingerprint=books.fingerprint(AUTHORISE, account.account_id, request.shop, request.amount_fen),
            kind=AUTHORISATION,
            debit=books.customer(account.person_id, account.account_id, here.need),
            credit=books.house(account.book, books.SHOPS, account.account_id, now=here.now),
            amount_fen=request.amount_fen,
            business_date=day,
            limits=books.limits(caps),
            action=posting.Action.HOLD,
            hold=hold,
            expires_at=until,
        )
        books.post(item, now=here.now)
    return {
        "account": str(mirror.account_id), "hold": str(hold), "amount_fen": request.amount_fen,
        "business_date": day.isoformat(), "at": here.now.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
