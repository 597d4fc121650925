"""Bulk imports: a file is received, checked in a dry run, and registered by a second act; both run as jobs.

The dry run tells counts, every fault in a workbook, and which rows wait for a decision. Registering goes block by block,
each block one transaction that also moves `done_rows` on: a killed worker goes on after the last block that is in, and no
row is registered twice. The file and the list of waiting rows lie in the house's inbox under names that we made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from sscard.control.acts_registry import act
from sscard.control.caller import system
from sscard.control.inside import Inside
from sscard.kernel import clock, ids, words
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.people import registry
from sscard.people.models import ImportRun

KEPT_DAYS = 30
"""How long a workbook of bad rows waits in the inbox for its owner."""

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


def _no_queue(_import_id: uuid.UUID, _area: str, _step: str) -> None:
    """Port, filled by the room's jobs: run this step in the worker, in the transaction that asks for it."""


defer: Callable[[uuid.UUID, str, str], None] = _no_queue


def inbox() -> Path:
    """Where received files lie; readable by the house only."""
    from django.conf import settings

    folder: Path = settings.CONFIG.home / "inbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def store_upload(chunks: Iterable[bytes], suffix: str) -> tuple[str, str]:
    """Keep an upload under its own digest; returns (name, hex digest). Bounded by the roster's limits.

    The same file sent again has the same name, so that a repeated request is the same request.
    """
    from sscard.people.roster.limits import LIMITS

    kind = suffix.lower() if suffix.lower() in (".csv", ".xlsx", ".txt") else ".bin"
    path = inbox() / f"{ids.new_id()}{kind}"
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > LIMITS.csv_bytes:
                path.unlink()
                raise Refusal("people.roster_too_big", limit=f"{LIMITS.csv_bytes // 1_000_000} MB")
            digest.update(chunk)
            file.write(chunk)
    kept = path.with_name(f"{digest.hexdigest()}{kind}")
    path.replace(kept)
    return kept.name, digest.hexdigest()


def kept_upload(stored: str, digest: str) -> Path:
    """The upload that `store_upload` kept under this name. Nothing else in the inbox can be named, such as another
    area's workbook. Raises control.not_found."""
    if not _KEPT.fullmatch(stored) or not stored.startswith(f"{digest}."):
        raise Refusal("control.not_found")
    path = inbox() / stored
    if not path.is_file():
        raise Refusal("control.not_found")
    return path


_KEPT = re.compile(r"[0-9a-f]{64}\.(csv|xlsx|txt|bin)")


@dataclass(frozen=True, slots=True)
class ReceiveRoster:
    """A file that `store_upload` kept under `stored`: its digest and a `.csv` or `.xlsx` ending."""

    stored: str
    digest: str
    file_name: str


@act("people.receive_roster", right="people.import", clause="M47-6")
def receive(inside: Inside, request: ReceiveRoster) -> dict[str, Any]:
    path = kept_upload(request.stored, request.digest)
    import_id = ids.new_id()
    own = path.with_name(f"{import_id}{path.suffix}")
    own.hardlink_to(path)
    run = ImportRun(
        import_id=import_id,
        area_code=inside.area_code,
        organisation=inside.caller.organisation,
        file_name="".join(c for c in request.file_name if c.isprintable())[-200:],
        file_path=own.name,
        file_digest=bytes.fromhex(request.digest),
        state="checking",
        made_by=inside.caller.id,
        made_by_name=inside.caller.name,
        made_at=inside.now,
    )
    run.save(force_insert=True)
    inside.object = f"import:{run.import_id}"
    defer(run.import_id, inside.area_code, "check")
    return {"import": str(run.import_id), "state": run.state}


@dataclass(frozen=True, slots=True)
class RegisterRoster:
    """Register the good rows of a checked file."""

    import_id: uuid.UUID


@act("people.register_roster", right="people.import", clause="M47-6")
def register(inside: Inside, request: RegisterRoster) -> dict[str, Any]:
    run = ImportRun.objects.select_for_update().filter(import_id=request.import_id).first()
    if run is None:
        raise Refusal("control.not_found")
    if run.state != "checked":
        raise Refusal("people.import_state", state=run.state)
    run.state = "registering"
    run.save(update_fields=["state"])
    inside.object = f"import:{run.import_id}"
    defer(run.import_id, inside.area_code, "register")
    return {"import": str(run.import_id), "state": run.state}


