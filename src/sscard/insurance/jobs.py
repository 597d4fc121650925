"""Jobs of room insurance, queued in PostgreSQL in the transaction that asks for them."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.insurance import runs

AGAIN = RetryStrategy(max_attempts=5, wait=3)


@app.task(name="insurance.check_contributions", retry=AGAIN)
def check_contributions(file_id: str, area: str) -> None:
    runs.check_file(uuid.UUID(file_id), area)


@app.task(name="insurance.post_contributions", retry=AGAIN)
def post_contributions(file_id: str, area: str) -> None:
    runs.post_file(uuid.UUID(file_id), area)
