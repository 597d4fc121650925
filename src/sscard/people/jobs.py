"""Jobs of room people, queued in PostgreSQL in the transaction that asks for them."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.people import imports

AGAIN = RetryStrategy(max_attempts=5, wait=3)


@app.task(name="people.check_roster", retry=AGAIN)
def check_roster(import_id: str, area: str) -> None:
    imports.check_run(uuid.UUID(import_id), area)


@app.task(name="people.register_roster", retry=AGAIN)
def register_roster(import_id: str, area: str) -> None:
    imports.register_run(uuid.UUID(import_id), area)
