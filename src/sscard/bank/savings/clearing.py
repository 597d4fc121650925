"""Payments between banks: what a bank does with a message of the clearing house, once for each.

credit   money for an account here: credited when the account is there, is the named person's and takes money in
pull     another bank's customer tops up from his own account here: this bank's answer is the authorisation
return   a payment that had arrived comes back: to the payer, or to the account it was pulled from

What cannot be done is rejected with a code, and the other bank frees its customer's money. The answer is kept under the
message's id: the same message again gets it again, and another content under the id is refused (security.md T07).
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from django.db import connection

from sscard.bank.savings import books, payee
from sscard.bank.savings.tables import ClearingMessage
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.people import lookup

CREDIT, PULL, RETURN = "credit", "pull", "return"
KINDS = (CREDIT, PULL, RETURN)
CREDITED, REJECTED = "credited", "rejected"
REASONS = (
    "payee_differs", "payee_closed", "payer_closed", "bank_unknown", "form", "amount", "balance_ceiling", "payer_differs",
    "payer_asleep", "no_funds", "limit", "channel_off", "original_unknown", "returned_already",
)  # fmt: skip
"""Why a payment comes back; each has a text under "notice" "bank.order_reason.<reason>"."""
SENT_BY, TAKEN_FROM = "payment", "pulled"
"""Kinds of the look-up: whose order a payment's id is, and from whom a payment pulled."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it goes from bank to bank. Of the side that the asking bank knows itself the number is masked. Amounts
    in fen, CNY. `original`: the payment that a return gives back, `reason` its code. `proof`: of a pull, see `proof_of`."""

    id: uuid.UUID
    from_bank: str
    to_bank: str
    amount_fen: int
    payer_name: str
    payer_number: str
    payee_name: str
    payee_number: str
    memo: str = ""
    kind: str = CREDIT
    original: str = ""
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class ClearingIn:
    payment: Payment


def digest(payment: Payment) -> bytes:
    """Over every field, so that nothing can change under the same id."""
    return books.fingerprint("clearing", msgspec.json.encode(asdict(payment), order="deterministic").decode())


def proof_of(payment_id: uuid.UUID, id_number: str) -> str:
    """That both banks mean the same person, without his ID number on the way: names alone are shared by many."""
    return books.fingerprint("same-person", payment_id, id_number).hex()


def whose(payment: Payment) -> lookup.Found | None:
    """The person here that a message is about."""
    if payment.kind == CREDIT:
        return payee.account_of_number(payment.payee_number)
    if payment.kind == PULL:
        return payee.account_of_number(payment.payer_number)
    original = _id_of(payment.original)
    if original is None:
        return None
    for kind in (SENT_BY, TAKEN_FROM):
        found = lookup.find(kind, _key(kind, payment.to_bank, original))
        if found is not None:
            return found
    return None


def remember(kind: str, bank: str, payment_id: uuid.UUID, *, area: str, person_id: int) -> None:
    """So that a return finds its way: a payment's id is one bank's order and another bank's movement."""
    lookup.put(kind, _key(kind, bank, payment_id), area=area, person_id=person_id, object_id=payment_id)


def _key(kind: str, bank: str, payment_id: uuid.UUID) -> bytes:
    return books.fingerprint(kind, bank, payment_id)


def _id_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@act("bank.clearing_in", right="bank.close_day")
def clearing_in(inside: Inside, request: ClearingIn) -> dict[str, Any]:
    """Do it or reject it; the answer goes back to the clearing house."""
    payment, now = request.payment, inside.now
    book = f"bank:{payment.to_bank}"
    message, print_ = f"{book}|{payment.id}", digest(payment)
    found = whose(payment)
    if found is not None:
        inside.about(found.person_id, found.area)
    inside.object = f"clearing:{payment.id}"
    with inside.bank_role(payment.to_bank):
        _one_at_a_time(message)
        earlier = ClearingMessage.objects.filter(message_id=message).first()
    if earlier is not None:
        if bytes(earlier.digest) != print_:
            raise Refusal("bank.clearing_changed")
        return {"payment": str(payment.id), "result": earlier.result, "reason": earlier.reason}
    reason, transfer_id = _do(inside, payment, found)
    with inside.bank_role(payment.to_bank):
        ClearingMessage(
            message_id=message, book=book, kind=payment.kind, digest=print_, result=REJECTED if reason else CREDITED,
            reason=reason, transfer_id=transfer_id, at=now,
        ).save(force_insert=True)  # fmt: skip
    return {"payment": str(payment.id), "result": REJECTED if reason else CREDITED, "reason": reason}


def _one_at_a_time(message: str) -> None:
    """A twin of this message waits until this one is decided, and then sees its answer."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 61))", [message])


def _do(inside: Inside, payment: Payment, found: lookup.Found | None) -> tuple[str, uuid.UUID | None]:
    from sscard.bank.savings import clearing_credit, clearing_pull, clearing_return

    if books.amount_faults(payment.amount_fen):
        return "amount", None
    match payment.kind:
        case "credit":
            return clearing_credit.credit(inside, payment, found)
        case "pull":
            return clearing_pull.pull(inside, payment, found)
        case "return":
            return clearing_return.take_back(inside, payment, found)
    return "form", None
