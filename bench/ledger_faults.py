"""Load on the ledger while its server and its clients are killed; then everything is checked.

`Trial` starts a PostgreSQL of its own, `writers` processes of `ledger_load`, kills at random moments (kill -9, both the
database with all its processes and the clients), starts again what was killed, and hands the history to
`tests/ledger_history.py`. Every 100 ms one REPEATABLE READ query asks: is the sum of all accounts zero, is each balance
equal to its entries? The control run says synchronous_commit=off: then the checker must find loss.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from ledger_load import Plan

from ledger_history import Done, Verdict, check, check_against_database

WATCH_EVERY_S = 0.1
_MIGRATE = "from sscard.app import config, migrate; migrate.migrate(config.load())"
_WATCH = """
select coalesce(sum(a.credits_posted - a.debits_posted), 0),
       count(*) filter (where a.credits_posted - a.debits_posted <> coalesce(e.balance_fen, 0) or a.seq <> coalesce(e.seq, 0)
                           or (a.kind = 'customer' and a.credits_posted - a.debits_posted - a.debits_held < 0))
  from ledger_ledgeraccount a
  left join lateral (select balance_fen, seq from ledger_entry e
                      where e.person_id = a.person_id and e.account_id = a.account_id order by seq desc limit 1) e on true
"""
_WATCH_ALL = """
select coalesce(sum(a.credits_posted - a.debits_posted), 0),
       count(*) filter (where a.credits_posted - a.debits_posted <> coalesce(e.net, 0) or a.seq <> coalesce(e.n, 0))
  from ledger_ledgeraccount a
  left join (select person_id, account_id, count(*) as n,
                    sum(case side when 'C' then amount_fen else -amount_fen end) as net
               from ledger_entry group by person_id, account_id) e using (person_id, account_id)
