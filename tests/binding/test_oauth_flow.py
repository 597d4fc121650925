"""The whole flow by `requests_oauth2client`, which nobody here wrote: pushed, agreed to in a browser, exchanged, refreshed."""

from __future__ import annotations

import json

from binding_kit import Browser, Partner, call, details, holder, link


def test_the_flow_by_an_independent_client(partner: Partner) -> None:
    one, client = holder(), partner.oauth()
    request = client.authorization_request(scope="openid", authorization_details=json.dumps([details(one)]))
    pushed = client.pushed_authorization_request(request)
    browser = Browser(partner.url)
    page = browser.open(partner.client_id, pushed.request_uri)
    assert page.status_code == 200
    assert "CCB" in page.text
    assert one.card_number not in page.text
    back = browser.agree(page, one)
    answer = request.validate_callback(back.headers["Location"])
    token = client.authorization_code(answer, validate=False)
    assert token.token_type == "DPoP"
    assert token.authorization_details[0]["actions"] == ["status", "contributions", "totals", "payments"]
    seen = partner.session.get(f"{partner.url}/api/link", auth=token, timeout=60)
    assert seen.status_code == 200, seen.text
    assert seen.json()["state"] == "AUTHORISED"
    newer = client.refresh_token(token)
    assert newer.refresh_token != token.refresh_token
    assert client.introspect_token(newer.access_token)["active"] is True
    assert client.revoke_refresh_token(newer.refresh_token)
    assert client.introspect_token(newer.access_token)["active"] is False


def test_by_hand(partner: Partner) -> None:
    linked = link(partner, holder())
    assert call(partner, linked).json()["state"] == "AUTHORISED"
    paper = call(partner, linked, "/api/link/authorisation")
    assert paper.content.startswith(b"%PDF")