@dataclass(frozen=True, slots=True)
class DropRoster:
    import_id: uuid.UUID


@act("people.drop_roster", right="people.import", clause="M47-6")
def drop(inside: Inside, request: DropRoster) -> dict[str, Any]:
    """Throw a checked file away; nothing of it was registered."""
    run = ImportRun.objects.select_for_update().filter(import_id=request.import_id).first()
    if run is None:
        raise Refusal("control.not_found")
    if run.state not in ("checked", "failed"):
        raise Refusal("people.import_state", state=run.state)
    run.state = "dropped"
    run.save(update_fields=["state"])
    forget_files(run, all_of_it=True)
    return {"import": str(run.import_id), "state": run.state}


# --- the jobs ------------------------------------------------------------------------------------------------------------


def check_run(import_id: uuid.UUID, area: str, progress: Progress | None = None) -> None:
    """The dry run: counts, workbook of faults, list of waiting rows. Nothing is registered. Can be run again."""
    from sscard.people.roster.faults import FaultsWorkbook
    from sscard.people.roster.pipeline import RosterCheck
    from sscard.people.roster.read import Roster

    run = _run(import_id, area)
    if run.state != "checking":
        return
    on, values = _values(area)
    book = inbox() / f"{import_id}-faults.xlsx"
    try:
        with Roster(inbox() / run.file_path) as roster:
            check = RosterCheck(roster, on=on, values=values)
            rows, examples = 0, dict[str, dict[str, str]]()
            with FaultsWorkbook(book, roster.layout) as faults:
                for batch in check:
                    for bad in batch.bad:
                        faults.add(bad)
                        for fault in bad.faults:
                            examples.setdefault(fault.code, {lang: fault.sentence(lang) for lang in words.LANGUAGES})
                    rows += batch.good.height + len(batch.bad)
                    _progress(run, rows)
                    if progress:
                        progress(rows, 0)
            found = check.summary()
            waiting = [[double.doubt.value, list(double.waiting)] for double in check.doubles]
    except Refusal as refusal:
        _save(run, state="failed", error=refusal.code, notice=[refusal.as_dict()], finished_at=clock.real_now())
        return
    (inbox() / f"{import_id}-waiting.json").write_text(json.dumps(waiting))
    for kept in faults.paths:
        kept.chmod(0o600)
    _save(
        run,
        state="checked",
        rows=found.rows,
        good=found.good,
        bad=found.bad,
        fault_counts=dict(found.by_fault),
        faults_path=json.dumps([path.name for path in faults.paths]) if found.bad else "",
        notice=[
            {
                "unknown_columns": list(found.unknown_columns),
                "encoding": found.encoding,
                "waiting": found.waiting,
                "examples": examples,
            }
        ],
        done_rows=0,
    )


def register_run(import_id: uuid.UUID, area: str, progress: Progress | None = None) -> None:
    """Register the good rows, block by block, going on where an earlier try stopped."""
    from sscard.people.roster.pipeline import RosterCheck
    from sscard.people.roster.read import Roster

    run = _run(import_id, area)
    if run.state != "registering":
        return
    on, values = _values(area)
    waiting = {
        row: doubt for doubt, rows in json.loads((inbox() / f"{import_id}-waiting.json").read_text()) for row in rows
    }
    with Roster(inbox() / run.file_path) as roster:
        for batch in RosterCheck(roster, on=on, values=values):
            for part in _parts(batch.good.iter_rows(named=True), run.done_rows):
                run = _register_block(run, area, part, waiting)
                if progress:
                    progress(run.done_rows, run.rows)
    _save(run, state="done", finished_at=clock.real_now())
    forget_files(run)


def _parts(rows: Iterator[dict[str, Any]], done: int) -> Iterator[list[dict[str, Any]]]:
    """Good rows after file row `done`, in parts of one transaction each."""
    part: list[dict[str, Any]] = []
    for row in rows:
        if row["row"] <= done:
            continue
        part.append(row)
        if len(part) == registry.MOST:
            yield part
            part = []
    if part:
        yield part


