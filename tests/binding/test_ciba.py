"""CIBA in poll mode: asked behind the scenes, decided on the holder's own page or at a desk, polled for."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from jwskate import Jwt
from requests_oauth2client import AuthorizationPending, DPoPKey, SlowDown

from binding_kit import TIMEOUT, Linkable, Linked, Partner, call, consent_of, decide, details, holder, proof

requirement = pytest.mark.requirement
GRANT = "urn:openid:params:grant-type:ciba"


def ask(partner: Partner, one: Linkable, *, message: str = "K7-4821", **more: Any) -> Any:
    data = {
        "scope": "openid", "login_hint": one.card_number, "binding_message": message,
        "authorization_details": json.dumps([details(one)]), **more,
    }  # fmt: skip
    return partner.post("/oauth/bc-authorize", data)


def poll(partner: Partner, value: str, key: DPoPKey) -> Any:
    data = {"grant_type": GRANT, "auth_req_id": value}
    return partner.post("/oauth/token", data, headers={"DPoP": proof(key, "POST", f"{partner.url}/oauth/token")})


def later(seconds: int = 60) -> None:
    """As if the client had waited."""
    from sscard.binding.models import Grant
    from sscard.kernel import clock

    Grant.objects.filter(kind="ciba", polled_at__isnull=False).update(
        polled_at=clock.real_now() - timedelta(seconds=seconds)
    )


@requirement("CIBA 7.1-1", "CIBA 7.3-1", "CIBA 11-1", "CIBA 11-2", "CIBA 10.1-1", "CIBA 10.1.1-1", "CIBA 7.1-3")
def test_the_flow_by_an_independent_client(partner: Partner) -> None:
    one, client, key = holder(), partner.oauth(), DPoPKey.generate()
    asked = client.backchannel_authentication_request(
        login_hint=one.card_number, binding_message="K7-4821", authorization_details=json.dumps([details(one)])
    )
    assert len(asked.auth_req_id) * 6 >= 128
    assert asked.interval == 5
    with pytest.raises(AuthorizationPending):
        client.ciba(asked, requests_kwargs={"dpop_key": key})
    with pytest.raises(SlowDown):
        client.ciba(asked, requests_kwargs={"dpop_key": key})
    assert consent_of(one).message == "K7-4821"
    decide(one)
    later()
    token = client.ciba(asked, requests_kwargs={"dpop_key": key})
    id_token = Jwt(str(token.id_token))
    assert (id_token.claims["iss"], id_token.claims["aud"]) == (partner.url, partner.client_id)
    assert id_token.claims["sub"]
    assert token.refresh_token
    linked = Linked(one, {"access_token": token.access_token}, key, str(consent_of(one).consent_id))
    assert call(partner, linked).status_code == 200
    later()
    assert poll(partner, asked.auth_req_id, key).json()["error"] == "invalid_grant", "it serves once"


@requirement("CIBA 11-2", "CIBA 10.1-1")
def test_slow_down_lasts_and_others_get_nothing(partner: Partner) -> None:
    one, key = holder(), DPoPKey.generate()
    asked = ask(partner, one).json()
    other = Partner.register(partner.url, bank="ICBC")
    assert poll(other, asked["auth_req_id"], key).json()["error"] == "invalid_grant"
    assert poll(partner, asked["auth_req_id"] + "x", key).json()["error"] == "invalid_grant"
    assert poll(partner, asked["auth_req_id"], key).json()["error"] == "authorization_pending"
    assert poll(partner, asked["auth_req_id"], key).json()["error"] == "slow_down"
    later(7)
    assert poll(partner, asked["auth_req_id"], key).json()["error"] == "slow_down", "five seconds more from now on"
    later(60)
    assert poll(partner, asked["auth_req_id"], key).json()["error"] == "authorization_pending"


@requirement("CIBA 11-4")
def test_declined(partner: Partner) -> None:
    one = holder()
    asked = ask(partner, one).json()
    decide(one, agree=False)
    assert poll(partner, asked["auth_req_id"], DPoPKey.generate()).json()["error"] == "access_denied"


@requirement("CIBA 11-3", "CIBA 7.1-4")
def test_nobody_answered_in_time(partner: Partner) -> None:
    from sscard.binding.models import Grant
    from sscard.kernel import clock

    one = holder()
    asked = ask(partner, one, requested_expiry="120").json()
    assert asked["expires_in"] == 120
    assert ask(partner, holder(), requested_expiry="999999").json()["expires_in"] == 900
    assert ask(partner, holder(), requested_expiry="-5").json()["error"] == "invalid_request"
    Grant.objects.filter(kind="ciba", consent_id=consent_of(one).consent_id).update(
        expires_at=clock.real_now() - timedelta(seconds=1)
    )
    assert poll(partner, asked["auth_req_id"], DPoPKey.generate()).json()["error"] == "expired_token"


@requirement("CIBA 7.1-1", "CIBA 7.1-2", "CIBA 7.1-3", "CIBA 7.1.1-1", "CIBA 7.2-1", "CIBA 13-1")
def test_requests_that_are_refused(partner: Partner) -> None:
    one = holder()
    for more, error in (
        ({"scope": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"login_hint": None}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"login_hint": "X90000009"}, "invalid_request"),
        ({"message": "abc"}, "invalid_binding_message"),
        ({"message": "x" * 41}, "invalid_binding_message"),
        ({"request": "eyJ.e30."}, "request_not_supported"),
    ):
        told = ask(partner, one, **more)  # type: ignore[arg-type]
        assert (told.status_code, told.json()["error"]) == (400, error), more
    nobody = holder()
    nobody.card_number = "X99999993"
    told = ask(partner, nobody)
    assert (told.status_code, told.json()["error"]) == (400, "unknown_user_id")
    bare = partner.session.post(f"{partner.url}/oauth/bc-authorize", data={"scope": "openid"}, timeout=TIMEOUT)
    assert bare.json()["error"] == "invalid_client"
