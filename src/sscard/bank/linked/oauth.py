"""The protocol as a client sees it (FAPI 2.0): discovery, pushed request, exchange, refresh, calls with a bound token."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from sscard.bank.linked import wire
from sscard.bank.linked.keys import BankKeys, challenge
from sscard.bank.linked.wire import BureauDown
from sscard.kernel.ids import new_id

DISCOVERY: Final = "/.well-known/oauth-authorization-server"
KEPT_S: Final = 300
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_known: dict[str, tuple[float, dict[str, str]]] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Pushed:
    """Where to send the browser, and what to keep until it comes back."""

    url: str
    state: str
    verifier: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """`details`: what was agreed to, as the bureau says it (RFC 9396)."""

    access: str
    refresh: str
    expires_in: int
    details: tuple[dict[str, Any], ...] = ()


def push(bank: BankKeys, details: Mapping[str, Any]) -> Pushed:
    """RFC 9126: the request goes by the back way; the browser carries a reference only."""
    verifier, challenged = challenge()
    state = secrets.token_urlsafe(24)
    form = {
        "response_type": "code", "redirect_uri": bank.redirect_uri, "state": state,
        "code_challenge": challenged, "code_challenge_method": "S256",
        "authorization_details": json.dumps([dict(details)], ensure_ascii=False),
    }  # fmt: skip
    told = _form(bank, "pushed_authorization_request_endpoint", form)
    query = urlencode({"client_id": bank.client_id, "request_uri": told["request_uri"]})
    page = endpoints(bank.issuer)["authorization_endpoint"]
    return Pushed(f"{page}?{query}", state, verifier, int(told["expires_in"]))


def exchange(bank: BankKeys, code: str, verifier: str) -> Tokens:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": bank.redirect_uri, "code_verifier": verifier,
    }  # fmt: skip
    return _tokens(_form(bank, "token_endpoint", form))


def refresh(bank: BankKeys, token: str) -> Tokens:
    """The old refresh token is worth nothing after this."""
    return _tokens(_form(bank, "token_endpoint", {"grant_type": "refresh_token", "refresh_token": token}))


def unlink(bank: BankKeys, consent: str) -> None:
    """At the customer's wish. It needs no token: a suspended consent gives none."""
    _send(bank, bank.issuer + "/oauth/unlink", {"consent": consent, "wish": "customer"})


def call(
    bank: BankKeys, token: str, method: str, path: str, *, body: Mapping[str, Any] | None = None, key: str = ""
) -> Any:
    """A resource of the bureau with a bound token; its JSON, or its bytes when it is a document."""
    headers = {"Authorization": f"DPoP {token}", "DPoP": bank.proof(method, bank.issuer + path, token)}
    if method != "GET":
        headers["Idempotency-Key"] = key or str(new_id())
    answer = wire.ask(bank.issuer, method, path, headers=headers, **({"json": dict(body)} if body is not None else {}))
    if answer.headers.get("content-type", "").startswith("application/json"):
        return answer.json()
    return answer.content


def endpoints(issuer: str) -> dict[str, str]:
    """Discovery (RFC 8414), kept for some minutes. An answer in another's name is none."""
    with _guard:
        at, found = _known.get(issuer, (0.0, {}))
        if found and time.monotonic() - at < KEPT_S:
            return found
    told = wire.ask(issuer, "GET", DISCOVERY).json()
    if told.get("issuer") != issuer:
        raise BureauDown
    with _guard:
        _known[issuer] = (time.monotonic(), told)
    return dict(told)


def _form(bank: BankKeys, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
    return _send(bank, endpoints(bank.issuer)[endpoint], form)


def _send(bank: BankKeys, url: str, form: dict[str, str]) -> dict[str, Any]:
    proved = {"client_id": bank.client_id, "client_assertion_type": ASSERTION, "client_assertion": bank.assertion()}
    headers = {"DPoP": bank.proof("POST", url)}
    answer = wire.ask(bank.issuer, "POST", urlsplit(url).path, data={**form, **proved}, headers=headers)
    return dict(answer.json())


def _tokens(told: Mapping[str, Any]) -> Tokens:
    if str(told.get("token_type", "")).lower() != "dpop":
        raise BureauDown
    details = tuple(one for one in told.get("authorization_details", ()) if isinstance(one, dict))
    return Tokens(
        str(told["access_token"]), str(told.get("refresh_token", "")), int(told.get("expires_in", 60)), details
    )
