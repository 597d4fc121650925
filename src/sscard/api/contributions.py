"""Contribution files: up, progress, workbook of bad rows."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import File, Form, NinjaAPI
from ninja.files import UploadedFile

from sscard.api import auth
from sscard.api.plain import plain, purpose
from sscard.api.rosters import XLSX
from sscard.control import door
from sscard.control.door import reading
from sscard.control.rights import decide
from sscard.insurance import charges, reads, runs
from sscard.kernel.refusals import Refusal
from sscard.people import imports
from sscard.people import reads as people_reads


def mount(api: NinjaAPI) -> None:
    @api.get("/people/{person}/charges", tags=["insurance"], summary="a person's charges · 应缴保险费")
    def charges_of(request: HttpRequest, person: uuid.UUID) -> Any:
        who = auth.caller(request)
        with reading(who, right="insurance.view", purpose=purpose(request, who, "insurance.view")) as inside:
            found = people_reads.require(inside, person)
            return plain(charges.of_person(inside, found.person_id))

    @api.post("/contribution-files", tags=["insurance"], summary="hand in a file of contributions · 交缴费文件，先核验")
    def upload(
        request: HttpRequest,
        file: UploadedFile = File(...),  # noqa: B008 - ninja's way
        content: str = Form("contributions"),
    ) -> dict[str, Any]:
        who, key = auth.caller(request), request.headers.get("Idempotency-Key", "")
        if not key:
            raise Refusal("control.key_missing")
        if not decide(who, "insurance.import"):
            raise Refusal("control.not_allowed", act="insurance.receive_contributions")
        name = file.name or "contributions.csv"
        stored, digest = imports.store_upload(file.chunks(), Path(name).suffix)
        asked = runs.ReceiveContributions(stored, digest, name, content)
        return door.perform(who, "insurance.receive_contributions", asked, key=key).answer

    @api.get("/contribution-files/{file_id}", tags=["insurance"], summary="progress and result · 进度与结果")
    def progress(request: HttpRequest, file_id: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="insurance.import", purpose=purpose(request)) as inside:
            run = reads.file(inside, file_id)
            names = ("state", "content", "rows", "good", "bad", "new", "changed", "same", "done_rows", "error")
            return {
                **{name: getattr(run, name) for name in names},
                "fault_counts": run.fault_counts,
                "warning_counts": run.warning_counts,
                "notice": run.notice,
                "faults_files": len(runs.faults_files(run)),
            }

    @api.get(
        "/contribution-files/{file_id}/faults/{number}", tags=["insurance"], summary="workbook of bad rows · 问题行"
    )
    def faults(request: HttpRequest, file_id: uuid.UUID, number: int) -> FileResponse:
        with reading(auth.caller(request), right="insurance.import", purpose=purpose(request)) as inside:
            names = runs.faults_files(reads.file(inside, file_id))
            if not 1 <= number <= len(names):
                raise Refusal("control.not_found")
            inside.detail["file"] = names[number - 1]
        return FileResponse(
            (imports.inbox() / names[number - 1]).open("rb"), filename=f"faults-{number}.xlsx", content_type=XLSX
        )
