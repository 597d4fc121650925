"""CRD-1 inside the house: what the electronic card may do, state by state, and what a third party learns."""

from __future__ import annotations

import ecard_kit as kit
import pytest

from sscard.kernel.refusals import Refusal

pytestmark = pytest.mark.usefixtures("house")


def test_a_code_scans_once_and_tells_only_what_the_purpose_allows() -> None:
    one, token = kit.ready()
    made = kit.code(one, token)
    assert one.id_number not in made["code"]
    school = kit.checker()
    first = kit.check(school, code=made["code"])
    assert first.answer["valid"], first.answer
    assert first.once["facts"] == {"name": "李小花", "insured": False}
    again = kit.check(school, code=made["code"])
    assert (again.answer["valid"], again.answer["reason"]) == (False, "used")
    assert "facts" not in again.once


@pytest.mark.parametrize(
    ("kind", "purpose", "facts"),
    [
        ("school", "training_enrolment", {"name", "insured"}),
        ("school", "visit", {"name_mask"}),
        ("employer", "hiring", {"name", "id_match"}),
        ("hospital", "care_registration", {"name", "sex", "birth_date", "insured", "insured_area"}),
    ],
)
def test_facts_by_purpose(kind: str, purpose: str, facts: set[str]) -> None:
    one, token = kit.ready()
    more = {"id_number": one.id_number}
    by_number = kit.check(kit.checker(kind), purpose, code=kit.code(one, token)["number"].lower(), **more)
    assert set(by_number.once["facts"]) == facts
    by_card = kit.check(kit.checker(kind), purpose, card_number=one.number, card_id_code=one.card_id_code, **more)
    assert by_card.answer["form"] == "card"
    assert set(by_card.once["facts"]) == facts


def test_a_purpose_of_another_kind_of_organisation_is_refused() -> None:
    with pytest.raises(Refusal, match="credential_purpose"):
        kit.check(kit.checker("school"), "hiring", code="ABCD-EFGH-JKMN")


@pytest.mark.parametrize(
    ("act", "facts", "reason"),
    [
        ("report_temp", {}, "card_temp_loss"),
        ("report_formal", {}, "card_formal_loss"),
        ("lock", {"tries_used_up": True}, "card_locked"),
        ("cancel", {"nothing_open": True}, "card_cancelled"),
    ],
)
def test_lost_locked_cancelled_fails_at_once(act: str, facts: dict[str, bool], reason: str) -> None:
    """The code was made while the card was well; what counts is the moment of the check."""
    one, token = kit.ready()
    made = kit.code(one, token)
    kit.social(one, act, **facts)
    for presented in ({"code": made["code"]}, {"card_number": one.number, "card_id_code": one.card_id_code}):
        told = kit.check(kit.checker(), **presented)
        assert (told.answer["valid"], told.answer["reason"]) == (False, reason)
        assert told.answer["reason_zh"]
        assert "facts" not in told.once
    with pytest.raises(Refusal, match="ecard_stopped"):
        kit.code(one, token)
