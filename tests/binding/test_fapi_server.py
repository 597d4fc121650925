"""The authorisation server under the FAPI 2.0 Security Profile, asked over sockets: the server and its clients. What is
pushed, given and exchanged: `test_fapi_requests`."""

from __future__ import annotations

import json
import socket
import ssl
import time
from urllib.parse import urlsplit

import pytest
import requests
from jwskate import Jwk, Jwt

from binding_kit import (
    TIMEOUT,
    Partner,
    details,
    holder,
)  # fmt: skip
from sscard.kernel.refusals import Refusal

requirement = pytest.mark.requirement


@requirement("FAPI2-SP 5.3.2.1-1", "FAPI2-SP 5.3.2.1-5", "RFC9126 5-1", "RFC9449 5.1-1", "CIBA 4-1", "FAPI2-SP 5.4.2-1")
def test_discovery_says_what_there_is_and_nothing_else(partner: Partner) -> None:
    for path in ("oauth-authorization-server", "openid-configuration"):
        told = partner.session.get(f"{partner.url}/.well-known/{path}", timeout=TIMEOUT).json()
        assert told["issuer"] == partner.url
        assert told["grant_types_supported"] == [
            "authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba",
        ]  # fmt: skip
        assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert told["response_types_supported"] == ["code"]
        assert told["require_pushed_authorization_requests"] is True
        assert told["authorization_response_iss_parameter_supported"] is True
        assert set(told["dpop_signing_alg_values_supported"]) == {"PS256", "ES256", "EdDSA"}
        assert told["backchannel_token_delivery_modes_supported"] == ["poll"]
        assert told["backchannel_user_code_parameter_supported"] is False
    keys = partner.session.get(told["jwks_uri"], timeout=TIMEOUT).json()["keys"]
    assert told["jwks_uri"].startswith("https://")
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all("d" not in key and key["alg"] == "ES256" for key in keys)


@requirement("FAPI2-SP 5.2.1-1", "FAPI2-SP 5.2.3-1", "FAPI2-SP 5.2.3-3")
def test_transport(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    port = urlsplit(partner.url).port
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port), 10) as line, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(line, server_hostname="localhost")
    with pytest.raises(requests.RequestException):
        requests.get(f"http://localhost:{port}/authorise", timeout=10)
    page = partner.session.get(
        f"{partner.url}/authorise", headers={"Origin": "https://elsewhere.example"}, timeout=TIMEOUT
    )
    assert not [name for name in page.headers if name.lower().startswith("access-control-")]
    assert "Strict-Transport-Security" not in page.headers, "a browser would keep it for every port of localhost"
    from dataclasses import replace

    from django.conf import settings
    from django.http import HttpRequest, HttpResponse

    from sscard.portal.middleware import HouseHeaders

    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, profile="production"))
    answer = HouseHeaders(lambda _: HttpResponse())(HttpRequest())
    assert answer["Strict-Transport-Security"].startswith("max-age=63072000")


@requirement("FAPI2-SP 5.3.2.1-2")
@pytest.mark.parametrize(
    "grant", ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
)
def test_other_grants_are_refused(partner: Partner, grant: str) -> None:
    told = partner.post("/oauth/token", {"grant_type": grant, "username": "a", "password": "b"})
    assert (told.status_code, told.json()["error"]) == (400, "unsupported_grant_type")


