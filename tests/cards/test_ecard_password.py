"""The electronic card's own password: its rules as properties, its counter against killing, spelling and other passwords."""

from __future__ import annotations

from datetime import timedelta

import ecard_kit as kit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.cards.electronic import holding, passwords, rules
from sscard.cards.electronic.models import EcardPassword
from sscard.cards.models import CardPassword
from sscard.control.inside import Inside
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

DAY = 24 * 3600
SIX = st.text("0123456789", min_size=6, max_size=6)
ID = "090101199005200012"


# --- pure -------------------------------------------------------------------------------------------------------------
@given(SIX)
def test_a_password_that_is_taken_is_neither_run_nor_repetition_nor_out_of_the_id(digits: str) -> None:
    if rules.weak_password(digits, ID) is not None:
        return
    assert digits not in ID
    assert len(set(digits)) > 2
    assert digits not in "01234567890"
    assert digits[::-1] not in "01234567890"


@given(st.integers(0, 4), st.sampled_from([1, -1]))
def test_every_run_is_refused(start: int, step: int) -> None:
    first = start if step == 1 else 9 - start
    digits = "".join(str(first + step * at) for at in range(6))
    assert rules.weak_password(digits, "") == "cards.ecard_password_run"


@given(st.integers(0, 12))
def test_every_part_of_the_id_number_is_refused(at: int) -> None:
    assert rules.weak_password(ID[at : at + 6], ID) is not None


@given(st.text(max_size=9).filter(lambda text: not (len(text) == 6 and text.isascii() and text.isdigit())))
def test_whatever_is_not_six_digits_is_refused(text: str) -> None:
    assert rules.weak_password(text, ID) == "cards.ecard_password_form"


@given(st.lists(st.tuples(st.floats(0, DAY), st.booleans()), max_size=40))
def test_never_more_than_six_wrong_entries_are_compared_in_a_day(steps: list[tuple[float, bool]]) -> None:
    """Tries at any pace, right and wrong: of the wrong ones at most six in any 24 hours reach the compare, whatever was
    right in between, and after the sixth nothing is compared for a day."""
    now, tries, locked, wrong = 0.0, (), None, []
    for pause, right in steps:
        now += pause
        counted = rules.count_try(tries, locked, now, most=6, lock_s=DAY)
        tries, locked = counted.tries, counted.locked_until
        if not counted.compares:
            continue
        if right:
            tries = rules.taken_back(tries, now)
            continue
        wrong.append(now)
        assert len([at for at in wrong if now - at < DAY]) <= 6
        _, until = rules.was_wrong(tries, now, most=6, lock_s=DAY)
        locked = until


def test_a_try_of_which_nobody_knows_counts_as_wrong() -> None:
    tries = tuple(float(at) for at in range(6))
    counted = rules.count_try(tries, None, 100.0, most=6, lock_s=DAY)
    assert not counted.compares


# --- in the house -----------------------------------------------------------------------------------------------------
def entered(one: object, text: str, at: timedelta = timedelta()) -> str:
    """ "" when it was right, else the refusal's code."""
    who = kit.holder(one)
    with unit_of_work(area=one.area):
        inside = Inside(caller=who, area_code=one.area, act="test")
        ecard = holding.require(one.person_id)
        before = clock.offset_of
        clock.offset_of = lambda area: before(area) + at
        try:
            passwords.check(inside, ecard, text)
        except Refusal as refusal:
            return refusal.code
        finally:
            clock.offset_of = before
    return ""


@pytest.mark.usefixtures("house")
def test_six_wrong_lock_for_a_day_and_the_card_is_not_touched() -> None:
    one = kit.person()
    kit.signed(one)
    spellings = ["111222", " 111222", "１１１２２２", "11 12 22", "111-222"]  # T17: one counter
    assert [entered(one, text) for text in spellings] == ["cards.ecard_password_wrong"] * 5
    assert entered(one, kit.PASSWORD) == ""  # what was right takes its own try back, the five stay
    assert entered(one, "111223") == "cards.ecard_password_locked"
    assert entered(one, kit.PASSWORD) == "cards.ecard_password_locked"
    assert entered(one, kit.PASSWORD, timedelta(hours=23)) == "cards.ecard_password_locked"
    with unit_of_work(area=one.area):
        assert holding.card_of(holding.require(one.person_id)).social == "normal"
        assert not CardPassword.objects.filter(person_id=one.person_id).exists()
    told = kit.check(kit.checker(), card_number=one.number, card_id_code=one.card_id_code)
    assert told.answer["valid"]  # T18: whoever locks the phone's card leaves the plastic one in use
    assert entered(one, kit.PASSWORD, timedelta(hours=25)) == ""


@pytest.mark.usefixtures("house")
def test_the_table_alone_tells_no_password_and_two_people_with_the_same_do_not_show() -> None:
    rows = []
    for _ in range(2):
        one = kit.person()
        kit.signed(one)
        with unit_of_work(area=one.area):
            rows.append(bytes(EcardPassword.objects.get(person_id=one.person_id).verifier))
    assert rows[0] != rows[1]
    assert all(len(row) == 32 and kit.PASSWORD.encode() not in row for row in rows)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("password", "consent", "codes"),
    [
        ("123456", True, ["cards.ecard_password_run"]),
        ("900520", False, ["cards.ecard_consent", "cards.ecard_password_id"]),
    ],
)
def test_all_faults_of_the_form_at_once(password: str, consent: bool, codes: list[str]) -> None:
    from sscard.cards.electronic.signing import SignElectronicCard
    from sscard.control.door import perform

    one = kit.person()
    with pytest.raises(Refusal) as no:
        perform(
            kit.holder(one),
            "cards.ecard_sign",
            SignElectronicCard(one.card, consent, password, "counter"),
            key=kit.key(),
        )
    assert [fault.code for fault in no.value.faults] == codes
