"""The timer of payments through a link whose answer was lost: nobody's money stays set aside because he never looked again."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.bank import customers
from sscard.bank.customers_models import Customer
from sscard.bank.linked import paying
from sscard.bank.linked.tables import Link, LinkPayment
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.law import areas

log = logging.getLogger("sscard.bank.linked")
AGAIN = RetryStrategy(max_attempts=2, wait=20)
UNTOUCHED_FOR = timedelta(minutes=1)
"""Younger ones are on their way through a page."""
MOST = 200


@app.periodic(cron="*/2 * * * *")
@app.task(name="bank.charges_in_doubt", retry=AGAIN, lock="bank.charges_in_doubt")
def charges_in_doubt(timestamp: int) -> None:
    settle_all()


def settle_all() -> int:
    """Ask the bureau what became of each; how many are taken or returned now. One that can't be told stays for the next round."""
    settled = 0
    for bank in sorted({bank.code for area in areas.all_areas() for bank in area.banks(clock.today(area.code))}):
        for customer, payment in _open_at(bank):
            try:
                found = paying.look_again(customers.caller_of(customer, channel="job"), payment)
            except Refusal as refusal:
                log.warning("bank %s: payment %s stays in doubt: %s", bank, payment, refusal.code)
            else:
                settled += found.state in ("paid", "returned")
    return settled


def _open_at(bank: str) -> list[tuple[Customer, uuid.UUID]]:
    with customers.within(bank, customers.NO_AREA):
        rows = LinkPayment.objects.filter(
            state__in=("held", "doubt"), sent_at__lt=clock.real_now() - UNTOUCHED_FOR
        ).order_by("sent_at")[:MOST]
        found = []
        for row in rows:
            link = Link.objects.get(person_id=row.person_id, link_id=row.link_id)
            customer = Customer.objects.get(person_id=row.person_id, customer_id=link.customer_id)
            found.append((customer, row.payment_id))
    return found
