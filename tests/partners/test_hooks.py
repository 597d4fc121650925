"""Web hooks from an act to the receiver: who is told, how it is signed, what happens when he does not answer."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from receiver_kit import URL, Receiver, listening
from standardwebhooks import Webhook, WebhookVerificationError

from partners_kit import Tenant, tenant
from sscard.kernel import clock
from sscard.partners.hooks import rules, sending
from sscard.partners.models import Delivery, Endpoint

if TYPE_CHECKING:
    from tests_support import House


@pytest.fixture(scope="module")
def one(_module_house: House) -> Tenant:
    with _module_house.entered():
        return tenant()


def endpoint(one: Tenant, url: str = URL, events: tuple[str, ...] = ("card.*", "bank.*")) -> dict[str, Any]:
    answer = one.key.act("partners.register_endpoint", {"url": url, "events": events})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def send_all(of: str) -> list[str]:
    """What the worker does: read the outbox, then try each delivery that waits."""
    sending.told()
    rows = Delivery.objects.filter(endpoint_id=of, state="waiting").order_by("made_at")
    return [sending.send(one.delivery_id) for one in rows]


def verify_v1a(public_key: str, headers: dict[str, str], body: str) -> None:
    """By `cryptography` alone: one of the v1a signatures must hold."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    found = [s.removeprefix("v1a,") for s in headers["webhook-signature"].split() if s.startswith("v1a,")]
    for at, one in enumerate(found):
        try:
            key.verify(base64.b64decode(one), signed)
        except InvalidSignature:
            if at == len(found) - 1:
                raise
        else:
            return


def test_an_act_is_told_signed_and_only_once(db: House, one: Tenant) -> None:
    with listening(Receiver()) as receiver:
        made = endpoint(one)
        fired = one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {"card": str(uuid.uuid4())}})
        assert fired.status_code == 200, fired.content
        assert send_all(made["endpoint"]) == ["sent"]
        assert sending.told() == 0
        ((headers, body),) = receiver.got
    told = Webhook(made["secret"]).verify(body, headers)
    assert told["type"] == "card.enabled"
    assert headers["webhook-id"] == fired.json()["event"]
    verify_v1a(made["public_key"], headers, body)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body.replace("enabled", "deleted"), headers)
    with pytest.raises(InvalidSignature):
        verify_v1a(made["public_key"], headers, body + " ")
    log = one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/deliveries").json()
    assert [(row["state"], row["log"][0]["status"]) for row in log] == [("sent", 204)]
    one.key.act("partners.remove_endpoint", {"endpoint": made["endpoint"]})


def test_real_acts_tell_and_bodies_hold_no_numbers_or_names(db: House, one: Tenant) -> None:
    magic = one.magic()
    with listening(Receiver()) as receiver:
        made = endpoint(one, events=("*",))
        clerk = one.acting("clerk")
        form = {
            "id_number": "091001199505050043", "name": "卫晓月", "sex": "女", "birth_date": "1995-05-05", "nation": "汉",
            "category": "居民", "phone": "93000009999", "household_address": "云溪市溪东区清泉路9号",
        }  # fmt: skip
        from sscard.codes import gb11643

        form["id_number"] = form["id_number"][:17] + gb11643.calc_check_digit(form["id_number"][:17])
        done = clerk.act("people.register", {"form": form})
        assert done.status_code == 200, done.content
        assert send_all(made["endpoint"]) == ["sent"]
        ((_, body),) = receiver.got
    assert '"person.registered"' in body or "person.registered" in body
    for secret in (form["id_number"], form["name"], form["phone"], magic["all_well"]["id_number"]):
        assert secret not in body
    one.key.act("partners.remove_endpoint", {"endpoint": made["endpoint"]})


def test_other_sandboxes_and_real_banks_are_told_nothing(db: House, one: Tenant) -> None:
    other = tenant()
    with listening(Receiver()) as receiver:
        mine, theirs = endpoint(one, events=("*",)), endpoint(other, events=("*",))
        bank = Endpoint(
            organisation="CCB-REAL", url=URL, events=["*"], secrets={"kept": []}, public_key="", made_by=uuid.uuid4(),
            made_at=clock.real_now(),
        )  # fmt: skip
        from sscard.control.models import Organisation

        Organisation.objects.create(code="CCB-REAL", kind="bank", bank="CCB", name_zh="x", name_en="x")
        bank.save(force_insert=True)
        one.key.act("partners.trigger_event", {"name": "bank.activated", "ids": {"bank": str(uuid.uuid4())}})
        sending.told()
        counts = [Delivery.objects.filter(endpoint_id=of).count() for of in (mine["endpoint"], theirs["endpoint"])]
        assert counts == [1, 0]
        assert not Delivery.objects.filter(endpoint=bank).exists()
        assert other.key.get(f"/api/hooks/endpoints/{mine['endpoint']}/deliveries").status_code == 404
        assert other.key.act("partners.remove_endpoint", {"endpoint": mine["endpoint"]}).status_code == 404
        assert receiver.got == []
    for who, of in ((one, mine), (other, theirs)):
        who.key.act("partners.remove_endpoint", {"endpoint": of["endpoint"]})


