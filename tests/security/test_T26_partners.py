"""Partners and T07, T14, T20, T26, T29, T33: replayed and forged messages, keys, extra fields, foreign forms, bounds."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from partners_kit import Tenant, developer, tenant
from sscard.kernel import clock
from sscard.partners.hooks import rules, signing

if TYPE_CHECKING:
    from tests_support import House


@pytest.fixture(scope="module")
def one(_module_house: House) -> Tenant:
    with _module_house.entered():
        return tenant()


BODIES = {
    "partners.register_endpoint": {"url": "", "events": ["card.*"]},
    "partners.rotate_secret": {"endpoint": str(uuid.uuid4())},
    "partners.switch_endpoint": {"endpoint": str(uuid.uuid4()), "active": True},
    "partners.remove_endpoint": {"endpoint": str(uuid.uuid4())},
    "partners.replay_delivery": {"delivery": str(uuid.uuid4())},
    "partners.trigger_event": {"name": "card.enabled", "ids": {}},
    "partners.move_card": {"person": "elder", "move": "lock"},
    "partners.reset_sandbox": {"sandbox": str(uuid.uuid4())},
    "partners.start_conformance": {"sandbox": str(uuid.uuid4())},
}


@pytest.mark.parametrize("act", BODIES)
def test_an_unknown_field_is_refused_and_so_is_a_form_of_another_site(db: House, one: Tenant, act: str) -> None:
    for extra in ("organisation", "area_code", "state", "ready", "role"):
        answer = one.key.act(act, {**BODIES[act], extra: "990100"})
        assert (answer.status_code, answer.json()["faults"][0]["code"]) == (422, "api.field_unknown")
    text = one.key.client.post(
        f"/api/acts/{act}", "{}", content_type="text/plain",
        headers={"Authorization": one.key.authorization, "Idempotency-Key": "x"},
    )  # fmt: skip
    assert text.status_code == 415


def test_an_old_or_forged_message_does_not_verify() -> None:
    kept, body, now = [signing.fresh()], '{"type":"card.enabled"}', clock.real_now()
    check = Webhook(kept[0]["secret"])
    good = signing.headers(kept, "m1", body, now)
    check.verify(body, good)
    wrong = [
        signing.headers(kept, "m1", body, now - timedelta(minutes=6)),
        signing.headers(kept, "m1", body, now + timedelta(minutes=6)),
        signing.headers([signing.fresh()], "m1", body, now),
        signing.headers(kept, "m1", body, now, spoilt=True),
        {**good, "webhook-id": "m2"},
        {**good, "webhook-timestamp": str(int(now.timestamp()) + 1)},
        {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")},
        {**good, "webhook-signature": "v1," + base64.b64encode(b"\0" * 32).decode()},
    ]
    for headers in wrong:
        with pytest.raises(WebhookVerificationError):
            check.verify(body, headers)


def test_new_keys_are_the_developers_alone_and_name_no_old_ones(db: House, one: Tenant) -> None:
    assert one.key.act("partners.new_keys", {"sandbox": one.sandbox}).status_code == 403
    other = tenant()
    assert developer(other.username).act("partners.new_keys", {"sandbox": one.sandbox}).status_code == 404
    assert one.key.get("/api/sandbox").status_code == 200


def test_sessions_of_administrators_and_strangers_are_not_to_be_had(db: House, one: Tenant) -> None:
    for who in (
        "system_admin",
        "area_manager",
        "security_admin",
        "ministry_reviewer",
        "partner",
        "holder:nobody",
        "holder:",
        "",
    ):
        answer = one.key.post("/api/sandbox/sessions", {"as": who})
        assert answer.status_code == 422
    assert one.bank.post("/api/sandbox/sessions", {"as": "clerk"}).status_code == 403


def test_lists_and_endpoints_are_bounded(db: House, one: Tenant) -> None:
    for path in (
        "/api/sandbox/requests?limit=100000",
        "/api/sandbox/requests?limit=0",
        "/api/sandbox/requests?before=-1",
    ):
        assert one.key.get(path).status_code == 422
    body = {"url": "", "events": ["card.*"]}
    codes = [one.key.act("partners.register_endpoint", body).status_code for _ in range(rules.MOST_ENDPOINTS + 1)]
    assert codes[-1] == 409
    many = {"url": "", "events": ["card.enabled"] * (rules.MOST_NAMES + 1)}
    assert one.key.act("partners.register_endpoint", many).status_code == 422
