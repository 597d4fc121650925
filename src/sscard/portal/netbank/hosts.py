"""Which site is asked for? The host name decides: a bank's own, or the bureau's. Each has its addresses and its cookie.

A session of one site is nothing at the other: the cookies have different names, are bound to their host (`__Host-`), and
what a foreign token stands for is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

COOKIE = "__Host-netbank"
Handler = Callable[[HttpRequest], HttpResponse]


class Sites:
    """Middleware: `request.bank` is the code of the bank whose site this is, "" at the bureau's."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.banks: dict[str, str] = settings.CONFIG.banks

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bank = self.banks.get(_host(request), "")
        request.bank = bank  # type: ignore[attr-defined]
        if bank:
            request.urlconf = settings.BANK_URLCONF
        elif settings.CONFIG.national_host and _host(request) == settings.CONFIG.national_host:
            request.urlconf = settings.NATIONAL_URLCONF
        return self.get_response(request)


def _host(request: HttpRequest) -> str:
    """The host as it was sent, without port; `CommonMiddleware` refuses what is not ours at all."""
    named = str(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")).lower()
    return named.rpartition(":")[0] if ":" in named and not named.endswith("]") else named


class SiteSessions(SessionMiddleware):
    """The session of this site: the bureau's by the bureau's cookie, a bank's by its own, which takes the place of
    Django's one name while the request is served."""

    def process_request(self, request: HttpRequest) -> None:
        bank, plain = bank_of(request), settings.SESSION_COOKIE_NAME
        if bank:
            request.COOKIES.pop(plain, None)
            if COOKIE in request.COOKIES:
                request.COOKIES[plain] = request.COOKIES.pop(COOKIE)
        super().process_request(request)
        if bank and (kind := request.session.get("kind")) and (kind, request.session.get("bank")) != ("customer", bank):
            request.session = self.SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        told = super().process_response(request, response)
        morsel = told.cookies.pop(settings.SESSION_COOKIE_NAME, None) if bank_of(request) else None
        if morsel is not None:
            morsel.set(COOKIE, morsel.value, morsel.coded_value)
            morsel["samesite"], morsel["secure"], morsel["httponly"] = "Strict", True, True
            told.cookies[COOKIE] = morsel
        return told


def bank_of(request: Any) -> str:
    return str(getattr(request, "bank", ""))
