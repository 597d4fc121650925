"""Who may apply, and how every reason against it is told."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from issuing_kit import AREA, BRANCH, HALL, PAPERS, Office, do, refused, staff
from sscard.codes import demo
from sscard.control.caller import Caller
from sscard.control.door import reading
from sscard.control.models import Organisation
from sscard.issuing import acts, reads, rules
from sscard.issuing.rules import Applicant, Demands, may_apply
from sscard.kernel import clock

TODAY = date(2026, 3, 1)
DEMANDS = Demands(
    7, 16, frozenset({"CCB", "ICBC"}), {HALL: None, BRANCH: "CCB"}, frozenset({"id_card", "household_book"})
)
ADULT = Applicant(date(1990, 1, 1), "active", has_photo=True, has_phone=True)


def codes(who: Applicant, **more: object) -> set[str]:
    given: dict[str, object] = {"bank": "CCB", "outlet": HALL, "papers": PAPERS, "by_guardian": False, "on": TODAY}
    return {fault.code.removeprefix("issuing.") for fault in may_apply(who, DEMANDS, **{**given, **more})}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "more", "expected"),
    [
        (ADULT, {}, set()),
        (ADULT, {"papers": None}, set()),
        (ADULT, {"bank": "ABC"}, {"bank_not_here"}),
        (ADULT, {"outlet": "nowhere"}, {"outlet_unknown"}),
        (ADULT, {"outlet": BRANCH}, set()),
        (ADULT, {"outlet": BRANCH, "bank": "ICBC"}, {"outlet_of_other_bank"}),
        (ADULT, {"papers": ()}, {"paper_missing"}),
        (Applicant(ADULT.birth_date, "active", False, True), {}, {"photo_missing"}),
        (Applicant(ADULT.birth_date, "active", True, False), {}, {"phone_missing"}),
        (Applicant(ADULT.birth_date, "active", True, True, "card"), {}, {"has_card"}),
        (Applicant(ADULT.birth_date, "active", True, True, "application"), {}, {"has_application"}),
        (Applicant(ADULT.birth_date, "deceased", True, True), {}, {"person_deceased"}),
        (Applicant(ADULT.birth_date, "alias", True, True), {}, {"person_alias"}),
        (
            Applicant(ADULT.birth_date, "left", False, False), {"bank": "X"},
            {"person_left", "photo_missing", "phone_missing", "bank_not_here"},
        ),
        (Applicant(date(2019, 3, 2), "active", False, True), {"by_guardian": True}, set()),  # six years old: no photo
        (Applicant(date(2019, 3, 1), "active", False, True), {"by_guardian": True}, {"photo_missing"}),  # seven today
        (Applicant(date(2015, 1, 1), "active", True, True), {}, {"guardian_needed"}),
        (Applicant(date(2015, 1, 1), "active", True, True), {"by_guardian": True, "papers": ("household_book",)}, set()),
        (ADULT, {"papers": ("household_book",)}, {"paper_missing"}),  # a household book is no adult's ID card
    ],
)  # fmt: skip
def test_the_rule(who: Applicant, more: dict[str, object], expected: set[str]) -> None:
    assert codes(who, **more) == expected


def test_all_papers_that_lack_are_told_at_once(office: Office) -> None:
    (one,) = office.people(1)
    refusal = refused(office.clerk, acts.Apply(one.public_id, "CCB", HALL, ()))
    assert refusal.code == "issuing.cannot_apply"
    assert [f.facts["paper"] for f in refusal.faults] == ["household_book", "id_card"]
    assert all(fault.advice("en") for fault in refusal.faults)


def test_one_application_a_person_also_in_the_database(office: Office) -> None:
    (one,) = office.people(1)
    office.apply(one)
    refusal = refused(office.clerk2, acts.Apply(one.public_id, "CCB", HALL, PAPERS))
    assert {fault.code for fault in refusal.faults} == {"issuing.has_application"}


def test_a_withdrawn_application_makes_room_for_another(office: Office) -> None:
    (one,) = office.people(1)
    first = office.apply(one)
    do(office.clerk, acts.WithdrawApplication(first, "又改主意了"))
    assert office.application(first).state == "withdrawn"
    assert office.apply(one, bank="ICBC") != first


def test_a_holder_applies_for_himself_and_shows_his_papers_when_he_fetches_the_card(office: Office) -> None:
    (one, other) = office.people(2)
    holder = Caller.of_holder(
        holder_id=uuid.uuid4(), name="测试甲", area=AREA, person_index=one.index, persons=frozenset({one.person_id})
    )
    application = office.apply(one, by=holder, papers=())
    assert office.application(application).papers_due == ["household_book"]
    assert refused(holder, acts.Apply(other.public_id, "CCB", HALL)).code == "control.not_found"


def test_a_guardian_applies_for_a_child_at_the_desk_and_on_line(office: Office) -> None:
    mother, stranger = office.people(2)
    first, second = office.people(2, birth=clock.today(AREA) - timedelta(days=9 * 366), category="child")
    for child in (first, second):
        office.guard(child, mother)
    alone = refused(office.clerk, acts.Apply(first.public_id, "CCB", HALL, ("household_book",)))
    assert {fault.code for fault in alone.faults} == {"issuing.guardian_needed"}
    wrong = refused(office.clerk, acts.Apply(first.public_id, "CCB", HALL, ("household_book",), stranger.public_id))
    assert {fault.code for fault in wrong.faults} == {"issuing.not_the_guardian"}
    office.apply(first, guardian=mother.public_id, papers=("household_book",))
    on_line = Caller.of_holder(
        holder_id=uuid.uuid4(), name="妈妈", area=AREA, person_index=mother.index,
        persons=frozenset({mother.person_id, second.person_id}),
    )  # fmt: skip
    office.apply(second, by=on_line, papers=())


def test_an_employer_reaches_its_own_staff_only(office: Office) -> None:
    credit = demo.credit_code(17, AREA)
    Organisation.objects.get_or_create(
        code="EMP-17",
        defaults={"kind": "employer", "area_code": AREA, "name_zh": "厂", "name_en": "Works", "credit_code": credit},
    )
    handler = staff("employer_handler", organisation="EMP-17", kind="employer")
    (mine,) = office.people(1, employer_code=credit)
    (other,) = office.people(1)
    office.apply(mine, by=handler, papers=())
    assert refused(handler, acts.Apply(other.public_id, "CCB", HALL)).code == "control.not_found"


def test_a_campaign_takes_all_who_may_and_tells_who_was_left_out(office: Office) -> None:
    credit = demo.credit_code(18, AREA)
    office.people(5, employer_code=credit)
    office.people(2, photo=False, employer_code=credit)
    (own,) = office.people(1, employer_code=credit)
    maker = staff("clerk", person_index=own.index)
    answer = do(maker, acts.ApplyMany("CCB", HALL, employer=credit)).answer
    assert answer["applications"] == 5
    assert answer["left_out"] == {"issuing.photo_missing": 2, "issuing.own_left_to_colleague": 1}
    campaign = uuid.UUID(answer["campaign"])
    assert refused(office.reviewer, acts.CheckCampaign(campaign, 4)).code == "issuing.campaign_changed"
    again = staff("reviewer", person_index=own.index)
    assert refused(again, acts.CheckCampaign(campaign, 5)).code == "control.own_request"
    with reading(office.reviewer, right="issuing.view", purpose="test") as inside:
        (row,) = [one for one in reads.campaigns(inside) if one["campaign"] == str(campaign)]
        assert row["applications"] == 5
    assert do(office.reviewer, acts.CheckCampaign(campaign, 5)).answer["checked"] == 5


def test_the_last_day_and_the_promised_day() -> None:
    assert rules.expires_on(date(2026, 3, 1), 10, "day_before") == date(2036, 2, 29)
    assert rules.expires_on(date(2024, 2, 29), 10, "same_day") == date(2034, 2, 28)
    assert rules.working_days_after(date(2026, 2, 27), 1) == date(2026, 3, 2)  # Friday, then Monday
    assert rules.working_days_after(date(2026, 2, 28), 5) == date(2026, 3, 6)
