"""Two layers around every page: security headers, and refusals turned into pages of the house."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse

from sscard.kernel.db import refusal_of
from sscard.kernel.refusals import Refusal

log = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

HSTS = "max-age=63072000; includeSubDomains; preload"
"""In production only: a browser keeps it for two years, and for every port of the host."""


class HouseHeaders:
    """Headers of security.md §6; personal pages are never cached."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.CONFIG.profile == "production":
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response


class HouseRefusals:
    """A refusal that a view lets through becomes a page: what happened, why, what to do next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Error):
            log.warning("%s at %s", type(exception).__name__, request.path)
            exception = refusal_of(exception) or exception
        if not isinstance(exception, Refusal):
            return None
        from sscard.law import clauses
        from sscard.portal import errors, looks

        basis = clauses.basis(exception.clause, looks.language(request))
        return errors.refusal_page(request, exception, clause=basis)
