"""Timers of the accounts' life: every area, every bank, slice by slice, in the area's own time."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from sscard.bank.acts_idle import EXPIRED, RUN_OUT, UNUSED, Sweep
from sscard.control.caller import system
from sscard.control.door import perform
from sscard.kernel import clock, ids
from sscard.law import areas

AGAIN = RetryStrategy(max_attempts=5, wait=30)


@app.periodic(cron="17 3 * * *")
@app.task(name="bank.nightly_life", retry=AGAIN)
def nightly_life(timestamp: int) -> None:
    """Each night: accounts that nobody used, cards whose last day was yesterday."""
    sweep_all(UNUSED, EXPIRED)


@app.periodic(cron="*/20 * * * *")
@app.task(name="bank.restrictions_over", retry=AGAIN)
def restrictions_over(timestamp: int) -> None:
    """What has ended by itself opens the account again, for those too who only look at the mask."""
    sweep_all(RUN_OUT)


def sweep_all(*what: str) -> int:
    """How many accounts were touched. An area without approval has no banks and is passed by."""
    touched = 0
    for area in areas.all_areas():
        for bank in area.banks(clock.today(area.code)):
            touched += sweep(area.code, bank.code, *what)
    return touched


def sweep(area: str, bank: str, *what: str) -> int:
    """The same for one bank in one area: a sandbox whose clock was moved does its nights' work at once."""
    touched = 0
    for one in what:
        more = True
        while more:
            answer = perform(system(area), "bank.sweep", Sweep(bank, one), key=f"sweep-{ids.new_id()}").answer
            touched += answer["accounts"]
            more = bool(answer["more"])
    return touched
