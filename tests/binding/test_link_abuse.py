"""Abuses at the doors of linking: replay (T07), who is there (T11), side doors (T14), codes (T15), shutting others out (T18),
forged requests of other sites (T20), forged signatures (T29: test_fapi_server, test_dpop)."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from binding_kit import (
    TIMEOUT,
    Browser,
    Linked,
    Partner,
    answer_of,
    call,
    calm,
    details,
    holder,
    link,
    newest_code,
    proof,
    signed_in,
)  # fmt: skip
from tests_support import House


def test_T07_the_same_assertion_or_proof_twice(partner: Partner) -> None:
    fields = {**partner.assertion(), "token": "x"}
    url = f"{partner.url}/oauth/introspect"
    assert partner.session.post(url, data=fields, timeout=TIMEOUT).status_code == 200
    again = partner.session.post(url, data=fields, timeout=TIMEOUT)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    linked = link(partner, holder())
    made = proof(linked.key, "POST", f"{partner.url}/oauth/token")
    for error in ("invalid_grant", "invalid_dpop_proof"):
        told = partner.post(
            "/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x"}, headers={"DPoP": made}
        )
        assert told.json()["error"] == error


def test_T11_unknown_and_wrong_are_one_answer(house: House, partner: Partner) -> None:
    def written() -> int:
        question = (
            "select count(*) from control_auditrow where verb = 'binding.ask' and reason = 'binding.identity_mismatch'"
        )
        with psycopg.connect(house.urls.admin) as every_area:
            return int(every_area.execute(question).fetchone()[0])

    one, other = holder(), holder()
    answers, before = [], written()
    for card, number in (
        (one.card_number, other.id_number), ("X99999993", one.id_number), (one.card_number, "090101190001019999"),
        ("X99999993", "090101190001019999"), ("nonsense", "nonsense"),
    ):  # fmt: skip
        told = partner.par(one, authorization_details=json.dumps([details(one, card_number=card, id_number=number)]))
        body = {name: value for name, value in told.json().items() if name != "instance"}
        answers.append((told.status_code, json.dumps(body, sort_keys=True)))
    assert len(set(answers)) == 1
    assert json.loads(answers[0][1])["code"] == "binding.identity_mismatch"
    assert written() == before + len(answers), "each try is written down"


def test_T11_T18_tries_are_counted_and_shut_nobody_out(partner: Partner) -> None:
    one = holder()
    linked = link(partner, one)
    calm()
    wrong = json.dumps([details(one, id_number="090101190001019999")])
    statuses = [partner.par(one, authorization_details=wrong).status_code for _ in range(11)]
    assert statuses[:10] == [400] * 10
    assert statuses[10] == 429
    second = Partner.register(partner.url, bank="ICBC")
    assert second.par(one, authorization_details=wrong).status_code == 429, "spread over clients it is the same target"
    assert call(partner, linked).status_code == 200, "what he has agreed to goes on"
    browser, _ = signed_in(partner.url, one)
    page = browser.get("/my/consents/")
    assert page.status_code == 200
    ended = browser.post(f"/my/consents/{linked.consent}/end/", page)
    assert ended.status_code == 302
    assert call(partner, linked).json()["code"] == "binding.consent_revoked", "and he can end it"


def test_T14_linking_lowers_nothing(partner: Partner) -> None:
    """Whoever sits before the page without the telephone gets no further, and sees masks only."""
    one = holder()
    browser = Browser(partner.url)
    page = browser.open(partner.client_id, partner.par(one).json()["request_uri"])
    for secret in (one.phone, one.id_number, one.card_number, one.holder.name):
        assert secret not in page.text
    typed = browser.send_code(page)
    assert one.phone not in typed.text
    path = typed.url.removesuffix("code/")[len(partner.url) :]
    wrong = browser.post(path + "agree/", typed, code="000000" if newest_code(one) != "000000" else "111111")
    assert wrong.status_code == 422
    assert "Location" not in wrong.headers
    assert browser.get("/my/").status_code == 302, "it is no sign-in"


def test_T15_codes_serve_their_own_consent_once(partner: Partner) -> None:
    one, second = holder(), Partner.register(partner.url, bank="ICBC")
    first = Browser(partner.url)
    page = first.open(partner.client_id, partner.par(one).json()["request_uri"])
    typed = first.send_code(page)
    code = newest_code(one)
    other = Browser(partner.url)
    there = other.open(second.client_id, second.par(one).json()["request_uri"])
    there_typed = other.send_code(there)
    path = there.url[len(partner.url) :]
    if newest_code(one) != code:
        assert other.post(path + "agree/", there_typed, code=code).status_code == 422, "the code of another consent"
    path = page.url[len(partner.url) :]
    done = first.post(path + "agree/", typed, code=code)
    assert "code" in answer_of(done)
    assert first.post(path + "agree/", typed, code=code).status_code in (400, 410), "twice"
    declined = other.post(there.url[len(partner.url) :] + "decline/", there)
    assert answer_of(declined)["error"] == "access_denied"


def test_T20_other_sites_cannot_press_our_buttons(partner: Partner) -> None:
    one = holder()
    browser = Browser(partner.url)
    page = browser.open(partner.client_id, partner.par(one).json()["request_uri"])
    path = page.url[len(partner.url) :]
    for step in ("code/", "face/", "agree/", "decline/"):
        forged = browser.session.post(
            partner.url + path + step, data={"key": "k", "code": "1"}, allow_redirects=False, timeout=TIMEOUT,
            headers={"Origin": "https://evil.example", "Referer": "https://evil.example/"},
        )  # fmt: skip
        assert forged.status_code == 403, step
    assert browser.get(path + "agree/").status_code == 405
    assert browser.get(path + "decline/").status_code == 405
    linked = link(partner, one)
    session, _ = signed_in(partner.url, one)
    forged = session.session.post(
        f"{partner.url}/my/consents/{linked.consent}/end/", data={"key": "k"}, allow_redirects=False, timeout=TIMEOUT,
        headers={"Origin": "https://evil.example"},
    )  # fmt: skip
    assert forged.status_code == 403
    assert session.get(f"/my/consents/{linked.consent}/end/").status_code == 405
    assert call(partner, linked).status_code == 200


def test_T12_other_peoples_consents_are_not_there(partner: Partner) -> None:
    mine, his = holder(), holder()
    linked = link(partner, his)
    browser, token = signed_in(partner.url, mine)
    assert browser.get(f"/my/consents/{linked.consent}/").status_code == 404
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "other"}
    for act, body in (("binding.revoke", {}), ("binding.decline", {})):
        told = browser.session.post(
            f"{partner.url}/api/acts/{act}", json={"consent": linked.consent, **body}, headers=headers, timeout=TIMEOUT
        )
        headers["Idempotency-Key"] += "x"
        assert (told.status_code, told.json()["code"]) == (404, "control.not_found")
    other = Partner.register(partner.url, bank="ICBC")
    assert call(other, Linked(his, linked.token, linked.key, linked.consent)).status_code == 200, (
        "bearer of key and token"
    )
    assert call(partner, linked).status_code == 200


@pytest.mark.parametrize(
    "path", ["/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/bc-authorize"]
)
def test_T33_nonsense_is_refused_and_never_a_fault(partner: Partner, path: str) -> None:
    junk: list[Any] = ["", "a=1", "client_assertion=..&client_assertion_type=x", "%00=%00", "x" * 50_000]
    for body in junk:
        told = partner.session.post(
            partner.url + path,
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            timeout=TIMEOUT,
        )
        assert told.status_code in (400, 401), (path, body[:20])
