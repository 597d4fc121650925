"""Face checks: a consent of their own, what the tester chooses at the virtual provider, used once."""

from __future__ import annotations

import uuid

import pytest
import verification_kit as kit

from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.verification import face, virtual_face
from tests_support import House


def begun(one: kit.Phoned, **more: object) -> uuid.UUID:
    asked = {"person_id": one.person_id, "area": kit.AREA, "action": one.action, "session": one.session}
    return face.start(**{**asked, "consent": True, **more}).challenge  # type: ignore[arg-type]


def ended(one: kit.Phoned, challenge: uuid.UUID, **more: object) -> None:
    asked = {"person_id": one.person_id, "area": kit.AREA, "action": one.action, "session": one.session}
    face.result(challenge=challenge, **{**asked, **more})  # type: ignore[arg-type]


def test_no_check_without_his_consent_and_the_refusal_names_the_other_way(house: House) -> None:
    one = kit.phoned()
    with pytest.raises(Refusal, match="face_needs_consent") as no:
        begun(one, consent=False)
    assert "短信" in no.value.next_step("zh")


def test_passed_once_and_kept_as_number_and_score_only(house: House) -> None:
    from sscard.verification.models import FaceCheck

    one = kit.phoned()
    challenge = begun(one)
    with pytest.raises(Refusal, match="face_pending"):
        ended(one, challenge)
    virtual_face.choose(challenge, "pass")
    for other in ({"session": "other"}, {"action": "bank.transfer:two"}, {"person_id": one.person_id + 1}):
        with pytest.raises(Refusal, match="face_none"):
            ended(one, challenge, **other)
    ended(one, challenge)
    with pytest.raises(Refusal, match="face_none"):
        ended(one, challenge)
    with unit_of_work(area=kit.AREA):
        row = FaceCheck.objects.get(challenge_id=challenge)
    assert (row.state, row.score, row.consent) == ("used", 97, face.CONSENT)
    assert row.evidence.startswith("virtual-")


@pytest.mark.parametrize(
    ("outcome", "reason"), [("fail", "differs"), ("not_alive", "not_alive"), ("timeout", "timeout")]
)
def test_not_passed(house: House, outcome: str, reason: str) -> None:
    one = kit.phoned()
    challenge = begun(one)
    virtual_face.choose(challenge, outcome)
    for _ in range(2):
        with pytest.raises(Refusal, match="face_failed") as no:
            ended(one, challenge)
        assert no.value.facts["reason"] == reason
    with pytest.raises(Refusal, match="face_chosen"):
        virtual_face.choose(challenge, "pass")


def test_down_is_not_now_and_nothing_is_lost(house: House) -> None:
    one = kit.phoned()
    challenge = begun(one)
    virtual_face.choose(challenge, "down")
    with pytest.raises(Refusal, match="provider_unavailable"):
        ended(one, challenge)
    virtual_face.choose(challenge, "pass")
    ended(one, challenge)
    kit.behave("face", "down")
    for _ in range(12):
        with pytest.raises(Refusal, match="provider_unavailable"):
            begun(one)
    kit.behave("face", "normal")
    begun(one)
