"""A sandbox by API: its facts and magic values, acting as anybody in it, reset, clock, request log, conformance.

Called with the sandbox's own key (HTTP Basic, role `sandbox`), or by its developer's token with `Sscard-Area`.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Schema
from pydantic import ConfigDict, Field

from sscard.api import auth
from sscard.api.plain import purpose
from sscard.binding import access
from sscard.control import door
from sscard.control.caller import Caller
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.partners import conformance, requests
from sscard.partners.models import ConformanceRun, MagicPerson, Sandbox
from sscard.partners.sandbox import listing, oauth_clients, telephone, tenants
from sscard.partners.sandbox.acts import ResetSandbox

RIGHT = "partners.sandbox"
Limit = Annotated[int, Query(ge=1, le=200)]


class Session(Schema):
    """`as`: clerk, reviewer, stock_keeper, teller, bank_reviewer, or `holder:<magic code>`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    who: Annotated[str, Field(alias="as", max_length=40)]


class Hours(Schema):
    model_config = ConfigDict(extra="forbid")
    hours: Annotated[int, Field(strict=True)]


def mount(api: NinjaAPI) -> None:
    @api.get("/sandbox", tags=["sandbox"], summary="this sandbox · 本沙盒")
    def about(request: HttpRequest) -> dict[str, Any]:
        _, found = mine(request)
        codes = tenants.codes_of(found)
        return {
            "sandbox": str(found.sandbox_id), "name": found.name, "number": found.number, "area": found.area_code,
            "bank": codes["bank"], "ready": found.ready, "resets": found.resets,
            "now": clock.now(found.area_code).isoformat(), "telephone": access.issuer() + telephone.page(found.area_code),
        }  # fmt: skip

    @api.get("/sandbox/magic", tags=["sandbox"], summary="magic persons and amounts, with their ids · 固定人物和金额")
    def magic_values(request: HttpRequest) -> dict[str, Any]:
        _, found = mine(request)
        people = {one.code: one for one in MagicPerson.objects.filter(area_code=found.area_code)}
        return listing.of(found, people)

    @api.post("/sandbox/fill", tags=["sandbox"], summary="go on where the filling stopped · 继续准备")
    def fill(request: HttpRequest) -> dict[str, Any]:
        _, found = mine(request)
        tenants.fill(found.sandbox_id)
        return {"sandbox": str(found.sandbox_id), "ready": True}

    @api.post("/sandbox/sessions", tags=["sandbox"], summary="act as somebody of the sandbox · 以沙盒中的人办事")
    def session(request: HttpRequest, body: Session) -> dict[str, str]:
        """A bearer token. It is the one thing that is shorter than in life: no password, no one-time code."""
        _, found = mine(request)
        return tenants.session_as(found, body.who)

    @api.post("/sandbox/reset", tags=["sandbox"], summary="as on the first day · 恢复到第一天", openapi_extra=KEYED)
    def reset(request: HttpRequest) -> HttpResponse:
        """Keys, endpoints and numbers stay; ids and bank numbers are new. It takes some seconds."""
        who, found = mine(request)
        outcome = door.perform(who, "partners.reset_sandbox", ResetSandbox(found.sandbox_id), key=_key(request))
        if not outcome.replayed:
            tenants.fill(found.sandbox_id)
        return _answer(request, api, outcome.answer, outcome.replayed)

    @api.post("/sandbox/clock", tags=["sandbox"], summary="move the clock forward · 往前拨时钟", openapi_extra=KEYED)
    def move(request: HttpRequest, body: Hours) -> HttpResponse:
        """By whole hours. What the nights between would have done is done at once."""
        _, found = mine(request)
        answer = tenants.move_clock(found, body.hours, _key(request))
        return _answer(request, api, answer, bool(answer.pop("replayed")))

    @api.get("/sandbox/requests", tags=["sandbox"], summary="log of calls, newest first · 调用记录")
    def log(
        request: HttpRequest, trace: Annotated[str, Query(max_length=64)] = "",
        before: Annotated[int, Query(ge=0, le=2**62)] = 0, limit: Limit = 50,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """By `trace`, or before a line. The last 2,000 calls are kept."""
        _, found = mine(request)
        if "\0" in trace:
            return []
        return [
            requests.as_json(one) for one in requests.lines(found.sandbox_id, trace=trace, before=before, limit=limit)
        ]

    @api.get("/sandbox/clients", tags=["sandbox"], summary="its OAuth clients · 授权客户端")
    def oauth(request: HttpRequest) -> list[dict[str, Any]]:
        """Made by `partners.register_client`, newest first."""
        _, found = mine(request)
        return [oauth_clients.shown(one) for one in oauth_clients.of(found)]

    @api.get("/sandbox/conformance", tags=["sandbox"], summary="conformance runs · 符合性检验")
    def runs(request: HttpRequest) -> list[dict[str, Any]]:
        _, found = mine(request)
        rows = ConformanceRun.objects.filter(sandbox=found.sandbox_id).defer("paper").order_by("-begun_at")[:20]
        return [conformance.shown(conformance.reported(one)) for one in rows]

    @api.get("/sandbox/conformance/{run}/report.pdf", tags=["sandbox"], summary="signed report · 已签名的报告")
    def paper(request: HttpRequest, run: uuid.UUID) -> HttpResponse:
        _, found = mine(request)
        row = ConformanceRun.objects.filter(sandbox=found.sandbox_id, run_id=run).first()
        row = conformance.reported(row) if row else None
        if row is None or row.paper is None:
            raise Refusal("control.not_found")
        answer = HttpResponse(bytes(row.paper), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="conformance-{run}.pdf"'
        return answer


KEYED: dict[str, Any] = {
    "parameters": [
        {"name": "Idempotency-Key", "in": "header", "required": True,
         "schema": {"type": "string", "minLength": 1, "maxLength": 120},
         "description": "Made by you before the first try, kept for repeats."}
    ]
}  # fmt: skip


def mine(request: HttpRequest) -> tuple[Caller, Sandbox]:
    """The caller and the sandbox that he is in; of another's sandbox nobody learns that it exists."""
    tenants.require_offered()
    who = auth.caller(request)
    with door.reading(who, right=RIGHT, purpose=purpose(request)):
        found = Sandbox.objects.filter(area_code=who.area, organisation=who.organisation).first() if who.area else None
    if found is None:
        raise Refusal("control.not_found")
    return who, found


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise Refusal("control.key_missing")
    return key


def _answer(request: HttpRequest, api: NinjaAPI, body: dict[str, Any], replayed: bool) -> HttpResponse:
    answer = api.create_response(request, body, status=200)
    answer["Sscard-Trace"] = auth.trace_id(request)
    if replayed:
        answer["Idempotent-Replayed"] = "true"
    return answer
