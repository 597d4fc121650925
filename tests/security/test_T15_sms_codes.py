"""T15: a code serves one action of one person in one session, once, the newest only, five tries; to the number of record.
T11 and T18 for it: asking tells nothing about others' codes, and nobody uses up another's tries."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "verification"))

import verification_kit as kit

from security_kit import at_once
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from tests_support import House

pytestmark = pytest.mark.asvs("v5.0.0-6.6.2")


def refused(job: object) -> Refusal:
    with pytest.raises(Refusal) as no:
        job()  # type: ignore[operator]
    return no.value


def test_a_code_of_one_thing_is_nothing_for_another(house: House) -> None:
    one, other = kit.phoned(action="bank.transfer:a"), kit.phoned(action="bank.transfer:a")
    sent = one.send()
    code = one.read()
    for more in (
        {"action": "bank.transfer:b"},
        {"action": "bank.transfer:a:100"},
        {"session": other.session},
        {"person_id": other.person_id},
    ):
        assert refused(lambda more=more: one.check(sent.challenge, code, **more)).code == "verification.code_none"
    assert refused(lambda: one.check(uuid.uuid4(), code)).code == "verification.code_none"
    one.check(sent.challenge, code)  # none of it used up a try


def test_used_once_also_by_ten_at_the_same_moment(house: House) -> None:
    one = kit.phoned(action="bank.transfer:once")
    sent = one.send()
    code = one.read()
    answers = at_once(lambda: one.check(sent.challenge, code), 10)
    assert answers.count(None) == 1
    assert refused(lambda: one.check(sent.challenge, code)).code in {
        "verification.code_used",
        "verification.code_locked",
    }


def test_an_older_code_is_void_after_a_newer_one(house: House) -> None:
    one = kit.phoned(action="bank.transfer:newest")
    first = one.send()
    old = one.read()
    kit.earlier(one, 61)
    second = one.send()
    assert refused(lambda: one.check(first.challenge, old)).code == "verification.code_replaced"
    if old != one.read():
        assert refused(lambda: one.check(second.challenge, old)).facts["tries_left"] == 4
    one.check(second.challenge, one.read())


def test_five_tries_counted_before_the_compare_and_then_even_the_right_one_is_void(house: House) -> None:
    one = kit.phoned(action="bank.transfer:five")
    sent = one.send()
    right = one.read()
    left = [refused(lambda: one.check(sent.challenge, kit.wrong(right))).facts.get("tries_left") for _ in range(4)]
    assert left == [4, 3, 2, 1]
    assert refused(lambda: one.check(sent.challenge, "12345")).code == "verification.code_locked"
    assert refused(lambda: one.check(sent.challenge, right)).code == "verification.code_locked"


def test_twenty_wrong_ones_at_once_are_five_tries(house: House) -> None:
    one = kit.phoned(action="bank.transfer:twenty")
    sent = one.send()
    bad = kit.wrong(one.read())
    answers = at_once(lambda: one.check(sent.challenge, bad), 20)
    assert answers.count("verification.code_wrong") == 4
    assert answers.count("verification.code_locked") == 16


def test_a_tries_count_outlives_the_refused_act_around_it(house: House) -> None:
    from sscard.verification.models import Challenge

    one = kit.phoned(action="bank.transfer:beside")
    sent = one.send()
    bad = kit.wrong(one.read())
    with pytest.raises(Refusal), unit_of_work(area=kit.AREA):
        one.check(sent.challenge, bad)
    with unit_of_work(area=kit.AREA):
        assert Challenge.objects.get(challenge_id=sent.challenge).tries == 1


def test_an_expired_code_and_one_whose_telephone_was_changed(house: House) -> None:
    from sscard.people.models import Person

    one = kit.phoned(action="bank.transfer:late")
    sent = one.send()
    code = one.read()
    kit.earlier(one, 181)
    assert refused(lambda: one.check(sent.challenge, code)).code == "verification.code_expired"
    swapped = kit.phoned(action="bank.transfer:swapped")
    sent = swapped.send()
    code = swapped.read()
    with unit_of_work(area=kit.AREA):
        person = Person.objects.get(person_id=swapped.person_id)
        person.facts = {"name": "x", "id_number": "y", "phone": "99900000001"}
        person.save()
    assert refused(lambda: swapped.check(sent.challenge, code)).code == "verification.code_none"


def test_a_stranger_can_neither_flood_one_telephone_nor_lock_its_owner_out(house: House) -> None:
    """Ten messages an hour to one person over all sessions; his running code goes on working meanwhile."""
    one = kit.phoned(action="bank.transfer:flood")
    mine = one.send()
    code = one.read()
    for _ in range(9):
        one.send(session=uuid.uuid4().hex)
    no = refused(lambda: one.send(session=uuid.uuid4().hex))
    assert no.code == "control.too_many_tries"
    assert no.status == 429
    for _ in range(8):
        refused(lambda: one.check(mine.challenge, kit.wrong(code), session=uuid.uuid4().hex))
    one.check(mine.challenge, code)


def test_one_source_is_slowed_down_whoever_it_asks_for(house: House) -> None:
    for _ in range(30):
        kit.phoned().send(address="198.51.100.9")
    assert refused(lambda: kit.phoned().send(address="198.51.100.9")).code == "control.too_many_tries"
    kit.phoned().send(address="198.51.100.10")
