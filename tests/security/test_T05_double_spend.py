"""T05: money spent twice by retry, double click or two terminals. T06: the same key with another content.

Every way out of an account: transfer inside, order to another bank, purchase, withdrawal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bank"))
import bank_kit as kit
import savings_kit as savings

pytestmark = pytest.mark.usefixtures("house")
ALL = 10_000
Way = Callable[[kit.Holder, kit.Holder, int], tuple[Any, str, Any]]


def inside(payer: kit.Holder, payee: kit.Holder, fen: int) -> tuple[Any, str, Any]:
    return savings.customer(payer), "bank.transfer", savings.request(payer, payee, fen)


def elsewhere(payer: kit.Holder, payee: kit.Holder, fen: int) -> tuple[Any, str, Any]:
    request = savings.request(payer, payee, fen, to_bank="ICBC", to_number="9217029999999999999")
    return savings.customer(payer), "bank.transfer", request


def withdrawal(payer: kit.Holder, payee: kit.Holder, fen: int) -> tuple[Any, str, Any]:
    from sscard.bank.acts import Withdraw

    atm = kit.Terminal(kind="kiosk")
    return atm.caller, "bank.withdraw", Withdraw(payer.account, savings.at(atm, "bank.withdraw", payer), fen)


def purchase(payer: kit.Holder, payee: kit.Holder, fen: int) -> tuple[Any, str, Any]:
    from sscard.bank.acts import Buy

    till = kit.Terminal(kind="kiosk")
    return till.caller, "bank.purchase", Buy(payer.account, fen, "店", savings.at(till, "bank.purchase", payer))


WAYS = (inside, elsewhere, withdrawal, purchase)


def available(holder: kit.Holder) -> int:
    from sscard.ledger import reads

    with kit.in_bank(holder):
        found = reads.balance(holder.person_id, holder.account)
    assert found is not None
    return found.available_fen


@pytest.mark.parametrize("way", WAYS)
def test_fifty_times_the_same_request_moves_money_once_with_fifty_equal_answers(way: Way) -> None:
    payer, payee = savings.rich(ALL), savings.rich(0)
    who, name, request = way(payer, payee, 6_000)
    found = kit.in_threads([lambda: kit.perform(who, name, request, key="double-click")] * 50)
    assert [one.answer for one in found] == [found[0].answer] * 50
    assert sum(not one.replayed for one in found) == 1
    assert available(payer) == ALL - 6_000


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_two_ways_that_each_want_everything_one_is_paid(first: Way, second: Way) -> None:
    from sscard.kernel.refusals import Refusal

    payer, payee = savings.rich(ALL), savings.rich(0)
    asked = [way(payer, payee, ALL) for way in (first, second)]
    found = kit.in_threads([lambda one=one: kit.perform(*one) for one in asked])
    assert [one.code for one in found if isinstance(one, Refusal)] == ["ledger.insufficient"]
    assert sum(not isinstance(one, Exception) for one in found) == 1
    assert available(payer) == 0


@pytest.mark.parametrize("way", WAYS)
def test_the_key_with_another_amount_is_refused_and_the_first_result_stands(way: Way) -> None:
    """T06."""
    from dataclasses import replace

    payer, payee = savings.rich(ALL), savings.rich(0)
    who, name, request = way(payer, payee, 1_000)
    first = kit.perform(who, name, request, key="k")
    told = kit.refused(lambda: kit.perform(who, name, replace(request, amount_fen=2_000), key="k"))
    assert (told.code, told.status) == ("control.key_reused", 422)
    assert kit.perform(who, name, request, key="k").answer == first.answer
    assert available(payer) == ALL - 1_000
