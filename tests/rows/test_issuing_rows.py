"""ISS-1, ISS-3, ISS-5, ISS-6, ISS-7 through the outside."""

from __future__ import annotations

import uuid
from base64 import b64encode

import pytest

from rows_kit import Walked, refused
from sscard.chip.personal import demo
from sscard.codes import card_identification_code, card_number
from sscard.documents import authority, detached
from sscard.sim import ministry
from sscard.sim.roster import cells_of
from sscard.sim.story import cards, people

pytestmark = pytest.mark.slow


@pytest.mark.row("ISS-1")
def test_an_area_without_approval_is_refused_at_every_entry(walked: Walked) -> None:
    walked.all_green("ISS-1", least=2)
    clerk = walked.world.staff("clerk.990300")
    no = refused(lambda: clerk.act("issuing.apply_many", bank="CCB", outlet="990300-B01"))
    assert no.code == "law.area_not_approved"
    assert no.sentence("zh")
    assert no.sentence("en")
    assert no.next_step("zh")
    assert no.problem["basis"]


@pytest.mark.row("ISS-1")
@pytest.mark.parametrize("who", ["teller.990100-CCB-01", "bankreview.990100.CCB", "employer.990100", "auditor.990100"])
def test_nobody_but_the_department_makes_a_batch(walked: Walked, who: str) -> None:
    order = {"bank": "CCB", "producer": "PRODUCER-YUNSHAN", "product": "YS-3", "chip": "SC3-80"}
    assert refused(lambda: walked.world.staff(who).act("issuing.make_batch", **order)).code == "control.not_allowed"


@pytest.mark.row("ISS-3")
def test_numbers_of_a_made_card_obey_the_national_rules(walked: Walked) -> None:
    walked.all_green("ISS-3", least=1)
    for hero in walked.world.heroes.values():
        if hero.plastic is not None:
            card_number.validate(hero.plastic.card_number)
            assert card_identification_code.validate(hero.plastic.card_id_code).startswith("990100D156")


@pytest.mark.row("ISS-5")
def test_no_good_row_is_lost_and_every_bad_row_is_explained(walked: Walked) -> None:
    walked.all_green("ISS-5", least=8)
    clerk, town = walked.world.staff("clerk"), list(people.Newcomers("990100").people(6))
    rows = [cells_of(one) for one in town]
    rows[1]["id_number"] = people.wrong_digit(rows[1]["id_number"])
    rows[1]["phone"] = "12"
    rows[3]["birth_date"] = "20991231"
    path = f"/api/imports/{clerk.file('/api/rosters', 'x.csv', people.roster(rows))['import']}"
    found = walked.world.wait(clerk, path, ("checking",))
    assert (found["good"], found["bad"]) == (4, 2)
    assert found["fault_counts"]["codes.id_check_digit"] == 1
    assert found["fault_counts"]["codes.phone_length"] == 1
    assert clerk.raw("GET", f"{path}/faults/1")[:2] == b"PK"
    clerk.act("people.register_roster", import_id=path.rpartition("/")[2])
    assert walked.world.wait(clerk, path, ("registering",))["new"] == 4
    for one in (town[0], town[2], town[4], town[5]):
        assert len(clerk.get("/api/people", q=one.id_number)) == 1


@pytest.mark.row("ISS-6", part="straight path")
def test_every_card_can_be_found_at_any_moment(walked: Walked) -> None:
    walked.all_green("ISS-6", least=12)
    stock = walked.world.staff("stock")
    batches = stock.get("/api/batches")
    assert batches
    for batch in batches:
        assert batch["ordered"] == batch["good"] + batch["spoiled"] + batch["missing"] or batch["good"] == 0
        for card in stock.get(f"/api/batches/{batch['batch']}/cards"):
            where = stock.get(f"/api/cards/{card['card']}/where")
            assert where["place"]
            assert where["hands"]
            assert where["since"]
            assert where["text_zh"]


@pytest.mark.row("ISS-6", part="straight path")
def test_the_maker_of_an_application_cannot_check_it_and_a_stranger_gets_no_card(walked: Walked) -> None:
    hero = walked.world.hero
    no = refused(lambda: walked.world.staff("clerk").act("issuing.check", application=hero.application))
    assert no.code == "control.not_allowed"
    again = {"card": hero.card, "outlet": "990100-B01", "document": "id_card", "id_number": hero.body.id_number}
    no = refused(lambda: walked.world.staff("clerk2").act("issuing.hand_over", **again))
    assert no.status == 409


@pytest.mark.row("ISS-7", part="package, return, custody")
def test_a_package_is_closed_to_everybody_else_and_counts_add_up(walked: Walked) -> None:
    walked.all_green("ISS-7", least=6)
    world, batch = walked.world, walked.world.facts["batch"]
    package = (cards.factory(world) / "in" / f"{batch}.package").read_bytes()
    for hero in world.heroes.values():
        assert hero.body.id_number.encode() not in package
        assert hero.body.name.encode() not in package
    strange = cards.producer_program(world)
    no = refused(lambda: strange.raw("POST", f"/api/batches/{uuid.uuid4()}/package", b"", **{"Idempotency-Key": "x1"}))
    assert no.code == "control.not_found"
    found = world.staff("stock").get(f"/api/batches/{batch}")
    assert found["adds_up"]
    assert found["state"] == "received"
    late = cards.producer_program(world)
    no = refused(lambda: late.raw("POST", f"/api/batches/{batch}/package", b"", **{"Idempotency-Key": "x2"}))
    assert no.code == "issuing.batch_state"


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
def test_the_city_prints_as_its_test_cards_passed_and_nobody_opens_the_lock_himself(walked: Walked) -> None:
    """The filling examined a test card over HTTP and had it decided; a decision under no seal of the office, or another's
    seal, is taken from nobody."""
    world = walked.world
    documents = world.home / "documents"
    report = ministry.examined(demo.card(), "yunshan", "p", "YS-3", "SC3-80", "YCOS-9", "PRODUCER-YUNSHAN", documents)
    decision, _ = ministry.decide(*report, number="ROW-1", there=documents)
    file = b64encode(decision).decode()
    banks = detached.sign(decision, authority.seal_of("CCB", "中国建设银行", documents))
    laboratorys = detached.sign(decision, authority.office("test-laboratory", documents))
    manager = world.staff("manager")
    for signature in ("", banks, laboratorys):
        no = refused(lambda one=signature: manager.act("issuing.import_decision", file=file, signature=one))
        assert no.code == "documents.signature_of_file"
        assert no.next_step("zh")
    for who in ("clerk", "teller.990100-CCB-01", "bankreview.990100.CCB"):
        no = refused(lambda one=who: world.staff(one).act("issuing.import_decision", file=file, signature=banks))
        assert no.code == "control.not_allowed"
    mark = b64encode(report[0]).decode()
    no = refused(lambda: manager.act("issuing.register_examination", file=mark, signature=banks))
    assert no.code == "documents.signature_of_file"
