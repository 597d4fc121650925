"""Receipts of premiums that were paid through a link. The bureau's copy is kept here when the charge was paid: the customer's for
good, whatever becomes of the link."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from sscard.bank import customers
from sscard.bank.linked import authorisations, keeping, linking
from sscard.bank.linked.tables import LinkPayment, LinkReceipt
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import open_one

log = logging.getLogger("sscard.bank.linked")


@dataclass(frozen=True, slots=True)
class KeepReceipt:
    """`file`: the bureau's PDF as it came."""

    payment: uuid.UUID
    file: bytes


@act("bank.keep_receipt", right="bank.link_keep", about_person=True)
def keep_receipt(inside: Inside, request: KeepReceipt) -> dict[str, Any]:
    """A receipt that is kept already stays as it is."""
    with inside.bank_role():
        customer = customers.own(inside)
        paid = LinkPayment.objects.filter(person_id=customer.person_id, payment_id=request.payment, state="paid")
        if not paid.exists():
            raise Refusal("control.not_found")
        row = LinkReceipt(
            person_id=customer.person_id, payment_id=request.payment, book=customer.book, file=request.file,
            kept_at=inside.now,
        )  # fmt: skip
        if not LinkReceipt.objects.filter(person_id=customer.person_id, payment_id=request.payment).exists():
            row.save(force_insert=True)
    inside.object = f"link_payment:{request.payment}"
    return {"payment": str(request.payment)}


def receipt(caller: Caller, payment: uuid.UUID) -> bytes:
    """As a PDF: the copy that is kept here, else the bureau's own, which is kept from now on."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        (person,) = inside.caller.persons
        inside.about(person, what="charge_payment")
        with inside.bank_role():
            paid = LinkPayment.objects.filter(person_id=person, payment_id=payment).first()
            kept = LinkReceipt.objects.filter(person_id=person, payment_id=payment).first()
        if paid is None:
            raise Refusal("control.not_found")
        if kept is not None:
            return bytes(open_one(kept, "file", inside))
    file = bytes(linking.call(caller, paid.link_id, "GET", f"/api/linked/payments/{payment}/receipt"))
    keeping.perform(caller, "bank.keep_receipt", KeepReceipt(payment, file))
    return file


def keep(caller: Caller, payment: uuid.UUID) -> bool:
    """Whether it is kept now. The bureau may be away at the moment: it is asked again later, and nothing else waits for it."""
    try:
        receipt(caller, payment)
    except Refusal as refusal:
        log.warning("the receipt of payment %s is not kept yet: %s", payment, refusal.code)
        return False
    return True


def unlink(caller: Caller, link: uuid.UUID) -> None:
    """Un-links at the customer's wish. What papers are lacking is fetched before: afterwards nothing can be."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        row = linking.mine(inside, link)
        with inside.bank_role():
            late = list(LinkPayment.objects.filter(lacking(), person_id=row.person_id, link_id=link))
    if row.ended_at is None:
        authorisations.keep(caller, link)
    for one in late if row.ended_at is None else ():
        keep(caller, one.payment_id)
    linking.unlink(caller, link)


def lacking() -> Q:
    """Paid ones whose receipt is not kept here."""
    kept = LinkReceipt.objects.filter(person_id=OuterRef("person_id"), payment_id=OuterRef("payment_id"))
    return Q(state="paid") & ~Q(Exists(kept))
