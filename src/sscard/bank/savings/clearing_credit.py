"""Money from another bank for an account here."""

from __future__ import annotations

import uuid

from sscard.bank import ceiling
from sscard.bank.models import BankAccount
from sscard.bank.savings import books, payee
from sscard.bank.savings.clearing import Payment, digest
from sscard.codes import names
from sscard.control.inside import Inside
from sscard.kernel.masked import mask_card, mask_name
from sscard.kernel.refusals import Refusal
from sscard.ledger import posting
from sscard.ledger.permits import Permit
from sscard.people.lookup import Found


def credit(inside: Inside, payment: Payment, found: Found | None) -> tuple[str, uuid.UUID | None]:
    """A reason why not, or the movement."""
    wanted, faults = payee.wanted(payment.payee_number, payment.payee_name)
    now, area, book = inside.now, inside.area, f"bank:{payment.to_bank}"
    with inside.bank_role(payment.to_bank):
        reason, account = _why_not(wanted if not faults else None, found)
        if account is None:
            return reason, None
        day = books.business_day(area, book, now)
        house = books.house(book, books.SETTLEMENT, account.account_id, now=now)
        touched = [(house.person_id, house.account_id)]
        if ceiling.above(area, account, payment.amount_fen, day, touched=touched) is not None:
            return "balance_ceiling", None
        own = names.compact(payment.payer_name) == names.compact(payment.payee_name)
        item = posting.Item(
            caller=payment.id,
            key=f"clearing:{payment.to_bank}",
            fingerprint=digest(payment),
            kind="recharge" if own else "transfer_in",
            debit=house,
            credit=books.customer(account.person_id, account.account_id, Permit.CREDIT),
            amount_fen=payment.amount_fen,
            business_date=day,
            memo=payment.memo,
        )
        books.note(
            inside, book, account.person_id, account.account_id, item.transfer_id, memo=payment.memo,
            other_name_mask=mask_name(payment.payer_name)[:60], other_number_mask=mask_card(payment.payer_number)[-34:],
            other_bank=payment.from_bank, channel="clearing",
        ).save(force_insert=True)  # fmt: skip
        inside.emit("bank.payment_received", {"account": str(account.account_id), "payment": str(payment.id)})
        books.post(item, now=now)
    return "", item.transfer_id


def _why_not(wanted: payee.Wanted | None, found: Found | None) -> tuple[str, BankAccount | None]:
    """In the bank's role: a reason, or the account that is credited."""
    if wanted is None:
        return "form", None
    try:
        account = payee.matched(found, wanted)
    except Refusal:
        return "payee_differs", None
    return ("", account) if payee.takes_money(account) else ("payee_closed", None)
