"""T19, T20 for customers of a bank: a session belongs to one site, ends with its reason, and no other site acts in its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "portal"))

from netbank_kit import COOKIE, BankClient, client_of, customers_kit, session_of

from pages_kit import HouseClient
from sscard.control import sessions

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def one() -> customers_kit.Signed:
    return customers_kit.customer(fen=100_00)


def test_a_token_from_before_the_sign_in_is_worth_nothing_after_it(one: customers_kit.Signed) -> None:
    """Fixation: whoever planted a token does not share the session."""
    client = BankClient()
    client.get("/set-up/")
    planted = client.cookies[COOKIE].value
    values = {"username": one.username, "password": customers_kit.PASSWORD, "code": one.fresh_code()}
    assert client.post("/sign-in/", values).status_code == 302
    assert client.cookies[COOKIE].value != planted
    attacker = BankClient()
    attacker.cookies[COOKIE] = planted
    assert attacker.get("/").status_code == 302


def test_idle_for_ten_minutes_is_out(one: customers_kit.Signed) -> None:
    from datetime import timedelta

    from sscard.control.models import Session
    from sscard.kernel import clock

    token = session_of(one)
    client = BankClient()
    client.cookies[COOKIE] = token
    assert client.get("/").status_code == 200
    before = clock.real_now() - timedelta(minutes=10, seconds=1)
    Session.objects.filter(token_hash=sessions.token_hash(token)).update(seen_at=before)
    assert client.get("/").status_code == 302


def test_a_step_up_does_not_lengthen_the_session(one: customers_kit.Signed) -> None:
    from sscard.control.models import Session

    store = sessions.SessionStore(session_of(one))
    ends = Session.objects.get(token_hash=sessions.token_hash(str(store.session_key))).expires_at
    store.load()
    sessions.cycle(store)
    store.save()
    assert Session.objects.get(token_hash=sessions.token_hash(str(store.session_key))).expires_at == ends


def test_no_cookie_of_a_customer_counts_in_the_api(one: customers_kit.Signed) -> None:
    """T20: a page of another site could send the cookie, never the header."""
    answer = client_of(one).post(
        "/api/acts/bank.stop_online", "{}", content_type="application/json", headers={"Idempotency-Key": "a"}
    )
    assert answer.status_code == 401
    assert client_of(one).get("/").status_code == 200


FORMS = (
    "/transfer/", "/settings/stop/", "/settings/limits/", "/settings/password/", "/orders/recall/",
    "/recharge/pull/", "/settings/passkeys/", "/settings/end/", "/sign-out/",
)  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
def test_forms_of_other_sites_change_nothing(one: customers_kit.Signed, path: str) -> None:
    """T20."""
    client = client_of(one, enforce_csrf_checks=True)
    assert client.post(path, {"key": "k"}, HTTP_ORIGIN="https://localhost").status_code == 403
    assert client.get("/").status_code == 200


def test_a_customer_is_nobody_on_the_bureaus_pages_whatever_cookie_carries_him(one: customers_kit.Signed) -> None:
    bureau = HouseClient()
    bureau.cookies["__Host-sscard"] = session_of(one)
    for path in ("/my/", "/desk/", "/bank/", "/review/", "/audit/"):
        assert bureau.get(path).status_code in (302, 404), path
