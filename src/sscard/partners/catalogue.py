"""The catalogue of refusals, generated from the texts that the code itself speaks: code, status, cause, fix, and which acts
can answer it, found in the source of each act (`reach`). What an OAuth endpoint can answer has that endpoint's error and
status beside it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sscard.binding import oauth_errors
from sscard.control.acts_registry import acts
from sscard.kernel import words
from sscard.law import clauses
from sscard.partners import reach

EVERYWHERE = (
    "control.key_missing", "control.key_reused", "control.key_in_progress", "control.not_allowed", "kernel.form_faults",
    "kernel.key_service_down", "kernel.database_down", "kernel.took_too_long", "kernel.busy", "api.sign_in_needed",
    "api.body_unreadable", "api.content_type",
)  # fmt: skip
"""Every act can answer these: they come from the door and the face."""
OAUTH = {
    "/oauth/par": ("sscard.api.oauth_push", "push"),
    "/oauth/token": ("sscard.api.oauth_token", "token"),
    "/oauth/introspect": ("sscard.api.oauth_token", "introspect"),
    "/oauth/revoke": ("sscard.api.oauth_token", "revoke"),
    "/oauth/unlink": ("sscard.api.oauth_link", "end"),
    "/oauth/bc-authorize": ("sscard.api.oauth_ciba", "ask"),
}
"""Endpoints that answer in OAuth's own form."""


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """All refusals by code."""
    said, pushed = _said_by_acts(), _said_by_oauth()
    known = sorted(words.catalogue().get("refusal", {}))
    return tuple(_entry(code, said.get(code, ()), pushed.get(code, ())) for code in known)


def entry(code: str) -> dict[str, Any] | None:
    return next((one for one in entries() if one["code"] == code), None)


def _entry(code: str, by: tuple[str, ...], at: tuple[str, ...]) -> dict[str, Any]:
    found = words.entry("refusal", code)
    status = int(found.get("status", 409))
    error = oauth_errors.of(code, status)
    return {
        "code": code,
        "type": f"/api/errors/{code}",
        "status": status,
        "title": found["en"],
        "title_zh": found["zh"],
        "detail": found.get("next_en", ""),
        "detail_zh": found.get("next_zh", ""),
        "basis": clauses.basis(str(found.get("clause", "")) or None, "en"),
        "acts": ["*"] if code in EVERYWHERE else list(by),
        "oauth": {"error": error.error, "status": error.status, "endpoints": list(at)} if at else None,
    }


@cache
def statuses(act: str) -> frozenset[int]:
    """Every status that this act can answer besides its success."""
    return frozenset(int(words.entry("refusal", code).get("status", 409)) for code in codes(act))


@cache
def codes(act: str) -> frozenset[str]:
    """Every refusal that this act can answer."""
    function = acts()[act].function
    return reach.codes_from(function.__module__, function.__name__) | frozenset(EVERYWHERE)


def _said_by_acts() -> dict[str, tuple[str, ...]]:
    return _turned((name, codes(name)) for name in acts())


def _said_by_oauth() -> dict[str, tuple[str, ...]]:
    return _turned((path, reach.codes_from(*place)) for path, place in OAUTH.items())


def _turned(told: Iterable[tuple[str, frozenset[str]]]) -> dict[str, tuple[str, ...]]:
    """Code → who answers it."""
    found: dict[str, set[str]] = {}
    for name, said in told:
        for code in said:
            found.setdefault(code, set()).add(name)
    return {code: tuple(sorted(names)) for code, names in found.items()}
