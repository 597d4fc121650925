"""The sealer: chains audit rows of finished transactions, about once a second, and anchors the head outside the database.

It takes rows whose transaction number is below `pg_snapshot_xmin(pg_current_snapshot())`: all those are over, so no row
can appear behind it and nothing is skipped (mechanisms: audit without a global lock). One sealer at a time, by an advisory
lock. It runs with its own database role.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from sscard.control.audit import link_hash
from sscard.kernel.keyclient import keys

LINK_KEY = "audit_link"
HEAD_KEY = "audit_head"
GENESIS = b"\0" * 32
BATCH = 5_000
_LOCK = 0x5353_4341_5544


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: number of links and hash of the last."""

    seq: int
    hash: bytes


def seal(connection: psycopg.Connection[Any], head_file: Path) -> Head:
    """Append links for all rows of finished transactions; returns the head. Called by worker and verifier."""
    while True:
        head, taken = _seal_batch(connection)
        if taken:
            write_head(head_file, head)
        if taken < BATCH:
            return head


def _seal_batch(connection: psycopg.Connection[Any]) -> tuple[Head, int]:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        head = _head(cursor)
        cursor.execute(
            "select r.audit_id, r.mac, r.recorded_at from control_auditrow r"
            " where r.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " and not exists (select 1 from control_auditlink l where l.audit_id = r.audit_id)"
            " and r.xid >= coalesce((select r2.xid from control_auditlink l2 join control_auditrow r2"
            "   on r2.audit_id = l2.audit_id order by l2.seq desc limit 1), 0)"
            " order by r.xid, r.audit_id limit %s",
            [BATCH],
        )
        rows = cursor.fetchall()
        if not rows:
            return head, 0
        links, seq, previous = [], head.seq, head.hash
        for audit_id, mac, recorded_at in rows:
            current = link_hash(previous, audit_id, bytes(mac), recorded_at)
            seq += 1
            links.append((seq, audit_id, previous, current))
            previous = current
        macs = keys().mac(LINK_KEY, [link[3] for link in links])
        with cursor.copy("copy control_auditlink (seq, audit_id, previous, hash, mac) from stdin") as copy:
            for link, mac in zip(links, macs, strict=True):
                copy.write_row((*link, mac))
        return Head(seq, previous), len(rows)


def head_of(connection: psycopg.Connection[Any]) -> Head:
    """The end of the chain as the database has it now."""
    with connection.transaction(), connection.cursor() as cursor:
        return _head(cursor)


def _head(cursor: Any) -> Head:
    cursor.execute("select seq, hash from control_auditlink order by seq desc limit 1")
    found = cursor.fetchone()
    return Head(found[0], bytes(found[1])) if found else Head(0, GENESIS)


def write_head(path: Path, head: Head) -> None:
    """Append the head to a file outside the database and see it on disk. Copy the file to another house's keeping."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = json.dumps({"seq": head.seq, "hash": head.hash.hex(), "at": datetime.now().astimezone().isoformat()})
    _append(path, line)


def sign_head(path: Path, head: Head) -> None:
    """Sign the head with SM2; the worker does it every ten minutes."""
    body = f"{head.seq}:{head.hash.hex()}".encode()
    line = json.dumps({"seq": head.seq, "hash": head.hash.hex(), "sm2": keys().sign(HEAD_KEY, body).hex()})
    _append(path, line)


def _append(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def heads(path: Path) -> Iterator[dict[str, Any]]:
    """All anchored heads, oldest first."""
    if path.exists():
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
