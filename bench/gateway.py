"""The gateway's figures: postings and look-ups over HTTP with TLS, 256 connections, beside the same-rows yardstick.

The clients are wrk's, a program as lean as pgbench, with which the limit line is measured: clients in Python took a third of
what two processors have.

A posting here is a deposit by a bank's program: key with its answer, transfer, two entries with number and balance, counters of
two accounts, audit row with MAC, whom it is about. No limit counts for money that comes in, so no such row is written.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import create_default_context
from typing import Any

import psycopg

import ledger  # whose figures call ours: looked at when they do

HERE = Path(__file__).resolve().parent
BANK, AREA, NAME, KEY = "ICBC", "990100", "bench.host", "a-key-of-the-benchmark"
WARM_S = 2
FIRST = 10_000_000
"""Number of the first account: those of the other books have lower ones."""


def figures(house: Any, rate: Any, ceiling: Any, same_rows: float, looks: float) -> Iterator[Any]:
    """`same_rows`, `looks`: the limit lines that were measured a moment ago on the same server."""
    prepare(house)
    with running(house) as port:
        posts = callers(house, "deposit", port)
        yield rate(
            "gateway: deposits over HTTP, 256 connections", posts["rate"], "pgbench, same rows, 16 clients", same_rows, 1.8,
            "posts/s",
        )  # fmt: skip
        yield from waits("deposits over HTTP", posts, ceiling)
        found = callers(house, "look", port)
        yield rate(
            "gateway: balances over HTTP with audit rows", found["rate"], "pgbench, one look-up a query, 16 clients", looks,
            0.1, "looks/s",
        )  # fmt: skip
        yield from waits("balances over HTTP", found, ceiling)
        assert not posts["bad"] + found["bad"], (posts, found)


def waits(what: str, found: dict[str, float], ceiling: Any) -> Iterator[Any]:
    for part, most in (("p50_ms", 150), ("p99_ms", 500)):
        name = f"gateway: {what}, {part.removesuffix('_ms')} of 256 connections"
        yield ceiling(name, found[part], "ms", "ceiling", most)


def prepare(house: Any) -> None:
    """A program of the bank, and accounts that it may send to."""
    from sscard.control.models import Organisation, Program
    from sscard.control.sessions import token_hash

    Organisation.objects.get_or_create(
        code="BENCH-HQ", defaults={"kind": "bank", "bank": BANK, "name_zh": "BENCH", "name_en": "BENCH"}
    )
    Program.objects.create(
        name=NAME, organisation_id="BENCH-HQ", role="bank_program", area_code=AREA, secret_hash=token_hash(KEY)
    )
    last = FIRST + ledger.POSTING_ACCOUNTS - 1
    ledger.open_accounts(house, f"bank:{BANK}", ledger.POSTING_ACCOUNTS, first=FIRST)
    with psycopg.connect(house.urls.app) as connection:
        connection.execute(
            "insert into people_lookup (kind, value, area_code, person_id, object_id)"
            " select 'account', uuid_send(lpad(to_hex(n), 32, '0')::uuid), %s, n, null from generate_series(%s::bigint, %s) n",
            [AREA, FIRST, last],
        )
    with psycopg.connect(house.postgres.urls(house.database).owner, autocommit=True) as connection:
        connection.execute("vacuum analyze people_lookup")


@contextmanager
def running(house: Any) -> Iterator[int]:
    """The gateway as the supervisor starts it."""
    from sscard.app import tls
    from tests_support import free_port

    tls.ensure_certificate(house.config)
    port = free_port()
    environ = {**house.environ, "SSCARD_GATEWAY_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "sscard.app.gateway"], env=environ)
    try:
        context = create_default_context(cafile=str(house.config.home / "tls" / "authority.pem"))
        for _ in range(240):
            try:
                urllib.request.urlopen(f"https://localhost:{port}/health", timeout=5, context=context).close()
                break
            except OSError:
                time.sleep(0.25)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def callers(house: Any, what: str, port: int) -> dict[str, float]:
    """256 connections for some seconds, after a few to warm up; `gateway.lua` says what they ask."""
    header = "Authorization: Basic " + base64.b64encode(f"{NAME}:{KEY}".encode()).decode()
    for seconds in (WARM_S, ledger.SECONDS):
        command = [
            "wrk",
            "-t1",
            f"-c{ledger.CALLERS}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            str(HERE / "gateway.lua"),
        ]
        command += [
            f"https://localhost:{port}",
            "--",
            what,
            header,
            str(FIRST),
            str(ledger.POSTING_ACCOUNTS),
            uuid.uuid4().hex,
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found | {"rate": (found["answers"] - found["bad"]) / found["seconds"]}
