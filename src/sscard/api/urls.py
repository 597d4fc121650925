"""The API object and its addresses."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from sscard import __version__
from sscard.api import (
    acts,
    cards,
    contributions,
    devices,
    files,
    holders,
    issuing,
    netbank,
    problems,
    reads,
    rosters,
    savings,
    signing_in,
)
from sscard.kernel.refusals import Fault, Refusal


class JsonOnly(Parser):
    """A body is JSON and says so: what a form of another site could send as text is not read (T20)."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise ValueError("not application/json")
        return json.loads(request.body, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


api = NinjaAPI(
    parser=JsonOnly(),
    title="sscard",
    version=__version__,
    description="社会保障卡服务 · a whole Social Security Card service. The same acts as the pages, for programs.",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problems.response_of(refusal, request)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = []
    for one in error.errors:
        place = ".".join(str(part) for part in one["loc"] if part not in ("body", "query", "path"))
        kind = (
            "api.field_unknown"
            if one["type"] in ("extra_forbidden", "unexpected_keyword_argument")
            else "api.field_form"
        )
        if one["type"] == "missing":
            kind = "api.field_missing"
        faults.append(Fault(place or "body", kind, {"expected": str(one.get("msg", ""))[:120]}))
    return problems.response_of(Refusal("kernel.form_faults", faults=faults, count=len(faults)), request)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own refusals: a body that it could not read."""
    as_json = request.content_type == "application/json"
    return problems.response_of(Refusal("api.body_unreadable" if as_json else "api.content_type"), request)


acts.mount(api)
signing_in.mount(api)
reads.mount(api)
rosters.mount(api)
devices.mount(api)
files.mount(api)
issuing.mount(api)
cards.mount(api)
contributions.mount(api)
holders.mount(api)
netbank.mount(api)
savings.mount(api)


def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 description of everything under /api."""
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/"))
    schema["openapi"] = "3.1.0"
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = acts.PROBLEM_SCHEMA
    components["securitySchemes"] = {
        "session": {"type": "http", "scheme": "bearer"},
        "program": {"type": "http", "scheme": "basic"},
    }
    schema["security"] = [{"session": []}, {"program": []}]
    return json.loads(json.dumps(schema))  # status codes as text, as the standard wants


def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that the API does not have."""
    return problems.response_of(Refusal("api.no_address"), request)


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    path("time-stamps", savings.time_stamps),
    path("", api.urls),
    path("<path:rest>", csrf_exempt(nowhere)),
]
