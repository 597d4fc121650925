"""Files of contributions and account statements: received, checked in a dry run, posted by a second act.

Both steps run as jobs. Posting goes block by block, each one transaction that also moves `done_rows` on, so that a
killed worker goes on after the last block that is in. What posts is what the dry run found good.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sscard.control.acts_registry import act
from sscard.control.caller import system
from sscard.control.inside import Inside
from sscard.insurance import charge_store, store
from sscard.insurance.files.columns import CONTENTS
from sscard.insurance.models import ContributionFile
from sscard.kernel import clock, ids
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people.imports import inbox, kept_upload
from sscard.people.roster.faults import FaultsWorkbook

if TYPE_CHECKING:
    from sscard.insurance.files.check import Batch

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all (0 while that is not known)."""
STATEMENT_TIMEOUT_MS = 120_000
SHOWN_NAME = 200


def _no_queue(_file_id: uuid.UUID, _area: str, _step: str) -> None:
    """Port, filled by the room's jobs: run this step in the worker, in the transaction that asks for it."""


defer: Callable[[uuid.UUID, str, str], None] = _no_queue


@dataclass(frozen=True, slots=True)
class ReceiveContributions:
    """A file that `people.imports.store_upload` kept. `content`: "contributions", "accounts" or "charges"."""

    stored: str
    digest: str
    file_name: str
    content: str = "contributions"


@act("insurance.receive_contributions", right="insurance.import", clause="SIL-74")
def receive(inside: Inside, request: ReceiveContributions) -> dict[str, Any]:
    path = kept_upload(request.stored, request.digest)
    if request.content not in CONTENTS:
        raise Refusal("insurance.content_unknown", given=request.content[:20])
    run = ContributionFile(
        file_id=ids.new_id(),
        area_code=inside.area_code,
        organisation=inside.caller.organisation,
        content=request.content,
        file_name="".join(c for c in request.file_name if c.isprintable())[-SHOWN_NAME:],
        file_path=path.name,
        file_digest=bytes.fromhex(request.digest),
        state="checking",
        made_by=inside.caller.id,
        made_by_name=inside.caller.name,
        made_at=inside.now,
    )
    run.save(force_insert=True)
    inside.object = f"contributions:{run.file_id}"
    defer(run.file_id, inside.area_code, "check")
    return {"file": str(run.file_id), "state": run.state}


@dataclass(frozen=True, slots=True)
class PostContributions:
    """Post the good rows of a checked file."""

    file_id: uuid.UUID


@act("insurance.post_contributions", right="insurance.import", clause="SIL-74")
def post(inside: Inside, request: PostContributions) -> dict[str, Any]:
    run = _locked(request.file_id, "checked")
    run.state = "posting"
    run.save(update_fields=["state"])
    inside.object = f"contributions:{run.file_id}"
    defer(run.file_id, inside.area_code, "post")
    return {"file": str(run.file_id), "state": run.state}


@dataclass(frozen=True, slots=True)
class DropContributions:
    file_id: uuid.UUID


@act("insurance.drop_contributions", right="insurance.import", clause="SIL-74")
def drop(inside: Inside, request: DropContributions) -> dict[str, Any]:
    """Throw a checked file away; nothing of it was posted."""
    run = _locked(request.file_id, "checked", "failed")
    run.state = "dropped"
    run.save(update_fields=["state"])
    inside.object = f"contributions:{run.file_id}"
    for name in (run.file_path, *faults_files(run)):
        (inbox() / name).unlink(missing_ok=True)
    return {"file": str(run.file_id), "state": run.state}


def _locked(file_id: uuid.UUID, *states: str) -> ContributionFile:
    run = ContributionFile.objects.select_for_update().filter(file_id=file_id).first()
    if run is None:
        raise Refusal("control.not_found")
    if run.state not in states:
        raise Refusal("insurance.file_state", state=run.state)
    return run


def faults_files(run: ContributionFile) -> list[str]:
    """Names of the workbooks of bad rows in the inbox."""
    found: list[str] = json.loads(run.faults_path) if run.faults_path else []
    return found


# --- the jobs ---------------------------------------------------------------------------------------------------------


