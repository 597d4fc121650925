"""The savings' timers: a round of clearing each minute, and at once when somebody transfers in real time."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from sscard.bank.savings import clearing_http, close, exchange

log = logging.getLogger("sscard.bank.close")
AGAIN = RetryStrategy(max_attempts=3, wait=10)


def _nothing() -> None:
    """Port, filled by the app: a clearing house of our own, where there is one, is there before it is asked."""


before_round: Callable[[], None] = _nothing


def one_round() -> None:
    before_round()
    exchange.run(clearing_http.connected(settings.CONFIG.home))


@app.periodic(cron="* * * * *")
@app.task(name="bank.clearing_minute", retry=AGAIN, lock="bank.clearing")
def clearing_minute(timestamp: int) -> None:
    one_round()


@app.task(name="bank.clearing_now", retry=AGAIN, lock="bank.clearing", queueing_lock="bank.clearing_now")
def clearing_now() -> None:
    one_round()


@app.periodic(cron="7 * * * *")
@app.task(name="bank.close_days", retry=AGAIN, lock="bank.close_days")
def close_days(timestamp: int) -> None:
    """Each hour: days that are over in their areas' time. A day that is not sound is said aloud; the next runs go on."""
    for one in close.close_all():
        if not one.sound:
            log.error("bank %s: the trial balance of %s does not hold", one.bank, one.day)


def hurry() -> None:
    """A round soon; one that waits already will do."""
    try:
        with transaction.atomic():
            clearing_now.defer()
    except AlreadyEnqueued:
        return
