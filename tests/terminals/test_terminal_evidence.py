"""Evidence of device sessions: fresh, of one terminal and one matter, used once (security.md T03, T04)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.db import connections

import terminals_kit as kit
from sscard.control import rights
from sscard.control.acts_registry import act
from sscard.control.door import perform
from sscard.control.inside import Inside
from sscard.control.models import AuditRow
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.sim.devices import Desk, DeviceRefused, Enrolment
from sscard.sim.devices.card_slot import payload as card_payload
from sscard.sim.devices.making import equip
from sscard.terminals import acts, evidence, reads, rules
from sscard.terminals.models import Device, DeviceSession, Evidence

rights.declare({"test.take": {"clerk", "teller"}})
ALL = ("id_reader", "card_slot", "pin_pad", "camera")


@dataclass(frozen=True, slots=True)
class Use:
    session: uuid.UUID
    matter: str = "bank.activate"
    wanted: tuple[str, ...] = ("id_reader", "card_slot", "pin_pad")
    then_refuse: bool = False


taken: list[evidence.Taken] = []


@act("test.take", right="test.take")
def use(inside: Inside, request: Use) -> dict[str, object]:
    found = evidence.take(inside, request.session, matter=request.matter, wanted=frozenset(request.wanted))
    if request.then_refuse:
        raise Refusal("control.reason_missing")
    taken.append(found)
    return {"terminal": found.terminal.code}


def refused(call, *args, **more) -> str:
    with pytest.raises((Refusal, DeviceRefused)) as caught:
        call(*args, **more)
    return caught.value.code


def used(who, request) -> str:
    """The outcome of an act that takes the evidence: "ok", or the refusal's code."""
    try:
        perform(who, "test.take", request, key=kit.key())
    except Refusal as refusal:
        return refusal.code
    return "ok"


@pytest.fixture
def town(house: object) -> Iterator[kit.Town]:
    taken.clear()
    return kit.Town().settle()


@pytest.fixture
def li(house: object) -> kit.Resident:
    return kit.resident()


@dataclass(slots=True)
class Case:
    desk: Desk
    who: object
    session: uuid.UUID


@pytest.fixture
def case(town: kit.Town, li: kit.Resident) -> Case:
    """Everything is there: ID read, card in, PIN entered, for bank.activate at the bank's counter."""
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    session = kit.open_session(who, desk, "bank.activate", ALL)
    desk.present_id(li.body)
    desk.insert_card(li.card)
    desk.enter_pin(kit.PIN)
    return Case(desk, who, session)


def test_all_evidence_serves_one_act_once(case: Case, li: kit.Resident) -> None:
    assert used(case.who, Use(case.session)) == "ok"
    (got,) = taken
    assert (got.terminal.bank, got.terminal.kind, got.terminal.organisation) == ("CCB", "counter", "CCB-01")
    assert got.identity is not None
    assert (got.identity.name, got.identity.id_number, got.identity.original) == (li.body.name, li.body.id_number, True)
    assert got.card is not None
    assert got.card.card_id_code == li.card.card_id_code
    assert got.card.answer_ok
    assert got.pin is not None
    assert (got.pin.account, got.pin.key_id) == (li.card.pan, case.desk.terminal)
    assert got.face is None
    assert used(case.who, Use(case.session)) == "terminals.session_used"
    assert refused(case.desk.insert_card, li.card) == "terminals.no_session"


def test_a_refused_act_leaves_the_evidence_for_a_second_try(case: Case) -> None:
    assert used(case.who, Use(case.session, then_refuse=True)) == "control.reason_missing"
    assert used(case.who, Use(case.session)) == "ok"


def test_two_acts_at_once_get_it_once(case: Case) -> None:
    def once(_: int) -> str:
        try:
            return used(case.who, Use(case.session))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(once, range(4)))
    assert outcomes == ["ok", *["terminals.session_used"] * 3]


