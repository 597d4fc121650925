"""Reading, by subject. Every opening of a person's record is written down with the caller's purpose."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from itertools import islice
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from sscard.api import auth
from sscard.api.plain import purpose
from sscard.control.acts import may_look
from sscard.control.door import reading
from sscard.control.models import Approval
from sscard.kernel import clock, words
from sscard.people import imports
from sscard.people import reads as people_reads
from sscard.people.models import DuplicateCase, ImportRun


def mount(api: NinjaAPI) -> None:
    @api.get("/people", tags=["people"], summary="find persons by whole number or name · 查人")
    def people(request: HttpRequest, q: str) -> list[dict[str, Any]]:
        who = auth.caller(request)
        with reading(who, right="people.view", purpose=purpose(request, who, "people.view")) as inside:
            return [_person(view) for view in people_reads.find(inside, q)]

    @api.get("/people/{person}", tags=["people"], summary="one person, masked · 一个人（脱敏）")
    def person(request: HttpRequest, person: uuid.UUID) -> dict[str, Any]:
        who = auth.caller(request)
        with reading(who, right="people.view", purpose=purpose(request, who, "people.view")) as inside:
            return _person(people_reads.PersonView.of(people_reads.require(inside, person)))

    @api.get("/imports/{import_id}", tags=["people"], summary="a roster's progress and result · 名册进度与结果")
    def import_run(request: HttpRequest, import_id: uuid.UUID) -> dict[str, Any]:
        with reading(auth.caller(request), right="people.import", purpose=purpose(request)):
            run = ImportRun.objects.filter(import_id=import_id).first()
            if run is None:
                raise _missing()
            names = ("state", "rows", "good", "bad", "new", "changed", "same", "queued", "done_rows", "error")
            return {
                **{name: getattr(run, name) for name in names},
                "fault_counts": run.fault_counts,
                "notice": run.notice,
                "faults_files": len(imports.faults_files(run)),
            }

    @api.get("/duplicates", tags=["people"], summary="the queue of suspected duplicates · 疑似重复")
    def cases(request: HttpRequest, state: str = "open") -> list[dict[str, Any]]:
        with reading(auth.caller(request), right="people.decide_duplicate", purpose=purpose(request)):
            found = DuplicateCase.objects.filter(state=state).order_by("opened_at")[:200]
            return [{"case": str(c.case_id), "kind": c.kind, "state": c.state, "masks": c.masks} for c in found]

    @api.get("/approvals", tags=["control"], summary="what waits for a second person · 待复核")
    def approvals(request: HttpRequest) -> list[dict[str, Any]]:
        who = auth.caller(request)
        with reading(who, right="control.own_account", purpose=purpose(request)) as inside:
            waiting = Approval.objects.filter(state="waiting", expires_at__gt=clock.real_now()).order_by("made_at")
            found = islice((one for one in waiting.iterator(chunk_size=200) if may_look(inside, one)), 200)
            return [
                {
                    "approval": str(a.approval_id),
                    "act": a.act,
                    "text": words.text("act", a.act, "en"),
                    "text_zh": words.text("act", a.act, "zh"),
                    "summary": a.summary,
                    "digest": bytes(a.digest).hex(),
                    "maker": a.maker_name,
                    "own": a.maker == who.id,
                }
                for a in found
            ]


def _person(view: people_reads.PersonView) -> dict[str, Any]:
    shown = asdict(view)
    del shown["person_id"]
    return {**shown, "public_id": str(view.public_id)}


def _missing() -> Exception:
    from sscard.kernel.refusals import Refusal

    return Refusal("control.not_found")
