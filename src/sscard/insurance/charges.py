"""Charges that a person pays himself: seen, and booked when paid. The money is the bank's affair: here stands that it came.

The levy's charge list brings them in (`files.charge`, `runs`); a charge is paid once, whole, and receipted.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sscard.control.inside import Inside
from sscard.documents import authority, kept
from sscard.insurance import charge_receipt
from sscard.insurance.models import Charge, ChargePayment
from sscard.kernel import ids
from sscard.kernel.money import yuan
from sscard.kernel.refusals import Refusal

KIND = "insurance.charge_receipt"


@dataclass(frozen=True, slots=True)
class Paid:
    """`payer`: the bank. `receipt`: code to show; the document is fetched by `document` where one was made."""

    payment: uuid.UUID
    payer: str
    payer_reference: str
    paying_masked: str
    booked_at: datetime
    receipt_code: str
    document: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge as people and programs see it. `state`: open, overdue, paid, withdrawn."""

    charge: uuid.UUID
    reference: str
    insurance: str
    first_month: int
    last_month: int
    amount_fen: int
    due_on: date
    state: str
    paid: Paid | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What a bank says of the money that it holds for a charge. `amount_fen` must be the charge's."""

    charge: uuid.UUID
    amount_fen: int
    payer: str
    payer_name: str
    payer_reference: str
    paying_masked: str
    consent: uuid.UUID


def of_person(inside: Inside, person_id: int, *, open_only: bool = False) -> list[ChargeView]:
    """His charges, what is due first at the top, paid ones after them. The caller has named the person."""
    rows = list(Charge.objects.filter(person_id=person_id).order_by("due_on", "reference"))
    if open_only:
        rows = [row for row in rows if row.state == "open"]
    paid = {one.charge_id: one for one in ChargePayment.objects.filter(person_id=person_id)}
    papers = _papers(person_id, [one.payment_id for one in paid.values()])
    found = [_view(row, paid.get(row.charge_id), papers, inside.today) for row in rows]
    return sorted(found, key=lambda one: (one.state not in ("open", "overdue"), one.due_on))


def one(inside: Inside, person_id: int, charge: uuid.UUID) -> ChargeView:
    """One of his; anything else is as if it did not exist."""
    row = Charge.objects.filter(person_id=person_id, charge_id=charge).first()
    if row is None:
        raise Refusal("control.not_found")
    paid = ChargePayment.objects.filter(person_id=person_id, charge_id=charge).first()
    return _view(row, paid, _papers(person_id, [paid.payment_id] if paid else []), inside.today)


def require_open(person_id: int, charge: uuid.UUID, amount_fen: int, *, lock: bool = False) -> Charge:
    """The charge that may be paid with this amount. Raises control.not_found, insurance.charge_paid, charge_withdrawn,
    charge_amount_differs."""
    rows = Charge.objects.select_for_update() if lock else Charge.objects
    row = rows.filter(person_id=person_id, charge_id=charge).first()
    if row is None:
        raise Refusal("control.not_found")
    if row.state != "open":
        raise Refusal(f"insurance.charge_{row.state}", reference=row.reference)
    if row.amount_fen != amount_fen:
        raise Refusal("insurance.charge_amount_differs", due=yuan(row.amount_fen), given=yuan(amount_fen))
    return row


def book(inside: Inside, person_id: int, payment: Payment) -> ChargePayment:
    """The charge is paid: booked and receipted in one transaction with its act. Raises as `require_open`."""
    row = require_open(person_id, payment.charge, payment.amount_fen, lock=True)
    row.state, row.changed_at = "paid", inside.now
    row.save(update_fields=["state", "changed_at"])
    made = ChargePayment(
        person_id=person_id,
        payment_id=ids.new_id(),
        area_code=row.area_code,
        charge_id=row.charge_id,
        amount_fen=row.amount_fen,
        way="link",
        payer=payment.payer,
        payer_reference=payment.payer_reference,
        paying_masked=payment.paying_masked,
        consent_id=payment.consent,
        receipt_code=kept.new_code(),
        paid_on=inside.today,
        booked_at=inside.now,
        booked_by=inside.caller.id,
    )
    made.save(force_insert=True)
    if authority.folder is not None:
        file = charge_receipt.make(inside.area, row, made, payer_name=payment.payer_name)
        kept.keep(
            inside, person_id=person_id, area=row.area_code, kind=KIND, subject=made.payment_id, file=file, bank=made.payer,
            code=made.receipt_code,
        )  # fmt: skip
    inside.emit("charge.paid", {"charge": str(row.charge_id), "payment": str(made.payment_id), "payer": payment.payer})
    return made


def _view(row: Charge, paid: ChargePayment | None, papers: dict[uuid.UUID, uuid.UUID], today: date) -> ChargeView:
    state = "overdue" if row.state == "open" and row.due_on < today else row.state
    told = None
    if paid is not None:
        told = Paid(
            paid.payment_id, paid.payer, paid.payer_reference, paid.paying_masked, paid.booked_at, paid.receipt_code,
            papers.get(paid.payment_id),
        )  # fmt: skip
    return ChargeView(
        row.charge_id, row.reference, row.insurance, row.first_month, row.last_month, row.amount_fen, row.due_on, state,
        told,
    )  # fmt: skip


def _papers(person_id: int, payments: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Payment → its receipt."""
    from sscard.documents.models import KeptDocument

    if not payments:
        return {}
    rows = KeptDocument.objects.filter(person_id=person_id, kind=KIND, subject__in=payments, state="valid")
    return dict(rows.values_list("subject", "document_id"))
