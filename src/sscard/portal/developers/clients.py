"""OAuth clients of a sandbox: what there is, registering one with its keys (for all that may be asked for; the API takes
less), stopping one."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from sscard.kernel.refusals import Fault, Refusal
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import oauth_clients
from sscard.partners.sandbox.oauth_clients import RegisterSandboxClient, StopSandboxClient
from sscard.portal.developers.around import AREA, for_owner, show
from sscard.portal.forms import faults_of, uuid_of
from sscard.portal.shapes import Field
from sscard.portal.signed import AtPage, fresh_key

_PLACES = {"partners.clients_most": "name"}
_FIELD_OF = {"jwks": "keys", "organisation": "name"}
"""Where a fault of the act belongs on the form."""


@for_owner
def clients(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    """All of them. POST: one more, whose private key, if it was made here, is shown this once."""
    faults: tuple[Fault, ...] = ()
    made: dict[str, Any] = {}
    if request.method == "POST":
        try:
            done = at.perform("partners.register_client", _asked(request, sandbox), area=AREA)
        except Refusal as refusal:
            faults = tuple(_placed(one) for one in faults_of(refusal, _PLACES))
        else:
            made = {**done.answer, "private_key": _pretty(done.once.get("private_key"))}
    issuer = f"{request.scheme}://{request.get_host()}"
    return show(
        at, sandbox, "clients", "portal/developers/clients.html", made=made, faults=faults, key=fresh_key(),
        clients=[oauth_clients.shown(one) for one in oauth_clients.of(sandbox)], values=request.POST if faults else {},
        discovery=f"{issuer}/.well-known/oauth-authorization-server",
        fields=[
            Field("name", at.word("developers.client_name"), hint=at.word("developers.client_name_hint")),
            Field(
                "redirect_uris", at.word("developers.redirects"), kind="textarea",
                hint=at.word("developers.redirects_hint"),
            ),
            Field(
                "keys", at.word("developers.jwks"), kind="textarea", required=False,
                hint=at.word("developers.jwks_hint"),
            ),
        ],
    )  # fmt: skip


@for_owner
def stop(request: HttpRequest, at: AtPage, sandbox: Sandbox) -> HttpResponse:
    if request.method == "POST":
        client = uuid_of(request.POST.get("client", ""))
        at.perform("partners.stop_client", StopSandboxClient(sandbox.sandbox_id, client), area=AREA)
    return HttpResponseRedirect(f"/developers/{sandbox.sandbox_id}/clients/")


def _asked(request: HttpRequest, sandbox: Sandbox) -> RegisterSandboxClient:
    return RegisterSandboxClient(
        sandbox.sandbox_id,
        request.POST.get("name", "").strip(),
        tuple(request.POST.get("redirect_uris", "").split()),
        _keys(request.POST.get("keys", "")),
    )


def _keys(text: str) -> tuple[dict[str, Any], ...]:
    """A JSON Web Key, a list of them or a set; nothing: one is made. Raises the form's fault for anything else."""
    if not text.strip():
        return ()
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        given = given.get("keys", [given])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refusal("kernel.form_faults", faults=[Fault("keys", "binding.key_form")], count=1)
    return tuple(given)


def _placed(fault: Fault) -> Fault:
    """The act says `redirect_uris.0` or `jwks.keys.1`; the form has one field for all of them."""
    field = fault.place.partition(".")[0]
    return Fault(_FIELD_OF.get(field, field), fault.code, fault.facts)


def _pretty(key: dict[str, Any] | None) -> str:
    return json.dumps(key, indent=1) if key else ""
