"""DPoP (RFC 9449) at the token endpoint and at resources, and what a resource server owes under FAPI 2.0."""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta

import pytest
from jwskate import Jwk
from requests_oauth2client import DPoPKey

from binding_kit import Linked, Partner, call, holder, link, proof

requirement = pytest.mark.requirement


@pytest.fixture
def linked(partner: Partner) -> Linked:
    return link(partner, holder())


def refused(answer: object, error: str) -> None:
    assert answer.status_code == 401, answer.text  # type: ignore[attr-defined]
    challenge = answer.headers["WWW-Authenticate"]  # type: ignore[attr-defined]
    assert challenge.startswith("DPoP ")
    assert f'error="{error}"' in challenge
    assert 'algs="PS256 ES256 EdDSA"' in challenge


@requirement("FAPI2-SP 5.3.4-1", "FAPI2-SP 5.3.4-5", "RFC9449 7.1-1", "RFC9449 4.2-1")
def test_a_call_as_it_should_be(partner: Partner, linked: Linked) -> None:
    answer = call(partner, linked)
    assert answer.status_code == 200, answer.text
    assert "DPoP-Nonce" not in answer.headers


@requirement(
    "RFC9449 4.3-2", "RFC9449 4.3-4", "RFC9449 4.3-5", "RFC9449 4.3-7", "RFC9449 4.3-8", "RFC9449 4.3-9", "RFC9449 4.3-11",
    "RFC9449 4.3-12", "RFC9449 4.2-1",
)  # fmt: skip
@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "POST"}, {"htm": None}, {"htu": "https://localhost/api/link"}, {"htu": None}, {"iat": 1_700_000_000},
        {"iat": None}, {"iat": 4_000_000_000}, {"iat": "now"}, {"jti": None}, {"jti": ""}, {"jti": "x" * 501},
        {"ath": None}, {"ath": "AAAA"}, {"headers": {"typ": "JWT"}}, {"headers": {"alg": "ES256", "typ": "at+jwt"}},
        {"headers": {"crit": ["exp"]}},
    ],
    ids=str,
)  # fmt: skip
def test_proofs_that_prove_nothing(partner: Partner, linked: Linked, claims: dict[str, object]) -> None:
    token = linked.token["access_token"]
    bad = proof(linked.key, "GET", f"{partner.url}/api/link", token, **claims)
    refused(call(partner, linked, DPoP=bad), "invalid_dpop_proof")


@requirement("RFC9449 4.3-6", "RFC9449 4.3-7", "RFC9449 4.3-2", "RFC9449 11.6-1")
def test_forged_proofs(partner: Partner, linked: Linked) -> None:
    token = linked.token["access_token"]
    good = proof(linked.key, "GET", f"{partner.url}/api/link", token)
    head, body, signature = good.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))

    def with_header(**more: object) -> str:
        part = base64.urlsafe_b64encode(json.dumps({**header, **more}).encode()).rstrip(b"=").decode()
        return f"{part}.{body}.{signature}"

    private = dict(linked.key.private_key)
    for bad in (
        "", "x", "a.b.c", f"{head}.{body}.", f"{head}.{body}", f"{good}.x", with_header(alg="none"),
        with_header(alg="HS256"), with_header(alg="RS256"), with_header(jwk=None), with_header(jwk=private),
        with_header(jwk=dict(Jwk.generate(kty="EC", crv="P-256").public_jwk())), with_header(jwk={"kty": "oct", "k": "AA"}),
        f"{head}.{body}.{signature[:-4]}AAAA", "é" + good[1:],
    ):  # fmt: skip
        headers = {"DPoP": bad.encode("latin-1", "ignore").decode("latin-1")}
        refused(call(partner, linked, **headers), "invalid_dpop_proof")


@requirement("RFC9449 4.3-1")
def test_not_more_than_one_proof(partner: Partner, linked: Linked) -> None:
    token = linked.token["access_token"]
    two = [proof(linked.key, "GET", f"{partner.url}/api/link", token) for _ in range(2)]
    refused(call(partner, linked, DPoP=", ".join(two)), "invalid_dpop_proof")


