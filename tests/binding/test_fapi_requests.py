"""Pushed requests, codes and tokens under the FAPI 2.0 Security Profile, asked over sockets."""

from __future__ import annotations

import json
import math
import secrets
from datetime import timedelta

import pytest
import requests
from jwskate import Jwt
from requests_oauth2client import DPoPKey

from binding_kit import (
    REDIRECT,
    TIMEOUT,
    Browser,
    Linkable,
    Partner,
    answer_of,
    call,
    challenge,
    details,
    exchange,
    holder,
    link,
    proof,
    refresh,
)  # fmt: skip

requirement = pytest.mark.requirement


@requirement(
    "FAPI2-SP 5.3.2.2-1", "FAPI2-SP 5.3.2.2-5", "FAPI2-SP 5.3.2.2-6", "RFC9126 2.1-1", "RFC9126 2.1-2", "RFC9126 3-1"
)
@pytest.mark.parametrize(
    ("parameter", "value", "error"),
    [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", None, "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("redirect_uri", None, "invalid_request"),
        ("redirect_uri", REDIRECT + "&more=1", "invalid_request"),
        ("redirect_uri", "https://evil.example/", "invalid_request"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:abc", "invalid_request"),
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "openid everything", "invalid_scope"),
        ("authorization_details", "[]", "invalid_authorization_details"),
        ("authorization_details", "{", "invalid_authorization_details"),
        ("authorization_details", None, "invalid_request"),
    ],
)
def test_pushed_requests_are_checked_whole(partner: Partner, parameter: str, value: str | None, error: str) -> None:
    told = partner.par(_one(), **{parameter: value})
    assert (told.status_code, told.json()["error"]) == (400, error), told.text
    assert told.json()["code"].startswith("binding.")
    assert told.json()["error_description"].isascii()


_kept: list[Linkable] = []


def _one() -> Linkable:
    """One holder for all refused requests."""
    if not _kept:
        _kept.append(holder())
    return _kept[0]


