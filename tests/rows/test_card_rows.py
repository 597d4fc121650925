"""ACT-1 to ACT-4, INS-1, SEC-1 through the outside."""

from __future__ import annotations

import uuid

import pytest

from rows_kit import Walked, refused, world_of
from sscard.sim.story import bank, quick, switches
from sscard.sim.story.world import World
from tests_support import RunningHouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fresh(city: RunningHouse, walked: Walked) -> World:
    """Two more people with cards in hand: social side enabled, accounts asleep."""
    world = world_of(city)
    quick.card(world)
    switches.enable_both(world)
    for name in world.heroes:  # each account by its own card, whichever test comes first
        bank.find_account(world, name)
    return world


@pytest.mark.row("ACT-1", part="two acts and the guide")
def test_the_two_switches_are_independent_and_the_guide_follows_them(walked: Walked, fresh: World) -> None:
    walked.all_green("ACT-1", least=7)
    card = switches.card_of(fresh)
    assert card["social"] == "normal"
    assert card["account"]["asleep"]
    (left,) = card["todo"]
    assert left["matter"] == "bank_activation"
    assert {paper["code"] for paper in left["papers"] if paper["needed"]} >= {"id_card", "card"}
    assert [one["on"] for one in card["switches"]] == [True, False]


@pytest.mark.row("ACT-2", part="counter, kiosk, on-line")
@pytest.mark.parametrize(("kind", "act"), [("counter", "bank.withdraw"), ("kiosk", "bank.withdraw"),
                                           ("counter", "bank.balance"), ("kiosk", "bank.balance")])  # fmt: skip
def test_an_account_that_is_asleep_takes_deposits_and_nothing_else(
    walked: Walked, fresh: World, kind: str, act: str
) -> None:
    walked.all_green("ACT-2", least=3)
    switches.deposit_asleep(fresh)
    more = {"amount_fen": 100} if act == "bank.withdraw" else {}
    no = refused(lambda: bank.money(fresh, act, kind=kind, **more))
    assert no.code == "bank.asleep"
    assert no.next_step("zh")
    assert no.next_step("en")


@pytest.mark.row("ACT-3")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"source": "copy"}, "bank.original_needed"),
        ({"source": "photo"}, "bank.original_needed"),
        ({"presented": "other"}, "bank.not_the_holder"),
        ({"card": "other"}, "bank.card_differs"),
        ({"method": "agent", "presented": "other"}, "bank.no_agent"),
        ({"method": "guardian"}, "bank.holder_in_person"),
        ({"branch": "990200-CCB-01"}, "bank.only_issuing_area"),
        ({"pin": "111111"}, "keys.pin_equal_digits"),
        ({"kind": "kiosk", "source": "copy"}, "bank.original_needed"),
        ({"kind": "kiosk", "presented": "other"}, "bank.not_the_holder"),
    ],
)
def test_every_wrong_combination_is_refused(fresh: World, how: dict[str, str], code: str) -> None:
    no = refused(lambda: bank.activate(fresh, "hero", **how))
    assert code in no.codes(), str(no)


@pytest.mark.row("ACT-3")
def test_after_activation_money_goes_in_and_out_to_the_fen(walked: Walked) -> None:
    walked.all_green("ACT-3", least=14)
    before = bank.money(walked.world, "bank.balance")["balance_fen"]
    out = bank.money(walked.world, "bank.withdraw", amount_fen=12_34)
    assert out["balance_fen"] == before - 12_34
    assert walked.world.hero.plastic is not None
    teller = walked.world.staff("teller.990100-CCB-01")
    teller.act("bank.deposit", amount_fen=12_34, number=walked.world.hero.plastic.pan)
    assert bank.money(walked.world, "bank.balance", kind="kiosk")["balance_fen"] == before


@pytest.mark.row("ACT-4", part="on-line and card picture")
def test_everybody_gets_the_same_answer_about_banks(walked: Walked) -> None:
    walked.all_green("ACT-4", least=2)
    told = walked.world.nobody().get("/api/areas/990100/banks")
    assert {bank["code"] for bank in told["banks"]} == {"CCB", "ICBC", "BOCOM"}
    assert told["bank_mark"] == "front_upper_left"
    assert told["where_to_look"]
    other = walked.world.nobody().get("/api/areas/990200/banks")
    assert {bank["activation_outlets"] for bank in other["banks"]} == {"nationwide"}


@pytest.mark.row("INS-1")
def test_five_insurances_month_by_month_and_two_accounts(walked: Walked) -> None:
    walked.all_green("INS-1", least=4)
    record = walked.world.holder().get("/api/my/contributions")
    for year in record["years"]:
        assert len(year["lines"]) == 12
        paid = sum(cell["employer_paid_fen"] for line in year["lines"] for cell in line["cells"])
        assert paid == year["employer_paid_fen"]
    accounts = walked.world.holder().get("/api/my/accounts")
    assert set(accounts) == {"medical", "bank"}


@pytest.mark.row("INS-1")
def test_clerk_and_holder_see_the_same_record(walked: Walked) -> None:
    own = walked.world.holder().get("/api/my/contributions")
    desk = walked.world.staff("clerk").get(f"/api/people/{walked.world.hero.public}/contributions")
    assert desk == own


@pytest.mark.row("SEC-1", part="looks, masks, same answer")
def test_missing_and_forbidden_are_the_same_answer(walked: Walked) -> None:
    walked.all_green("SEC-1", least=8)
    clerk = walked.world.staff("clerk.990200")
    forbidden = refused(lambda: clerk.get(f"/api/people/{walked.world.hero.public}/cards"))
    missing = refused(lambda: clerk.get(f"/api/people/{uuid.uuid4()}/cards"))
    assert {**forbidden.problem, "instance": ""} == {**missing.problem, "instance": ""}
    forbidden = refused(lambda: clerk.get(f"/api/cards/{walked.world.hero.card}/where"))
    missing = refused(lambda: clerk.get(f"/api/cards/{uuid.uuid4()}/where"))
    assert {**forbidden.problem, "instance": ""} == {**missing.problem, "instance": ""}


@pytest.mark.row("SEC-1", part="looks, masks, same answer")
def test_each_look_is_in_the_holders_list(walked: Walked) -> None:
    before = len(walked.world.holder().get("/api/my/looks"))
    clerk = walked.world.staff("clerk")
    clerk.raw("GET", f"/api/people/{walked.world.hero.public}", **{"Sscard-Purpose": "complaint"})
    after = walked.world.holder().get("/api/my/looks")
    assert len(after) > before or len(after) == 100
    assert any(one["purpose"] == "complaint" for one in after)
