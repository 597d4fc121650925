"""Filling a demo city through the outside: terminals, a roster, producers, cards on all stations of their way.

Everything goes by the HTTP API, files and programs, as it would in a real city. Areas are filled side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from sscard.kernel import words
from sscard.sim.roster import truth_path, write_roster
from sscard.sim.story import cards, pensions
from sscard.sim.story.world import World

AREAS = ("990100", "990200")
SMALL = 20
"""The second area's roster has one row for this many of the first's, at least `LEAST`."""
LEAST = 200


@dataclass(slots=True)
class Filling:
    """One run. Areas have worlds of their own, as a world's connection is not for two threads."""

    home: Path
    url: str
    trust: Path
    lang: str
    console: Console

    @classmethod
    def at(cls, home: Path, url: str, trust: Path, lang: str) -> Filling:
        return cls(home, url, trust, lang, Console(highlight=False, soft_wrap=True))

    def run(self, rows: int, seed: int) -> None:
        worlds = {area: World(self.url, self.trust, self.home, self.lang, area) for area in AREAS}
        for world in worlds.values():  # one after the other: signing in writes one file of sessions
            for name in ("clerk", "clerk2", "reviewer", "stock", "system", "manager"):
                world.staff(name)
        sizes = sizes_of(rows)
        with ThreadPoolExecutor(len(AREAS)) as hands:
            for done in [hands.submit(self._area, world, sizes[area], seed) for area, world in worlds.items()]:
                done.result()

    def _area(self, world: World, rows: int, seed: int) -> None:
        with self._timed(world, "roster"):
            file = roster(self.home, world.area, rows, seed)
            received = world.staff("clerk").file("/api/rosters", file.name, file.read_bytes())
        with self._timed(world, "terminals"):
            self.say("terminals", count=terminals(world))
        with self._timed(world, "producers"):
            self.say("producers", names="、".join(cards.producers(world)))
        with self._timed(world, "test cards"):
            self.say("test_cards", area=world.area, number=cards.examine(world))
        with self._timed(world, "import"):
            self._register(world, received["import"])
        with self._timed(world, "cards"):
            cards.fill(world, self.say)
        with self._timed(world, "contributions"):
            pensions.fill(world, seed, self.say)

    def _register(self, world: World, import_id: str) -> None:
        clerk, path = world.staff("clerk"), f"/api/imports/{import_id}"
        found = world.wait(clerk, path, ("checking",))
        book = world.folder / f"faults-{world.area}.xlsx"
        if found["faults_files"]:
            book.write_bytes(clerk.raw("GET", f"{path}/faults/1"))
        self.say("roster", area=world.area, rows=found["rows"], good=found["good"], bad=found["bad"], file=book)
        clerk.act("people.register_roster", import_id=import_id)
        found = world.wait(clerk, path, ("registering",))
        self.say("registered", area=world.area, new=found["new"], queued=found["queued"])

    def say(self, code: str, **facts: Any) -> None:
        self.console.print(words.text("notice", f"sim.fill.{code}", self.lang, **facts))

    @contextmanager
    def _timed(self, world: World, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        seconds = f"{time.monotonic() - began:.1f}"
        self.console.print(
            "  [dim]"
            + words.text("notice", "sim.fill.part", self.lang, name=f"{world.area} {name}", seconds=seconds)
            + "[/]"
        )


def sizes_of(rows: int) -> dict[str, int]:
    """Area → rows of its roster."""
    return {AREAS[0]: rows, AREAS[1]: max(LEAST, rows // SMALL)}


def roster(home: Path, area: str, rows: int, seed: int) -> Path:
    """The bureau's roster file; written once for the same size and seed."""
    folder = home / "demo" / "post"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"roster-{area}-{rows}-{seed}.csv"
    if not file.is_file():
        part = file.with_suffix(".part")
        write_roster(part, area, rows, seed)
        truth_path(part).replace(truth_path(file))
        part.replace(file)
    return file


def rosters(home: Path, rows: int, seed: int) -> None:
    """All areas' rosters, which can be written before anything runs."""
    for area, count in sizes_of(rows).items():
        roster(home, area, count, seed)


Say = Callable[..., None]


def terminals(world: World) -> int:
    """A counter in every hall and branch, a kiosk where the area pack says that one stands; each with its devices."""
    admin, public = world.staff("system").again(), world.nobody().again()
    found = public.get(f"/api/areas/{world.area}/banks")
    made = 0
    for hall in found["halls"]:
        made += world.settle_terminal(admin, world.terminal(hall["code"]), "bureau", hall["code"], hall["code"])
    for bank in found["banks"]:
        for branch in bank["outlets"]:
            code = branch["code"]
            made += world.settle_terminal(admin, world.terminal(code), "counter", code, code)
            if branch["terminal"]:
                made += world.settle_terminal(admin, world.terminal(code, "kiosk"), "kiosk", code, code)
    return made
