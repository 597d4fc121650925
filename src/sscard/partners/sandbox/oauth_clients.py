"""A sandbox's own OAuth clients: a partner registers them himself, by page or API, and has client and keys at once.

Whoever brings no keys is given one, shown once: the house keeps its public part only, as of every client.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwk

from sscard.binding import clients
from sscard.binding.models import Client
from sscard.binding.rules import WANTS
from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.kernel.refusals import Refusal
from sscard.partners.models import Sandbox
from sscard.partners.sandbox import tenants
from sscard.partners.sandbox.acts import own

MOST_CLIENTS: Final = 5


@dataclass(frozen=True, slots=True)
class RegisterSandboxClient:
    """`redirect_uris`: https, or http to 127.0.0.1 for a program on one's own machine. `keys`: JSON Web Keys, public parts
    only; none: a key is made and shown once."""

    sandbox: uuid.UUID
    name: str
    redirect_uris: tuple[str, ...]
    keys: tuple[dict[str, Any], ...] = ()
    wants: tuple[str, ...] = WANTS


@act("partners.register_client", right="partners.sandbox", no_area=True)
def register(inside: Inside, request: RegisterSandboxClient) -> dict[str, Any]:
    """The client acts for the sandbox's bank and reaches this sandbox's cards, no others."""
    sandbox = own(inside, request.sandbox)
    if of(sandbox).filter(active=True).count() >= MOST_CLIENTS:
        raise Refusal("partners.clients_most", most=MOST_CLIENTS)
    made, keys = None, list(request.keys)
    if not keys:
        made, public = _fresh_key()
        keys = [public]
    client = clients.register(
        organisation=tenants.codes_of(sandbox)["bank"], name_zh=request.name, name_en=request.name,
        redirect_uris=request.redirect_uris, jwks={"keys": keys}, wants=request.wants, by=inside.caller.id,
        now=inside.now, sandbox=True, area=sandbox.area_code,
    )  # fmt: skip
    inside.object = f"client:{client.client_id}"
    if made is not None:
        inside.once["private_key"] = made
    return {**shown(client), "sandbox": str(sandbox.sandbox_id)}


@dataclass(frozen=True, slots=True)
class StopSandboxClient:
    sandbox: uuid.UUID
    client: uuid.UUID


@act("partners.stop_client", right="partners.sandbox", no_area=True)
def stop(inside: Inside, request: StopSandboxClient) -> dict[str, Any]:
    """Its tokens are worth nothing from the next call on."""
    sandbox = own(inside, request.sandbox)
    if not of(sandbox).filter(client_id=request.client).update(active=False, changed_at=inside.now):
        raise Refusal("control.not_found")
    inside.object = f"client:{request.client}"
    return {"client": str(request.client), "active": False}


def of(sandbox: Sandbox) -> Any:
    """Its clients, the newest first."""
    return Client.objects.filter(area_code=sandbox.area_code).order_by("-created_at")


def shown(client: Client) -> dict[str, Any]:
    return {
        "client": str(client.client_id),
        "name": client.name_en,
        "active": client.active,
        "redirect_uris": client.redirect_uris,
        "wants": client.wants,
        "keys": [{"kid": key["kid"], "alg": key["alg"]} for key in client.jwks["keys"]],
    }


def _fresh_key() -> tuple[dict[str, Any], dict[str, Any]]:
    """(private, public), ES256."""
    key = jwk.ECKey.generate_key("P-256", private=True)
    named = {"kid": str(key.thumbprint()), "alg": "ES256", "use": "sig"}
    return {**key.as_dict(private=True), **named}, {**key.as_dict(private=False), **named}
