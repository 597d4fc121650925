"""Refusals as RFC 9457 problems: stable code, two languages, legal basis if certain, next step, every fault with its place."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from sscard.api.auth import trace_id
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import clauses

MEDIA_TYPE = "application/problem+json"


def body_of(refusal: Refusal, trace: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"/api/errors/{refusal.code}",
        "title": refusal.sentence("en"),
        "title_zh": refusal.sentence("zh"),
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.next_step("en"),
        "detail_zh": refusal.next_step("zh"),
        "instance": trace,
    }
    if basis := clauses.basis(refusal.clause, "en"):
        body |= {"basis": basis, "basis_zh": clauses.basis(refusal.clause, "zh")}
    if refusal.faults:
        body["faults"] = [_fault(fault) for fault in refusal.faults]
    return body


def _fault(fault: Fault) -> dict[str, Any]:
    return {"place": fault.place, "code": fault.code, "text": fault.sentence("en"), "text_zh": fault.sentence("zh")}


def response_of(refusal: Refusal, request: HttpRequest) -> HttpResponse:
    trace = trace_id(request)
    answer = HttpResponse(
        json.dumps(body_of(refusal, trace), ensure_ascii=False), status=refusal.status, content_type=MEDIA_TYPE
    )
    answer["Sscard-Trace"] = trace
    if refusal.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="sscard", Basic realm="sscard programs"'
    if refusal.status == 429:
        answer["Retry-After"] = str(refusal.facts.get("seconds", 60))
    if getattr(refusal, "replayed", False):
        answer["Idempotent-Replayed"] = "true"
    return answer
