"""The API object and its addresses."""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from sscard import __version__
from sscard.api import (
    acts,
    cards,
    changes,
    collection,
    contributions,
    devices,
    ecard,
    errors,
    examined,
    files,
    forms,
    holders,
    hooks,
    issuing,
    linked,
    linked_bank,
    netbank,
    oauth_link,
    openapi_document,
    phone_and_camera,
    problems,
    python_client,
    reads,
    rosters,
    sandbox,
    savings,
    signing_in,
)
from sscard.kernel.db import refusal_of
from sscard.kernel.refusals import Refusal

log = logging.getLogger(__name__)


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


@api.exception_handler(Error)
def _database(request: HttpRequest, error: Error) -> HttpResponse:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    log.warning("%s at %s", type(error).__name__, request.path)
    return problems.response_of(refusal, request)


@api.exception_handler(ValidationError)
def _malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [forms.fault(one) for one in error.errors]
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
examined.mount(api)
cards.mount(api)
contributions.mount(api)
holders.mount(api)
netbank.mount(api)
linked.mount(api)
linked_bank.mount(api)
savings.mount(api)
oauth_link.mount(api)
ecard.mount(api)
phone_and_camera.mount(api)
changes.mount(api)
errors.mount(api)
hooks.mount(api)
sandbox.mount(api)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 description of everything under /api, the caller's own to change."""
    return dict(json.loads(_made_once("openapi")))


@cache
def _made_once(kind: str) -> bytes:
    """What the address of that kind answers: seconds of work for the first, the same for everybody."""
    if kind == "client":
        return python_client.of(document()).encode()
    made = openapi_document.of(api) if kind == "openapi" else collection.of(document())
    return json.dumps(made, ensure_ascii=False).encode()


def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_made_once("openapi"), content_type="application/json")


def ready_collection(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_made_once("collection"), content_type="application/json")


def client(request: HttpRequest) -> HttpResponse:
    """The typed client for Python, one file."""
    answer = HttpResponse(_made_once("client"), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="sscard_client.py"'
    return answer


def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that the API does not have."""
    return problems.response_of(Refusal("api.no_address"), request)


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    path("client.py", client, name="client"),
    path("collection.json", ready_collection, name="collection"),
    path("time-stamps", savings.time_stamps),
    path("", api.urls),
    path("<path:rest>", csrf_exempt(nowhere)),
]
