"""Jobs of the ledger: holds whose time is past are freed. None of them can be captured before that either."""

from __future__ import annotations

from datetime import datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.kernel import clock
from sscard.kernel.db import bank_role, unit_of_work
from sscard.law import areas
from sscard.ledger import follow_up

AGAIN = RetryStrategy(max_attempts=5, wait=3)


@app.periodic(cron="*/5 * * * *")
@app.task(name="ledger.expire_holds", retry=AGAIN)
def expire_holds(timestamp: int) -> None:
    """Every five minutes. A book may serve several areas; of their clocks, which a sandbox can move, the slowest decides.
    `timestamp` is the round's own."""
    moments: dict[str, datetime] = {}
    for area in areas.all_areas():
        now = clock.now(area.code)
        for bank in area.banks(now.astimezone(clock.CHINA).date()):
            moments[bank.code] = min(now, moments.get(bank.code, now))
    for code, now in moments.items():
        with unit_of_work(), bank_role(f"bank:{code}"):
            follow_up.expire_holds(now)
