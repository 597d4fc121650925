"""Tokens: for a code, for a refresh token, for an approved backchannel request; looking one up; giving one up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from sscard.api import auth
from sscard.api.oauth_forms import client_of, form_of, key_of, needed, scope_of, wrong
from sscard.binding import backchannel, signing, tokens
from sscard.binding.models import Client
from sscard.binding.tokens import Issued
from sscard.kernel.refusals import Refusal

SIGNED = "application/token-introspection+jwt"


def token(request: HttpRequest) -> HttpResponse:
    form = form_of(request)
    client = client_of(form, request)
    grant, at = form.get("grant_type", ""), auth.address(request)
    wanted = {
        "authorization_code": ("code", "redirect_uri", "code_verifier"),
        "refresh_token": ("refresh_token",),
        backchannel.GRANT: ("auth_req_id",),
    }.get(grant)
    if not grant:
        raise wrong(*needed(form, "grant_type"))
    if wanted is None:
        raise Refusal("binding.grant_type")
    if faults := needed(form, *wanted):
        raise wrong(*faults)
    scope_of(form)
    key = key_of(request, must=True)
    if grant == "authorization_code":
        issued = tokens.by_code(client, form["code"], form["redirect_uri"], form["code_verifier"], key, address=at)
    elif grant == "refresh_token":
        issued = tokens.refresh(client, form["refresh_token"], key, address=at)
    else:
        issued = backchannel.poll(client, form["auth_req_id"], key, address=at)
    return _told(issued)


def _told(issued: Issued) -> HttpResponse:
    body = {
        "access_token": issued.access_token,
        "token_type": "DPoP",
        "expires_in": issued.expires_in,
        "authorization_details": issued.details,
    }
    if issued.scope:
        body["scope"] = issued.scope
    if issued.refresh_token:
        body["refresh_token"] = issued.refresh_token
    if issued.id_token:
        body["id_token"] = issued.id_token
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def introspect(request: HttpRequest) -> HttpResponse:
    """RFC 7662; signed by RFC 9701 if the client asks for that. A client learns of its own tokens only."""
    client, value = _asked(request)
    answer = tokens.introspect(client, value)
    if SIGNED in request.headers.get("Accept", ""):
        return HttpResponse(signing.introspection(client, answer), content_type=SIGNED)
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009. The consent stays: it ends by `binding.revoke`, or at the client's DELETE of the link."""
    client, value = _asked(request)
    tokens.give_up(client, value, address=auth.address(request))
    return HttpResponse(status=200)


def _asked(request: HttpRequest) -> tuple[Client, str]:
    form = form_of(request)
    client = client_of(form, request)
    if faults := needed(form, "token"):
        raise wrong(*faults)
    return client, form["token"]
