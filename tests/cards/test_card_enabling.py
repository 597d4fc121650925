"""Enabling (启用): who, with what, in which state; numbers, way, switches and picture of a card (ACT-1, ACT-3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

import terminals_kit as kit
from sscard.cards import acts, events, numbers, reads
from sscard.cards.models import Card, CardEvent, CardPassword
from sscard.codes import card_identification_code, card_number
from sscard.control.caller import system
from sscard.control.door import perform, reading
from sscard.control.inside import Inside
from sscard.control.models import AuditRow, AuditSubject, Outbox
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.people import lookup
from sscard.people.models import Person
from sscard.sim.devices import Desk

MATTER = "cards.enable"


@pytest.fixture
def town(house: object) -> Iterator[kit.Town]:
    return kit.Town().settle()


@pytest.fixture
def desk(town: kit.Town) -> Desk:
    return town.terminal()


def enable(
    desk: Desk, who: object, body: object, chip: object, pin: str = kit.PIN, **more: object
) -> dict[str, object]:
    session = kit.open_session(who, desk, MATTER)
    desk.present_id(body)
    desk.insert_card(chip)
    if pin:
        desk.enter_pin(pin)
    return perform(who, MATTER, acts.Enable(session, **more), key=kit.key()).answer


def refused(call: Callable[..., object], *args: object, **more: object) -> str:
    with pytest.raises(Refusal) as caught:
        call(*args, **more)
    assert caught.value.next_step("zh")
    return caught.value.code


def test_the_holder_enables_with_original_card_and_new_password(desk: Desk) -> None:
    li, who = kit.resident(), kit.staff()
    answer = enable(desk, who, li.body, li.card, card=li.card_id)
    assert answer == {"card": str(li.card_id), "social": "normal", "by": "holder", "password_initial": False}
    assert (li.row().social, li.row().production) == ("normal", "handed_out")
    with unit_of_work(area=kit.AREA):
        (event,) = CardEvent.objects.filter(person_id=li.person_id)
        assert (event.side, event.was, event.became, event.act) == ("social", "sealed", "normal", "enable")
        assert (event.place, event.actor) == ("990100-BUREAU", who.id)
        password = CardPassword.objects.get(person_id=li.person_id, card_id=li.card_id)
        assert (password.tries, password.initial) == (0, False)
        assert kit.PIN.encode() not in bytes(password.verifier)
        row = AuditRow.objects.get(verb=MATTER, actor=who.id)
        assert AuditSubject.objects.filter(person_id=li.person_id, audit_id=row.audit_id).exists()
        told = Outbox.objects.filter(name="card.enabled").latest("occurred_at")
        assert told.body == {"card": str(li.card_id), "by": "holder"}


@pytest.mark.parametrize(
    ("body", "source", "code"),
    [
        ("holder", "copy", "cards.id_copy"),
        ("holder", "photo", "cards.id_copy"),
        ("holder", "manual", "cards.id_copy"),
        ("stranger", "original", "cards.not_the_holder"),
        ("stranger", "copy", "cards.id_copy"),
        ("holder", "original", "ok"),
    ],
)
def test_only_the_holder_with_the_original(desk: Desk, body: str, source: str, code: str) -> None:
    li, stranger, who = kit.resident(), kit.resident(), kit.staff()
    session = kit.open_session(who, desk, MATTER)
    desk.present_id(li.body if body == "holder" else stranger.body, source=source)
    desk.insert_card(li.card)
    desk.enter_pin(kit.PIN)
    try:
        perform(who, MATTER, acts.Enable(session), key=kit.key())
        outcome = "ok"
    except Refusal as refusal:
        outcome = refusal.code
    assert outcome == code
    assert li.row().social == ("normal" if code == "ok" else "sealed")
    with unit_of_work(area=kit.AREA):
        assert CardPassword.objects.filter(person_id=li.person_id).exists() == (code == "ok")


@pytest.mark.parametrize(
    ("production", "social", "code"),
    [
        ("outlet_stock", "sealed", "cards.guard_handed_out"),
        ("in_production", "sealed", "cards.guard_handed_out"),
        ("handed_out", "normal", "cards.social_normal"),
        ("handed_out", "locked", "cards.social_locked"),
        ("handed_out", "temp_loss", "cards.social_temp_loss"),
        ("handed_out", "formal_loss", "cards.social_formal_loss"),
        ("handed_out", "cancelled", "cards.social_cancelled"),
    ],
)
def test_a_wrong_state_is_refused_by_its_name(desk: Desk, production: str, social: str, code: str) -> None:
    li = kit.resident(production=production, social=social)
    assert refused(enable, desk, kit.staff(), li.body, li.card) == code
    with unit_of_work(area=kit.AREA):
        assert not CardPassword.objects.filter(person_id=li.person_id).exists()


def test_a_child_is_enabled_by_the_guardian_and_nobody_else(desk: Desk) -> None:
    birth = clock.today(kit.AREA) - timedelta(days=10 * 365)
    child, mother, who = kit.resident(birth), kit.resident(date(1985, 5, 5)), kit.staff()
    assert refused(enable, desk, who, child.body, child.card) == "cards.guardian_needed"
    assert refused(enable, desk, who, mother.body, child.card) == "cards.not_the_guardian"
    kit.guardian_of(child, mother)
    assert enable(desk, who, mother.body, child.card)["by"] == "guardian"


def test_at_sixteen_one_acts_alone(desk: Desk) -> None:
    today = clock.today(kit.AREA)
    sixteen = kit.resident(date(today.year - 16, today.month, today.day))
    younger = kit.resident(date(today.year - 16, today.month, today.day) + timedelta(days=1))
    assert enable(desk, kit.staff(), sixteen.body, sixteen.card)["by"] == "holder"
    assert refused(enable, desk, kit.staff(), younger.body, younger.card) == "cards.guardian_needed"


def test_a_document_past_its_date(desk: Desk) -> None:
    from dataclasses import replace

    li = kit.resident()
    today = clock.today(kit.AREA)
    old = replace(li.body, valid_until=(today - timedelta(days=1)).isoformat())
    assert refused(enable, desk, kit.staff(), old, li.card) == "cards.id_expired"
    last_day = replace(li.body, valid_until=today.isoformat())
    assert enable(desk, kit.staff(), last_day, li.card)["social"] == "normal"


def test_a_clerk_does_not_enable_his_own_card(desk: Desk) -> None:
    li = kit.resident()
    with unit_of_work(area=kit.AREA):
        index = bytes(Person.objects.get(person_id=li.person_id).id_index)
    assert refused(enable, desk, kit.staff(person_index=index), li.body, li.card) == "control.own_record"


def test_the_card_on_the_page_is_the_one_in_the_slot(desk: Desk) -> None:
    li, other = kit.resident(), kit.resident()
    assert refused(enable, desk, kit.staff(), li.body, li.card, card=other.card_id) == "cards.not_this_card"


def test_a_card_of_another_area_is_served_there(desk: Desk) -> None:
    far = kit.resident(area="990200")
    assert refused(enable, desk, kit.staff(), far.body, far.card) == "cards.other_area"


@pytest.mark.parametrize("pin", ["123456", "111111", "900101", "19900101"[2:]])
def test_a_password_that_is_easy_to_guess_is_refused(desk: Desk, pin: str) -> None:
    li = kit.resident(date(1990, 1, 1))
    assert refused(enable, desk, kit.staff(), li.body, li.card, pin).startswith("keys.pin_")
    assert li.row().social == "sealed"


def test_without_pin_only_where_the_area_keeps_initial_passwords(desk: Desk, town: kit.Town) -> None:
    li = kit.resident()
    assert refused(enable, desk, kit.staff(), li.body, li.card, "") == "terminals.evidence_missing"
    assert refused(enable, desk, kit.staff(), li.body, li.card, "", keep_initial=True) == "cards.initial_password_no"
    far, there = kit.resident(area="990200"), town.terminal("990200-BUREAU")
    who = kit.staff("990200-BUREAU", area="990200")
    assert enable(there, who, far.body, far.card, "", keep_initial=True)["password_initial"] is True


def test_evidence_for_another_matter_does_not_enable(desk: Desk) -> None:
    li, who = kit.resident(), kit.staff()
    session = kit.open_session(who, desk, "cards.unlock_social_password")
    desk.present_id(li.body)
    desk.insert_card(li.card)
    desk.enter_pin(kit.PIN)
    assert refused(perform, who, MATTER, acts.Enable(session), key=kit.key()) == "terminals.wrong_matter"


def test_two_who_move_a_card_at_once(house: object, town: kit.Town) -> None:
    li = kit.resident()
    inside = Inside(caller=system(kit.AREA), area_code=kit.AREA, act="test")
    with unit_of_work(area=kit.AREA):
        first = Card.objects.get(person_id=li.person_id, card_id=li.card_id)
        second = Card.objects.get(person_id=li.person_id, card_id=li.card_id)
        assert events.move(inside, first, "social", "report_temp") == "temp_loss"
        assert refused(events.move, inside, second, "social", "report_formal") == "cards.changed_meanwhile"


# -- numbers -----------------------------------------------------------------------------------------------------------
def test_numbers_of_new_cards(house: object) -> None:
    area = areas.get(kit.AREA)
    with unit_of_work(area=kit.AREA):
        made = [numbers.make(area, person_id=1, card_id=uuid.uuid4()) for _ in range(200)]
        assert len({one.card_number for one in made}) == len({one.card_id_code for one in made}) == 200
        for one in made:
            assert card_number.validate(one.card_number)[:2] == f"{area.card_number_letter}9"
            assert card_identification_code.get_area(one.card_id_code) == kit.AREA
            assert card_identification_code.get_serial(one.card_id_code).hex().upper() == one.chip_serial
            assert lookup.find("card_id_code", numbers.code_index(one.card_id_code)) is not None
            assert one.card_number not in repr(one)


def test_a_full_series_is_told(house: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "_HOW_MANY", 2)
    monkeypatch.setattr(numbers, "_FIRST", 9_999_990)
    area = areas.get(kit.AREA)
    with unit_of_work(area=kit.AREA):
        for _ in range(2):
            lookup.put("card_number", numbers.number_index(kit.AREA, _made(area, _)), area=kit.AREA, person_id=1)
        assert refused(numbers.make, area, person_id=1, card_id=uuid.uuid4()) == "cards.numbers_used_up"


def _made(area: areas.Area, offset: int) -> str:
    return card_number.construct(area.card_number_letter, 9_999_990 + offset)


# -- screens -----------------------------------------------------------------------------------------------------------
def looked(li: kit.Resident) -> tuple[list[dict], list[dict], dict]:
    with reading(kit.staff(), right="cards.view", purpose="desk") as inside:
        card = reads.require(inside, li.card_id)
        return (
            reads.way(li.person_id, li.card_id),
            reads.switches(card),
            reads.picture(card, areas.get(card.area_code)),
        )


def test_the_way_of_a_card(desk: Desk) -> None:
    li = kit.resident(production="applied")
    inside = Inside(caller=kit.staff(), area_code=kit.AREA, act="test")
    steps = (
        ("check", "data_complete"), ("open_account", "account_number_known"), ("order", ""), ("make", "quality_passed"),
        ("send", ""), ("receive", "counted"), ("hand_over", "collector_identified"),
    )  # fmt: skip
    with unit_of_work(area=kit.AREA):
        card = Card.objects.get(person_id=li.person_id, card_id=li.card_id)
        events.begin(inside, card)
        for act, guard in steps:
            events.move(inside, card, "production", act, facts={guard: True})
    way, switches, _ = looked(li)
    assert [(stop["code"], stop["state"]) for stop in way] == [
        ("applied", "done"), ("checked", "done"), ("made", "done"), ("at_outlet", "done"), ("handed_over", "done"),
        ("enabled", "now"), ("activated", "later"),
    ]  # fmt: skip
    assert all(stop["on"] and stop["place"] == "990100-BUREAU" for stop in way[:5])
    assert [stop["label"] for stop in way[4:]] == ["已领取", "启用社保功能", "激活银行功能"], (
        "what is ahead is a thing to do"
    )
    assert switches[0]["on"] is False
    assert switches[0]["next_step"]
    enable(desk, kit.staff(), li.body, li.card)
    with unit_of_work(area=kit.AREA):
        events.note_bank(inside, li.row_here(), was="NOT_ACTIVATED", became="ACTIVE", act="activate", place="CCB-01")
    way, switches, picture = looked(li)
    assert [stop["state"] for stop in way] == ["done"] * 7
    assert way[-1]["place"] == "CCB-01"
    assert switches[0]["on"] is True
    assert picture["bank_mark"] == "front_upper_left"
    for secret in (li.body.id_number, li.body.name, li.card.card_number):
        assert secret not in str(picture)


def test_a_card_that_left_its_way_says_so(house: object, town: kit.Town) -> None:
    li = kit.resident(production="missing")
    way, switches, _ = looked(li)
    assert way[0]["state"] == "wrong"
    assert "没有找到" in way[0]["note"]
    assert switches[0]["on"] is False
    assert switches[0]["state"] == "还没领卡"


def test_the_banks_side_is_what_the_bank_says(house: object, town: kit.Town) -> None:
    li = kit.resident()
    card = li.row()
    assert reads.switches(card)[1]["on"] is None
    told = {"on": False, "state": "未激活", "sentence": "可以进账", "next_step": "去建行"}
    assert reads.switches(card, told)[1] == {"side": "bank", "tone": "plain", **told}
    card.bank = ""
    assert reads.switches(card)[1]["state"] == "没有金融功能"
