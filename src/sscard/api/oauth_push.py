"""Pushed authorisation requests (RFC 9126): the only way in. The holder's page opens with the reference that comes back."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse

from sscard.api.oauth_forms import caller_of, client_of, form_of, key_of, needed, scope_of, wrong
from sscard.binding import asking, grants, paying, rules
from sscard.binding.grants import Parameters
from sscard.binding.models import Client
from sscard.kernel.refusals import Fault, Refusal

MOST_STATE, MOST_NONCE = 2048, 512


def push(request: HttpRequest) -> HttpResponse:
    """Everything is checked here, so that the holder never sees a page about a request that could not be met."""
    form = form_of(request)
    client = client_of(form, request)
    parameters = _parameters(form, client, key_of(request, must=False))
    callers, text = caller_of(client, request), form["authorization_details"]
    if (payment := paying.read(text)) is not None:
        consent, person, area = paying.ask(client, payment, caller_of=callers)
    else:
        details = asking.read_details(text, client)
        consent, person, area = asking.ask(client, details, way="redirect", caller_of=callers)
    request_uri = grants.push(client, parameters, consent, person, area)
    seconds = int(grants.PUSHED_LIFE.total_seconds())
    return JsonResponse({"request_uri": request_uri, "expires_in": seconds}, status=201)


def _parameters(form: Mapping[str, str], client: Client, proved: str) -> Parameters:
    if "request" in form:
        raise Refusal("binding.request_object")
    faults = needed(form, "response_type", "redirect_uri", "code_challenge", "authorization_details")
    if form.get("response_type", "code") != "code":
        raise Refusal("binding.response_type")
    if "request_uri" in form:
        faults.append(
            Fault("request_uri", "binding.parameter_form", {"expected": "nothing: it is this that makes one"})
        )
    if form.get("response_mode", "query") != "query":
        faults.append(Fault("response_mode", "binding.parameter_form", {"expected": "query"}))
    if form.get("redirect_uri") and form["redirect_uri"] not in client.redirect_uris:
        faults.append(Fault("redirect_uri", "binding.redirect_unknown"))
    if form.get("code_challenge") and not rules.challenge_sound(form["code_challenge"]):
        faults.append(Fault("code_challenge", "binding.parameter_form", {"expected": "43 characters of base64url"}))
    if form.get("code_challenge_method") != "S256":
        faults.append(Fault("code_challenge_method", "binding.parameter_form", {"expected": "S256"}))
    if proved and form.get("dpop_jkt", proved) != proved:
        faults.append(
            Fault("dpop_jkt", "binding.parameter_form", {"expected": "the thumbprint of the DPoP header's key"})
        )
    elif form.get("dpop_jkt") and not rules.challenge_sound(form["dpop_jkt"]):
        faults.append(Fault("dpop_jkt", "binding.parameter_form", {"expected": "43 characters of base64url"}))
    for name, most in (("state", MOST_STATE), ("nonce", MOST_NONCE)):
        if len(form.get(name, "")) > most or not form.get(name, "").isprintable():
            faults.append(Fault(name, "binding.parameter_form", {"expected": f"at most {most} characters"}))
    if faults:
        raise wrong(*faults)
    return Parameters(
        redirect_uri=form["redirect_uri"],
        code_challenge=form["code_challenge"],
        state=form.get("state", ""),
        nonce=form.get("nonce", ""),
        scope=scope_of(form),
        dpop_jkt=proved or form.get("dpop_jkt", ""),
    )
