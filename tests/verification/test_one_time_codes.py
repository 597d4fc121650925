"""Codes: what is sent, when another is, and what the virtual operator does with them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import verification_kit as kit
from hypothesis import given
from hypothesis import strategies as st

from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.verification import codes, rules, sandbox, virtual_sms
from tests_support import House

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TERMS = rules.Terms(seconds=180, tries=5, sends=3, resend_seconds=60, provider="virtual")


@given(sent=st.integers(0, 6), ago=st.integers(0, 1000))
def test_nothing_is_sent_too_soon_nor_too_often(sent: int, ago: int) -> None:
    last = NOW - timedelta(seconds=ago) if sent else None
    said = rules.wait_before(last, sent, TERMS, NOW)
    if not sent:
        assert said is None
    elif sent >= 3:
        assert said is not None
        assert said[0] == "verification.no_sends_left"
    elif ago < 60:
        assert said == ("verification.resend_too_soon", 60 - ago)
    else:
        assert said is None


@pytest.mark.parametrize(
    ("state", "tries", "left", "said"),
    [
        ("sent", 0, 1, None),
        ("sent", 4, 1, None),
        ("sent", 5, 1, "code_locked"),
        ("sent", 0, 0, "code_expired"),
        ("sent", 5, 0, "code_locked"),
        ("used", 0, 1, "code_used"),
        ("replaced", 0, 1, "code_replaced"),
        ("sending", 0, 1, "code_none"),
        ("unsent", 0, 1, "code_none"),
    ],
)
def test_why_a_code_is_not_even_compared(state: str, tries: int, left: int, said: str | None) -> None:
    expires = NOW + timedelta(seconds=left)
    assert rules.refusal_of(state, tries, 5, expires, NOW) == (f"verification.{said}" if said else None)


@pytest.mark.parametrize("action", ["", "pay", "bank.pay all", "Bank.pay", "bank.pay:" + "x" * 121, "bank.pay:ä"])
def test_an_action_has_a_form(action: str) -> None:
    with pytest.raises(ValueError, match="an action is"):
        rules.known_action(action)


def test_the_message_names_sender_matter_and_facts_and_only_the_hash_is_kept(house: House) -> None:
    from sscard.verification.models import Challenge

    one = kit.phoned()
    sent = one.send()
    message = next(m for m in virtual_sms.messages(kit.AREA) if m.action == one.action)
    assert "转账" in message.text
    assert "金额¥12.00" in message.text
    assert "云溪" in message.text
    assert "3 分钟" in message.text
    assert message.phone_masked == sent.phone_masked
    assert "****" in message.phone_masked
    assert sent.sends_left == 2
    assert 170 < (sent.expires_at - datetime.now(UTC)).total_seconds() <= 180
    with unit_of_work(area=kit.AREA):
        row = Challenge.objects.get(challenge_id=sent.challenge)
        assert message.code not in repr(row.__dict__)
    one.check(sent.challenge, message.code)


def test_three_sends_a_minute_apart_and_no_more(house: House) -> None:
    one = kit.phoned()
    one.send()
    with pytest.raises(Refusal, match="resend_too_soon") as no:
        one.send()
    assert 0 < no.value.facts["seconds"] <= 60
    for _ in range(2):
        kit.earlier(one, 61)
        one.send()
    kit.earlier(one, 61)
    with pytest.raises(Refusal, match="no_sends_left"):
        one.send()
    one.session = uuid.uuid4().hex
    one.send()


def test_slow_lost_and_down(house: House) -> None:
    one = kit.phoned(action="bank.transfer:slow")
    kit.behave("sms", "slow", 200)
    one.send()
    kit.behave("sms", "lose")
    other = kit.phoned(action="bank.transfer:lost")
    other.send()
    assert not [m for m in virtual_sms.messages(kit.AREA) if m.action in (one.action, other.action)]
    kit.behave("sms", "down")
    third = kit.phoned(action="bank.transfer:down")
    for _ in range(12):  # more than the limit of the target: nothing is counted
        with pytest.raises(Refusal, match="provider_unavailable") as no:
            third.send()
        assert no.value.status == 503
    kit.behave("sms", "normal")
    assert third.send().sends_left == 2


def test_an_operator_that_is_down_leaves_the_code_before_it_good(house: House) -> None:
    one = kit.phoned(action="bank.transfer:before")
    first = one.send()
    code = one.read()
    kit.earlier(one, 61)
    kit.behave("sms", "down")
    with pytest.raises(Refusal, match="provider_unavailable"):
        one.send()
    kit.behave("sms", "normal")
    one.check(first.challenge, code)


def test_without_a_sandbox_there_is_no_virtual_operator(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    one = kit.phoned()
    monkeypatch.setattr(sandbox, "production", True)
    with pytest.raises(Refusal, match="provider_unavailable"):
        one.send()
    with pytest.raises(Refusal, match=r"control\.not_found"):
        virtual_sms.messages(kit.AREA)
    with pytest.raises(Refusal, match=r"control\.not_found"):
        kit.behave("sms", "normal")


def test_nobody_without_a_telephone_and_the_person_sees_what_was_sent(house: House) -> None:
    from sscard.control.models import AuditRow, AuditSubject
    from sscard.people.models import Person

    one = kit.phoned()
    sent = one.send()
    one.check(sent.challenge, one.read())
    with unit_of_work(area=kit.AREA):
        seen = AuditSubject.objects.filter(person_id=one.person_id).values_list("audit_id", flat=True)
        verbs = set(AuditRow.objects.filter(audit_id__in=list(seen)).values_list("verb", flat=True))
        person = Person.objects.get(person_id=one.person_id)
        person.facts = {"name": "无名", "id_number": "x"}
        person.save()
    assert verbs == {"verification.send_code", "verification.check_code"}
    one.session = "another"
    with pytest.raises(Refusal, match="no_phone"):
        one.send()
    assert codes.SENDING["target"].tries == 10