def check_file(file_id: uuid.UUID, area: str, progress: Progress | None = None) -> None:
    """The dry run: counts and the workbook of faults. Nothing is posted. Can be run again."""
    from sscard.insurance.files.check import FileCheck
    from sscard.insurance.files.read import InsuranceFile

    run = _run(file_id, area)
    if run.state != "checking":
        return
    book = inbox() / f"{file_id}-faults.xlsx"
    try:
        with InsuranceFile(inbox() / run.file_path, run.content) as file, FaultsWorkbook(book, file.layout) as faults:
            check = FileCheck(file, run.content, area=areas.get(area), today=clock.today(area))
            for batch in check:
                for bad in batch.bad:
                    faults.add(bad)
                _save(run, done_rows=check.good + check.bad)
                if progress:
                    progress(check.good + check.bad, 0)
            for bad in check.contradicted_rows():
                faults.add(bad)
            notice = {"encoding": file.encoding.name, "unknown_columns": list(file.layout.unknown)}
    except Refusal as refusal:
        _save(run, state="failed", error=refusal.code, notice=[refusal.as_dict()], finished_at=clock.real_now())
        return
    _save(
        run,
        state="checked",
        rows=check.good + check.bad,
        good=check.good,
        bad=check.bad,
        fault_counts=dict(check.by_fault.most_common()),
        warning_counts=dict(check.by_warning.most_common()),
        held_rows=sorted(check.contradicted),
        faults_path=json.dumps([path.name for path in faults.paths]) if check.bad else "",
        notice=[notice],
        done_rows=0,
    )


def post_file(file_id: uuid.UUID, area: str, progress: Progress | None = None) -> None:
    """Post the good rows, block by block, going on where an earlier try stopped."""
    from sscard.insurance.files.check import FileCheck
    from sscard.insurance.files.read import InsuranceFile

    run = _run(file_id, area)
    if run.state != "posting":
        return
    held = frozenset(run.held_rows)
    with InsuranceFile(inbox() / run.file_path, run.content) as file:
        today = clock.today(area)
        for batch in FileCheck(file, run.content, area=areas.get(area), today=today, held=held):
            if batch.last > run.done_rows:
                run = _post_batch(run, area, batch)
                if progress:
                    progress(run.new + run.changed + run.same, run.rows)
    _save(run, state="done", finished_at=clock.real_now())
    kept = inbox() / run.file_path
    kept.unlink(missing_ok=True)
    kept.with_name(bytes(run.file_digest).hex() + kept.suffix).unlink(missing_ok=True)  # as it was uploaded


def _post_batch(run: ContributionFile, area: str, batch: Batch) -> ContributionFile:
    """One transaction: rows, history, accounts, counts, progress and audit row."""
    caller = system(area, name=f"posting for {run.made_by_name}")
    inside = Inside(caller=caller, area_code=area, act="insurance.post_contributions", purpose="contributions file")
    inside.object = f"contributions:{run.file_id}"
    put = {"accounts": store.post_statements, "charges": charge_store.post_charges}.get(
        run.content, store.post_contributions
    )
    with unit_of_work(area=area, statement_timeout_ms=STATEMENT_TIMEOUT_MS):
        run = ContributionFile.objects.select_for_update().get(file_id=run.file_id)
        fresh = [good for good in batch.good if good.number > run.done_rows]
        posted = put(fresh, area=area, file_id=run.file_id, now=inside.now)
        run.new += posted.new
        run.changed += posted.changed
        run.same += posted.same
        run.done_rows = batch.last
        run.save()
        counts = {"new": posted.new, "changed": posted.changed, "same": posted.same}
        inside.detail |= {**counts, "to_row": run.done_rows, "for": str(run.made_by)}
        inside.emit("contributions.posted", {"file": str(run.file_id), "content": run.content, **counts})
        inside.write(result="ok")
    return run


def _run(file_id: uuid.UUID, area: str) -> ContributionFile:
    with unit_of_work(area=area):
        return ContributionFile.objects.get(file_id=file_id)


def _save(run: ContributionFile, **values: Any) -> None:
    with unit_of_work(area=run.area_code):
        ContributionFile.objects.filter(file_id=run.file_id).update(**values)
    for name, value in values.items():
        setattr(run, name, value)
