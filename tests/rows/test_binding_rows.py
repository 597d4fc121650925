"""BND-1, BND-2, BND-3 and a part of INS-2 by the outside: document 002's journey, and document 000's overview."""

from __future__ import annotations

import pytest

from rows_kit import Walked, told
from sscard.sim.story.online import online
from tests_support import RunningHouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bound(city: RunningHouse) -> Walked:
    """Document 002's journey, once."""
    return told(city, "002")


@pytest.mark.row("BND-1")
def test_another_banks_card_in_place_of_the_cards_account_is_refused_with_the_way_on(bound: Walked) -> None:
    bound.all_green("BND-1", least=1)
    refusal = next(outcome.refusal for step, outcome in bound.steps_of("BND-1") if step.refused)
    assert refusal is not None
    assert refusal.next_step("zh")


@pytest.mark.row("BND-2")
def test_bound_in_the_stages_of_document_002_and_un_bound(bound: Walked) -> None:
    bound.all_green("BND-2", least=12)


@pytest.mark.row("BND-3")
@pytest.mark.row("INS-2", part="a charge of an imported list, paid through the bank")
def test_records_are_seen_and_a_charge_is_paid_once(bound: Walked) -> None:
    bound.all_green("BND-3", least=4)
    site, link = online(bound.world), bound.world.facts["link"]
    (paid,) = site.get(f"/api/customer/links/{link}/payments")
    assert (paid["state"], paid["charge"]) == ("paid", bound.world.facts["charge"])
    mine = bound.world.holder().get("/api/my/charges")
    assert [one["state"] for one in mine] == ["paid"]


@pytest.mark.row("BND-3")
def test_each_look_of_the_bank_stands_in_the_holders_list(bound: Walked) -> None:
    looks = bound.world.holder().get("/api/my/looks")
    mine = [one for one in looks if one["verb"] == "binding.read" and one["organisation"] == bound.world.place.bank]
    assert len(mine) >= 4
    assert all(one["read"] for one in mine)


@pytest.mark.row("BND-1")
def test_the_overview_of_document_000(city: RunningHouse) -> None:
    done = city.command("walk", "--seed", "7", "--document", "000", "--lang", "en")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "BND-1" in done.stdout
    assert " later MED-1" in done.stdout
