"""T16: a one-time code opens once, also when ten ask at the same moment; for staff and for holders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sscard.kernel.refusals import Refusal

if TYPE_CHECKING:
    from security_kit import Town

pytestmark = pytest.mark.asvs("v5.0.0-6.5.1")


def staff_sign_in(username: str, code: str) -> object:
    from security_kit import PASSWORD
    from sscard.control import signin

    return signin.staff(username, PASSWORD, code, address="192.0.2.1").staff_id


def test_a_staff_code_works_once_and_an_older_one_not_after_it(town: Town) -> None:
    name = town.fresh()
    code, before = town.code(name), town.code(name, -1)
    assert staff_sign_in(name, code) == town.staff[name].staff_id
    for again in (code, f" {code} ", before):
        with pytest.raises(Refusal, match=r"control\.sign_in"):
            staff_sign_in(name, again)


def test_ten_staff_sign_ins_with_one_code_at_once_give_one_success(town: Town) -> None:
    from security_kit import at_once

    name = town.fresh()
    code = town.code(name)
    answers = at_once(lambda: staff_sign_in(name, code), 10)
    assert answers.count(town.staff[name].staff_id) == 1
    assert answers.count("control.sign_in") == 9


def test_a_code_whose_password_was_wrong_can_still_be_used(town: Town) -> None:
    from sscard.control import signin

    name = town.fresh()
    code = town.code(name)
    with pytest.raises(Refusal):
        signin.staff(name, "not the password", code, address="192.0.2.1")
    assert staff_sign_in(name, code) == town.staff[name].staff_id


def test_holders_codes_work_once_too_also_eight_at_once(town: Town) -> None:
    from holders_kit import PASSWORD

    from security_kit import at_once, holder_code, resident
    from sscard.people import holders

    one = resident(account=False)
    code = holder_code(one)
    answers = at_once(lambda: holders.sign_in(one.id_number, PASSWORD, code, address="192.0.2.2").holder_id, 8)
    assert answers.count(one.account.holder_id) == 1
    assert answers.count("control.sign_in") == 7  # with the two below not yet too many for one number
    with pytest.raises(Refusal, match=r"control\.sign_in"):
        holders.sign_in(one.id_number, PASSWORD, code, address="192.0.2.2")
    later = holder_code(one, 1)
    assert holders.sign_in(one.id_number, PASSWORD, later, address="192.0.2.2").holder_id == one.account.holder_id


@pytest.mark.parametrize("code", ["", "000000000000", "１２３４５６", "12345\0", "abcdef", "é" * 6])
def test_what_is_no_code_is_refused_as_a_wrong_one(town: Town, code: str) -> None:
    with pytest.raises(Refusal, match=r"control\.sign_in"):
        staff_sign_in(town.fresh(), code)


def test_a_code_typed_with_full_width_digits_is_the_same_code(town: Town) -> None:
    name = town.fresh()
    code = town.code(name)
    wide = code.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert staff_sign_in(name, f"\u3000{wide}") == town.staff[name].staff_id
    with pytest.raises(Refusal, match=r"control\.sign_in"):
        staff_sign_in(name, code)
