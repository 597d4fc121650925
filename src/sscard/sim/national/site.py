"""The platform's own site: its HTTP interface, at the host that the configuration names. JSON in, JSON out."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sscard.control.sessions import token_hash
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.keys.store import write_durably
from sscard.law import areas
from sscard.sim.national.core import NationalPlatform, PlatformNo
from sscard.sim.national.line import InThisHouse

CHANNELS = "channels.json"
CHANNEL, OPERATOR = "channel", "operator"
View = Callable[..., dict[str, Any]]


@cache
def platform() -> NationalPlatform:
    return NationalPlatform(folder(), InThisHouse())


def folder() -> Path:
    return Path(settings.CONFIG.home) / "national"


def set_up() -> dict[str, str]:
    """Make the two accounts of the platform, once: {name: secret}; the file keeps hashes, the secrets are told here only."""
    place = folder() / CHANNELS
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.exists():
        return {}
    made = {name: secrets.token_urlsafe(24) for name in (CHANNEL, OPERATOR)}
    write_durably(place, json.dumps({name: token_hash(one).hex() for name, one in made.items()}).encode())
    return made


def answered(method: str, account: str = "") -> Callable[[View], Callable[..., HttpResponse]]:
    """A view of the platform: its method, and which account it asks for ("" everybody)."""

    def around(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        def inner(request: HttpRequest) -> HttpResponse:
            if account and not _signed_in(request, account):
                return JsonResponse({"why": "sign_in"}, status=401)
            try:
                return JsonResponse(view(request), json_dumps_params={"ensure_ascii": False})
            except PlatformNo as no:
                return JsonResponse({"why": no.why}, status=409)
            except (ValueError, KeyError, TypeError, RecursionError):
                return JsonResponse({"why": "form"}, status=422)
            except Refusal as refusal:
                return JsonResponse({"why": refusal.code}, status=refusal.status)

        inner.method = method  # type: ignore[attr-defined]
        return inner

    return around


def _signed_in(request: HttpRequest, account: str) -> bool:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    place = folder() / CHANNELS
    kept = json.loads(place.read_text()) if place.exists() else {}
    stored = bytes.fromhex(kept.get(name, "00" * 32))
    return scheme.lower() == "basic" and name == account and hmac.compare_digest(stored, token_hash(secret))


def _body(request: HttpRequest) -> dict[str, Any]:
    found = json.loads(request.body)
    if not isinstance(found, dict):
        raise TypeError("an object was expected")
    return found


@answered("GET")
def keys(request: HttpRequest) -> dict[str, Any]:
    return {"keys": platform().published()}


@answered("GET")
def stopped(request: HttpRequest) -> dict[str, Any]:
    area = areas.get(request.GET.get("area", "")).code
    with unit_of_work(area=area):
        return {"list": platform().stopped(area)}


@answered("POST", CHANNEL)
def sign_card(request: HttpRequest) -> dict[str, Any]:
    body = _body(request)
    area, level = areas.get(str(body["area"])).code, int(body["level"])
    card, ecard = uuid.UUID(body["card"]), uuid.UUID(body["ecard"])
    with unit_of_work(area=area):
        return {"certificate": platform().sign_card(area, card, ecard, level)}


@answered("POST", CHANNEL)
def sign_code(request: HttpRequest) -> dict[str, Any]:
    body = _body(request)
    area = areas.get(str(body["area"])).code
    with unit_of_work(area=area):
        return {"code": platform().sign_code(area, uuid.UUID(body["ecard"]), str(body["certificate"]))}


@answered("POST", OPERATOR)
def rotate(request: HttpRequest) -> dict[str, Any]:
    return {"key": platform().rotate()}


def by_method(*views: Callable[..., HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """One address, several methods."""
    known = {one.method: one for one in views}  # type: ignore[attr-defined]

    @csrf_exempt
    def choose(request: HttpRequest) -> HttpResponse:
        view = known.get(request.method or "")
        if view is None:
            return JsonResponse({"why": "method"}, status=405, headers={"Allow": ", ".join(known)})
        return view(request)

    return choose


urlpatterns = [
    path("v1/keys", by_method(keys, rotate)),
    path("v1/stopped", by_method(stopped)),
    path("v1/cards", by_method(sign_card)),
    path("v1/codes", by_method(sign_code)),
]