@pytest.mark.parametrize("lacking", ["id_reader", "card_slot", "pin_pad"])
def test_each_missing_piece_is_named(town: kit.Town, li: kit.Resident, lacking: str) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    session = kit.open_session(who, desk, "bank.activate", ALL)
    steps = {
        "id_reader": lambda: desk.present_id(li.body),
        "card_slot": lambda: desk.insert_card(li.card),
        "pin_pad": lambda: desk.enter_pin(kit.PIN),
    }
    for kind, step in steps.items():
        if kind == lacking:
            continue
        if (kind, lacking) == ("pin_pad", "card_slot"):  # nothing to bind the PIN to
            assert refused(step) == "terminals.card_first"
        else:
            step()
    with pytest.raises(Refusal) as caught:
        perform(who, "test.take", Use(session), key=kit.key())
    assert caught.value.code == "terminals.evidence_missing"
    assert lacking in caught.value.facts["kinds"].split(",")
    assert caught.value.sentence("zh").startswith("还缺：")


def test_after_ten_minutes_nothing_serves(case: Case, li: kit.Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.real_now() + timedelta(minutes=10)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert used(case.who, Use(case.session)) == "terminals.session_expired"
    monkeypatch.undo()
    assert used(case.who, Use(case.session)) == "ok"


def test_evidence_that_comes_too_late_is_refused(town: kit.Town, li: kit.Resident) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    session = kit.open_session(who, desk, "bank.activate")
    slot = desk.device("card_slot")
    waiting = slot.session()
    DeviceSession.objects.filter(session_id=session).update(expires_at=clock.real_now())
    late = card_payload(li.card, bytes.fromhex(waiting["challenge"]))
    assert refused(slot.send, waiting, "card_slot", late) == "terminals.session_expired"


def test_another_matter_another_person_at_the_desk_another_bank(town: kit.Town, case: Case) -> None:
    assert used(case.who, Use(case.session, matter="bank.withdraw")) == "terminals.wrong_matter"
    colleague = kit.staff("CCB-01", "teller")
    assert used(colleague, Use(case.session)) == "terminals.wrong_terminal"
    moved = replace(case.who, bank="ICBC", organisation="ICBC-01")
    assert used(moved, Use(case.session)) == "terminals.wrong_terminal"
    assert used(case.who, Use(uuid.uuid4())) == "terminals.session_unknown"
    assert used(case.who, Use(case.session)) == "ok"


def test_a_session_is_opened_at_ones_own_terminal_only(town: kit.Town) -> None:
    desk = town.terminal("CCB-01", "counter")
    other = kit.staff("ICBC-01", "teller")
    assert refused(kit.open_session, other, desk, "bank.activate") == "terminals.not_yours"
    perform(town.admin, "terminals.retire_device", acts.RetireDevice(f"{desk.terminal}/pin_pad/1"), key=kit.key())
    with pytest.raises(Refusal) as caught:
        kit.open_session(kit.staff("CCB-01", "teller"), desk, "bank.activate")
    assert [fault.code for fault in caught.value.faults] == ["terminals.device_absent"]


def test_opening_the_next_session_closes_the_one_before(town: kit.Town, case: Case) -> None:
    kit.open_session(case.who, case.desk, "bank.activate")
    assert used(case.who, Use(case.session)) == "terminals.session_closed"


def test_a_closed_session_serves_nothing(case: Case) -> None:
    perform(case.who, "terminals.close_session", acts.CloseSession(case.session), key=kit.key())
    assert used(case.who, Use(case.session)) == "terminals.session_closed"


# -- replays -----------------------------------------------------------------------------------------------------------
def test_a_recorded_message_is_refused_in_another_session(town: kit.Town, li: kit.Resident) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    kit.open_session(who, desk, "bank.activate")
    slot = desk.device("card_slot")
    first = slot.session()
    message = slot.message(first, "card_slot", card_payload(li.card, bytes.fromhex(first["challenge"])))
    kit.in_process("/evidence", message)
    again = kit.in_process("/evidence", message)  # a repeat within its session is the same answer, not a second reading
    assert (again["number"], readings_in(first["session"])) == (1, 1)
    kit.open_session(who, desk, "bank.activate")
    second = slot.session()
    assert refused(kit.in_process, "/evidence", {**message, "session": second["session"]}) == "terminals.replayed"
    assert kit.in_process("/evidence", message) == again  # the old answer again, and nothing new anywhere
    assert (readings_in(first["session"]), readings_in(second["session"])) == (1, 0)


def readings_in(code: str) -> int:
    with unit_of_work(area=kit.AREA):
        return Evidence.objects.filter(session__code=code).count()


def test_a_recorded_card_answer_is_refused_even_from_a_genuine_slot(town: kit.Town, li: kit.Resident) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    kit.open_session(who, desk, "bank.activate")
    slot = desk.device("card_slot")
    first = slot.session()
    recorded = card_payload(li.card, bytes.fromhex(first["challenge"]))
    slot.send(first, "card_slot", recorded)
    session = kit.open_session(who, desk, "bank.activate")
    second = slot.session()
    assert second["challenge"] != first["challenge"]
    assert refused(slot.send, second, "card_slot", recorded) == "terminals.replayed"
    told = {one["kind"]: one for one in evidence.peek(session)["devices"]}["card_slot"]
    assert told["state"] == "refused"
    assert told["sentence"]
    assert told["next_step"]
    desk.present_id(li.body)
    assert used(who, Use(session, wanted=("id_reader", "card_slot"))) == "terminals.evidence_missing"
    desk.insert_card(li.card)
    assert used(who, Use(session, wanted=("id_reader", "card_slot"))) == "ok"


def test_a_card_without_its_key_cannot_answer(town: kit.Town, li: kit.Resident) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    kit.open_session(who, desk, "bank.activate")
    forged = replace(li.card, key="00" * 32)
    assert refused(desk.insert_card, forged) == "terminals.card_answer_wrong"


@pytest.mark.parametrize("changed", ["payload", "kind", "device", "session", "mac"])
def test_the_mac_covers_every_part_of_a_message(town: kit.Town, li: kit.Resident, changed: str) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    kit.open_session(who, desk, "bank.activate", ALL)
    reader = desk.device("id_reader")
    waiting = reader.session()
    facts = {"name": li.body.name, "id_number": li.body.id_number, "valid_until": "", "source": "copy", "face": ""}
    message = reader.message(waiting, "id_reader", facts)
    other = kit.open_session(kit.staff("CCB-01", "teller"), town.terminal("CCB-01", "counter"), "bank.activate", ALL)
    message |= {
        "payload": {"payload": {**message["payload"], "source": "original"}},
        "kind": {"kind": "camera"},
        "device": {"device": desk.device("camera").keys.device},
        "session": {"session": DeviceSession.objects.get(session_id=other).code},
        "mac": {"mac": "00" * 32},
    }[changed]
    assert refused(kit.in_process, "/evidence", message) == "terminals.device_unknown"


def test_a_genuine_device_of_another_terminal_is_refused(town: kit.Town, li: kit.Resident) -> None:
    here, there = town.terminal("CCB-01", "counter"), town.terminal("CCB-01", "counter")
    who = kit.staff("CCB-01", "teller")
    kit.open_session(who, here, "bank.activate")
    waiting = here.device("card_slot").session()
    slot = there.device("card_slot")
    reading = card_payload(li.card, bytes.fromhex(waiting["challenge"]))
    assert refused(slot.send, waiting, "card_slot", reading) == "terminals.wrong_terminal"
    assert refused(slot.session) == "terminals.no_session"


def test_a_retired_device_and_a_wrong_clock_are_refused(town: kit.Town, case: Case, monkeypatch: object) -> None:
    slot = case.desk.device("card_slot")
    town.enrol(case.desk.terminal, "card_slot")  # the slot was exchanged
    assert refused(slot.session) == "terminals.device_unknown"
    fresh = case.desk.device("card_slot")
    old = int(clock.real_now().timestamp()) - 3600
    mac = fresh.mac(f"sscard-poll-1\n{fresh.keys.device}\n{old}".encode())
    body = {"device": fresh.keys.device, "at": old, "mac": mac}
    assert refused(kit.in_process, "/session", body) == "terminals.device_clock"


def test_a_pin_is_bound_to_the_card_in_the_slot(case: Case) -> None:
    case.desk.insert_card(kit.resident().card)  # another card after the PIN was entered
    assert used(case.who, Use(case.session)) == "terminals.card_changed"
    case.desk.enter_pin(kit.PIN)
    assert used(case.who, Use(case.session)) == "ok"


def test_readings_are_limited_and_the_last_one_counts(case: Case, li: kit.Resident) -> None:
    case.desk.present_id(li.body, source="copy")
    case.desk.present_id(li.body)  # the original again, after the copy
    for _ in range(rules.MOST_READINGS - 3):
        case.desk.present_id(li.body, source="photo")
    assert refused(case.desk.present_id, li.body) == "terminals.too_many_readings"
    assert used(case.who, Use(case.session)) == "ok"
    assert taken[0].identity is not None
    assert (taken[0].identity.source, taken[0].identity.original) == ("photo", False)


def test_the_same_card_read_again_is_a_reading_of_its_own(case: Case, li: kit.Resident) -> None:
    case.desk.present_id(li.body, source="copy")
    case.desk.present_id(li.body)
    assert used(case.who, Use(case.session)) == "ok"
    assert taken[0].identity is not None
    assert taken[0].identity.original


@pytest.mark.parametrize(
    ("who_looks", "live", "face"), [("self", True, True), ("self", False, False), ("other", True, False)]
)
def test_the_face_is_compared_with_the_document(
    case: Case, li: kit.Resident, who_looks: str, live: bool, face: bool
) -> None:
    case.desk.look(li.body if who_looks == "self" else kit.resident().body, live=live)
    assert used(case.who, Use(case.session, wanted=ALL)) == "ok"
    assert taken[0].face is face


def test_a_terminal_in_another_area_serves_a_card_of_this_one(town: kit.Town, li: kit.Resident) -> None:
    """A nationwide bank: the act runs in the card's area, the evidence lies in the terminal's."""
    desk = town.terminal("990200-BUREAU", "bureau")
    who = kit.staff("990200-BUREAU", "clerk", area="990200")
    session = kit.open_session(who, desk, "bank.activate", ("id_reader", "card_slot"))
    desk.present_id(li.body)
    desk.insert_card(li.card)
    perform(who, "test.take", Use(session, wanted=("id_reader", "card_slot")), key=kit.key(), area="990100")
    assert taken[0].terminal.area == "990200"


# -- what is kept and shown --------------------------------------------------------------------------------------------
def test_a_page_sees_masks_only(case: Case, li: kit.Resident) -> None:
    shown = evidence.peek(case.session, case.who)
    assert [one["state"] for one in shown["devices"]] == ["done", "done", "done", "waiting"]
    assert not shown["complete"]
    assert all(one["sentence"] for one in shown["devices"])
    for secret in (li.body.id_number, li.body.name, li.card.pan, li.card.card_id_code, li.card.card_number, kit.PIN):
        assert secret not in str(shown)
    assert refused(evidence.peek, case.session, kit.staff()) == "control.not_found"


def test_nothing_personal_stands_in_clear(case: Case, li: kit.Resident) -> None:
    from django.db import connection

    with unit_of_work(area=kit.AREA), connection.cursor() as cursor:
        found = ""
        for table in ("terminals_evidence", "terminals_devicesession", "control_auditrow", "control_idempotency"):
            cursor.execute(f"select coalesce(string_agg({table}::text, ' '), '') from {table}")
            found += cursor.fetchone()[0]
    for secret in (li.body.id_number, li.body.name, li.card.pan, li.card.card_id_code):
        assert secret not in found
        assert secret.encode().hex() not in found


def test_every_message_of_a_device_leaves_an_audit_row(case: Case) -> None:
    case.desk.look(kit.resident().body)
    with unit_of_work(area=kit.AREA):
        rows = AuditRow.objects.filter(verb="terminals.evidence", actor_name__startswith=case.desk.terminal)
        assert rows.filter(result="ok").count() >= 4
        assert {row.channel for row in rows} == {"device"}


def test_what_a_device_sends_is_read_strictly(town: kit.Town, li: kit.Resident) -> None:
    desk, who = town.terminal("CCB-01", "counter"), kit.staff("CCB-01", "teller")
    kit.open_session(who, desk, "bank.activate")
    reader = desk.device("id_reader")
    bad = {"name": "", "id_number": "123", "valid_until": "soon", "source": "hearsay", "face": "", "more": "x"}
    with pytest.raises(DeviceRefused) as caught:
        reader.send(reader.session(), "id_reader", bad)
    assert caught.value.code == "terminals.payload_wrong"
    places = {fault.place for fault in caught.value.__cause__.faults}  # type: ignore[union-attr]
    assert places == {"name", "id_number", "valid_until", "source", "more"}


# -- registering -------------------------------------------------------------------------------------------------------
def test_terminals_that_somebody_may_use(town: kit.Town) -> None:
    desk = town.terminal("ICBC-01", "kiosk")
    (view,) = [one for one in reads.terminals_for(kit.staff("ICBC-01", "teller")) if one.code == desk.terminal]
    assert (view.kind, view.area, set(view.devices)) == ("kiosk", kit.AREA, set(ALL))
    assert desk.terminal not in {one.code for one in reads.terminals_for(kit.staff("CCB-01", "teller"))}


def test_equipping_again_changes_nothing(town: kit.Town) -> None:
    desk = town.terminal("ICBC-01", "kiosk")
    before = desk.device("pin_pad").keys
    equip(town.admin, town.wallet, desk.terminal, kind="kiosk", organisation="ICBC-01")
    assert desk.device("pin_pad").keys == before


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        (acts.Register("T-x", "counter", "990100-BUREAU"), {"terminals.kind_wrong"}),
        (acts.Register("T-x", "bureau", "CCB-01"), {"terminals.kind_wrong"}),
        (acts.Register("", "counter", "nobody"), {"terminals.code_length", "terminals.organisation_unknown"}),
    ],
)
def test_a_terminal_is_registered_with_all_its_faults_told(town: kit.Town, request_: object, codes: set[str]) -> None:
    with pytest.raises(Refusal) as caught:
        perform(town.admin, "terminals.register", request_, key=kit.key())
    assert {fault.code for fault in caught.value.faults} == codes
    assert all(fault.sentence() and fault.advice() for fault in caught.value.faults)


