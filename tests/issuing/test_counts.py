"""The two equations of a batch, as a rule, as a property of a batch's life, and in the database."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from issuing_kit import AREA, BUREAU, HALL, Office, do, refused, staff, together
from sscard.control.door import reading
from sscard.issuing import acts, reads
from sscard.issuing.models import BatchItem, CardPosition
from sscard.issuing.rules import Returned, check_return, counts_add_up
from sscard.kernel.db import unit_of_work

counts = some.integers(0, 10_000)


@given(counts, counts, counts, counts, counts, counts, counts)
def test_what_adds_up_adds_up_and_one_card_more_does_not(
    spoiled: int, missing: int, transit: int, stock: int, outlet: int, handed: int, destroyed: int
) -> None:
    good = transit + stock + outlet + handed + destroyed
    whole = {
        "ordered": good + spoiled + missing, "good": good, "spoiled": spoiled, "missing": missing, "transit": transit,
        "stock": stock, "outlet": outlet, "handed_over": handed, "destroyed": destroyed,
    }  # fmt: skip
    assert counts_add_up(**whole)
    for name in whole:
        assert not counts_add_up(**{**whole, name: whole[name] + 1})


@some.composite
def returns(draw: some.DrawFn) -> tuple[dict[int, str], list[Returned], dict[str, int], dict[str, int]]:
    outcomes = draw(some.lists(some.sampled_from(["good", "spoiled", "missing"]), min_size=1, max_size=30))
    ordered, lines, totals, boxes = {}, [], dict.fromkeys(("good", "spoiled", "missing"), 0), dict[str, int]()
    for serial, outcome in enumerate(outcomes, 1):
        ordered[serial] = f"CODE-{serial}"
        totals[outcome] += 1
        if outcome == "good":
            box = draw(some.sampled_from(["A", "B"]))
            boxes[box] = boxes.get(box, 0) + 1
            lines.append(Returned(serial, ordered[serial], outcome, "", f"{serial:08X}", "00", box, "07" * 33))
        else:
            lines.append(Returned(serial, ordered[serial], outcome, "why"))
    return ordered, lines, totals, boxes


@given(returns(), some.data())
def test_a_sound_return_is_taken_and_any_one_lie_is_found(
    made: tuple[dict[int, str], list[Returned], dict[str, int], dict[str, int]], data: some.DataObject
) -> None:
    ordered, lines, totals, boxes = made
    scripts = dict.fromkeys(ordered, b"\x07" * 32)
    assert check_return(ordered, lines, totals, boxes, scripts) == []
    at = data.draw(some.integers(0, len(lines) - 1))
    one = lines[at]
    other = Returned(one.serial, one.code, "spoiled" if one.outcome != "spoiled" else "missing", "why")
    lies = {
        "left out": (ordered, lines[:at] + lines[at + 1 :], totals, boxes),
        "told twice": (ordered, [*lines, one], totals, boxes),
        "other card": (
            ordered,
            [*lines[:at], Returned(one.serial, "X", one.outcome, "why"), *lines[at + 1 :]],
            totals,
            boxes,
        ),
        "other outcome": (ordered, [*lines[:at], other, *lines[at + 1 :]], totals, boxes),
        "wrong total": (ordered, lines, {**totals, "good": totals["good"] + 1}, boxes),
        "box too many": (ordered, lines, totals, {**boxes, "C": 1}),
        "stranger": (ordered, [*lines, Returned(999, "Y", "spoiled", "why")], totals, boxes),
    }
    for lie, told in lies.items():
        assert check_return(*told, scripts), lie
    if one.outcome == "good":
        other_chip = [*lines[:at], replace(one, audit="08" * 33), *lines[at + 1 :]]
        found = check_return(ordered, other_chip, totals, boxes, scripts)
        assert [(fault.place, fault.code) for fault in found] == [(f"card {one.serial}", "issuing.return_audit")]


def check(office: Office, batch: uuid.UUID) -> None:
    """Counts of the batch, of the stock and of the positions are one and the same."""
    view = office.view(batch)
    assert view.adds_up, view
    with reading(office.clerk, right="issuing.view", purpose="test") as inside:
        assert all(one["cards"] == one["counted"] for one in reads.stock(inside))
        places = list(CardPosition.objects.filter(batch_id=batch).values_list("place", flat=True))
        items = list(BatchItem.objects.filter(batch_id=batch).values_list("outcome", flat=True))
    told = (view.in_transit, view.in_stock, view.at_outlet, view.handed_over, view.destroyed, view.missing)
    wanted = ("transit", "stock", "outlet", "holder", "destroyed", "missing")
    assert told == tuple(places.count(place) for place in wanted)
    assert (view.good, view.missing) == (items.count("good"), items.count("missing"))


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.integers(0, 2**32))
def test_the_counts_hold_after_every_act_of_a_batch(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    people = office.people(10)
    batch = office.returned(people, spoil="15%", missing="10%", seed=seed % 1000)
    check(office, batch)
    by_card = {office.card_of(one): one for one in people}
    for box in office.boxes(batch):
        with unit_of_work(area=AREA):
            content = list(CardPosition.objects.filter(hands=box["seal"]).values_list("card_id", flat=True))
        gone = tuple(chance.sample(content, min(len(content), chance.randrange(3))))
        do(office.stock, acts.ReceiveShipment(box["seal"], box["cards"] - len(gone), missing=gone))
        check(office, batch)
        for card in gone[:1]:
            do(office.stock, acts.FindCard(card))
            check(office, batch)
        for card in gone[1:]:
            together(office.stock, office.reviewer, acts.WriteOff(card, "找不到"))
            check(office, batch)
    with unit_of_work(area=AREA):
        there = list(CardPosition.objects.filter(batch_id=batch, place="stock").values_list("card_id", flat=True))
    if not there:
        return
    sent = tuple(there[: max(1, len(there) // 2)])
    seal = f"HALL-{uuid.uuid4().hex[:8]}"
    do(office.stock, acts.SendToOutlet(HALL, seal, cards=sent))
    check(office, batch)
    do(office.clerk2, acts.ReceiveAtOutlet(seal, len(sent)))
    check(office, batch)
    office.hand_over(sent[0], by_card[sent[0]])
    check(office, batch)
    if len(sent) > 1:
        do(office.clerk2, acts.ReportMissing(sent[1:2], HALL, "盘点未见"))
        check(office, batch)
        do(office.stock, acts.FindCard(sent[1]))
        check(office, batch)
    if len(there) > len(sent):
        together(office.stock, office.reviewer, acts.Destroy((there[-1],), BUREAU, "印错姓名"))
        check(office, batch)


def test_the_database_itself_refuses_counts_that_do_not_add_up(office: Office) -> None:
    batch = office.returned(office.people(1))
    for column in ("good", "spoiled", "in_stock", "ordered"):
        with pytest.raises(IntegrityError, match="adds_up"), unit_of_work(area=AREA), connection.cursor() as cursor:
            cursor.execute(f"update issuing_batch set {column} = {column} + 1 where batch_id = %s", [batch])


def test_a_box_is_counted_sealed_and_receipted_by_another_person(office: Office) -> None:
    batch = office.returned(office.people(2))
    (box,) = office.boxes(batch)
    seal = box["seal"]
    assert refused(office.stock, acts.ReceiveShipment(seal, 1)).code == "issuing.box_count"
    assert refused(office.stock, acts.ReceiveShipment(seal, 1, missing=(uuid.uuid4(),))).code == "issuing.not_in_box"
    assert refused(office.stock, acts.ReceiveShipment(seal, 2, seal_intact=False)).code == "issuing.seal_broken"
    assert refused(office.stock, acts.ReceiveShipment("no such", 2)).code == "issuing.seal_unknown"
    other = staff("stock_keeper", organisation=HALL, kind="outlet")
    assert refused(other, acts.ReceiveShipment(seal, 2)).code == "control.not_found"
    do(office.stock, acts.ReceiveShipment(seal, 2, seal_intact=False, remark="封条起角，已逐张清点"))
    assert refused(office.stock, acts.ReceiveShipment(seal, 2)).code == "issuing.box_received"
    do(office.stock, acts.SendToOutlet(HALL, "HALL-TWICE", batch))
    same = staff("clerk", person_index=office.stock.person_index)
    assert refused(same, acts.ReceiveAtOutlet("HALL-TWICE", 2)).code == "issuing.own_shipment"
    bank = staff("teller", organisation="CCB", kind="bank", bank="CCB")
    assert refused(bank, acts.ReceiveAtOutlet("HALL-TWICE", 2)).code == "issuing.not_your_outlet"
    do(office.clerk2, acts.ReceiveAtOutlet("HALL-TWICE", 2))
