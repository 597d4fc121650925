"""Jobs of the partners' room: sending, and the magic persons of a new sandbox."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.partners import requests
from sscard.partners.hooks import sending
from sscard.partners.sandbox import tenants

AGAIN = RetryStrategy(max_attempts=5, wait=5)


@app.task(name="partners.send", retry=AGAIN)
def send(delivery: str) -> None:
    """One try of one delivery. What the receiver does wrong is no failure of the job: the next try is queued."""
    sending.send(uuid.UUID(delivery))


def later(delivery: uuid.UUID, seconds: float) -> None:
    if seconds:
        send.configure(schedule_in={"seconds": int(seconds)}).defer(delivery=str(delivery))
    else:
        send.defer(delivery=str(delivery))


@app.task(name="partners.fill", retry=AGAIN)
def fill(sandbox: str) -> None:
    """The magic persons of a new sandbox, for whoever does not wait for them."""
    tenants.fill(uuid.UUID(sandbox))


def fill_later(sandbox: uuid.UUID) -> None:
    fill.defer(sandbox=str(sandbox))


@app.periodic(cron="37 2 * * *")
@app.task(name="partners.tidy", retry=AGAIN)
def tidy(timestamp: int) -> None:
    """Each night: logs keep what their bounds say."""
    requests.tidy()
