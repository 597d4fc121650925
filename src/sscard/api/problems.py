"""Refusals as answers of the JSON API (`law.problems` makes the document)."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse

from sscard.api.auth import trace_id
from sscard.kernel.refusals import Refusal
from sscard.law.problems import MEDIA_TYPE, body_of


def response_of(refusal: Refusal, request: HttpRequest) -> HttpResponse:
    trace = trace_id(request)
    answer = HttpResponse(
        json.dumps(body_of(refusal, trace), ensure_ascii=False), status=refusal.status, content_type=MEDIA_TYPE
    )
    answer["Sscard-Trace"] = trace
    answer.sscard_code = refusal.code  # type: ignore[attr-defined]
    if refusal.status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="sscard", Basic realm="sscard programs"'
    if challenge := getattr(refusal, "challenge", ""):  # of a token that a client was given (binding.access)
        answer["WWW-Authenticate"] = challenge
    if refusal.status == 429:
        answer["Retry-After"] = str(refusal.facts.get("seconds", 60))
    if getattr(refusal, "replayed", False):
        answer["Idempotent-Replayed"] = "true"
    return answer
