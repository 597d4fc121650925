"""Callers of a lane in one process, for the benchmark: prints how many were answered, and how long they waited.

    python bench/ledger_callers.py post|look URL BOOK ACCOUNTS CALLERS SECONDS [PROFILE_FILE]

Account n has person n and account id n. A posting writes what the product writes: key, transfer, two entries, counters,
limit of the day, audit row with its MAC from the key service, whom it is about, event. What all postings have in common (who
asks, the ids of the accounts, the limit) is made before the clock starts, as `pgbench` has its statements ready.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import hashlib
import json
import os
import random
import secrets
import sys
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import uvloop

from sscard.control.caller import system
from sscard.ledger.items import Item, Limit, Side
from sscard.ledger.lane import PostingLane
from sscard.ledger.lane_reads import BalanceLane
from sscard.ledger.lane_trail import Trail
from sscard.ledger.permits import Permit

AREA, DAY, CALLER = "990100", date(2026, 3, 2), uuid.UUID(int=7)
ASKER, LIMITS = system(AREA), (Limit("transfer", "day", 5_000_000_00),)


async def post(lane: Any, dice: random.Random, accounts: Sequence[uuid.UUID]) -> bool:
    a = int(dice.random() * (len(accounts) - 1)) + 1
    b = int(dice.random() * (len(accounts) - 1)) + 1
    b = b if a != b else a % (len(accounts) - 1) + 1
    key, fen = secrets.token_hex(16), int(dice.random() * 100) + 1
    item = Item(
        caller=CALLER,
        key=key,
        fingerprint=hashlib.sha256(f"{key}{a}{b}{fen}".encode()).digest(),
        kind="transfer",
        debit=Side(a, accounts[a], Permit.TRANSFER_OUT),
        credit=Side(b, accounts[b], Permit.CREDIT),
        amount_fen=fen,
        business_date=DAY,
        limits=LIMITS,
    )
    event = ("ledger.posted", {"transfer": str(item.transfer_id)})
    now = datetime.now(UTC)
    trail = Trail(ASKER, "ledger.post", AREA, now, a, object="account:…", purpose="bench", event=event)
    return (await lane.post(item, trail=trail)).status == "posted"


async def look(lane: Any, dice: random.Random, accounts: Sequence[uuid.UUID]) -> bool:
    a = int(dice.random() * (len(accounts) - 1)) + 1
    return await lane.balance(a, accounts[a]) is not None


async def run(what: str, url: str, book: str, accounts: int, callers: int, seconds: float) -> dict[str, float]:
    lane: Any
    if what == "post":
        lane = await PostingLane.open(url, book=book, clock=lambda: datetime.now(UTC))
    else:
        lane = await BalanceLane.open(url, book=book)
    work = post if what == "post" else look
    ids = [uuid.UUID(int=n) for n in range(accounts + 1)]
    waits: list[float] = []
    asked = 0
    cpu, server = time.process_time(), _cpu_of_server(lane)
    warm = time.perf_counter() + 1.0
    end = warm + seconds

    async def caller(number: int) -> None:
        nonlocal asked
        dice = random.Random(number)  # noqa: S311 - which accounts, no secret
        while (begin := time.perf_counter()) < end:
            good = await work(lane, dice, ids)
            asked += 1
            if begin >= warm and good:
                waits.append(time.perf_counter() - begin)

    async with asyncio.TaskGroup() as group:
        for number in range(callers):
            group.create_task(caller(number))
    cpu, server = time.process_time() - cpu, _cpu_of_server(lane) - server
    await lane.close()
    waits.sort()
    passed = time.perf_counter() - warm
    return {
        "rate": len(waits) / passed,
        "p50_ms": waits[len(waits) // 2] * 1_000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1_000,
        "cpu_us": cpu / asked * 1e6,
        "server_cpu_us": server / asked * 1e6,
        "batch": asked / lane.batches,
    }


def _cpu_of_server(lane: Any) -> float:
    """Seconds of processor that the lane's connection has taken in PostgreSQL so far."""
    words = Path(f"/proc/{lane.server_pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    import django

    django.setup()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    what, url, book, accounts, callers, seconds, *profile = sys.argv[1:]
    profiler = cProfile.Profile() if profile else None
    if profiler:
        profiler.enable()
    found = uvloop.run(run(what, url, book, int(accounts), int(callers), float(seconds)))
    if profiler:
        profiler.disable()
        profiler.dump_stats(profile[0])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
