"""What the OAuth endpoints share: a form that is read strictly, the client behind it, its DPoP key, and refusals in the form
of RFC 6749 §5.2 with the house's own code and sentences beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from sscard.api import auth, problems
from sscard.binding import access, clients, oauth_errors, proofs
from sscard.binding.models import Client
from sscard.control.caller import Caller
from sscard.kernel.refusals import Fault, Refusal

MOST_BYTES = 32 * 1024
View = Callable[[HttpRequest], HttpResponse]


def endpoint(view: View, method: str) -> View:
    """One method; a refusal becomes an OAuth error; nothing is kept by anybody. No cookie is looked at, so there is nothing
    for another site to forge (T20)."""

    @csrf_exempt
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if request.method not in (method, "HEAD" if method == "GET" else method):
            return HttpResponseNotAllowed([method])
        try:
            answer = view(request)
        except Refusal as refusal:
            answer = refused(request, refusal)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer["Sscard-Trace"] = auth.trace_id(request)
        return answer

    return inner


def form_of(request: HttpRequest) -> dict[str, str]:
    """The parameters. Each stands once (RFC 6749 §3.2); empty ones count as left out; the query string is not read."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise wrong(Fault("Content-Type", "binding.parameter_form", {"expected": "application/x-www-form-urlencoded"}))
    if len(request.body) > MOST_BYTES:
        raise wrong(Fault("body", "binding.parameter_form", {"expected": f"at most {MOST_BYTES} bytes"}))
    twice = [name for name, values in request.POST.lists() if len(values) > 1]
    if twice:
        raise wrong(*(Fault(name[:60], "binding.parameter_twice") for name in twice))
    return {name: str(value) for name, value in request.POST.items() if value}


def wrong(*faults: Fault) -> Refusal:
    return Refusal("binding.parameters_wrong", faults=faults, count=len(faults))


def needed(form: Mapping[str, str], *names: str) -> list[Fault]:
    return [Fault(name, "binding.parameter_missing") for name in names if not form.get(name)]


def client_of(form: Mapping[str, str], request: HttpRequest) -> Client:
    """The client that proved itself by private_key_jwt. A secret, a header or a bare client_id proves nothing. It is noted
    on the request for the log of its sandbox."""
    client = proofs.client_of(
        form.get("client_assertion_type", ""),
        form.get("client_assertion", ""),
        form.get("client_id", ""),
        issuer=access.issuer(),
    )
    request.sscard_caller = caller_of(client, request)(client.area_code)  # type: ignore[attr-defined]
    request.sscard_note = form.get("grant_type", "").rpartition(":")[2]  # type: ignore[attr-defined]
    return client


def caller_of(client: Client, request: HttpRequest) -> Callable[[str], Caller]:
    """Makes the caller for an area."""

    def of(area: str) -> Caller:
        return clients.caller_of(client, area=area, address=auth.address(request), request_id=auth.trace_id(request))

    return of


def key_of(request: HttpRequest, *, must: bool) -> str:
    """The thumbprint of the DPoP key in the request's header; "" where there is none and none must be."""
    proof = str(request.headers.get("DPoP", ""))
    if not proof and not must:
        return ""
    return proofs.possession(proof, method=str(request.method), url=access.issuer() + request.path)


def scope_of(form: Mapping[str, str]) -> str:
    scopes = form.get("scope", "").split()
    if set(scopes) - {"openid"}:
        raise Refusal("binding.scope")
    return "openid" if scopes else ""


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """`error` and `error_description` as the standards want, and the problem document's members beside them."""
    error, status = oauth_errors.of(refusal.code, refusal.status, str(getattr(refusal, "oauth", "")))
    body: dict[str, Any] = {"error": error, "error_description": _plain(refusal)}
    told = problems.body_of(refusal, auth.trace_id(request))
    body |= {name: value for name, value in told.items() if name != "status"}
    answer = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")
    answer.sscard_code = refusal.code  # type: ignore[attr-defined]
    if status == 429:
        answer["Retry-After"] = str(refusal.facts.get("seconds", 60))
    return answer


def _plain(refusal: Refusal) -> str:
    """Only the characters that RFC 6749 §5.2 allows."""
    text = f"{refusal.sentence('en')} {refusal.next_step('en')}".strip()
    if refusal.faults:
        text += " " + "; ".join(f"{fault.place}: {fault.sentence('en')}" for fault in refusal.faults)
    text = text.replace("“", "'").replace("”", "'").replace('"', "'").replace("\\", "/")
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text)[:900]
