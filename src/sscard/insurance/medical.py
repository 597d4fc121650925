"""Medical money of a person: nobody draws it. The law knows two ways out of the personal account beside treatment: to
the heirs after a death, and to the holder who settles abroad; each is an act of the agency, of two persons.

The account stands in the agency's own book ("medical:990100") with purpose "medical". What may leave it is decided by
the ledger itself: settlement with a provider, and the movement made here.

Basis: regulations.md §3.6–3.7, ACT-8; T09.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.db import bank_role
from sscard.kernel.refusals import Fault, Refusal, refuse_if_any
from sscard.ledger import accounts, follow_up, posting, reads
from sscard.ledger.models import MEDICAL, LedgerAccount
from sscard.ledger.permits import INTERNAL, Permit
from sscard.people import reads as people

RIGHT, APPROVE = "insurance.medical_payout", "insurance.medical_payout_approve"
KIND = "medical.statutory_payout"
HEIRS, ABROAD = "heirs", "settling_abroad"
REASONS = (HEIRS, ABROAD)
PAYABLE = "payout.payable"
"""The agency's account from which its cashier pays the person who is entitled."""
MOST_PAPER, MOST_NAME = 60, 40


def book_of(area: str) -> str:
    """The book of the area's medical agency."""
    return f"medical:{area}"


@dataclass(frozen=True, slots=True)
class MedicalPayout:
    """`document`: number of the proof of inheritance, or of the proof of settling abroad; `payee_name`: who is paid."""

    person: uuid.UUID
    reason: str
    document: str
    payee_name: str


def _check(inside: Inside, request: MedicalPayout) -> int:
    person = people.require(inside, request.person, what="medical_account")
    faults = []
    if request.reason not in REASONS:
        faults.append(Fault("reason", "insurance.payout_reason"))
    if not 1 <= len(request.document.strip()) <= MOST_PAPER:
        faults.append(Fault("document", "insurance.payout_document", {"most": MOST_PAPER}))
    if not 1 <= len(request.payee_name.strip()) <= MOST_NAME:
        faults.append(Fault("payee_name", "insurance.payout_payee", {"most": MOST_NAME}))
    refuse_if_any(faults)
    with bank_role(book_of(inside.area_code)):
        if not LedgerAccount.objects.filter(person_id=person.person_id, purpose=MEDICAL).exists():
            raise Refusal("insurance.no_medical_account")
    return person.person_id


@act(
    "insurance.medical_payout", right=RIGHT, about_person=True, four_eyes=True, approve_right=APPROVE, check=_check,
    summary=lambda r: {"reason": r.reason, "document": r.document, "payee_name": r.payee_name},
)  # fmt: skip
def medical_payout(inside: Inside, request: MedicalPayout) -> dict[str, Any]:
    """All that is left goes to the agency's pay-out account, for the one who is entitled; the amount stands in `once`."""
    person_id = _check(inside, request)
    now, today, book = inside.now, inside.today, book_of(inside.area_code)
    inside.detail |= {"reason": request.reason, "document": request.document.strip()}
    inside.emit("insurance.medical_paid_out", {"person": str(request.person), "reason": request.reason})
    with bank_role(book):
        account = LedgerAccount.objects.get(person_id=person_id, purpose=MEDICAL)
        payable = accounts.internal(book, PAYABLE, account.account_id, now=now)
        keys = [(person_id, account.account_id), payable]
        rows = LedgerAccount.objects.filter(pk__in=keys).order_by("person_id", "account_id")
        list(rows.select_for_update(no_key=True))  # in the ledger's own order: the amount read is the amount paid
        if follow_up.holds_of(person_id, account.account_id):
            raise Refusal("insurance.payout_holds")
        balance = reads.balance(person_id, account.account_id)
        if balance is None or balance.balance_fen <= 0:
            raise Refusal("insurance.payout_nothing")
        asked = f"{KIND}|{account.account_id}|{request.reason}|{balance.balance_fen}"
        item = posting.Item(
            inside.caller.id, inside.key, hashlib.new("sm3", asked.encode()).digest(), KIND,
            posting.Side(person_id, account.account_id, Permit.NONE), posting.Side(*payable, INTERNAL),
            balance.balance_fen, today, memo=request.document.strip()[:60],
        )  # fmt: skip
        inside.once["paid_fen"] = balance.balance_fen
        posted = posting.post([item], posted_at=now)[0]
    return {"transfer": str(posted.transfer_id), "reason": request.reason, "at": now.isoformat()}
