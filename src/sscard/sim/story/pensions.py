"""Contribution records for a demo city: a file from the levy system, and the yearly statements of the accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import islice
from typing import Any

from sscard.sim.contributions import Insured, write_accounts, write_contributions
from sscard.sim.people import Town
from sscard.sim.story.world import World

Say = Callable[..., None]
PEOPLE = 16
"""Persons of the town whose records are filled; each has a hundred rows and more."""


def fill(world: World, seed: int, say: Say) -> None:
    """Records of the first people of the town."""
    people: list[Insured] = []
    for one in islice(Town(world.area, seed).people(PEOPLE), PEOPLE):
        people.append((one.id_number, one.category, one.employer.code if one.employer else ""))
    say("contributions", rows=hand_in(world, people, seed, "town"))


def hand_in(world: World, people: Sequence[Insured], seed: int, name: str) -> int:
    """Both files, checked and posted; the rows that are in."""
    until = last_month()
    months = world.folder / f"contributions-{world.area}-{name}.csv"
    write_contributions(months, people, world.area, until=until, seed=seed)
    rows = int(post(world, months.name, months.read_bytes(), "contributions")["rows"])
    years = world.folder / f"accounts-{world.area}-{name}.csv"
    if write_accounts(years, people, world.area, until=until, seed=seed):
        rows += int(post(world, years.name, years.read_bytes(), "accounts")["rows"])
    return rows


def post(world: World, name: str, data: bytes, content: str) -> dict[str, Any]:
    """Hand a file in, look at the dry run, post the good rows."""
    clerk = world.staff("clerk")
    file = clerk.file("/api/contribution-files", name, data, content=content)["file"]
    path = f"/api/contribution-files/{file}"
    world.wait(clerk, path, ("checking",))
    clerk.act("insurance.post_contributions", file_id=file)
    return world.wait(clerk, path, ("posting",))


def last_month(today: date | None = None) -> int:
    """The month before this one, as YYYYMM."""
    day = today or date.today()  # noqa: DTZ011 - a month more or less
    return (day.year * 12 + day.month - 2) // 12 * 100 + (day.month - 2) % 12 + 1
