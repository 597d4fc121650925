"""The room's own queue: checking and posting run in the worker."""

from __future__ import annotations

import uuid


def fill() -> None:
    from sscard.cards.electronic import holding
    from sscard.insurance import jobs, reads, runs

    def defer(file_id: uuid.UUID, area: str, step: str) -> None:
        task = jobs.check_contributions if step == "check" else jobs.post_contributions
        task.defer(file_id=str(file_id), area=area)

    runs.defer = defer
    holding.insured = reads.insured_lately