def _register_block(run: ImportRun, area: str, part: list[dict[str, Any]], waiting: dict[int, str]) -> ImportRun:
    """One transaction: rows, queue, counts, progress and audit row."""
    caller = system(area, name=f"import for {run.made_by_name}")
    inside = Inside(caller=caller, area_code=area, act="people.register_roster", purpose="roster import")
    inside.object = f"import:{run.import_id}"
    with unit_of_work(area=area, statement_timeout_ms=120_000):
        run = ImportRun.objects.select_for_update().get(import_id=run.import_id)
        fresh = [row for row in part if row["row"] > run.done_rows]
        straight = [row for row in fresh if row["row"] not in waiting]
        results = registry.register_many(inside, straight, source="bulk", import_id=run.import_id)
        for row in fresh:
            if row["row"] in waiting:
                results.append(_queue_double(inside, row, waiting[row["row"]], run.import_id))
        _link_guardians(inside, straight, results)
        counts = {name: sum(1 for r in results if r.outcome == name) for name in ("new", "same", "changed", "queued")}
        for name, count in counts.items():
            setattr(run, name, getattr(run, name) + count)
        run.done_rows = part[-1]["row"]
        run.save()
        inside.detail |= {**counts, "rows": len(fresh), "to_row": run.done_rows, "for": str(run.made_by)}
        inside.emit("roster.registered", {"import": str(run.import_id), **counts})
        inside.write(result="ok")
    return run


def _queue_double(inside: Inside, row: dict[str, Any], doubt: str, import_id: uuid.UUID) -> registry.Registered:
    from sscard.people.roster.doubles import Doubt

    if doubt == Doubt.REPEATED:
        return registry.Registered("same")
    kind = "same_number_twice_in_file" if doubt == Doubt.TWO_PEOPLE else "same_person_other_number"
    return registry.queue(inside, kind, row, None, import_id)


def _link_guardians(inside: Inside, rows: list[dict[str, Any]], results: list[registry.Registered]) -> None:
    """Children of this block whose guardians are registered already (the files list the guardian before, or again later)."""
    from sscard.people.guardians import link_many

    children = [
        (result.person_id, row)
        for row, result in zip(rows, results, strict=False)
        if row.get("guardian_id") and result.person_id and result.outcome in ("new", "changed", "same")
    ]
    link_many(inside, children)


def _values(area: str) -> tuple[Any, Any]:
    from sscard.law import areas
    from sscard.people.roster.rules import RosterValues

    on = clock.today(area)
    return on, RosterValues.of(areas.get(area), on)


def _run(import_id: uuid.UUID, area: str) -> ImportRun:
    with unit_of_work(area=area):
        return ImportRun.objects.get(import_id=import_id)


def _progress(run: ImportRun, rows: int) -> None:
    _save(run, done_rows=rows)


def _save(run: ImportRun, **values: Any) -> None:
    with unit_of_work(area=run.area_code):
        ImportRun.objects.filter(import_id=run.import_id).update(**values)
    for name, value in values.items():
        setattr(run, name, value)


def forget_files(run: ImportRun, *, all_of_it: bool = False) -> None:
    """What is registered stands sealed in the database: the file with everybody's clear data goes. The workbooks of bad
    rows stay for their owner's corrections, until `tidy` or, with `all_of_it`, at once."""
    path = inbox() / run.file_path
    names = [run.file_path, f"{run.import_id}-waiting.json", bytes(run.file_digest).hex() + path.suffix]
    for name in (*names, *(faults_files(run) if all_of_it else ())):
        (inbox() / name).unlink(missing_ok=True)


def tidy(older_than_days: int = KEPT_DAYS) -> int:
    """Remove everything from the inbox that nobody came back for; the worker calls it every night."""
    end = clock.real_now().timestamp() - older_than_days * 86_400
    old = [path for path in inbox().iterdir() if path.is_file() and path.stat().st_mtime < end]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def faults_files(run: ImportRun) -> list[str]:
    """Names of the workbooks of bad rows in the inbox."""
    return msgspec.json.decode(run.faults_path.encode(), type=list[str]) if run.faults_path else []
