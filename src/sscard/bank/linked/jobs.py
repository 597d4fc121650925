"""The timers of payments through a link: nobody's money stays set aside because he never looked again after an answer was lost,
and a receipt or an authorisation that could not be had at once is fetched later."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

from django.db.models import Q
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.bank import customers
from sscard.bank.customers_models import Customer
from sscard.bank.linked import authorisations, paying, receipts
from sscard.bank.linked.tables import Link, LinkPayment
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.law import areas

log = logging.getLogger("sscard.bank.linked")
AGAIN = RetryStrategy(max_attempts=2, wait=20)
UNTOUCHED_FOR = timedelta(minutes=1)
"""Younger ones are on their way through a page."""
RECEIPT_WITHIN = timedelta(days=7)
"""A receipt that the bureau has not given in this time is asked for when the customer asks for it."""
MOST = 200


@app.periodic(cron="*/2 * * * *")
@app.task(name="bank.charges_in_doubt", retry=AGAIN, lock="bank.charges_in_doubt")
def charges_in_doubt(timestamp: int) -> None:
    settle_all()
    fetch_receipts()
    fetch_authorisations()


def settle_all() -> int:
    """Ask the bureau what became of each; how many are taken or returned now. One that can't be told stays for the next round."""
    settled = 0
    for bank in _banks():
        for customer, payment in _at(bank, Q(state__in=("held", "doubt"))):
            try:
                found = paying.look_again(customers.caller_of(customer, channel="job"), payment)
            except Refusal as refusal:
                log.warning("bank %s: payment %s stays in doubt: %s", bank, payment, refusal.code)
            else:
                settled += found.state in ("paid", "returned")
    return settled


def fetch_receipts() -> int:
    """How many are kept now that were not before."""
    lacking = receipts.lacking() & Q(sent_at__gt=clock.real_now() - RECEIPT_WITHIN)
    return sum(
        receipts.keep(customers.caller_of(customer, channel="job"), payment)
        for bank in _banks()
        for customer, payment in _at(bank, lacking, live=True)
    )


def fetch_authorisations() -> int:
    """How many are kept now that were not before."""
    kept = 0
    for bank in _banks():
        with customers.within(bank, customers.NO_AREA):
            young, old = clock.real_now() - UNTOUCHED_FOR, clock.real_now() - RECEIPT_WITHIN
            rows = Link.objects.filter(authorisations.lacking(), linked_at__range=(old, young)).defer("tokens")
            found = [
                (Customer.objects.get(person_id=row.person_id, customer_id=row.customer_id), row.link_id)
                for row in rows.order_by("linked_at")[:MOST]
            ]
        kept += sum(authorisations.keep(customers.caller_of(one, channel="job"), link) for one, link in found)
    return kept


def _banks() -> list[str]:
    return sorted({bank.code for area in areas.all_areas() for bank in area.banks(clock.today(area.code))})


def _at(bank: str, which: Q, *, live: bool = False) -> list[tuple[Customer, uuid.UUID]]:
    """A bank's payments of this kind that nobody has in hand, oldest first; `live`: through links that have not ended."""
    with customers.within(bank, customers.NO_AREA):
        rows = LinkPayment.objects.filter(which, sent_at__lt=clock.real_now() - UNTOUCHED_FOR).order_by("sent_at")
        found = []
        for row in rows[:MOST]:
            link = Link.objects.defer("tokens").get(person_id=row.person_id, link_id=row.link_id)
            if not live or link.ended_at is None:
                customer = Customer.objects.get(person_id=row.person_id, customer_id=link.customer_id)
                found.append((customer, row.payment_id))
    return found