"""


@contextmanager
def own_server() -> Iterator[tuple[Any, dict[str, str]]]:
    """A PostgreSQL that may be killed, migrated, in a temporary home; and the environment of programs that use it."""
    from sscard.app import config
    from sscard.app.postgres import Postgres

    home = Path(tempfile.mkdtemp(prefix="sscard-kill-"))
    home.chmod(0o711)  # PostgreSQL's own user walks through it
    ours = {"SSCARD_HOME": str(home), "SSCARD_PROFILE": "test", "SSCARD_POSTGRES_MAX_CONNECTIONS": "40"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SSCARD_")}
    environ = {**kept, **ours, "DJANGO_SETTINGS_MODULE": "sscard.app.settings"}
    settings = config.load(ours)
    server = Postgres(settings)
    try:
        server.start()
        subprocess.run([sys.executable, "-c", _MIGRATE], env=environ, check=True, timeout=300)
        yield server, environ
    finally:
        server.stop()
        for folder in (server.folder, settings.runtime, home):
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class Answers:
    """How many answers stand in a growing log: each time only what is new is read."""

    path: Path
    _read: int = 0
    _found: int = 0

    def count(self) -> int:
        if self.path.exists():
            with self.path.open("rb") as log:
                log.seek(self._read)
                whole = log.read().rpartition(b"\n")[0]
            if whole:
                self._read += len(whole) + 1
                self._found += sum(line[:2] in (b"p ", b"r ") for line in whole.split(b"\n"))
        return self._found


@dataclass(slots=True)
class Trial:
    """One run. `server` is an `app.postgres.Postgres` that only this run uses; `folder` takes plans and logs."""

    server: Any
    database: str
    folder: Path
    environ: dict[str, str]
    operations: int
    kills_of_server: int = 0
    kills_of_clients: int = 0
    writers: int = 2
    clients: int = 64
    customers: int = 200
    seed: int = 1
    safe: bool = True
    whole_sum: bool = True
    """The watcher adds up all entries each time; else only the last entry of each account."""
    book: str = field(default_factory=lambda: f"bank:{uuid.uuid4().hex[:12]}")
    watched: int = 0
    seconds: float = 0.0
    restarts: int = 0

    def run(self) -> Verdict:
        begin = time.monotonic()
        accounts = self._open_accounts()
        plans = []
        for writer in range(self.writers):
            plan = self.folder / f"plan{writer}.json"
            url = self.server.urls(self.database).app
            url += "" if self.safe else "&options=-csynchronous_commit%3Doff"
            Plan(url, self.book, self.seed + writer, self.operations // self.writers, self.clients, accounts).write(
                plan
            )
            plans.append(plan)
        stop, faults = threading.Event(), Verdict()
        watcher = threading.Thread(target=self._watch, args=(stop, faults))
        watcher.start()
        try:
            self._work(plans)
        finally:
            stop.set()
            watcher.join()
        self.seconds = time.monotonic() - begin
        verdict = self._judge([Plan.read(plan) for plan in plans])
        verdict.faults += faults.faults
        verdict.counts += faults.counts
        return verdict

    # -- load and kills
    def _work(self, plans: list[Path]) -> None:
        running = {plan: self._start(plan) for plan in plans}
        answers = [Answers(self._log(plan)) for plan in plans]
        dice = random.Random(self.seed)  # noqa: S311 - a plan that can be repeated, no secret
        total = self.kills_of_server + self.kills_of_clients
        order = ["server"] * self.kills_of_server + ["client"] * self.kills_of_clients
        dice.shuffle(order)
        share = self.operations / (total + 1)
        for number, what in enumerate(order, 1):
            self._wait_for(answers, int(share * number), running)
            time.sleep(dice.random() * 0.2)
            if what == "server":
                self._kill_server()
            else:
                plan = dice.choice(plans)
                running[plan].kill()
                running[plan].wait()
                running[plan] = self._start(plan)
            self.restarts += 1
        for plan, process in running.items():
            if process.wait(900) != 0:
                raise RuntimeError(f"clients of {plan.name} ended with {process.returncode}: {self._errors(plan)}")

    def _start(self, plan: Path) -> subprocess.Popen[bytes]:
        with plan.with_suffix(".err").open("ab") as err:
            command = [sys.executable, str(Path(__file__).with_name("ledger_load.py")), str(plan), str(self._log(plan))]
            return subprocess.Popen(command, env=self.environ, stdout=err, stderr=err)

    def _wait_for(self, answers: list[Answers], lines: int, running: dict[Path, subprocess.Popen[bytes]]) -> None:
        """Until this many answers stand in the logs, or the clients are through."""
        while any(process.poll() is None for process in running.values()):
            if sum(one.count() for one in answers) >= lines:
                return
            time.sleep(0.02)

    def _kill_server(self) -> None:
        """The postmaster and all its processes at once, as when the machine's memory runs out; then start it again."""
        postmaster = self.server.process.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.process.wait()
        self.server.start()

    @staticmethod
    def _log(plan: Path) -> Path:
        return plan.with_suffix(".log")

    @staticmethod
    def _errors(plan: Path) -> str:
        return plan.with_suffix(".err").read_text(errors="replace")[-1500:]

    # -- the watcher
    def _watch(self, stop: threading.Event, verdict: Verdict) -> None:
        statement = _WATCH_ALL if self.whole_sum else _WATCH
        connection: psycopg.Connection[Any] | None = None
        while not stop.wait(WATCH_EVERY_S):
            try:
                if connection is None or connection.closed:
                    connection = psycopg.connect(
                        self.server.urls(self.database).app, autocommit=True, connect_timeout=3
                    )
                with connection.transaction(), _in_book(connection, self.book):
                    row = connection.execute(statement).fetchone()
            except psycopg.OperationalError:
                connection = None  # it was killed; the next look is at the restarted one
                continue
            assert row is not None
            self.watched += 1
            if row != (0, 0):
                verdict.fault("watch", f"sum {row[0]}, {row[1]} accounts do not fit their entries")
        if connection is not None:
            connection.close()

    # -- the database, before and after
    def _open_accounts(self) -> dict[str, tuple[int, uuid.UUID]]:
        accounts = {f"a{n}": (n + 1, uuid.uuid4()) for n in range(self.customers)}
        accounts |= {f"cash{n}": (-1 - n, uuid.uuid4()) for n in range(4)}
        with psycopg.connect(self.server.urls(self.database).app) as connection, _in_book(connection, self.book):
            connection.cursor().executemany(
                "insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen,"
                " debits_posted, credits_posted, debits_held, credits_held, seq, opened_at)"
                " values (%s, %s, %s, %s, %s, 4095, %s, 0, 0, 0, 0, 0, 0, %s)",
                [
                    (person, account, self.book, *_sort_of(name), datetime.now(UTC))
                    for name, (person, account) in accounts.items()
                ],
            )
        return accounts

    def _judge(self, plans: list[Plan]) -> Verdict:
        history: list[Done] = []
        repeats = []
        for number, plan in enumerate(plans):
            more, bad = read_log(plan, self.folder / f"plan{number}.log")
            history += more
            repeats += bad
        names = {account: name for name, (_, account) in plans[0].accounts.items()}
        verdict = check(history, free=frozenset(name for name in plans[0].accounts if name.startswith("cash")))
        for line in repeats:
            verdict.fault("repeat", line)
        with psycopg.connect(self.server.urls(self.database).app) as connection, _in_book(connection, self.book):
            keys = dict(connection.execute("select key, status from ledger_posting").fetchall())
            entries = {
                (names[account], seq): key
                for account, seq, key in connection.execute(
                    "select e.account_id, e.seq, p.key from ledger_entry e join ledger_posting p using (transfer_id)"
                )
            }
        check_against_database(history, keys, entries, verdict)
        return verdict


def read_log(plan: Plan, path: Path) -> tuple[list[Done], list[str]]:
    """The history of one process, and what a repeat was answered wrongly."""
    asked: dict[str, float] = {}
    answers: dict[str, list[str]] = {}
    history, bad = [], []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0] == "a":
            asked.setdefault(words[1], float(words[2]))
        elif words[0] == "p":
            answers[words[1]] = words
        elif words[0] == "r":
            seen = Done(words[1], "read", words[3], "", 0, float(words[6]), float(words[2]))
            history.append(_with(seen, int(words[4]), int(words[5])))
        else:
            bad.append(line)
    for key, at in asked.items():
        _, debit, credit, fen = plan.operation(int(key.split("-")[1]))
        words = answers.get(key, [])
        if not words:
            history.append(Done(key, "transfer", debit, credit, fen, at))
        else:
            numbers = [int(word) for word in words[4:8]]
            history.append(Done(key, "transfer", debit, credit, fen, at, float(words[2]), words[3], *numbers))
    return history, bad


def _with(seen: Done, seq: int, balance: int) -> Done:
    return Done(seen.key, seen.kind, seen.debit, "", 0, seen.asked, seen.answered, "", seq, 0, balance, 0)


def _sort_of(name: str) -> tuple[str, str, str]:
    own = name.startswith("cash")
    return ("internal", name, "internal") if own else ("customer", "", "savings")


@contextmanager
def _in_book(connection: psycopg.Connection[Any], book: str) -> Iterator[None]:
    """Inside a transaction that is REPEATABLE READ, as the bank, in one book."""
    connection.execute("set transaction isolation level repeatable read")
    connection.execute("select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)", [book])
    yield
