"""Registering clients and finding them again. There is one way to prove oneself (a signature), so there is no secret to hand
out: whoever registers brings his public keys.

    client = register(organisation="CCB", name_zh="…", name_en="…", redirect_uris=["https://…/linked/"], jwks={"keys": […]},
                      wants=["status"], by=staff_id, now=now)
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, connection
from joserfc import jwk
from joserfc.errors import JoseError

from sscard.binding.models import Client, Grant, Pushed, Token
from sscard.binding.rules import WANTS
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.models import Organisation
from sscard.kernel.refusals import Fault, Refusal
from sscard.law import areas

ASKED = uuid.UUID("3f7c1d0a-9b57-4a43-8a53-2f0c5f4e7d11")
MOST_URIS, MOST_KEYS, RSA_BITS = 10, 10, 2048
LOOPBACK = ("127.0.0.1", "::1")
_ALGORITHM = {("EC", "P-256"): "ES256", ("RSA", ""): "PS256", ("OKP", "Ed25519"): "EdDSA"}


@dataclass(frozen=True, slots=True)
class RegisterClient:
    """`keys`: JSON Web Keys, public parts only; each with `kid` and `alg` or so plain that both follow."""

    organisation: str
    name_zh: str
    name_en: str
    redirect_uris: tuple[str, ...]
    keys: tuple[dict[str, str], ...]
    wants: tuple[str, ...] = WANTS


@act("binding.register_client", right="binding.clients", clause="")
def register_client(inside: Inside, request: RegisterClient) -> dict[str, Any]:
    """A partner's program may from now on ask holders for consent."""
    client = register(
        organisation=request.organisation, name_zh=request.name_zh, name_en=request.name_en,
        redirect_uris=request.redirect_uris, jwks={"keys": list(request.keys)}, wants=request.wants,
        by=inside.caller.id, now=inside.now,
    )  # fmt: skip
    inside.object = f"client:{client.client_id}"
    return {"client": str(client.client_id)}


@dataclass(frozen=True, slots=True)
class StopClient:
    client: uuid.UUID


@act("binding.stop_client", right="binding.clients", clause="")
def stop_client(inside: Inside, request: StopClient) -> dict[str, Any]:
    """Its tokens are worth nothing from the next call on."""
    if not Client.objects.filter(client_id=request.client).update(active=False, changed_at=inside.now):
        raise Refusal("control.not_found")
    inside.object = f"client:{request.client}"
    return {"client": str(request.client), "active": False}


def register(
    *,
    organisation: str,
    name_zh: str,
    name_en: str,
    redirect_uris: Sequence[str],
    jwks: dict[str, Any],
    wants: Sequence[str] = WANTS,
    by: uuid.UUID,
    now: datetime,
    sandbox: bool = False,
    area: str = "",
    client_id: uuid.UUID | None = None,
) -> Client:
    """A new client, inside the transaction of whoever calls. All faults at once: kernel.form_faults. `sandbox`: it may send
    browsers back over http to a loopback address. `area`: the tenant outside which it reaches nothing."""
    with connection.cursor() as cursor:  # of two who bring one key at once the second is refused
        cursor.execute("select pg_advisory_xact_lock(hashtext('binding.register_client'))")
    faults = [*_redirect_faults(redirect_uris, sandbox), *_wants_faults(wants)]
    keys, key_faults = _keys_of(jwks)
    faults += key_faults
    if not name_zh.strip() or not name_en.strip() or len(name_zh) > 60 or len(name_en) > 60:
        faults.append(Fault("name", "binding.client_name"))
    owner = Organisation.objects.filter(code=organisation, active=True).first()
    if owner is None:
        faults.append(Fault("organisation", "binding.client_organisation", {"code": organisation[:40]}))
    if faults or owner is None:
        raise Refusal("kernel.form_faults", faults=faults, count=len(faults))
    client = Client(
        organisation=owner,
        name_zh=name_zh.strip(),
        name_en=name_en.strip(),
        redirect_uris=list(redirect_uris),
        jwks={"keys": keys},
        wants=[one for one in WANTS if one in wants],
        sandbox=sandbox,
        area_code=area,
        created_at=now,
        created_by=by,
        changed_at=now,
    )
    if client_id is not None:
        client.client_id = client_id
    try:
        client.save(force_insert=True)
    except IntegrityError:
        raise Refusal("binding.client_there_already") from None
    return client


