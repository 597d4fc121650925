"""Clients of the fast lane in a process of their own, which may be killed at any moment and started again.

    python bench/ledger_load.py PLAN.json LOG

The plan says what to do; what client n does as its i-th operation follows from the seed alone, so a second start goes on
where the first one ended: what stands in the log without an answer is asked again under the same key. Each line is written
to the log before the next step, so an answer in the log is an answer that the client had.

    a KEY TIME                                          asked
    p KEY TIME STATUS DEBIT_SEQ CREDIT_SEQ DEBIT_BALANCE CREDIT_BALANCE
    r KEY TIME ACCOUNT SEQ BALANCE ASKED                a read
    x KEY what                                          a repeat that was answered otherwise than the first time
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

NAMESPACE = uuid.UUID("0c0f5a3e-7a52-4b0e-9d57-0f2c4f1f6d11")
DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class Plan:
    """`accounts`: name → (person_id, account_id); those named cash… are the bank's own."""

    url: str
    book: str
    seed: int
    operations: int
    clients: int
    accounts: dict[str, tuple[int, uuid.UUID]]

    @classmethod
    def read(cls, path: Path) -> Plan:
        plan = json.loads(path.read_text())
        accounts = {name: (person, uuid.UUID(account)) for name, (person, account) in plan.pop("accounts").items()}
        return cls(accounts=accounts, **plan)

    def write(self, path: Path) -> None:
        accounts = {name: (person, str(account)) for name, (person, account) in self.accounts.items()}
        plan = {name: getattr(self, name) for name in ("url", "book", "seed", "operations", "clients")}
        path.write_text(json.dumps(plan | {"accounts": accounts}))

    @cached_property
    def _sorts(self) -> tuple[list[str], list[str]]:
        """Names of customers, and of the bank's own."""
        own = [name for name in self.accounts if name.startswith("cash")]
        return [name for name in self.accounts if not name.startswith("cash")], own

    def operation(self, index: int) -> tuple[str, str, str, int]:
        """(kind, debit, credit, fen): 15 % reads, 15 % cash in, 5 % cash out, the rest between customers."""
        dice = random.Random(f"{self.seed}:{index}")  # noqa: S311 - a plan that can be repeated, no secret
        customers, cash = self._sorts
        a, b = dice.sample(customers, 2)
        kind = dice.random()
        if kind < 0.15:
            return "read", a, "", 0
        if kind < 0.30:
            return "transfer", dice.choice(cash), a, dice.randrange(1, 5_000)
        if kind < 0.35:
            return "transfer", a, dice.choice(cash), dice.randrange(1, 5_000)
        return "transfer", a, b, dice.randrange(1, 5_000)

    def item(self, index: int, debit: str, credit: str, fen: int) -> Any:
        """Of the operation with this number."""
        from sscard.ledger.items import Item, Side
        from sscard.ledger.permits import Permit

        key = f"{self.seed}-{index}"
        return Item(
            caller=NAMESPACE,
            key=key,
            fingerprint=hashlib.sha256(f"{key}|{debit}|{credit}|{fen}".encode()).digest(),
            kind="load",
            debit=Side(*self.accounts[debit], Permit.NONE),
            credit=Side(*self.accounts[credit], Permit.NONE),
            amount_fen=fen,
            business_date=DAY,
            transfer_id=uuid.uuid5(NAMESPACE, key),
        )


class Log:
    """Whole lines, each handed to the system at once: what is in it survives the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def line(self, *words: object) -> None:
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


async def client(plan: Plan, number: int, done: set[str], log: Log, lane: Any, looks: Any) -> None:
    """Its operations one after the other; every twentieth is asked twice."""
    for index in range(number, plan.operations, plan.clients):
        key = f"{plan.seed}-{index}"
        if key in done:
            continue
        kind, debit, credit, fen = plan.operation(index)
        asked = time.monotonic()
        if kind == "read":
            found = await looks.balance(*plan.accounts[debit])
            log.line("r", key, time.monotonic(), debit, found.seq, found.balance_fen, asked)
            continue
        log.line("a", key, asked)
        item = plan.item(index, debit, credit, fen)
        first = await lane.post(item)
        answer = (
            first.status,
            first.debit_seq or 0,
            first.credit_seq or 0,
            first.debit_balance_fen or 0,
            first.credit_balance_fen or 0,
        )
        log.line("p", key, time.monotonic(), *answer)
        if index % 20 == 0 and first.status != "busy":
            again = await lane.post(item)
            if (again.status, again.debit_seq, again.transfer_id) != (first.status, first.debit_seq, first.transfer_id):
                log.line("x", key, again.status)


def answered(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {line.split()[1] for line in path.read_text().splitlines() if line[:2] in ("p ", "r ")}


async def run(plan: Plan, path: Path) -> None:
    from sscard.ledger.lane import PostingLane
    from sscard.ledger.lane_reads import BalanceLane

    done, log = answered(path), Log(path)
    lane = await PostingLane.open(plan.url, book=plan.book, clock=lambda: datetime.now(UTC))
    looks = await BalanceLane.open(plan.url, book=plan.book)
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(plan.clients):
                group.create_task(client(plan, number, done, log, lane, looks))
    finally:
        await lane.close()
        await looks.close()


def main() -> None:
    import django

    django.setup()
    asyncio.run(run(Plan.read(Path(sys.argv[1])), Path(sys.argv[2])))


if __name__ == "__main__":
    main()
