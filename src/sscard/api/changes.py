"""What has changed and what will end: the list of changes, and the headers of what is deprecated (RFC 9745, RFC 8594)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

FILE = Path(__file__).with_name("changes.toml")
NOTICE_DAYS = 180
"""An operation lives at least so long after it was called deprecated; a test holds the list to it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """An operation that will end: since when it is deprecated, on which day it ends, what to use instead."""

    method: str
    path: str
    since: date
    until: date
    instead: str


@cache
def changes() -> tuple[dict[str, Any], ...]:
    """Newest first."""
    with FILE.open("rb") as file:
        return tuple(tomllib.load(file).get("change", ()))


@cache
def endings() -> tuple[Ending, ...]:
    with FILE.open("rb") as file:
        return tuple(Ending(**one) for one in tomllib.load(file).get("ending", ()))


def mark(request: HttpRequest, response: HttpResponse) -> None:
    """Put the headers on an answer of an operation that will end."""
    for one in endings():
        if (request.method, request.path) == (one.method, one.path):
            response["Deprecation"] = f"@{int(_moment(one.since).timestamp())}"
            response["Sunset"] = format_datetime(_moment(one.until), usegmt=True)
            response["Link"] = f'<{one.instead}>; rel="successor-version", </api/changes>; rel="deprecation"'


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def mount(api: NinjaAPI) -> None:
    @api.get("/changes", tags=["changes"], summary="what changed, what will end · 变更与停用预告")
    def listed(request: HttpRequest) -> dict[str, Any]:
        """Open to everybody. What will end says so in each answer too: headers `Deprecation`, `Sunset` and `Link`."""
        shown = [
            {"method": one.method, "path": one.path, "since": one.since.isoformat(), "until": one.until.isoformat(),
             "instead": one.instead}
            for one in endings()
        ]  # fmt: skip
        return {"changes": [{**one, "on": one["on"].isoformat()} for one in changes()], "endings": shown}
