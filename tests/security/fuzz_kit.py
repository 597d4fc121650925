"""Callers of every role that the demo has, for tests that try each of them on every route; among them a bank's customer on
the bank's own site, and a bank's OAuth client with its assertion, its key and a link's token."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from requests_oauth2client import DPoPKey

import binding_kit
import linked_kit
import partners_kit

if TYPE_CHECKING:
    from security_kit import Town

PROGRAMS = ("bank_program", "bureau_program", "producer_program", "checker_program", "terminal")


@dataclass
class Caller:
    """Sends one request in its own way. `host`: the site it turns to."""

    name: str
    authorization: str = ""
    host: str = ""

    def headers(self, method: str, path: str) -> dict[str, str]:
        told = {"Authorization": self.authorization} if self.authorization else {}
        return {**told, **({"Host": self.host} if self.host else {})}

    def form(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return dict(given)


@dataclass
class OAuthClient(Caller):
    """A bank's: proves itself in each form, and calls with a link's token and a fresh proof."""

    partner: Any = None
    key: DPoPKey = field(default_factory=DPoPKey.generate)
    token: str = ""

    def headers(self, method: str, path: str) -> dict[str, str]:
        url = self.partner.url + path
        if path.startswith("/oauth/"):
            return {"DPoP": binding_kit.proof(self.key, method, url)}
        return {"Authorization": f"DPoP {self.token}", "DPoP": binding_kit.proof(self.key, method, url, self.token)}

    def form(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {**given, **self.partner.assertion()}


def callers(town: Town) -> list[Caller]:
    from netbank_kit import session_of

    from security_kit import ONE, holder_api, resident

    town.organisation(f"{ONE}-SCHOOL-1", "school", ONE)
    town.organisation("PRODUCER-FUZZ", "producer", "")
    for role, at in (
        ("credential_checker", f"{ONE}-SCHOOL-1"), ("producer_operator", "PRODUCER-FUZZ"),
        ("key_custodian", f"{ONE}-BUREAU"), ("key_auditor", f"{ONE}-BUREAU"),
    ):  # fmt: skip
        town.member(f"{role}.fuzz", role, at, ONE if at.startswith(ONE) else "")
    found = [Caller(name, f"Bearer {town.api(name).token}") for name in town.staff if "990200" not in name]
    places = {"bank_program": "CCB", "producer_program": "PRODUCER-FUZZ", "checker_program": f"{ONE}-SCHOOL-1"}
    for role in PROGRAMS:
        secret = uuid.uuid4().hex
        program = town.program(role, places.get(role, f"{ONE}-BUREAU"), ONE, secret)
        mark = base64.b64encode(f"{program.name}:{secret}".encode()).decode()
        found.append(Caller(role, f"Basic {mark}"))
    sandbox = partners_kit.tenant()
    found.append(Caller("sandbox", sandbox.key.authorization))
    found.append(Caller("partner", partners_kit.developer(sandbox.username).authorization))
    found.append(Caller("holder", f"Bearer {holder_api(resident(account=False)).token}"))
    who = linked_kit.person()
    found.append(Caller("customer", f"Bearer {session_of(who.signed)}", "ccb.localhost"))
    return [*found, oauth_client(), Caller("nobody")]


def oauth_client() -> OAuthClient:
    """Registered, with a card linked at a counter (CIBA), inside: the flow itself is tested elsewhere."""
    from django.conf import settings

    from sscard.binding import asking, backchannel, clients
    from sscard.binding.models import Token
    from sscard.kernel import clock

    partner = binding_kit.Partner.register(settings.CONFIG.portal_url)
    one, client = binding_kit.holder(), clients.find(partner.client_id)
    assert client is not None
    import json

    told = asking.read_details(json.dumps([binding_kit.details(one)]), client)
    consent, person, area = asking.ask(
        client, told, way="backchannel", message="KX-41",
        caller_of=lambda area: clients.caller_of(client, area=area),
    )  # fmt: skip
    found = OAuthClient("oauth_client", partner=partner)
    value = backchannel.begin(client, consent, person, area, scope="openid", jkt=found.key.dpop_jkt)
    binding_kit.decide(one)
    found.token = backchannel.poll(client, value, found.key.dpop_jkt, address="test").access_token
    Token.objects.filter(kind="access", client_id=client.client_id).update(
        expires_at=clock.real_now() + timedelta(days=1)
    )
    return found
