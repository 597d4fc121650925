"""Writes down each call of a sandbox's software. Calls of everybody else leave nothing here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from sscard.api import auth
from sscard.partners import requests
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import tenants

log = logging.getLogger(__name__)
PATHS = ("/api/", "/oauth/")
Handler = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Middleware around everything under /api/ and /oauth/; it knows the caller from `auth.caller`, from the client's
    assertion or from its token."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATHS):
            return self.get_response(request)
        begun = time.monotonic()
        response = self.get_response(request)
        who = getattr(request, "sscard_caller", None)
        if who is not None and tenants.is_sandbox_code(who.area):
            try:
                self._note(request, response, who.area, who.name, int((time.monotonic() - begun) * 1000))
            except DatabaseError:
                log.exception("a call could not be written into the sandbox's log")
        return response

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse, area: str, caller: str, millis: int) -> None:
        sandbox = Sandbox.objects.filter(area_code=area).values_list("sandbox_id", flat=True).first()
        if sandbox is None:  # a reset has just moved it on
            return
        note = getattr(request, "sscard_note", "")
        requests.note(
            sandbox, trace=auth.trace_id(request), method=request.method or "",
            path=f"{request.path} {note}".strip(),
            status=response.status_code, code=getattr(response, "sscard_code", ""), caller=caller,
            key=request.headers.get("Idempotency-Key", ""), replayed="Idempotent-Replayed" in response, millis=millis,
        )  # fmt: skip
