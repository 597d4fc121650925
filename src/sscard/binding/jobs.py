"""Jobs of room binding: what time has ended is written down, what can serve no more is thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.binding import consents, grants, proofs, tokens
from sscard.control.acts_registry import act
from sscard.control.caller import system
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.law import areas

AGAIN = RetryStrategy(max_attempts=5, wait=3)


@dataclass(frozen=True, slots=True)
class Lapse:
    """All of the area whose time is over."""


@act("binding.lapse", right="binding.lapse", clause="")
def lapse(inside: Inside, request: Lapse) -> dict[str, Any]:
    """Expiry is decided on reading; this only writes it down, so that lists, events and statistics agree."""
    found = consents.lapsed(inside.area_code, inside.now)
    for consent in found:
        consents.move(inside, consent, "lapse", "time")
        inside.about(consent.person_id)
    return {"expired": len(found)}


@app.periodic(cron="*/5 * * * *")
@app.task(name="binding.lapse", retry=AGAIN)
def lapse_all(timestamp: int) -> None:
    """`timestamp` is the round's own, the areas' clocks decide. An area where nothing ended writes nothing."""
    for area in areas.all_areas():
        with unit_of_work(area=area.code):
            some = bool(consents.lapsed(area.code, clock.now(area.code)))
        if some:
            perform(system(area.code), "binding.lapse", Lapse(), key=str(ids.new_id()), purpose="consent")


@app.periodic(cron="7 * * * *")
@app.task(name="binding.tidy", retry=AGAIN)
def tidy(timestamp: int) -> None:
    proofs.forget_old()
    grants.forget_old()
    tokens.forget_old()