@requirement(
    "FAPI2-SP 5.3.2.2-2", "FAPI2-SP 5.3.2.2-12", "RFC9126 2-1", "RFC9126 2.2-1", "RFC9126 2.2-2", "FAPI2-SP 5.4.1-4"
)
def test_what_comes_back_for_a_pushed_request(partner: Partner) -> None:
    one = holder()
    told = [partner.par(one) for _ in range(2)]
    assert [answer.status_code for answer in told] == [201, 201]
    first, second = (answer.json() for answer in told)
    assert first["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert first["request_uri"] != second["request_uri"]
    assert len(first["request_uri"].rpartition(":")[2]) * math.log2(64) >= 128
    assert 5 <= first["expires_in"] < 600
    assert "no-store" in told[0].headers["Cache-Control"]
    assert told[0].headers["Content-Type"].startswith("application/json")


@requirement("RFC9126 2.3-1")
def test_other_ways_to_push(partner: Partner) -> None:
    url = f"{partner.url}/oauth/par"
    assert partner.session.get(url, timeout=TIMEOUT).status_code == 405
    as_json = partner.session.post(url, json=partner.assertion(), timeout=TIMEOUT)
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")
    much = partner.session.post(url, data={**partner.assertion(), "state": "x" * 40_000}, timeout=TIMEOUT)
    assert much.status_code == 400
    body = "&".join(f"{name}={requests.utils.quote(value)}" for name, value in partner.assertion().items())
    twice = partner.session.post(
        url,
        data=body + "&state=1&state=2",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=TIMEOUT,
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")


@requirement("FAPI2-SP 5.3.2.1-9", "RFC9449 5-2")
def test_refresh_tokens_rotate_and_can_be_asked_for_again(partner: Partner) -> None:
    linked = link(partner, holder())
    old = linked.token["refresh_token"]
    assert refresh(partner, old, DPoPKey.generate()).json()["error"] == "invalid_grant"
    lost = refresh(partner, old, linked.key).json()
    again = refresh(partner, old, linked.key)
    assert again.status_code == 200, "the answer was lost, nothing of it was used"
    linked.token = lost
    assert call(partner, linked).status_code == 401, "what nobody has heard of is worth nothing"
    linked.token = again.json()
    assert call(partner, linked).status_code == 200
    assert refresh(partner, old, linked.key).json()["error"] == "invalid_grant", "its successor has served"
    assert call(partner, linked).status_code == 401, "the whole family is revoked"
    assert refresh(partner, linked.token["refresh_token"], linked.key).json()["error"] == "invalid_grant"


@requirement("FAPI2-SP 5.3.2.1-11", "FAPI2-SP 5.3.2.2-9", "FAPI2-SP 5.4.1-4")
def test_codes(partner: Partner) -> None:
    from sscard.binding.models import Grant
    from sscard.kernel import clock

    code, verifier, key, _ = agreed(partner, holder())
    grant = Grant.objects.filter(kind="code").order_by("-expires_at").first()
    assert grant is not None
    assert grant.expires_at <= clock.real_now() + timedelta(seconds=60)
    assert len(code) * 6 >= 128
    for wrong in ({"code_verifier": "w" * 43}, {"redirect_uri": REDIRECT + "x"}, {"code": code[:-1]}):
        assert (
            exchange(partner, wrong.pop("code", code), wrong.pop("code_verifier", verifier), key, **wrong).json()[
                "error"
            ]
            == "invalid_grant"
        )
    other = Partner.register(partner.url, bank="ICBC")
    assert exchange(other, code, verifier, key).json()["error"] == "invalid_grant"
    first = exchange(partner, code, verifier, key)
    assert first.status_code == 200
    assert exchange(partner, code, verifier, key).json()["error"] == "invalid_grant"
    refused = refresh(partner, first.json()["refresh_token"], key)
    assert refused.json()["error"] == "invalid_grant", "a second use revokes what the first one gave"
    late, verifier, key, _ = agreed(partner, holder())
    Grant.objects.filter(used_at__isnull=True).update(expires_at=clock.real_now() - timedelta(seconds=1))
    assert exchange(partner, late, verifier, key).json()["error"] == "invalid_grant"


def agreed(partner: Partner, one: Linkable, **more: str) -> tuple[str, str, DPoPKey, dict[str, str]]:
    """Code, verifier, key, and the whole answer of the authorisation endpoint."""
    verifier = secrets.token_urlsafe(40)
    pushed = partner.par(one, verifier=verifier, **more).json()
    browser = Browser(partner.url)
    back = answer_of(browser.agree(browser.open(partner.client_id, pushed["request_uri"]), one))
    return back["code"], verifier, DPoPKey.generate(), back


@requirement(
    "FAPI2-SP 5.3.2.2-7", "FAPI2-SP 5.3.2.2-10", "FAPI2-SP 5.3.2.2-11", "FAPI2-SP 5.3.2.2-14", "FAPI2-SP 5.3.2.3-1"
)
def test_the_answer_of_the_page_and_the_id_token(partner: Partner) -> None:
    one, nonce = holder(), secrets.token_hex(32)
    code, verifier, key, back = agreed(partner, one, scope="openid", nonce=nonce, state="s" * 1500)
    assert set(back) == {"code", "state", "iss", "from"}
    assert back["iss"] == partner.url
    assert back["state"] == "s" * 1500
    told = exchange(partner, code, verifier, key).json()
    keys = partner.session.get(f"{partner.url}/oauth/jwks", timeout=TIMEOUT).json()
    id_token = Jwt(told["id_token"])
    id_token.verify(keys["keys"][0], alg="ES256")
    assert (id_token.claims["iss"], id_token.claims["aud"]) == (partner.url, partner.client_id)
    assert id_token.claims["nonce"] == nonce
    assert one.id_number not in told["id_token"]
    again = link(Partner.register(partner.url, bank="ICBC"), one, scope="openid")
    assert Jwt(again.token["id_token"]).claims["sub"] != id_token.claims["sub"], "another name at another client"


@requirement("RFC9126 4-1", "RFC9126 4-2", "RFC9126 7.3-1", "FAPI2-SP 5.3.2.2-3", "FAPI2-SP 5.3.2.1-7", "RFC9126 7.2-1")
def test_the_page_opens_for_a_pushed_request_of_this_client_once(partner: Partner) -> None:
    from sscard.binding.models import Pushed
    from sscard.kernel import clock

    one, browser = holder(), Browser(partner.url)
    plain = {
        "client_id": partner.client_id, "redirect_uri": REDIRECT, "response_type": "code", "state": "s",
        "code_challenge": challenge("v" * 43), "code_challenge_method": "S256",
    }  # fmt: skip
    uri = partner.par(one).json()["request_uri"]
    other = Partner.register(partner.url, bank="ICBC")
    for query in (
        plain, {**plain, "request_uri": uri}, {"client_id": partner.client_id}, {"request_uri": uri},
        {"client_id": other.client_id, "request_uri": uri}, {"client_id": partner.client_id, "request_uri": uri + "x"},
        {"client_id": partner.client_id, "request_uri": "https://evil.example/request"},
        {"client_id": "https://evil.example/", "request_uri": uri},
    ):  # fmt: skip
        page = browser.get(f"{partner.url}/authorise", params=query)
        assert page.status_code == 400, query
        assert "Location" not in page.headers
        assert 'href="https://evil.example' not in page.text
    page = browser.open(partner.client_id, uri)
    assert page.status_code == 200
    assert Browser(partner.url).open(partner.client_id, uri).status_code == 400, "another browser came too late"
    back = browser.agree(page, one)
    assert back.headers["Location"].startswith(REDIRECT + "&")
    assert browser.open(partner.client_id, uri).status_code == 400, "it has been answered"
    late = partner.par(holder()).json()["request_uri"]
    Pushed.objects.filter(used_at__isnull=True).update(expires_at=clock.real_now() - timedelta(seconds=1))
    assert browser.open(partner.client_id, late).status_code == 400


@requirement("FAPI2-SP 5.3.2.2-13")
def test_the_holder_is_told_who_asks_for_what(partner: Partner) -> None:
    one = holder()
    told = json.dumps([details(one, actions=["status", "payments"], duration="TIME_BOUND", days=90)])
    uri = partner.par(one, authorization_details=told).json()["request_uri"]
    browser = Browser(partner.url)
    browser.get("/?lang=zh")
    page = browser.open(partner.client_id, uri)
    for text in ("CCB网上银行", "90 天", "6217 **** 0018", "查看社保卡状态", "逐笔确认"):
        assert text in page.text, text
    assert "缴费记录" not in page.text, "was not asked for"
    assert one.id_number not in page.text
    assert "form-action 'self' https://bank.example" in page.headers["Content-Security-Policy"]


@requirement("FAPI2-SP 5.3.2.1-4", "FAPI2-SP 5.3.2.1-12", "RFC9449 5-1", "RFC9449 10-1", "RFC9449 10.1-1")
def test_tokens_are_bound_to_a_key(partner: Partner) -> None:
    one, key = holder(), DPoPKey.generate()
    verifier = secrets.token_urlsafe(40)
    par_proof = proof(key, "POST", f"{partner.url}/oauth/par")
    assert partner.par(one, proof=par_proof, dpop_jkt=DPoPKey.generate().dpop_jkt).status_code == 400
    pushed = partner.par(one, verifier=verifier, proof=proof(key, "POST", f"{partner.url}/oauth/par")).json()
    browser = Browser(partner.url)
    code = answer_of(browser.agree(browser.open(partner.client_id, pushed["request_uri"]), one))["code"]
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier}
    without = partner.post("/oauth/token", data)
    assert (without.status_code, without.json()["error"]) == (400, "invalid_dpop_proof")
    assert exchange(partner, code, verifier, DPoPKey.generate()).json()["error"] == "invalid_grant"
    assert exchange(partner, code, verifier, key).json()["token_type"] == "DPoP"
    other, third = DPoPKey.generate(), holder()
    pushed = partner.par(third, verifier=verifier, dpop_jkt=other.dpop_jkt).json()
    code = answer_of(browser.agree(browser.open(partner.client_id, pushed["request_uri"]), third))["code"]
    assert exchange(partner, code, verifier, key).json()["error"] == "invalid_grant"
    assert exchange(partner, code, verifier, other).status_code == 200