def test_the_outlet_tells_area_and_district(town: kit.Town) -> None:
    code = f"T-{kit.key()}"
    request = acts.Register(code, "counter", "CCB-01", "990100-CCB-02")
    answer = perform(town.admin, "terminals.register", request, key=kit.key()).answer
    assert (answer["area"], answer["district"]) == ("990100", "990102")


def test_clerks_and_tellers_register_nothing(town: kit.Town) -> None:
    for role in ("clerk", "teller", "terminal"):
        who = kit.staff("CCB-01", role)
        with pytest.raises(Refusal) as caught:
            perform(who, "terminals.register", acts.Register("T-y", "counter", "CCB-01"), key=kit.key())
        assert caught.value.code == "control.not_allowed"


def test_only_who_looks_after_a_terminal_equips_it(town: kit.Town) -> None:
    """Another area's engineer could hand himself the key of a PIN pad that is not his."""
    desk = town.terminal("CCB-01", "counter")
    pad = Device.objects.get(terminal__code=desk.terminal, kind="pin_pad", active=True).name
    elsewhere = kit.staff("990200-BUREAU", "system_admin", area="990200")
    other_bank = kit.staff("ICBC-01", "system_admin")
    begun = Enrolment.begin(desk.terminal, "pin_pad")
    for who in (elsewhere, other_bank):
        for verb, request, code in (
            ("terminals.register", acts.Register(f"T-{kit.key()}", "counter", "CCB-01"), "terminals.not_yours"),
            (
                "terminals.enrol_device",
                acts.EnrolDevice(desk.terminal, "pin_pad", begun.public),
                "terminals.terminal_unknown",
            ),
            ("terminals.retire_device", acts.RetireDevice(pad), "control.not_found"),
        ):
            with pytest.raises(Refusal) as caught:
                perform(who, verb, request, key=kit.key())
            assert caught.value.code == code
    assert Device.objects.get(name=pad).active
    own = kit.staff("CCB-01", "system_admin")
    assert perform(own, "terminals.retire_device", acts.RetireDevice(pad), key=kit.key()).answer["active"] is False
