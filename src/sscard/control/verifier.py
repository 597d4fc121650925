"""The verifier: finds a changed, removed, inserted or re-ordered audit row, and a cut tail.

It seals first, then walks the chain once and compares every row's MAC, every link, and the heads that were anchored outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg.rows import dict_row

from sscard.control import audit, sealer
from sscard.kernel.keyclient import keys

BATCH = 2_000


@dataclass(slots=True)
class Report:
    """What was found. `faults` are (kind, place, sentence in English, sentence in Chinese)."""

    links: int = 0
    unsealed: int = 0
    heads: int = 0
    faults: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.faults

    def add(self, kind: str, place: str, en: str, zh: str) -> None:
        self.faults.append((kind, place, en, zh))


def verify(connection: psycopg.Connection[Any], head_file: Path) -> Report:
    """Walk the whole trail. The connection has the sealer's role."""
    report = Report()
    anchored = {int(h["seq"]): h for h in sealer.heads(head_file)}
    # Before sealing: new links would grow over a cut.
    before = sealer.head_of(connection).seq
    if anchored and max(anchored) > before:
        gone = max(anchored) - before
        report.add("cut tail", f"after seq {before}", f"the last {gone} links are gone", f"链尾少了 {gone} 环")
    tail = sealer.seal(connection, head_file)
    previous, expected = sealer.GENESIS, 1
    for batch in _links(connection):
        for link, fits in zip(batch, _fit(batch), strict=True):
            seq, place = link["seq"], f"seq {link['seq']}, row {link['audit_id']}"
            if seq != expected:
                report.add(
                    "removed link",
                    place,
                    f"links {expected} to {seq - 1} are gone",
                    f"第 {expected} 至 {seq - 1} 环不见了",
                )
                expected = seq
            if link["found"] is None:
                report.add("removed", place, "the row was removed after it was sealed", "封存之后，这一行被删掉了")
            elif not fits:
                report.add("changed", place, "the row differs from its own MAC", "这一行的内容与它自己的校验码不符")
            else:
                true = audit.link_hash(previous, link["audit_id"], bytes(link["row_mac"]), link["recorded_at"])
                if bytes(link["previous"]) != previous or bytes(link["hash"]) != true:
                    report.add(
                        "order",
                        place,
                        "the link does not follow from the one before",
                        "这一环接不上前一环：顺序或内容被动过",
                    )
            if (head := anchored.get(seq)) and head["hash"] != bytes(link["hash"]).hex():
                report.add(
                    "head", place, "differs from the head anchored outside the database", "与库外留存的链头不一致"
                )
            previous, expected = bytes(link["hash"]), seq + 1
        _check_link_macs(batch, report)
    report.links, report.heads = expected - 1, len(anchored)
    if tail.seq != expected - 1:
        report.add("head", f"seq {tail.seq}", "head and chain disagree", "链头与链不一致")
    _inserted(connection, report)
    return report


def _links(connection: psycopg.Connection[Any]) -> Iterator[list[dict[str, Any]]]:
    columns = ", ".join(f'r."{name}"' for name in audit.COVERED if name != "audit_id")
    with connection.transaction(), connection.cursor(name="verify", row_factory=dict_row) as cursor:
        cursor.itersize = BATCH
        cursor.execute(
            f"select l.seq, l.audit_id, l.previous, l.hash, l.mac as link_mac, r.audit_id as found,"  # noqa: S608
            f" r.mac as row_mac, r.recorded_at, {columns}"
            " from control_auditlink l left join control_auditrow r using (audit_id) order by l.seq"
        )
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _fit(batch: list[dict[str, Any]]) -> list[bool]:
    """Which rows still fit their own MAC; a row that is gone does not."""
    present = [link for link in batch if link["found"] is not None]
    pairs = [(audit.canonical(SimpleNamespace(**link)), bytes(link["row_mac"])) for link in present]  # type: ignore[arg-type]
    fits = dict(zip((link["seq"] for link in present), keys().verify_mac(audit.MAC_KEY, pairs), strict=True))
    return [fits.get(link["seq"], False) for link in batch]


def _check_link_macs(batch: list[dict[str, Any]], report: Report) -> None:
    pairs = [(bytes(link["hash"]), bytes(link["link_mac"])) for link in batch]
    for link, fits in zip(batch, keys().verify_mac(sealer.LINK_KEY, pairs), strict=True):
        if not fits:
            report.add(
                "forged link", f"seq {link['seq']}", "the link was not written by the sealer", "这一环不是封存程序写的"
            )


def _inserted(connection: psycopg.Connection[Any], report: Report) -> None:
    """Rows outside the chain: young ones wait for the sealer, older ones were slipped in behind its back."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "select r.audit_id, r.xid < coalesce((select r2.xid from control_auditlink l2 join control_auditrow r2"
            "   on r2.audit_id = l2.audit_id order by l2.seq desc limit 1), 0)"
            " from control_auditrow r left join control_auditlink l using (audit_id) where l.audit_id is null"
        )
        for audit_id, old in cursor:
            if old:
                report.add(
                    "inserted",
                    f"row {audit_id}",
                    "the row was slipped in behind the sealer",
                    "这一行是绕过封存程序插入的",
                )
            else:
                report.unsealed += 1
