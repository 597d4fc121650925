"""Jobs of room people, queued in PostgreSQL in the transaction that asks for them."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.law import areas
from sscard.people import imports, self_entry

AGAIN = RetryStrategy(max_attempts=5, wait=3)


@app.task(name="people.check_roster", retry=AGAIN)
def check_roster(import_id: str, area: str) -> None:
    imports.check_run(uuid.UUID(import_id), area)


@app.task(name="people.register_roster", retry=AGAIN)
def register_roster(import_id: str, area: str) -> None:
    imports.register_run(uuid.UUID(import_id), area)


@app.periodic(cron="23 2 * * *")
@app.task(name="people.expire_self_entries", retry=AGAIN)
def expire_self_entries(timestamp: int) -> None:
    """Each night: what nobody stood for in time is taken away. `timestamp` is the round's own, the areas' clocks decide."""
    for area in areas.all_areas():
        with unit_of_work(area=area.code):
            self_entry.expire(area.code, clock.now(area.code))


@app.periodic(cron="41 2 * * *")
@app.task(name="people.tidy_inbox", retry=AGAIN)
def tidy_inbox(timestamp: int) -> None:
    """Files that nobody came back for hold clear data: they go after a month."""
    imports.tidy()
