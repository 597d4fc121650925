"""T11, T12, T15, T17, T33 where third parties check cards and holders open them."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cards"))

import ecard_kit as kit

from sscard.cards.electronic.checking import LIMITS
from sscard.cards.electronic.family import EndRelative
from sscard.cards.electronic.signing import EndElectronicCard, SignElectronicCard
from sscard.cards.electronic.using import MakeCode, OpenElectronicCard
from sscard.control.door import perform
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.people.models import Person
from sscard.verification import codes, virtual_sms

pytestmark = pytest.mark.usefixtures("house")


def refused(who: Any, act: str, request: Any) -> str:
    with pytest.raises(Refusal) as no:
        perform(who, f"cards.{act}", request, key=kit.key())
    return no.value.code


def test_unknown_and_mismatched_cards_get_the_same_answer() -> None:
    """T11: a number that exists with another card's code, one that does not exist, and two strangers look alike."""
    one, other = kit.person(), kit.person()
    pairs = [
        (one.number, other.card_id_code),
        (other.number, one.card_id_code),
        ("X99999999", one.card_id_code),
        (one.number, one.card_id_code[:-1] + ("0" if one.card_id_code[-1] != "0" else "1")),
        ("X99999999", "990100D15600000500BF7C7A48FB4966"),
    ]
    told = [kit.check(kit.checker(), card_number=number, card_id_code=code) for number, code in pairs]
    answers = [{k: v for k, v in one.answer.items() if k != "checked_at"} for one in told]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["reason"] == "unknown"
    assert not any(one.once for one in told)


def test_tries_at_one_card_are_limited_and_spelling_makes_no_other_card() -> None:
    """T11, T17, T33: ten tries in a quarter of an hour, whoever asks and however it is written."""
    one = kit.person()
    wrong = "X9999999９"
    spellings = [one.card_id_code, one.card_id_code.lower(), " ".join(one.card_id_code), one.card_id_code + " "]
    for at in range(LIMITS["target"].tries):
        kit.check(kit.checker(), card_number=wrong, card_id_code=spellings[at % 4])
    with pytest.raises(Refusal) as no:
        kit.check(kit.checker("hospital"), "care_registration", card_number=one.number, card_id_code=spellings[2])
    assert no.value.code == "control.too_many_tries"


def test_numbers_of_codes_are_not_guessed() -> None:
    one, token = kit.ready()
    number = kit.code(one, token)["number"]
    for guess in (number[:-1] + ("2" if number[-1] != "2" else "3"), "2" * 12):
        assert kit.check(kit.checker(), code=guess).answer["reason"] == "unknown"
    assert kit.check(kit.checker(), code=f" {number.lower().replace('-', '－')} ").answer["valid"]  # T17


def test_ids_of_others_are_as_good_as_missing() -> None:
    """T12: another person's card, electronic card and family link, for a holder who guessed the id."""
    one, token = kit.ready()
    me = kit.person()
    kit.signed(me)
    mine = kit.opened(me)
    who = kit.holder(me)
    missing = uuid.uuid4()
    for theirs, none in (
        (SignElectronicCard(one.card, True, kit.PASSWORD), SignElectronicCard(missing, True, kit.PASSWORD)),
    ):
        assert refused(who, "ecard_sign", theirs) == refused(who, "ecard_sign", none) == "control.not_found"
    for person in (one.public, missing):
        assert refused(who, "ecard_code", MakeCode(mine, person)) == "control.not_found"
        assert refused(who, "ecard_end", EndElectronicCard(kit.PASSWORD, person)) == "control.not_found"
        assert refused(who, "ecard_family_end", EndRelative(person)) == "control.not_found"
    assert refused(who, "ecard_code", MakeCode(token)) == "cards.ecard_not_open"  # another's phone is no phone of mine


def test_a_code_by_message_opens_this_card_in_this_session_only() -> None:
    """T15: bound to action, person and session, the newest only, once."""
    one, other = kit.person(), kit.person()
    for each in (one, other):
        kit.signed(each)
        with unit_of_work(area=each.area):
            row = Person.objects.get(person_id=each.person_id)
            row.facts = {"name": each.name, "id_number": each.id_number, "phone": f"1990000{each.number[-5:-1]}"}
            row.phone_mask = f"199****{each.number[-5:-1]}"
            row.save()

    def message(each: Any, action: str = "cards.ecard_open", session: str = "s1") -> tuple[uuid.UUID, str]:
        sent = codes.send(
            person_id=each.person_id, area=each.area, action=action, session=session, facts={}, address="10.0.0.1"
        )
        return sent.challenge, virtual_sms.messages(each.area)[0].code

    who = kit.holder(one)
    for challenge, code in (message(other), message(one, "bank.transfer"), message(one, session="s2")):
        wanted = OpenElectronicCard(kit.PASSWORD, challenge=challenge, code=code)
        assert refused(who, "ecard_open", wanted) == "verification.code_none"
    challenge, code = message(one)
    wrong = OpenElectronicCard("111223", challenge=challenge, code=code)
    assert refused(who, "ecard_open", wrong) == "cards.ecard_password_wrong"
    wanted = OpenElectronicCard(kit.PASSWORD, challenge=challenge, code=code)
    assert "phone" in perform(who, "cards.ecard_open", wanted, key=kit.key()).once
    assert refused(who, "ecard_open", wanted) == "verification.code_used"