def test_silence_is_retried_over_days_then_given_up_and_replayed_by_hand(db: House, one: Tenant) -> None:
    tries = len(rules.PAUSES) + 1
    with listening(Receiver(answers=[500] * tries)) as receiver:
        made = endpoint(one)
        one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {}})
        states = [send_all(made["endpoint"])[0] for _ in range(tries)]
        assert states == ["waiting"] * (tries - 1) + ["given_up"]
        log = one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/deliveries").json()[0]
        assert [row["status"] for row in log["log"]] == [500] * tries
        again = one.key.act("partners.replay_delivery", {"delivery": log["delivery"]})
        assert again.status_code == 200, again.content
        assert send_all(made["endpoint"]) == ["sent"]
        assert {headers["webhook-id"] for headers, _ in receiver.got} == {log["event"]}
    one.key.act("partners.remove_endpoint", {"endpoint": made["endpoint"]})


def test_gone_and_dead_endpoints_are_disabled_with_a_notice(db: House, one: Tenant) -> None:
    with listening(Receiver(answers=[410])):
        made = endpoint(one)
        one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {}})
        assert send_all(made["endpoint"]) == ["given_up"]
    shown = next(row for row in one.key.get("/api/hooks/endpoints").json() if row["endpoint"] == made["endpoint"])
    assert (shown["state"], shown["disabled_why"]) == ("disabled", "gone")
    log = one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/deliveries").json()[0]
    refused = one.key.act("partners.replay_delivery", {"delivery": log["delivery"]})
    assert refused.json()["code"] == "partners.endpoint_disabled"
    with listening(Receiver(answers=[503])):
        one.key.act("partners.switch_endpoint", {"endpoint": made["endpoint"], "active": True})
        long_ago = clock.real_now() - rules.DEAD_AFTER - timedelta(hours=1)
        Endpoint.objects.filter(pk=made["endpoint"]).update(failing_since=long_ago)
        one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {}})
        assert send_all(made["endpoint"]) == ["given_up"]
    assert Endpoint.objects.get(pk=made["endpoint"]).disabled_why == "dead"


def test_rotated_secret_signs_beside_the_old_one_for_a_day(db: House, one: Tenant) -> None:
    with listening(Receiver()) as receiver:
        made = endpoint(one)
        new = one.key.act("partners.rotate_secret", {"endpoint": made["endpoint"]}).json()
        one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {}})
        send_all(made["endpoint"])
        ((headers, body),) = receiver.got
    for secret in (made["secret"], new["secret"]):
        Webhook(secret).verify(body, headers)
    for public in (made["public_key"], new["public_key"]):
        verify_v1a(public, headers, body)
    from sscard.partners.hooks import signing

    kept = sending.secrets_of(Endpoint.objects.get(pk=made["endpoint"]))
    assert len(signing.in_force(kept, clock.real_now() + rules.OVERLAP + timedelta(minutes=1))) == 1
    one.key.act("partners.remove_endpoint", {"endpoint": made["endpoint"]})


def test_local_listener_fetches_and_answers(db: House, one: Tenant) -> None:
    made = endpoint(one, url="")
    one.key.act("partners.trigger_event", {"name": "card.enabled", "ids": {}})
    sending.told()
    (message,) = one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/waiting").json()
    Webhook(made["secret"]).verify(message["body"], message["headers"])
    answered = one.key.post(f"/api/hooks/deliveries/{message['delivery']}/answer", {"status": 200})
    assert answered.json()["state"] == "sent"
    assert one.key.get(f"/api/hooks/endpoints/{made['endpoint']}/waiting").json() == []
    one.key.act("partners.remove_endpoint", {"endpoint": made["endpoint"]})


def test_faults_of_an_endpoint_are_told_together(db: House, one: Tenant) -> None:
    answer = one.key.act("partners.register_endpoint", {"url": "http://x", "events": ["no.such", "card.*"]})
    assert {row["place"] for row in answer.json()["faults"]} == {"events.0", "url"}


EVENT = rules.Event("bank.activated", "990100", "CCB", {"account": "x"})


@pytest.mark.parametrize(
    ("listener", "event", "knows"),
    [
        (rules.Listener("CCB", "bank", "CCB"), EVENT, True),
        (rules.Listener("ICBC", "bank", "ICBC"), EVENT, False),
        (rules.Listener("990100-BUREAU", "bureau", area="990100"), EVENT, True),
        (rules.Listener("990200-BUREAU", "bureau", area="990200"), EVENT, False),
        (rules.Listener("990100-BUREAU", "bureau", area="990100"),
         rules.Event("bank.order_done", "990100", "CCB", {}), False),
        (rules.Listener("yunshan", "producer"), EVENT, False),
        (rules.Listener("yunshan", "producer"), rules.Event("batch.released", "990100", "", {"producer": "yunshan"}), True),
        (rules.Listener("CCB", "bank", "CCB"), rules.Event("bank.activated", "991001", "CCB", {}, sandbox=True), False),
        (rules.Listener("P-1", "partner", area="991001", sandbox=True),
         rules.Event("bank.activated", "991001", "CCBBMN", {}, sandbox=True), True),
        (rules.Listener("P-1", "partner", area="", sandbox=True), EVENT, False),
        (rules.Listener("P-1", "partner"), EVENT, False),
        (rules.Listener("CO", "employer", area="990100"), EVENT, False),
    ],
)  # fmt: skip
def test_who_may_know(listener: rules.Listener, event: rules.Event, knows: bool) -> None:
    assert rules.may_know(listener, event) is knows


@given(st.integers(1, 20), st.floats(0, 1))
def test_pauses_grow_with_jitter_and_end(tries: int, chance: float) -> None:
    wait = rules.pause(tries, chance)
    if tries > len(rules.PAUSES):
        assert wait is None
    else:
        base = rules.PAUSES[tries - 1]
        assert wait is not None
        assert 0.8 * base <= wait.total_seconds() <= 1.2 * base
        assert sum(rules.PAUSES) > 3 * 86_400