def find(client_id: str) -> Client | None:
    """An active client of an active organisation by the id as it was sent."""
    try:
        wanted = uuid.UUID(client_id)
    except ValueError:
        return None
    if str(wanted) != client_id:  # one spelling only
        return None
    found = Client.objects.select_related("organisation").filter(client_id=wanted, active=True).first()
    return found if found is not None and found.organisation.active else None


def reaches(client: Client, area: str) -> bool:
    """May it ask about cards of this area? A tenant's client about this tenant's only, and nobody else about a tenant's."""
    return client.area_code == area if client.area_code else areas.copied(area) is None


def move_tenant(old: str, new: str) -> None:
    """A tenant begins anew in a fresh area: its clients go along, what they were given in the old one is worth nothing."""
    Client.objects.filter(area_code=old).update(area_code=new)
    for issued in (Token, Grant, Pushed):
        issued.objects.filter(area_code=old).delete()


def caller_of(client: Client, *, area: str, **more: Any) -> Caller:
    """The client as a caller for the door: a program of its organisation that has proved itself."""
    more.setdefault("channel", "oauth")
    return Caller(
        kind="program",
        id=client.client_id,
        name=client.name_zh,
        area=area,
        organisation=client.organisation_id,
        organisation_kind=client.organisation.kind,
        bank=client.organisation.bank,
        roles=frozenset({"link_client"}),
        **more,
    )


def asked_caller(person_id: int, name: str, *, area: str, consent: uuid.UUID, **more: Any) -> Caller:
    """Whoever sits before our page with a request about this person, before he has proved to be he: he may look at the
    request, masked, and decline it; agreeing asks for the proof."""
    return Caller(
        kind="holder",
        id=uuid.uuid5(ASKED, consent.hex),
        name=name,
        area=area,
        channel="page",
        roles=frozenset({"verified_holder"}),
        persons=frozenset({person_id}),
        **more,
    )


def _redirect_faults(uris: Sequence[str], sandbox: bool) -> list[Fault]:
    if not 1 <= len(uris) <= MOST_URIS:
        return [Fault("redirect_uris", "binding.redirect_count", {"most": MOST_URIS})]
    faults = []
    for number, uri in enumerate(uris):
        parts = urlsplit(uri)
        loopback = sandbox and parts.scheme == "http" and parts.hostname in LOOPBACK
        sound = (parts.scheme == "https" or loopback) and parts.hostname and not parts.fragment and "#" not in uri
        if not sound or parts.username or len(uri) > 400 or not uri.isascii() or any(c <= " " for c in uri):
            faults.append(Fault(f"redirect_uris.{number}", "binding.redirect_form"))
    return faults


def _wants_faults(wants: Sequence[str]) -> list[Fault]:
    unknown = [one for one in wants if one not in WANTS]
    if unknown or not wants:
        return [Fault("wants", "binding.wants_unknown", {"known": ", ".join(WANTS)})]
    return []


def _keys_of(jwks: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The keys with `kid` and `alg` filled in, and what is wrong with them."""
    given = jwks.get("keys")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_KEYS:
        return [], [Fault("jwks", "binding.keys_count", {"most": MOST_KEYS})]
    keys: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, one in enumerate(given):
        place = f"jwks.keys.{number}"
        sound = _key_of(one) if isinstance(one, dict) else None
        if sound is None:
            faults.append(Fault(place, "binding.key_form"))
        elif _taken(sound):
            faults.append(Fault(place, "binding.key_of_another"))
        elif sound["kid"] in {key["kid"] for key in keys}:
            faults.append(Fault(place, "binding.key_twice"))
        else:
            keys.append(sound)
    return keys, faults


def _taken(key: dict[str, Any]) -> bool:
    """Is it an active client's already? A key that two share proves neither."""
    parts = {name: key[name] for name in ("x", "y", "n") if name in key}
    return Client.objects.filter(jwks__contains={"keys": [parts]}, active=True).exists()


def _key_of(given: dict[str, Any]) -> dict[str, Any] | None:
    kind = (given.get("kty", ""), given.get("crv", "") if given.get("kty") != "RSA" else "")
    algorithm = _ALGORITHM.get(kind)
    if algorithm is None or given.get("alg", algorithm) != algorithm or given.get("use", "sig") != "sig":
        return None
    try:
        key = jwk.import_key({name: value for name, value in given.items() if name not in ("key_ops", "ext")})
        if key.is_private or (kind[0] == "RSA" and key.public_key.key_size < RSA_BITS):
            return None
        kid = str(given.get("kid") or key.thumbprint())
        return {**key.as_dict(private=False), "kid": kid[:120], "alg": algorithm, "use": "sig"}
    except (JoseError, ValueError, TypeError):
        return None