@requirement("FAPI2-SP 5.3.2.1-3", "FAPI2-SP 5.3.2.1-6", "FAPI2-SP 5.3.2.2-4", "RFC9126 2-2")
def test_only_a_signature_proves_a_client(partner: Partner) -> None:
    one = holder()
    for proved in (
        {"client_id": partner.client_id},
        {"client_id": partner.client_id, "client_secret": "secret"},
        partner.with_assertion(""),
        partner.assertion() | {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        partner.assertion() | {"client_id": "someone-else"},
        partner.assertion(sub="2a2cf8f5-9a6e-4a9d-a1f5-000000000000"),
        partner.assertion(jti=None),
        partner.assertion(exp=None),
    ):
        for path in ("/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/bc-authorize"):
            told = partner.session.post(partner.url + path, data=proved, timeout=TIMEOUT)
            assert (told.status_code, told.json()["error"]) == (401, "invalid_client"), path
    basic = partner.session.post(
        f"{partner.url}/oauth/par", data={"authorization_details": json.dumps([details(one)])},
        auth=(partner.client_id, "secret"), timeout=TIMEOUT,
    )  # fmt: skip
    assert basic.status_code == 401


@requirement("FAPI2-SP 5.3.2.1-8")
def test_the_audience_is_the_issuer_as_a_string(partner: Partner) -> None:
    one = holder()
    for audience in ([partner.url], f"{partner.url}/", f"{partner.url}/oauth/token", f"{partner.url}/oauth/par", None):
        data = {"token": "x"}
        told = partner.post("/oauth/introspect", data, aud=audience)
        assert told.status_code == 401, audience
    assert partner.post("/oauth/introspect", {"token": "x"}).json() == {"active": False}
    assert partner.par(one).status_code == 201


@requirement("FAPI2-SP 5.3.2.1-13")
def test_clocks_that_differ(partner: Partner) -> None:
    now = int(time.time())
    for ahead, status in ((10, 200), (75, 401)):
        told = partner.post("/oauth/introspect", {"token": "x"}, iat=now + ahead, nbf=now + ahead, exp=now + ahead + 60)
        assert told.status_code == status, ahead
    assert partner.post("/oauth/introspect", {"token": "x"}, exp=now - 1).status_code == 401
    assert partner.post("/oauth/introspect", {"token": "x"}, exp=now + 7200).status_code == 401


@requirement("FAPI2-SP 5.4.1-1", "RFC9449 11.6-1")
def test_algorithms_that_are_not_taken(partner: Partner) -> None:
    now = int(time.time())
    claims = {
        "iss": partner.client_id, "sub": partner.client_id, "aud": partner.url, "iat": now, "exp": now + 60, "jti": "j",
    }  # fmt: skip
    import base64

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    kid = partner.key["kid"]
    public = json.dumps(dict(partner.key.public_jwk()))
    rsa, hmac = Jwk.generate(kty="RSA", key_size=2048, kid=kid), Jwk.generate(kty="oct", key_size=256, kid=kid)
    swapped = [
        f"{part({'alg': 'none', 'kid': kid})}.{part(claims)}.",
        str(Jwt.sign(claims, rsa, alg="RS256")),
        str(Jwt.sign(claims, hmac, alg="HS256")),
        str(Jwt.sign(claims, Jwk({"kty": "oct", "k": part(public), "kid": kid}), alg="HS256")),
        str(Jwt.sign(claims, Jwk.generate(kty="EC", crv="P-384", kid=kid), alg="ES384")),
        str(Jwt.sign(claims, Jwk.generate(kty="EC", crv="P-256", kid=kid), alg="ES256")),  # another's key, our name
    ]
    for text in swapped:
        data = {**partner.with_assertion(text), "token": "x"}
        told = partner.session.post(f"{partner.url}/oauth/introspect", data=data, timeout=TIMEOUT)
        assert (told.status_code, told.json()["error"]) == (401, "invalid_client"), text[:60]


@requirement("FAPI2-SP 5.4.1-1", "FAPI2-SP 5.4.1-2", "FAPI2-SP 5.4.1-3")
def test_keys_that_a_client_may_have(partner: Partner) -> None:
    for alg in ("PS256", "EdDSA"):
        other = Partner.register(partner.url, bank="ICBC", alg=alg)
        assert other.post("/oauth/introspect", {"token": "x"}).json() == {"active": False}
    private = dict(partner.key)
    for bad in (
        dict(Jwk.generate(kty="RSA", key_size=1024).public_jwk()),
        dict(Jwk.generate(kty="RSA", key_size=2048, alg="RS256").public_jwk()),
        dict(Jwk.generate(kty="EC", crv="P-521").public_jwk()),
        dict(Jwk.generate(kty="oct", key_size=256)),
        private,
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    ):
        with pytest.raises(Refusal) as refused:
            Partner.register(partner.url, jwks={"keys": [bad]})
        assert [fault.code for fault in refused.value.faults] == ["binding.key_form"], bad["kty"]


@requirement("FAPI2-SP 5.3.2.2-8", "RFC9126 2.4-1")
def test_redirect_addresses_that_a_client_may_have(partner: Partner) -> None:
    bad = [
        "http://bank.example/back", "https://bank.example/back#part", "https://user@bank.example/", "javascript:alert(1)",
        "https:///nowhere", "bank.example", "http://127.0.0.1:9/back",
    ]  # fmt: skip
    with pytest.raises(Refusal) as refused:
        Partner.register(partner.url, redirect_uris=bad)
    assert [fault.place for fault in refused.value.faults] == [f"redirect_uris.{n}" for n in range(len(bad))]
    Partner.register(partner.url, redirect_uris=["http://127.0.0.1:9/back"], sandbox=True)
