"""The catalogue of refusals as JSON: what `type` of a problem leads to."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import NinjaAPI, Path

from sscard.api import auth
from sscard.kernel.refusals import Refusal
from sscard.partners import catalogue


def mount(api: NinjaAPI) -> None:
    @api.get("/errors", tags=["errors"], summary="every refusal there is · 全部拒绝代码")
    def errors(request: HttpRequest) -> list[dict[str, Any]]:
        """Open to everybody. Codes are stable; made from the texts that the service itself speaks."""
        return list(catalogue.entries())

    @api.get("/errors/{code}", tags=["errors"], summary="one refusal: cause, fix, which acts · 一个拒绝代码")
    def error(request: HttpRequest, code: Annotated[str, Path(max_length=80)]) -> dict[str, Any]:
        with contextlib.suppress(Refusal):  # open to everybody; a sandbox's call stands in its log
            auth.caller(request)
        found = catalogue.entry(code)
        if found is None:
            raise Refusal("control.not_found")
        return found
