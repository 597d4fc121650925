"""Payments between banks: what a bank takes in from the clearing house, once for each message.

A payment is credited when the account is there, is the named person's and takes money in; else it is rejected with a
code, and the other bank frees its customer's money. The answer is kept under the message's id: the same message again gets
it again, and another content under the id is refused (security.md T07).
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from sscard.bank.models import BankAccount
from sscard.bank.savings import books, payee
from sscard.bank.savings.tables import ClearingMessage
from sscard.codes import names
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.masked import mask_card, mask_name
from sscard.kernel.refusals import Refusal
from sscard.ledger import posting
from sscard.ledger.permits import Permit

CREDITED, REJECTED = "credited", "rejected"
REASONS = ("payee_differs", "payee_closed", "payer_closed", "bank_unknown", "form", "amount")
"""Why a payment comes back; each has a text under "notice" "bank.order_reason.<reason>"."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it goes from bank to bank. `payer_number` is masked; amounts in fen, CNY."""

    id: uuid.UUID
    from_bank: str
    to_bank: str
    amount_fen: int
    payer_name: str
    payer_number: str
    payee_name: str
    payee_number: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class ClearingIn:
    payment: Payment


def digest(payment: Payment) -> bytes:
    """Over every field, so that nothing can change under the same id."""
    return books.fingerprint("clearing", msgspec.json.encode(asdict(payment), order="deterministic").decode())


@act("bank.clearing_in", right="bank.close_day")
def clearing_in(inside: Inside, request: ClearingIn) -> dict[str, Any]:
    """Credit or reject; the answer goes back to the clearing house."""
    payment, now, area = request.payment, inside.now, inside.area
    book = f"bank:{payment.to_bank}"
    message, print_ = f"{book}|{payment.id}", digest(payment)
    found = payee.account_of_number(payment.payee_number)
    wanted, faults = payee.wanted(payment.payee_number, payment.payee_name)
    if found is not None:
        inside.about(found.person_id, found.area)
    inside.object = f"clearing:{payment.id}"
    with inside.bank_role(payment.to_bank):
        earlier = ClearingMessage.objects.filter(message_id=message).first()
        if earlier is not None:
            if bytes(earlier.digest) != print_:
                raise Refusal("bank.clearing_changed")
            return {"payment": str(payment.id), "result": earlier.result, "reason": earlier.reason}
        reason, account = _why_not(payment, wanted if not faults else None, found)
        row = ClearingMessage(
            message_id=message, book=book, kind="credit", digest=print_, result=REJECTED if reason else CREDITED,
            reason=reason, at=now,
        )  # fmt: skip
        if account is not None:
            item = _item(payment, account, book, books.business_day(area, book, now), now)
            row.transfer_id = item.transfer_id
            books.note(
                inside, book, account.person_id, account.account_id, item.transfer_id, memo=payment.memo,
                other_name_mask=mask_name(payment.payer_name)[:60],
                other_number_mask=mask_card(payment.payer_number)[-34:],
                other_bank=payment.from_bank, channel="clearing",
            ).save(force_insert=True)  # fmt: skip
        row.save(force_insert=True)
        if account is not None:
            inside.emit("bank.payment_received", {"account": str(account.account_id), "payment": str(payment.id)})
            books.post(item, now=now)
    return {"payment": str(payment.id), "result": row.result, "reason": row.reason}


def _why_not(payment: Payment, wanted: payee.Wanted | None, found: Any) -> tuple[str, BankAccount | None]:
    """In the bank's role: a reason, or the account that is credited."""
    if books.amount_faults(payment.amount_fen):
        return "amount", None
    if wanted is None:
        return "form", None
    try:
        account = payee.matched(found, wanted)
    except Refusal:
        return "payee_differs", None
    return ("", account) if payee.takes_money(account) else ("payee_closed", None)


def _item(payment: Payment, account: BankAccount, book: str, today: Any, now: Any) -> posting.Item:
    own = names.compact(payment.payer_name) == names.compact(payment.payee_name)
    return posting.Item(
        caller=payment.id,
        key=f"clearing:{payment.to_bank}",
        fingerprint=digest(payment),
        kind="recharge" if own else "transfer_in",
        debit=books.house(book, books.SETTLEMENT, account.account_id, now=now),
        credit=books.customer(account.person_id, account.account_id, Permit.CREDIT),
        amount_fen=payment.amount_fen,
        business_date=today,
        memo=payment.memo,
    )
