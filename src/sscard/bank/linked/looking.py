"""What the customer sees through a link: his links, the card's state, the five contribution records, the two totals, his
charges. Each look is the bureau's own recorded read, which the holder sees there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sscard.bank import customers
from sscard.bank.linked import authorisations, keeping, linking
from sscard.bank.linked.tables import Link, LinkPayment
from sscard.control.caller import Caller
from sscard.control.door import reading

MOST: Final = 200
"""Payments of one list."""


@dataclass(frozen=True, slots=True)
class LinkView:
    link: uuid.UUID
    card_mask: str
    account: uuid.UUID
    linked_at: datetime
    ended_at: datetime | None
    ended_because: str
    paper: bool
    """Can the signed authorisation be fetched: the link holds, or a copy is kept here?"""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """`state`: asked, held, doubt, paid, returned, ended."""

    payment: uuid.UUID
    charge: str
    label: str
    amount_fen: int
    state: str
    because: str
    receipt: str
    receipt_code: str
    at: datetime


def links(caller: Caller, *, ended: bool = False) -> list[LinkView]:
    """The customer's links, the newest first."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside, inside.bank_role():
        customer = customers.own(inside)
        rows = Link.objects.filter(person_id=customer.person_id, customer_id=customer.customer_id).defer("tokens")
        if not ended:
            rows = rows.filter(ended_at__isnull=True)
        found = list(rows.order_by("-linked_at"))
        kept = authorisations.kept_of(customer.person_id)
    return [
        LinkView(
            row.link_id, row.card_mask, row.account_id, row.linked_at, row.ended_at, row.ended_because,
            paper=row.ended_at is None or row.link_id in kept,
        )
        for row in found
    ]  # fmt: skip


def payments(caller: Caller, link: uuid.UUID) -> list[PaymentView]:
    """Payments through a link, the newest first; nothing of requests that were given up."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside:
        row = linking.mine(inside, link)
        with inside.bank_role():
            rows = LinkPayment.objects.filter(person_id=row.person_id, link_id=link)
            found = list(rows.exclude(state__in=["asked", "ended"]).order_by("-made_at")[:MOST])
    return [view(one) for one in found]


def all_payments(caller: Caller) -> list[PaymentView]:
    """Through all of the customer's links, also those that have ended, the newest first."""
    with reading(caller, right=linking.RIGHT, purpose=keeping.PURPOSE) as inside, inside.bank_role():
        person = customers.own(inside).person_id
        rows = LinkPayment.objects.filter(person_id=person).exclude(state__in=["asked", "ended"])
        found = list(rows.order_by("-made_at")[:MOST])
    return [view(one) for one in found]


def view(row: LinkPayment) -> PaymentView:
    return PaymentView(
        row.payment_id, row.charge, row.label, row.amount_fen, row.state, row.because, row.receipt, row.receipt_code,
        row.changed_at,
    )  # fmt: skip


def status(caller: Caller, link: uuid.UUID) -> dict[str, Any]:
    """Card and insurance."""
    return dict(linking.call(caller, link, "GET", "/api/linked/status"))


def contributions(caller: Caller, link: uuid.UUID) -> dict[str, Any]:
    return dict(linking.call(caller, link, "GET", "/api/linked/contributions"))


def totals(caller: Caller, link: uuid.UUID) -> dict[str, Any]:
    return dict(linking.call(caller, link, "GET", "/api/linked/totals"))


def charges(caller: Caller, link: uuid.UUID) -> list[dict[str, Any]]:
    return list(linking.call(caller, link, "GET", "/api/linked/charges"))
