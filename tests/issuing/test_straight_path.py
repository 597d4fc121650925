"""From an application to a card in its holder's hand, with the bank's file program and the producer as real programs."""

from __future__ import annotations

import json

import pytest

from issuing_kit import AREA, BUREAU, HALL, MAKER, Office, do, program, refused
from sscard.cards.models import Card, CardEvent
from sscard.control.door import reading
from sscard.issuing import acts, reads
from sscard.kernel.db import unit_of_work
from sscard.kernel.keyclient import keys
from sscard.kernel.sealed import open_one
from sscard.sim.devices import card_slot
from sscard.sim.devices.wallet import Wallet


@pytest.mark.row("ISS-6", part="straight path")
@pytest.mark.row("ISS-7", part="one batch, one producer, all accounted for")
def test_the_whole_way(office: Office) -> None:
    people = office.people(4)
    batch = office.accounted(people)
    assert [office.where(office.card_of(one)).place for one in people] == ["order"] * 4
    office.release(batch)
    assert {office.where(office.card_of(one)).hands for one in people} == {MAKER}
    answer = do(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(batch, office.produce(batch))).answer
    assert (answer["good"], answer["spoiled"], answer["missing"]) == (4, 0, 0)
    (box,) = office.boxes(batch)
    assert office.where(office.card_of(people[0])).hands == box["seal"]
    do(office.stock, acts.ReceiveShipment(box["seal"], 4))
    assert office.view(batch).state == "received"
    assert office.where(office.card_of(people[0])).place == "stock"
    sent = do(office.stock, acts.SendToOutlet(HALL, "HALL-0001", batch)).answer
    do(office.clerk2, acts.ReceiveAtOutlet("HALL-0001", sent["cards"]))
    card = office.card_of(people[0])
    answer = office.hand_over(card, people[0]).answer
    assert (answer["production"], answer["collector"]) == ("handed_out", "holder")
    place = office.where(card)
    assert (place.place, place.organisation, place.hands) == ("holder", HALL, "测**")
    assert "测**" in place.sentence("zh")
    view = office.view(batch)
    assert (view.good, view.at_outlet, view.handed_over) == (4, 3, 1)
    assert view.adds_up
    with reading(office.clerk, right="issuing.view", purpose="test") as inside:
        places = [one.place for one in reads.custody_of(inside, card)]
        assert places == ["order", "producer", "transit", "stock", "transit", "outlet", "holder"]
        stations = reads.way(inside, people[0].person_id)
        assert all(one.at is not None and one.sentence("en") for one in stations)
        stock = {one["organisation"]: (one["cards"], one["counted"]) for one in reads.stock(inside)}
        assert stock[HALL] == (3, 3)
        assert stock.get(BUREAU, (0, 0)) == (0, 0)
    with unit_of_work(area=AREA):
        became = list(CardEvent.objects.filter(card_id=card).order_by("at").values_list("became", flat=True))
    assert set(became) >= {"applied", "checked", "account_opened", "in_production", "made", "in_transit", "handed_out"}


def test_the_card_that_was_made_answers_a_challenge(office: Office) -> None:
    (one,) = office.people(1)
    office.returned([one])
    made = Wallet(office.wallet).card(one.id_number)
    challenge = b"\x01" * 16
    assert keys().card_answer_verify(made.card_id_code, challenge, card_slot.answer(made, challenge))
    stored = json.loads((office.wallet / "cards" / f"{one.id_number}.json").read_text())
    assert stored["social_security_number"] == one.id_number
    assert stored["has_photo"]
    with reading(office.clerk, right="issuing.view", purpose="test") as inside:
        card = Card.objects.get(person_id=one.person_id)
        facts = open_one(card, "facts", inside)
    assert facts["card_id_code"] == made.card_id_code
    assert made.pan
    assert card.issue_date
    assert card.expires_on
    assert stored["expires_on"] == card.expires_on.isoformat()


def test_a_spoiled_card_is_made_again_under_a_new_code_and_the_same_account(office: Office) -> None:
    (one,) = office.people(1)
    first = office.returned([one], spoil="100%")
    assert office.view(first).spoiled == 1
    assert office.view(first).adds_up
    card = office.card_of(one)
    assert office.where(card).place == "scrapped"
    with reading(office.clerk, right="issuing.view", purpose="test") as inside:
        before = open_one(Card.objects.get(card_id=card), "facts", inside)
    second = office.batch(most=1)
    assert office.view(second).state == "accounted"  # nothing to ask the bank for
    office.release(second)
    (office.folder / "inbox" / f"{first}.package").unlink()
    do(program("producer_program", MAKER, "producer"), acts.ReceiveReturn(second, office.produce(second)))
    with reading(office.clerk, right="issuing.view", purpose="test") as inside:
        row = Card.objects.get(card_id=card)
        after = open_one(row, "facts", inside)
    assert row.production == "in_transit"
    assert after["card_number"] == before["card_number"]
    assert after["card_id_code"] != before["card_id_code"]
    assert office.view(second).good == 1
    from sscard.kernel.sealed import blind_index
    from sscard.people.lookup import find

    old = find("card_id_code", blind_index("card_id_code", before["card_id_code"]))
    assert old is not None
    assert old.object_id is None  # the old piece leads to no card


def test_the_same_return_twice_changes_nothing_and_another_one_is_refused(office: Office) -> None:
    people = office.people(2)
    batch = office.released(people)
    file = office.produce(batch)
    caller = program("producer_program", MAKER, "producer")
    assert not do(caller, acts.ReceiveReturn(batch, file)).answer["repeated"]
    again = do(caller, acts.ReceiveReturn(batch, file)).answer
    assert again["repeated"]
    assert again["good"] == 2
    assert refused(caller, acts.ReceiveReturn(batch, file + b"x")).code == "issuing.return_other"
