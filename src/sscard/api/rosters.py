"""Rosters as files: up in one request, the workbook of bad rows down."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import File, NinjaAPI
from ninja.files import UploadedFile

from sscard.api import auth
from sscard.control import door
from sscard.control.door import reading
from sscard.control.rights import decide
from sscard.kernel.refusals import Refusal
from sscard.people import imports
from sscard.people.models import ImportRun

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def mount(api: NinjaAPI) -> None:
    @api.post(
        "/rosters", tags=["people"], summary="hand in a roster (CSV or XLSX); checked as a dry run · 交名册，先核验"
    )
    def upload(request: HttpRequest, file: UploadedFile = File(...)) -> dict[str, Any]:  # noqa: B008 - ninja's way
        who = auth.caller(request)
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            raise Refusal("control.key_missing")
        if not decide(who, "people.import"):
            raise Refusal("control.not_allowed", act="people.import")
        name = file.name or "roster.csv"
        stored, digest = imports.store_upload(file.chunks(), Path(name).suffix)
        request_ = imports.ReceiveRoster(stored, digest, name)
        return door.perform(who, "people.receive_roster", request_, key=key).answer

    @api.get("/imports/{import_id}/faults/{number}", tags=["people"], summary="workbook of bad rows · 问题行工作簿")
    def faults(request: HttpRequest, import_id: uuid.UUID, number: int) -> FileResponse:
        with reading(auth.caller(request), right="people.import", purpose="faults workbook") as inside:
            run = ImportRun.objects.filter(import_id=import_id).first()
            names = imports.faults_files(run) if run else []
            if not 1 <= number <= len(names):
                raise Refusal("control.not_found")
            inside.detail["file"] = names[number - 1]
        return FileResponse(
            (imports.inbox() / names[number - 1]).open("rb"), filename=f"faults-{number}.xlsx", content_type=XLSX
        )