@requirement("RFC9449 11.1-1", "FAPI2-SP 5.3.2.1-10", "RFC9449 8-1", "RFC9449 4.3-10")
def test_a_proof_serves_once_and_wants_no_nonce(partner: Partner, linked: Linked) -> None:
    token, url = linked.token["access_token"], f"{partner.url}/api/link"
    made = proof(linked.key, "GET", url, token)
    assert call(partner, linked, DPoP=made).status_code == 200
    refused(call(partner, linked, DPoP=made), "invalid_dpop_proof")
    with_nonce = proof(linked.key, "GET", url, token, nonce="nobody-gave-this")
    answer = call(partner, linked, DPoP=with_nonce)
    assert answer.status_code == 200
    assert "DPoP-Nonce" not in answer.headers
    early = proof(linked.key, "GET", url, token, iat=int(time.time()) + 10)
    assert call(partner, linked, DPoP=early).status_code == 200


@requirement("RFC9449 4.3-9")
def test_addresses_are_compared_as_addresses(partner: Partner, linked: Linked) -> None:
    token = linked.token["access_token"]
    for url in (
        f"{partner.url}/api/link?x=1",
        f"{partner.url}/api/link#y",
        f"HTTPS://LOCALHOST{partner.url[17:]}/api/link",
    ):
        assert call(partner, linked, DPoP=proof(linked.key, "GET", url, token)).status_code == 200, url


@requirement("RFC9449 7.2-1", "FAPI2-SP 5.3.4-2", "FAPI2-SP 5.3.4-5", "RFC9449 4.3-12")
def test_the_token_alone_is_worth_nothing(partner: Partner, linked: Linked) -> None:
    token = linked.token["access_token"]
    refused(call(partner, linked, Authorization=f"Bearer {token}"), "invalid_token")
    without = partner.session.get(f"{partner.url}/api/link", headers={"Authorization": f"DPoP {token}"}, timeout=60)
    refused(without, "invalid_dpop_proof")
    in_query = partner.session.get(f"{partner.url}/api/link", params={"access_token": token}, timeout=60)
    assert in_query.status_code == 401
    assert "error=" not in in_query.headers["WWW-Authenticate"], "nothing was sent that counts"
    thief = DPoPKey.generate()
    stolen = proof(thief, "GET", f"{partner.url}/api/link", token)
    refused(call(partner, linked, DPoP=stolen), "invalid_token")


@requirement("FAPI2-SP 5.3.4-3", "RFC9449 6-1")
def test_each_call_asks_how_things_stand(partner: Partner) -> None:
    from sscard.binding.models import Token
    from sscard.kernel import clock

    linked = link(partner, holder())
    token = linked.token["access_token"]
    told = partner.post("/oauth/introspect", {"token": token}).json()
    assert told["cnf"] == {"jkt": linked.key.dpop_jkt}
    assert told["authorization_details"][0]["consent"] == linked.consent
    changed = Linked(
        linked.one,
        {**linked.token, "access_token": token[:-1] + ("A" if token[-1] != "A" else "E")},
        linked.key,
        linked.consent,
    )
    refused(call(partner, changed), "invalid_token")
    assert Partner.register(partner.url, bank="ICBC").post("/oauth/introspect", {"token": token}).json() == {
        "active": False
    }
    Token.objects.filter(kind="access").update(expires_at=clock.real_now() - timedelta(seconds=1))
    refused(call(partner, linked), "invalid_token")
    other = link(partner, holder())
    assert partner.post("/oauth/revoke", {"token": other.token["refresh_token"]}).status_code == 200
    refused(call(partner, other), "invalid_token")
    signed = partner.session.post(
        f"{partner.url}/oauth/introspect", data={**partner.assertion(), "token": token}, timeout=60,
        headers={"Accept": "application/token-introspection+jwt"},
    )  # fmt: skip
    assert signed.headers["Content-Type"] == "application/token-introspection+jwt"


@requirement("FAPI2-SP 5.3.4-4", "FAPI2-SP 5.3.2.1-14")
def test_only_what_was_agreed_to(partner: Partner) -> None:
    from django.test import RequestFactory

    from sscard.binding import access
    from sscard.kernel.refusals import Refusal

    linked = link(partner, holder(), actions=["status"])
    assert linked.token["authorization_details"][0]["actions"] == ["status"]
    token, url = linked.token["access_token"], access.issuer() + "/api/link"
    for want, code in (("status", ""), ("contributions", "binding.not_covered")):
        request = RequestFactory().get(
            "/api/link", headers={"Authorization": f"DPoP {token}", "DPoP": proof(linked.key, "GET", url, token)}
        )
        if not code:
            assert access.authorised(request, want).wants == {"status"}
            continue
        with pytest.raises(Refusal) as refusal:
            access.authorised(request, want)
        assert refusal.value.code == code
        assert 'error="insufficient_scope"' in refusal.value.challenge  # type: ignore[attr-defined]
        assert refusal.value.status == 403
