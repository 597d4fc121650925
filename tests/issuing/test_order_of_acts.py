"""Every act at the wrong moment is refused, with the state it is in and the next step; and what happens beside the way."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from issuing_kit import (
    AREA,
    BRANCH,
    BUREAU,
    CHIP,
    HALL,
    MAKER,
    PAPERS,
    PRODUCT,
    Office,
    do,
    program,
    refused,
    staff,
    together,
)  # fmt: skip
from sscard.bank import files
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.issuing import acts, releasing
from sscard.issuing.states import APPLICATION, BATCH, next_acts, said
from sscard.kernel import clock

PLANT = program("producer_program", MAKER, "producer")


@pytest.mark.parametrize("table", [APPLICATION, BATCH], ids=["application", "batch"])
def test_every_state_has_a_name_and_none_is_a_dead_end_by_mistake(table: tuple[object, ...]) -> None:
    states = {step.became for step in table}  # type: ignore[attr-defined]
    for state in states:
        assert said(table, state, "zh")  # type: ignore[arg-type]
        assert said(table, state, "en")  # type: ignore[arg-type]
    ends = {state for state in states if not next_acts(table, state)}  # type: ignore[arg-type]
    assert ends <= {"returned", "withdrawn", "done", "received", "recalled", "dissolved"}


def test_no_step_of_a_batch_can_be_skipped_or_repeated(office: Office) -> None:
    people = office.people(2)
    office.checked(people)
    batch = office.batch(most=2)

    def blocked(*, but: str = "") -> None:
        tries = {
            "answer": (office.clerk, acts.ReadAccountAnswer(batch, b"H,x\nT,0,0,-\n")),
            "release": (office.clerk, acts.ReleaseBatch(batch, 2)),
            "take": (PLANT, acts.TakePackage(batch)),
            "return": (PLANT, acts.ReceiveReturn(batch, b"x")),
            "recall": (office.clerk, acts.RecallBatch(batch, "x")),
        }
        for name, (who, request) in tries.items():
            if name != but:
                assert refused(who, request).code == "issuing.batch_state", name

    blocked()
    answer = office.answer(batch)
    blocked(but="answer")
    do(office.clerk, acts.ReadAccountAnswer(batch, answer))
    assert do(office.clerk, acts.ReadAccountAnswer(batch, answer)).answer["repeated"]
    assert refused(office.clerk, acts.WriteAccountFile(batch)).code == "issuing.batch_state"
    assert refused(office.clerk, acts.ReleaseBatch(batch, 1)).code == "issuing.batch_changed"
    office.release(batch)
    assert refused(office.clerk, acts.DissolveBatch(batch, "x")).code == "issuing.batch_state"
    card = office.card_of(people[0])
    assert refused(office.stock, acts.SendToOutlet(HALL, "HALL-EARLY", cards=(card,))).code == "issuing.card_elsewhere"
    assert refused(office.stock, acts.Destroy((card,), BUREAU, "x")).code == "issuing.card_elsewhere"
    early = acts.HandOver(card, HALL, None, "id_card", people[0].id_number)
    assert refused(office.clerk2, early).code == "issuing.application_state"


def test_no_step_of_an_application_can_be_skipped_or_repeated(office: Office) -> None:
    (one,) = office.people(1)
    application = office.apply(one)
    assert refused(office.clerk, acts.MakeBatch("ICBC", MAKER, PRODUCT, CHIP)).code == "issuing.nothing_to_batch"
    assert refused(office.reviewer, acts.Check(application, accept=False)).code == "control.reason_missing"
    do(office.reviewer, acts.Check(application, accept=False, reason="照片不清楚"))
    assert office.application(application).reason == "照片不清楚"
    assert refused(office.reviewer, acts.Check(application)).code == "issuing.application_state"
    assert refused(office.clerk, acts.WithdrawApplication(application)).code == "issuing.application_state"
    again = office.apply(one)
    do(office.reviewer, acts.Check(again))
    assert refused(office.reviewer, acts.Check(again)).code == "issuing.application_state"


def test_who_the_bank_refuses_leaves_the_batch_with_the_reason(office: Office) -> None:
    good, bad = office.people(2)
    first, second = office.checked([good, bad])
    batch = office.batch(most=2)
    once = do(office.clerk, acts.WriteAccountFile(batch)).once
    asked = files.read_opening(once["file"], check=files.checked_for_area(AREA))
    bank = program("bank_program", "CCB", "bank", bank="CCB")
    from sscard.bank.file_program import open_all

    lines = open_all(bank, asked)
    bad_line = next(line.line for line in asked.lines if line.person == bad.public_id)
    lines = [
        replace(one, result="refused", pan="", number="", account=None, codes=("name:bank.identity_differs",))
        if one.line == bad_line
        else one
        for one in lines
    ]
    told = files.write_answer(asked.head, asked.digest, lines)
    other = program("bank_program", "ICBC", "bank", bank="ICBC")
    assert refused(other, acts.ReadAccountAnswer(batch, told)).code == "control.not_found"
    assert do(bank, acts.ReadAccountAnswer(batch, told)).answer["refused"] == 1
    view = office.view(batch)
    assert (view.ordered, view.left_out) == (1, 1)
    assert office.application(first).pan_mask.endswith(lines[0 if bad_line != lines[0].line else 1].pan[-4:])
    assert office.application(second).state == "bank_refused"
    assert "identity_differs" in office.application(second).reason
    do(office.clerk, acts.WithdrawApplication(second, "换一家银行"))
    office.apply(bad, bank="ICBC")
    office.release(batch)


def test_the_answer_for_another_batch_is_refused(office: Office) -> None:
    one, two = (office.people(1) for _ in range(2))
    office.checked(one)
    first = office.batch(most=1)
    answer = office.answer(first)
    office.checked(two)
    second = office.batch(most=1)
    do(office.clerk, acts.WriteAccountFile(second))
    assert refused(office.clerk, acts.ReadAccountAnswer(second, answer)).code == "bank.file_faulty"


def test_a_dissolved_batch_gives_its_applications_back_with_their_numbers(office: Office) -> None:
    (one,) = office.people(1)
    batch = office.accounted([one])
    card = office.card_of(one)
    do(office.clerk, acts.DissolveBatch(batch, "产品选错了"))
    again = office.batch(most=1)
    assert office.card_of(one) == card
    assert office.view(again).state == "accounted"
    assert office.release(again)["cards"] == 1


def test_a_batch_is_recalled_only_when_its_package_is_good_for_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    never, taken = office.people(2)
    batch = office.released([never])
    together(office.clerk, office.reviewer, acts.RecallBatch(batch, "厂家停产"))
    view = office.view(batch)
    assert (view.state, view.spoiled) == ("recalled", 1)
    assert view.adds_up
    assert office.where(office.card_of(never)).place == "scrapped"
    batch = office.released([taken])
    office.package(batch)
    assert refused(office.clerk, acts.RecallBatch(batch, "x")).code == "issuing.package_still_good"
    later = clock.real_now() + timedelta(days=8)
    monkeypatch.setattr(releasing.clock, "real_now", lambda: later)
    waiting = do(office.clerk, acts.RecallBatch(batch, "厂家停产"))
    assert waiting.waiting


@pytest.mark.row("ISS-7", part="a producer without current qualification, or a product without permit")
def test_producer_and_product_are_asked_at_batch_and_release(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.checked(office.people(1))
    clerk = office.clerk

    def code(**other: str) -> str:
        asked = {"bank": "CCB", "producer": MAKER, "product": PRODUCT, "chip": CHIP} | other
        return refused(clerk, acts.MakeBatch(**asked)).code  # type: ignore[arg-type]

    assert code(producer="PRODUCER-OTHER") == "issuing.producer_unknown"
    assert code(producer="nobody") == "issuing.producer_unknown"
    assert code(product="YS-9") == "law.production_not_tested"
    assert code(chip="SC9") == "law.production_not_tested"
    assert code(product="YS-2", chip="SC2-40") == "law.production_ended"
    assert code(bank="ABC") == "law.bank_unknown"
    batch = office.batch(most=1)
    do(clerk, acts.ReadAccountAnswer(batch, office.answer(batch)))
    late = timedelta(days=365 * 80)  # past the qualification's last day
    monkeypatch.setattr(clock, "offset_of", lambda _area: late)
    assert refused(clerk, acts.ReleaseBatch(batch, 1)).code == "issuing.producer_not_qualified"


def test_a_producer_is_registered_by_two_persons_with_all_faults_told(office: Office) -> None:
    manager = staff("area_manager")
    request = acts.RegisterProducer("nobody", "x", "y", "zz", "00", date(2020, 1, 1))
    assert {fault.place for fault in refused(manager, request).faults} == {
        "producer", "qualified_until", "signing", "receiving",
    }  # fmt: skip


# --- handing over -----------------------------------------------------------------------------------------------------


def test_a_card_goes_to_holder_guardian_or_agent_and_to_nobody_else(office: Office) -> None:
    adult, lender, mother, stranger = office.people(4)
    (child,) = office.people(1, birth=clock.today(AREA) - timedelta(days=9 * 366), category="child")
    office.guard(child, mother)
    office.checked([adult, lender])
    office.apply(child, guardian=mother.public_id, papers=("household_book",))
    with reading(office.clerk, right="issuing.view", purpose="test"):
        pass
    do(office.reviewer, acts.Check(_application_of(office, child)))
    batch = office.batch(most=3)
    do(office.clerk, acts.ReadAccountAnswer(batch, office.answer(batch)))
    office.release(batch)
    do(PLANT, acts.ReceiveReturn(batch, office.produce(batch)))
    for box in office.boxes(batch):
        do(office.stock, acts.ReceiveShipment(box["seal"], box["cards"]))
    sent = do(office.stock, acts.SendToOutlet(HALL, f"HALL-{batch.hex[:8]}", batch)).answer
    do(office.clerk2, acts.ReceiveAtOutlet(sent["seal"], 3))
    cards = {one: office.card_of(one) for one in (adult, lender, child)}

    def code(card: uuid.UUID, who: object, **more: object) -> str:
        values = {"document": "id_card", "id_number": who.id_number, **more}  # type: ignore[attr-defined]
        return refused(office.clerk2, acts.HandOver(card, HALL, **values)).code  # type: ignore[arg-type]

    assert code(cards[adult], stranger) == "cards.agent_papers"
    assert code(cards[adult], adult, document="fan club card") == "issuing.document_unknown"
    assert code(cards[child], child) == "cards.guardian_needed"
    assert code(cards[child], stranger) == "cards.not_the_guardian"
    elsewhere = acts.HandOver(cards[adult], BRANCH, None, "id_card", adult.id_number)
    assert refused(office.clerk2, elsewhere).code == "issuing.not_your_outlet"
    assert office.hand_over(cards[adult], adult).answer["collector"] == "holder"
    papers = ("holder_id", "mandate")
    assert office.hand_over(cards[lender], stranger, papers=papers).answer["collector"] == "agent"
    assert office.hand_over(cards[child], mother).answer["collector"] == "guardian"
    assert office.where(cards[child]).hands_kind == "guardian"
    assert code(cards[adult], adult) == "issuing.application_state"  # it is gone


def _application_of(office: Office, who: object) -> uuid.UUID:
    from sscard.issuing.models import Application
    from sscard.kernel.db import unit_of_work

    with unit_of_work(area=AREA):
        return Application.objects.get(person_id=who.person_id, state="applied").application_id  # type: ignore[attr-defined]


def test_papers_that_nobody_saw_on_line_are_seen_at_the_hand_over(office: Office) -> None:
    (one,) = office.people(1)
    holder = Caller.of_holder(
        holder_id=uuid.uuid4(), name="测试甲", area=AREA, person_index=one.index, persons=frozenset({one.person_id})
    )
    (card,) = office.at_hall([one], by=holder, papers=())
    request = acts.HandOver(card, HALL, None, "id_card", one.id_number)
    lacking = refused(office.clerk2, request)
    assert [fault.facts["paper"] for fault in lacking.faults] == ["household_book"]
    assert office.hand_over(card, one, papers=PAPERS).answer["production"] == "handed_out"


def test_a_missing_card_is_written_off_and_the_person_applies_anew(office: Office) -> None:
    (one,) = office.people(1)
    batch = office.returned([one])
    card = office.card_of(one)
    (box,) = office.boxes(batch)
    do(office.stock, acts.ReceiveShipment(box["seal"], 0, missing=(card,)))
    assert office.where(card).place == "missing"
    assert office.where(card).organisation == MAKER  # the sender answers for it
    stuck = refused(office.clerk, acts.Apply(one.public_id, "CCB", HALL, PAPERS))
    assert {fault.code for fault in stuck.faults} == {"issuing.has_application"}
    together(office.stock, office.reviewer, acts.WriteOff(card, "运输丢失"))
    assert refused(office.stock, acts.WriteOff(uuid.uuid4(), "x")).code == "control.not_found"
    office.apply(one)
