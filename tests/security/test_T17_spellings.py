"""T17: every spelling of a name or number is one name: one counter, one account, one right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from security_kit import Town

FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in map(chr, range(0x21, 0x7F))}


def spellings(text: str) -> list[str]:
    """Eight ways to type one thing."""
    wide = text.translate(FULL_WIDTH)
    return [text, text.lower(), text.upper(), f"  {text}", f"{text}\u3000", wide, wide.lower(), f"\t{text.swapcase()} "]


@pytest.mark.asvs("v5.0.0-6.3.1")
def test_eight_spellings_of_a_user_name_share_one_counter(town: Town) -> None:
    from sscard.control import signin

    name = town.fresh()
    codes = []
    for number, typed in enumerate([*spellings(name), *spellings(name)]):
        with pytest.raises(Refusal) as caught:
            signin.staff(typed, "wrong", "000000", address=f"198.51.100.{number}")
        codes.append(caught.value.code)
    assert codes == ["control.sign_in"] * 10 + ["control.too_many_tries"] * 6


@pytest.mark.asvs("v5.0.0-6.3.1")
def test_eight_spellings_of_an_id_number_share_one_counter(town: Town) -> None:
    from holders_kit import PASSWORD

    from security_kit import holder_code, resident
    from sscard.people import holders

    one = resident(account=False)
    typed = [*spellings(one.id_number), f"{one.id_number[:6]} {one.id_number[6:14]}-{one.id_number[14:]}"]
    codes = []
    for number, spelling in enumerate([*typed, *typed][:12]):
        with pytest.raises(Refusal) as caught:
            holders.sign_in(spelling, "wrong", "000000", address=f"198.51.100.{number}")
        codes.append(caught.value.code)
    assert codes == ["control.sign_in"] * 10 + ["control.too_many_tries"] * 2
    with pytest.raises(Refusal, match="too_many_tries"):  # the right answer waits, too
        holders.sign_in(one.id_number, PASSWORD, holder_code(one), address="198.51.100.99")


def test_each_spelling_opens_the_same_account_and_clears_the_same_counter(town: Town) -> None:
    from security_kit import PASSWORD
    from sscard.control import signin

    name = town.fresh()
    for typed in spellings(name)[:7]:
        with pytest.raises(Refusal):
            signin.staff(typed, "wrong", "000000", address="203.0.113.7")
    found = signin.staff(spellings(name)[6], PASSWORD, town.code(name), address="203.0.113.7")
    assert found.staff_id == town.staff[name].staff_id
    for typed in spellings(name):
        with pytest.raises(Refusal, match=r"control\.sign_in"):
            signin.staff(typed, "wrong", "000000", address="203.0.113.8")


def test_a_second_account_under_another_spelling_of_a_name_is_refused(town: Town) -> None:
    from sscard.control.acts import CreateStaff
    from sscard.control.door import perform

    name = town.fresh()
    for number, typed in enumerate(spellings(name)):
        request = CreateStaff(typed, "乙", "990100-BUREAU", "990100", "090101198001010014", ("clerk",))
        with pytest.raises(Refusal) as caught:
            perform(town.caller("security_admin.990100"), "control.create_staff", request, key=f"same-{number}")
        assert "control.username_taken" in {fault.code for fault in caught.value.faults}


@pytest.mark.parametrize("typed", ["", "\0", "CLERK\0", "\u202eclerk", "a" * 5000, "\U0001f600", "' or 1=1 --"])
def test_a_name_that_can_be_nobodys_is_refused_like_any_other(town: Town, typed: str) -> None:
    from sscard.control import signin

    with pytest.raises(Refusal, match=r"control\.sign_in"):
        signin.staff(typed, "wrong", "000000", address="203.0.113.9")
