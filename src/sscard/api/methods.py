"""An address of the API asked with a method that it does not take, or on a site that does not have it: a problem document
like every other refusal."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from sscard.api import changes, problems, sites
from sscard.kernel.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]


class Methods:
    """Middleware around everything under /api/."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/") and not sites.belongs(request.path, sites.bank_of(request)):
            return problems.response_of(Refusal("api.no_address"), request)
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            changes.mark(request, response)
        if response.status_code != 405 or not request.path.startswith("/api/"):
            return response
        told = problems.response_of(Refusal("api.method"), request)
        if allowed := response.headers.get("Allow"):
            told["Allow"] = allowed
        return told
