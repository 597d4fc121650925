"""T13: one counter for the bank PIN over counter, terminal and every business; counted before it is compared."""

from __future__ import annotations

from typing import Any

import pytest

import security_kit  # noqa: F401 - puts the kits of rooms on the path

import bank_kit as kit  # isort: skip
import life_kit as life  # isort: skip
import savings_kit  # isort: skip

pytestmark = pytest.mark.usefixtures("house")
WRONG = "846193"


@pytest.fixture(scope="module")
def places(_module_house: Any) -> dict[str, kit.Terminal]:
    with _module_house.entered():
        return {"counter": kit.Terminal(), "kiosk": kit.Terminal(kind="kiosk"), "till": kit.Terminal(kind="kiosk")}


@pytest.fixture
def holder() -> kit.Holder:
    made = kit.activated(kit.opened(kit.person()))
    kit.pay_in(made, 50_000)
    return made


def attempt(place: kit.Terminal, name: str, holder: kit.Holder, pin: str) -> Any:
    from sscard.bank.acts import Balance, Buy, Withdraw

    session = savings_kit.at(place, name, holder, pin)
    if name == "bank.purchase":
        return kit.perform(place.caller, name, Buy(holder.account, 100, "云溪书店", session))
    if name == "bank.transfer":
        other = kit.opened(kit.person())
        return kit.perform(place.caller, name, savings_kit.request(holder, other, 100, session=session))
    request = Withdraw(holder.account, session, 100) if name == "bank.withdraw" else Balance(holder.account, session)
    return kit.perform(place.caller, name, request)


def test_three_wrong_over_three_places_and_businesses_lock_it_everywhere(
    places: dict[str, kit.Terminal], holder: kit.Holder
) -> None:
    tries = [("counter", "bank.withdraw"), ("kiosk", "bank.balance"), ("till", "bank.purchase")]
    codes = []
    for place, name in tries:
        refusal = kit.refused(lambda place=place, name=name: attempt(places[place], name, holder, WRONG))
        codes.append((refusal.code, refusal.facts.get("left")))
    assert codes == [("bank.pin_wrong", 2), ("bank.pin_wrong", 1), ("bank.pin_locked", None)]
    assert life.restrictions(holder) == ["PIN_LOCKED"]
    for place, name in [*tries, ("counter", "bank.transfer"), ("kiosk", "bank.transfer")]:
        refusal = kit.refused(lambda place=place, name=name: attempt(places[place], name, holder, kit.PIN))
        assert refusal.code == "bank.pin_locked", (place, name)
    kit.pay_in(holder, 100)
    assert kit.balance_of(holder) == 50_100


def test_a_right_one_takes_back_the_tries_of_all_places(places: dict[str, kit.Terminal], holder: kit.Holder) -> None:
    for _ in range(2):
        for place in ("counter", "kiosk"):
            kit.refused(lambda place=place: attempt(places[place], "bank.balance", holder, WRONG))
        attempt(places["counter"], "bank.balance", holder, kit.PIN)
    assert life.restrictions(holder) == []


def test_the_lock_is_opened_at_the_counter_by_the_holder_and_by_no_other_act(
    places: dict[str, kit.Terminal], holder: kit.Holder
) -> None:
    from sscard.bank.acts import PinReset, ReleaseLoss

    for _ in range(3):
        kit.refused(lambda: attempt(places["kiosk"], "bank.balance", holder, WRONG))
    life.report_lost(holder)
    kit.perform(life.customer(holder), "bank.release_loss", ReleaseLoss(holder.account), area=holder.area)
    assert life.restrictions(holder) == ["PIN_LOCKED"], "taking back a loss opens nothing else"
    counter, friend = places["counter"], kit.person()
    session = counter.present("bank.pin_reset", holder, "840617", by=friend)
    refusal = kit.refused(
        lambda: kit.perform(counter.caller, "bank.pin_reset", PinReset(holder.account, session, "agent"))
    )
    assert refusal.code == "bank.pin_no_agent"
    session = counter.present("bank.pin_reset", holder, "840617")
    kit.perform(counter.caller, "bank.pin_reset", PinReset(holder.account, session))
    attempt(counter, "bank.balance", holder, "840617")
    assert life.restrictions(holder) == []
