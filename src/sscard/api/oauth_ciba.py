"""CIBA in poll mode: a request that the holder answers elsewhere, on his own page or at a counter or terminal."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse

from sscard.api.oauth_forms import caller_of, client_of, form_of, key_of, needed, scope_of, wrong
from sscard.binding import asking, backchannel
from sscard.codes.text import normal
from sscard.kernel.refusals import Fault, Refusal

HINTS = ("login_hint", "login_hint_token", "id_token_hint")
LEAST_MESSAGE = 4


def ask(request: HttpRequest) -> HttpResponse:
    """`login_hint` is the card number; the rest stands in `authorization_details` as in a pushed request."""
    form = form_of(request)
    client = client_of(form, request)
    if "request" in form:
        raise Refusal("binding.request_object")
    if faults := needed(form, "scope", "authorization_details"):
        raise wrong(*faults)
    if not scope_of(form):
        raise Refusal("binding.scope")
    message, seconds = _message(form), _expiry(form)
    details = asking.read_details(form["authorization_details"], client)
    if [name for name in HINTS if name in form] != ["login_hint"] or normal(form["login_hint"]) != details.card_number:
        raise Refusal("binding.ciba_hint")
    key = key_of(request, must=False)
    try:
        consent, person, area = asking.ask(
            client, details, way="backchannel", message=message, caller_of=caller_of(client, request)
        )
    except Refusal as refusal:
        if refusal.code == "binding.identity_mismatch":  # CIBA Core §13 has a word of its own for it
            refusal.oauth = "unknown_user_id"  # type: ignore[attr-defined]
        raise
    value = backchannel.begin(client, consent, person, area, scope="openid", jkt=key, seconds=seconds)
    return JsonResponse({"auth_req_id": value, "expires_in": seconds, "interval": backchannel.INTERVAL_S})


def _message(form: Mapping[str, str]) -> str:
    text = form.get("binding_message", "").strip()
    if not LEAST_MESSAGE <= len(text) <= asking.MESSAGE_MOST or not text.isprintable():
        raise Refusal("binding.ciba_message")
    return text


def _expiry(form: Mapping[str, str]) -> int:
    text = form.get("requested_expiry", "")
    if not text:
        return backchannel.MOST_LIFE_S
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise wrong(Fault("requested_expiry", "binding.parameter_form", {"expected": "a positive whole number"}))
    return min(int(text), backchannel.MOST_LIFE_S)
