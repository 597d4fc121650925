"""ISS-10's bank side by the outside: an account is closed with everything that lies on it, to its holder and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from rows_kit import refused, world_of
from sscard.sim.story import bank, quick
from sscard.sim.story.world import World
from tests_support import RunningHouse

pytestmark = pytest.mark.slow

FEN = 123_456


def close(world: World, *, by: str = "hero", source: str = "original", card: str = "hero", payout: str = "cash") -> Any:
    """At the counter: the paper in the reader, the card in the slot."""
    place = world.place.branch
    teller, plastic = world.staff(f"teller.{place}"), world.heroes[card].plastic
    session = world.session(teller, place, "bank.close", "id_reader", "card_slot")
    desk = world.desk(place)
    desk.present_id(world.heroes[by].body, source=source)
    assert plastic is not None
    desk.insert_card(plastic)
    return teller.act("bank.close", account=world.hero.account, session=session, payout=payout)


def by_two(world: World, act: str, **request: Any) -> dict[str, Any]:
    """The teller asks, the bank's reviewer signs exactly that."""
    branch = world.place.branch
    asked = world.staff(f"teller.{branch}").act(act, account=world.hero.account, **request)
    return world.approve(f"bankreview.{world.area}.{world.place.bank}", asked)


@pytest.mark.row("ISS-10", part="money at closing the account")
def test_what_lies_on_an_account_goes_to_its_holder_or_his_heirs_once_and_to_nobody_else(city: RunningHouse) -> None:
    world = world_of(city)
    quick.card(world)
    bank.activate(world, "hero")
    assert world.hero.plastic is not None
    teller, pan = world.staff(f"teller.{world.place.branch}"), world.hero.plastic.pan
    teller.act("bank.deposit", amount_fen=FEN, number=pan)
    for how, code in (
        ({"by": "other"}, "bank.not_the_holder"),
        ({"source": "copy"}, "bank.original_needed"),
        ({"card": "other"}, "bank.card_differs"),
        ({"payout": "none"}, "bank.payout_unknown"),
        ({"payout": "nothing"}, "bank.balance_left"),
        ({}, "bank.social_first"),
    ):
        assert code in refused(lambda how=how: close(world, **how)).codes()
    assert bank.money(world, "bank.balance")["balance_fen"] == FEN, "a refused closing moves nothing"

    heirs = {"heir_name": "测试乙", "inheritance": "990100-0009"}
    assert "bank.death_not_reported" in refused(lambda: by_two(world, "bank.close_by_heirs", **heirs)).codes()
    by_two(world, "bank.report_death", document="990100-0001")
    assert "bank.deceased" in refused(lambda: bank.money(world, "bank.withdraw", amount_fen=1)).codes()
    assert "bank.deceased" in refused(lambda: close(world)).codes()
    by_two(world, "bank.close_by_heirs", **heirs)
    assert "bank.closed" in refused(lambda: by_two(world, "bank.close_by_heirs", **heirs)).codes()
    assert "bank.closed" in refused(lambda: teller.act("bank.deposit", amount_fen=1, number=pan)).codes()
    assert "bank.closed" in refused(lambda: bank.money(world, "bank.withdraw", amount_fen=1)).codes()
