"""The audit trail: a changed, removed, inserted or re-ordered row and a cut tail are each found (T28)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sscard.control import audit, sealer, verifier
from sscard.control.caller import Caller
from sscard.control.models import AuditRow
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work

AREA = "990100"


@pytest.fixture
def trail(fresh_house: Any, tmp_path: Path) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any], Path]]:
    """Connections of the sealer and of the owner (the attacker with all rights to the tables), and the head file."""
    urls = fresh_house.urls
    with (
        psycopg.connect(urls.sealer, autocommit=True) as sealing,
        psycopg.connect(urls.admin or urls.owner, autocommit=True) as attacker,
    ):
        for number in range(12):
            write(f"act.{number}")
        yield sealing, attacker, tmp_path / "heads.jsonl"


def write(verb: str) -> AuditRow:
    who = Caller(kind="staff", id=uuid.uuid4(), name="甲", channel="page", area=AREA)
    with unit_of_work(area=AREA):
        row = audit.row_of(who, verb, area=AREA, now=clock.real_now(), detail={"n": 1, "zh": "说明"})
        audit.write([row])
    return row


def kinds(report: verifier.Report) -> set[str]:
    return {fault[0] for fault in report.faults}


def test_a_whole_trail_is_sound_and_sealing_again_adds_nothing(trail: Any) -> None:
    sealing, _, head = trail
    report = verifier.verify(sealing, head)
    assert (report.sound, report.links, report.unsealed) == (True, 12, 0)
    assert verifier.verify(sealing, head).links == 12
    write("later")
    assert verifier.verify(sealing, head).links == 13


ATTACKS = {
    "changed": "update control_auditrow set actor_name = '乙' where verb = 'act.5'",
    "changed detail": "update control_auditrow set detail = '{\"n\": 2}' where verb = 'act.5'",
    "removed": "delete from control_auditrow where verb = 'act.5'",
    "re-ordered": (
        "update control_auditlink set audit_id = case seq when 4 then (select audit_id from control_auditlink where seq = 5)"
        " else (select audit_id from control_auditlink where seq = 4) end where seq in (4, 5)"
    ),
    "cut tail": "delete from control_auditlink where seq > 8",
    "cut tail and rows": (
        "with gone as (delete from control_auditlink where seq > 8 returning audit_id)"
        " delete from control_auditrow using gone where control_auditrow.audit_id = gone.audit_id"
    ),
    "hole": "delete from control_auditlink where seq = 6",
    "recorded time": "update control_auditrow set recorded_at = recorded_at - interval '1 day' where verb = 'act.5'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_tampering_is_found(trail: Any, attack: str) -> None:
    sealing, attacker, head = trail
    assert verifier.verify(sealing, head).sound
    attacker.execute("alter table control_auditlink drop constraint control_auditlink_audit_id_key")
    attacker.execute(ATTACKS[attack])
    assert not verifier.verify(sealing, head).sound


def copy_of_a_row(attacker: psycopg.Connection[Any], **changed: str) -> str:
    """SQL that inserts a copy of one row with other values, its MAC included."""
    names = attacker.execute(
        "select column_name from information_schema.columns where table_name = 'control_auditrow' order by ordinal_position"
    ).fetchall()
    picked = ", ".join({"audit_id": "gen_random_uuid()", **changed}.get(name, f'"{name}"') for (name,) in names)
    return f"insert into control_auditrow select {picked} from control_auditrow where verb = 'act.5'"


def test_a_row_slipped_in_behind_the_sealer_is_found(trail: Any) -> None:
    sealing, attacker, head = trail
    assert verifier.verify(sealing, head).sound
    attacker.execute(copy_of_a_row(attacker, xid="xid - 1"))
    assert kinds(verifier.verify(sealing, head)) == {"inserted"}


def test_a_row_forged_without_the_key_service_is_found_even_if_the_sealer_took_it(trail: Any) -> None:
    sealing, attacker, head = trail
    attacker.execute(copy_of_a_row(attacker, xid="pg_current_xact_id()::text::bigint", verb="'forged'"))
    assert "changed" in kinds(verifier.verify(sealing, head))


def test_an_uncommitted_row_is_waited_for_and_not_skipped(trail: Any, fresh_house: Any) -> None:
    """A slow transaction that began first is sealed after it commits, and nothing behind it is sealed before."""
    sealing, _, head = trail
    with psycopg.connect(fresh_house.urls.app) as slow:
        slow.execute("select set_config('sscard.area', %s, true)", [AREA])
        slow.execute("select pg_current_xact_id()")
        write("behind")
        assert sealer.seal(sealing, head).seq == 12
        slow.commit()
    assert sealer.seal(sealing, head).seq == 13
    assert verifier.verify(sealing, head).sound


def test_the_head_is_signed_and_kept_outside(trail: Any) -> None:
    from sscard.kernel.keyclient import keys

    sealing, _, head = trail
    top = sealer.seal(sealing, head)
    sealer.sign_head(head, top)
    last = list(sealer.heads(head))[-1]
    body = f"{last['seq']}:{last['hash']}".encode()
    assert keys().verify("audit_head", body, bytes.fromhex(last["sm2"]))
    assert not keys().verify("audit_head", body + b"x", bytes.fromhex(last["sm2"]))
