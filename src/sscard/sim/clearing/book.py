"""The clearing house's book: every payment with its state, in one file that survives a power cut."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIELDS = {
    "id", "from_bank", "to_bank", "amount_fen", "payer_name", "payer_number", "payee_name", "payee_number", "memo",
    "kind", "original", "reason", "proof",
}  # fmt: skip
KINDS = {"credit", "pull", "return"}
MOST_A_READING = 200
_TABLE = """
create table if not exists payment (
    id text primary key, from_bank text not null, to_bank text not null, body text not null,
    state text not null check (state in ('accepted', 'settled', 'rejected')), reason text not null default ''
) strict
"""


class Conflict(Exception):
    """Something else stands under this id."""


class Book:
    """Every call is a transaction of its own and may be repeated."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as link:
            link.execute(_TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        link = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            link.execute("pragma journal_mode = wal")
            link.execute("pragma synchronous = full")
            link.execute("begin immediate")
            yield link
            link.execute("commit")
        finally:
            link.close()

    def submit(self, payment: dict[str, Any], banks: Collection[str]) -> dict[str, str]:
        """Take a payment in, once; how it stands. A bank that takes no part is told so at once, and a return must fit the
        payment that it gives back."""
        body = json.dumps(payment, sort_keys=True, ensure_ascii=False)
        with self._open() as link:
            reason = "" if payment["to_bank"] in banks else "bank_unknown"
            if payment["kind"] == "return":
                reason = reason or _why_no_return(link, payment)
            state = "rejected" if reason else "accepted"
            link.execute(
                "insert into payment (id, from_bank, to_bank, body, state, reason) values (?, ?, ?, ?, ?, ?)"
                " on conflict do nothing",
                (payment["id"], payment["from_bank"], payment["to_bank"], body, state, reason),
            )
            row = link.execute("select body, state, reason from payment where id = ?", (payment["id"],)).fetchone()
        if row[0] != body:
            raise Conflict(payment["id"])
        return {"state": row[1], "reason": row[2]}

    def inbox(self, bank: str) -> list[dict[str, Any]]:
        with self._open() as link:
            rows = link.execute(
                "select body from payment where to_bank = ? and state = 'accepted' order by rowid limit ?",
                (bank, MOST_A_READING),
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def answer(self, bank: str, payment: str, result: str, reason: str) -> dict[str, str]:
        """The receiving bank's word; the first one stands."""
        state = {"credited": "settled", "rejected": "rejected"}[result]
        with self._open() as link:
            link.execute(
                "update payment set state = ?, reason = ? where id = ? and to_bank = ? and state = 'accepted'",
                (state, reason[:40], payment, bank),
            )
            row = link.execute(
                "select state, reason from payment where id = ? and to_bank = ?", (payment, bank)
            ).fetchone()
        if row is None or row[0] != state:
            raise Conflict(payment)
        return {"state": row[0], "reason": row[1]}


def _why_no_return(link: sqlite3.Connection, payment: dict[str, Any]) -> str:
    """A credit comes back from the bank that had it; a pull from the bank that had asked for it, to the one that paid."""
    row = link.execute("select body, state from payment where id = ?", (payment["original"],)).fetchone()
    original = json.loads(row[0]) if row else {}
    ways = {"credit": ("to_bank", "from_bank"), "pull": ("from_bank", "to_bank")}
    sender, taker = ways.get(original.get("kind", ""), ("", ""))
    fits = bool(sender) and row[1] == "settled" and original["amount_fen"] == payment["amount_fen"]
    if not fits or (original[sender], original[taker]) != (payment["from_bank"], payment["to_bank"]):
        return "original_unknown"
    others = link.execute(
        "select 1 from payment where json_extract(body, '$.original') = ? and id <> ? and state <> 'rejected'",
        (payment["original"], payment["id"]),
    )
    return "returned_already" if others.fetchone() else ""
