"""A purchase at a shop's till with card and PIN; taken back whole on the same day (void), or given back later in parts
(refund). What is given back never exceeds what was paid, whatever comes in which order (security.md T08)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sscard.bank import limits, successor
from sscard.bank.asked_amount import kept_if_refused
from sscard.bank.models import AccountStatus
from sscard.bank.savings import back, books, presence, settings
from sscard.bank.savings.shops import shop_faults
from sscard.bank.savings.states import Sale, after_refund, may_void
from sscard.bank.savings.tables import Purchase, StatementNote
from sscard.bank.standing import find
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.ids import new_id
from sscard.kernel.refusals import Refusal, refuse_if_any
from sscard.law import areas
from sscard.law.area import Area
from sscard.ledger import follow_up, posting
from sscard.ledger.permits import Permit

BUY, VOID, REFUND = "bank.purchase", "bank.purchase_void", "bank.purchase_refund"


@dataclass(frozen=True, slots=True)
class Buy:
    """`shop`: the name that stands on the receipt and on the statement. `session`: card and PIN at the till."""

    account: uuid.UUID
    amount_fen: int
    shop: str
    session: uuid.UUID


@act(BUY, right="bank.purchase", about_person=True)
@kept_if_refused
def buy(inside: Inside, request: Buy) -> dict[str, Any]:
    """The shop is owed at once, and paid by the bank's own run."""
    refuse_if_any(books.amount_faults(request.amount_fen) + shop_faults(request.shop))
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    here = presence.present(inside, mirror, request.session, matter=BUY, need=Permit.PURCHASE, channel=presence.TILL)
    with inside.bank_role():
        standing = presence.admitted(inside, here)
        account, bought = standing.account, new_id()
        own = settings.of_account(account.person_id, account.account_id)
        day = books.business_day(area, account.book, here.now)
        caps = settings.caps(area, here.bank, account, own, limits.PURCHASE, on=day, counter=False)
        Purchase(
            person_id=account.person_id, purchase_id=bought, book=account.book, account_id=account.account_id,
            shop=request.shop.strip(), till=here.where, amount_fen=request.amount_fen, state=Sale.PAID,
            business_date=day, at=here.now,
        ).save(force_insert=True)  # fmt: skip
        books.note(
            inside, account.book, account.person_id, account.account_id, bought,
            other_name_mask=request.shop.strip(), channel=presence.TILL,
        ).save(force_insert=True)  # fmt: skip
        item = posting.Item(
            caller=inside.caller.id,
            key=inside.key,
            fingerprint=books.fingerprint(BUY, account.account_id, request.shop, request.amount_fen),
            kind="purchase",
            debit=books.customer(account.person_id, account.account_id, here.need),
            credit=books.house(account.book, books.SHOPS, account.account_id, now=here.now),
            amount_fen=request.amount_fen,
            business_date=day,
            limits=books.limits(caps),
            transfer_id=bought,
        )
        posted = books.post(item, now=here.now)
    return {
        "account": str(mirror.account_id), "purchase": str(bought), "state": str(Sale.PAID), "seq": posted.debit_seq,
        "amount_fen": request.amount_fen, "business_date": day.isoformat(), "at": here.now.isoformat(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class VoidPurchase:
    """`session`: the same card and its PIN, at a till of the same shop."""

    account: uuid.UUID
    purchase: uuid.UUID
    shop: str
    session: uuid.UUID


@act(VOID, right="bank.purchase", about_person=True)
def void(inside: Inside, request: VoidPurchase) -> dict[str, Any]:
    """As if it had not been, on the same business date: the limits of the day are given back, too."""
    mirror = find(inside, request.account)
    area = areas.get(mirror.area_code)
    here = presence.present(inside, mirror, request.session, matter=VOID, need=Permit.NONE, channel=presence.TILL)
    with inside.bank_role():
        presence.admitted(inside, here)
        bought = _locked(mirror, request.purchase, request.shop)
        day = books.business_day(area, bought.book, here.now)
        may_void(bought.state, same_day=bought.business_date == day)
        bought.state, bought.given_back_fen = Sale.VOIDED, bought.amount_fen
        bought.save(update_fields=["state", "given_back_fen"])
        paid = follow_up.find_transfer(bought.person_id, bought.purchase_id)
        assert paid is not None  # written with the purchase
        items = back.reversal(paid, _asked(inside, area, bought, here.now), kind="purchase_void")
        _note(inside, bought, items[-1].transfer_id)
        posting.post(items, posted_at=here.now)
    return _told(bought, bought.amount_fen, here.now)


@dataclass(frozen=True, slots=True)
class RefundPurchase:
    """The shop gives a part or all back; the card need not be there."""

    account: uuid.UUID
    purchase: uuid.UUID
    shop: str
    amount_fen: int


@act(REFUND, right="bank.purchase", about_person=True)
def refund(inside: Inside, request: RefundPurchase) -> dict[str, Any]:
    """Back to the account that paid, or to the one in its place; together never more than was paid."""
    refuse_if_any(books.amount_faults(request.amount_fen))
    mirror = find(inside, request.account)
    area, now = areas.get(mirror.area_code), inside.now
    with inside.bank_role():
        bought = _locked(mirror, request.purchase, request.shop)
        bought.state = after_refund(
            bought.state, paid_fen=bought.amount_fen, back_fen=bought.given_back_fen, more_fen=request.amount_fen
        )
        bought.given_back_fen += request.amount_fen
        bought.save(update_fields=["state", "given_back_fen"])
        asked, transfer_id = _asked(inside, area, bought, now), new_id()
        _note(inside, bought, transfer_id)
        item = posting.Item(
            caller=asked.caller,
            key=asked.key,
            fingerprint=books.fingerprint(REFUND, bought.purchase_id, request.amount_fen),
            kind="refund",
            debit=books.house(bought.book, books.SHOPS, bought.account_id, now=now),
            credit=back.to(bought.person_id, bought.account_id),
            amount_fen=request.amount_fen,
            business_date=asked.business_date,
            transfer_id=transfer_id,
        )
        books.post(item, now=now)
    return _told(bought, request.amount_fen, now)


def _locked(mirror: AccountStatus, purchase: uuid.UUID, shop: str) -> Purchase:
    """The purchase of this account, or of the one that it replaced, at this shop, under its lock; else it is as if there
    were none."""
    rows = Purchase.objects.select_for_update(no_key=True).filter(person_id=mirror.person_id, purchase_id=purchase)
    found = rows.first()
    if found is None and _of_authorisation(mirror, purchase):
        found = rows.first()
    if found is None or not _mine(mirror, found.account_id) or found.shop != shop.strip():
        raise Refusal("bank.purchase_unknown")
    return found


def _mine(mirror: AccountStatus, account_id: uuid.UUID) -> bool:
    """Is it this account, or one that it replaced?"""
    return mirror.account_id in (account_id, successor.live_id(mirror.person_id, account_id))


def _of_authorisation(mirror: AccountStatus, purchase: uuid.UUID) -> bool:
    """What was taken of an authorisation is a movement first; its row as a purchase is made when it is first asked for."""
    paid = follow_up.find_transfer(mirror.person_id, purchase)
    note = StatementNote.objects.filter(person_id=mirror.person_id, transfer_id=purchase).first()
    if paid is None or note is None or paid.kind != "purchase" or not _mine(mirror, paid.debit_account_id):
        return False
    row = Purchase(
        person_id=mirror.person_id, purchase_id=purchase, book=paid.book, account_id=paid.debit_account_id,
        shop=note.other_name_mask, till="", amount_fen=paid.amount_fen, state=Sale.PAID,
        business_date=paid.business_date, at=paid.posted_at,
    )  # fmt: skip
    Purchase.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _asked(inside: Inside, area: Area, bought: Purchase, now: datetime) -> follow_up.Asked:
    return follow_up.Asked(
        caller=inside.caller.id,
        key=inside.key,
        fingerprint=books.fingerprint(inside.act, bought.purchase_id, bought.given_back_fen),
        business_date=books.business_day(area, bought.book, now),
    )


def _note(inside: Inside, bought: Purchase, transfer_id: uuid.UUID) -> None:
    here = successor.live_id(bought.person_id, bought.account_id)
    books.note(
        inside, bought.book, bought.person_id, here, transfer_id, other_name_mask=bought.shop,
        channel=presence.TILL,
    ).save(force_insert=True)  # fmt: skip


def _told(bought: Purchase, amount_fen: int, now: datetime) -> dict[str, Any]:
    return {
        "purchase": str(bought.purchase_id), "state": str(bought.state), "amount_fen": amount_fen,
        "given_back_fen": bought.given_back_fen, "left_fen": bought.amount_fen - bought.given_back_fen,
        "at": now.isoformat(),
    }  # fmt: skip
