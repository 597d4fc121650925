"""Registering persons: new, same, changed, doubtful; decisions and their undo; bulk import over the real database."""

from __future__ import annotations

import csv
import uuid
from datetime import date
from pathlib import Path

import pytest

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control import acts as control_acts
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import Approval, AuditRow, Organisation
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.people import acts, duplicates, imports, lookup
from sscard.people.models import DuplicateCase, ImportRun, Person, PersonAlias
from sscard.people.reads import PersonView, find, who_looked

AREA = "990100"


def clerk(person: bytes = b"p" * 32) -> Caller:
    return Caller(
        kind="staff",
        id=uuid.uuid4(),
        name="甲",
        channel="page",
        area=AREA,
        organisation="990100-BUREAU",
        organisation_kind="bureau",
        roles=frozenset({"clerk", "reviewer"}),
        person_index=person,
    )


@pytest.fixture(autouse=True)
def _bureau(fresh_house: object) -> None:
    Organisation.objects.create(code="990100-BUREAU", kind="bureau", area_code=AREA, name_zh="局", name_en="Bureau")


def form(number: int = 1, **more: str) -> acts.PersonForm:
    values = {
        "id_number": demo.citizen_id(date(1990, 1, 1), Sex.FEMALE, number, "090101"),
        "name": "李小花",
        "sex": "女",
        "birth_date": "1990-01-01",
        "nation": "汉族",
        "category": "居民",
        "phone": demo.phone(number),
        "household_address": f"云溪市虚构路{number}号",
    }
    return acts.PersonForm(**{**values, **more})


def register(one: acts.PersonForm, who: Caller | None = None) -> dict[str, object]:
    return door.perform(who or clerk(), "people.register", acts.RegisterPerson(one), key=str(uuid.uuid4())).answer


def only_case() -> DuplicateCase:
    with unit_of_work(area=AREA):
        return DuplicateCase.objects.get()


def decide(act: str, request: object) -> dict[str, object]:
    """Made by one person, approved by another."""
    waiting = door.perform(clerk(), act, request, key=str(uuid.uuid4())).waiting
    assert waiting is not None
    with unit_of_work(area=AREA):
        digest = bytes(Approval.objects.get(approval_id=waiting).digest).hex()
    other = clerk(b"q" * 32)
    return door.perform(other, "control.approve", control_acts.Approve(waiting, digest), key=str(uuid.uuid4())).answer


def persons() -> list[Person]:
    with unit_of_work(area=AREA):
        return list(Person.objects.order_by("created_at"))


def found(text: str) -> list[PersonView]:
    with door.reading(clerk(), right="people.view", purpose="核对") as inside:
        return find(inside, text)


def test_a_new_person_is_sealed_masked_and_found_by_number_and_name() -> None:
    answer = register(form())
    (person,) = persons()
    assert answer == {"outcome": "new", "person": str(person.public_id)}
    assert (person.name_mask, person.sex, person.nation) == ("李**", "2", "01")
    assert "李小花".encode() not in bytes(person.facts.blob)
    assert found(form().id_number.lower()) == found("李小花") == [PersonView.of(person)]


def test_the_same_again_changes_nothing_and_a_new_phone_is_taken() -> None:
    first = register(form())
    assert register(form()) == {**first, "outcome": "same"}
    assert register(form(phone=demo.phone(99)))["outcome"] == "changed"
    (person,) = persons()
    assert person.phone_mask.endswith(demo.phone(99)[-4:])


def test_every_fault_is_told_at_its_field() -> None:
    with pytest.raises(Refusal) as caught:
        register(form(id_number="09010119900101002", name="", nation="火星", phone="123"))
    assert {fault.place for fault in caught.value.faults} == {"id_number", "name", "nation", "phone"}


def test_another_name_on_a_known_number_waits_for_two_persons_who_may_correct_and_undo() -> None:
    register(form())
    assert register(form(name="李大花"))["outcome"] == "queued"
    case = only_case()
    decide("people.decide_duplicate", duplicates.DecideDuplicate(case.case_id, "correct", "派出所证明改名"))
    assert len(found("李大花")) == 1
    decide("people.undo_duplicate", duplicates.UndoDuplicate(case.case_id, "证明作废"))
    assert len(found("李小花")) == 1
    assert found("李大花") == []
    assert only_case().state == "open"


def test_one_person_under_two_numbers_becomes_an_alias_and_the_undo_frees_the_number() -> None:
    register(form())
    assert register(form(2, phone=demo.phone(1)))["outcome"] == "queued"
    case = only_case()
    decide("people.decide_duplicate", duplicates.DecideDuplicate(case.case_id, "merge", "同一人"))
    first, second = persons()
    with unit_of_work(area=AREA):
        assert PersonAlias.objects.get().true_person_id == first.person_id
    assert second.state == "alias"
    assert [view.person_id for view in found(form(2).id_number)] == [first.person_id]
    decide("people.undo_duplicate", duplicates.UndoDuplicate(case.case_id, "看错了"))
    assert found(form(2).id_number) == []


def test_a_case_is_decided_once() -> None:
    register(form())
    register(form(name="李大花"))
    case = only_case()
    decide("people.decide_duplicate", duplicates.DecideDuplicate(case.case_id, "drop", "抄错"))
    with pytest.raises(Refusal, match="case_closed"):
        decide("people.decide_duplicate", duplicates.DecideDuplicate(case.case_id, "drop", "抄错"))


def test_staff_never_act_on_their_own_record() -> None:
    from sscard.kernel.sealed import blind_index

    own = clerk(blind_index("id_number", form().id_number))
    with pytest.raises(Refusal, match="own_record"):
        register(form(), own)
    assert persons() == []


def test_the_holder_sees_who_looked() -> None:
    answer = register(form())
    person = lookup.require("person", uuid.UUID(str(answer["person"])))
    with door.reading(clerk(), right="people.view", purpose="补卡咨询") as inside:
        find(inside, form().id_number)
    with door.reading(clerk(), right="people.view", purpose="x") as inside:
        looks = who_looked(inside, person.person_id)
    assert [(look.verb, look.purpose) for look in looks] == [("people.view", "补卡咨询"), ("people.register", "")]


HEAD = ["证件号码", "姓名", "性别", "出生日期", "民族", "人员类别", "手机号码", "户籍地址"]


def write_csv(path: Path, people: list[acts.PersonForm]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for one in people:
            out.writerow([one.id_number, one.name, one.sex, one.birth_date, one.nation, one.category, one.phone,
                          one.household_address])  # fmt: skip


def receive(path: Path) -> uuid.UUID:
    stored, digest = imports.store_upload([path.read_bytes()], path.suffix)
    request = imports.ReceiveRoster(stored, digest, path.name)
    answer = door.perform(clerk(), "people.receive_roster", request, key=str(uuid.uuid4())).answer
    return uuid.UUID(answer["import"])


def run_of(import_id: uuid.UUID) -> ImportRun:
    with unit_of_work(area=AREA):
        return ImportRun.objects.get(import_id=import_id)


def test_a_roster_is_checked_then_registered_and_a_stopped_import_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sscard.people.registry.MOST", 7)
    people = [form(n, name="王一二三四五六七"[: 2 + n % 3]) for n in range(1, 31)]
    people += [form(31, name="")]  # a bad row
    people += [form(1, name="赵别人")]  # one number, two people: both rows wait
    path = tmp_path / "名册.csv"
    write_csv(path, people)
    import_id = receive(path)
    imports.check_run(import_id, AREA)
    run = run_of(import_id)
    assert (run.state, run.rows, run.good, run.bad) == ("checked", 32, 31, 1)
    assert persons() == []
    assert [(imports.inbox() / name).is_file() for name in imports.faults_files(run)] == [True]
    door.perform(clerk(), "people.register_roster", imports.RegisterRoster(import_id), key=str(uuid.uuid4()))

    class Killed(Exception):
        pass

    def stop(done: int, _rows: int) -> None:
        if done > 10:
            raise Killed

    with pytest.raises(Killed):
        imports.register_run(import_id, AREA, stop)
    assert 0 < len(persons()) < 29
    imports.register_run(import_id, AREA)
    run = run_of(import_id)
    assert (run.state, run.new, run.queued, run.same) == ("done", 29, 2, 0)
    assert len(persons()) == 29
    left = {
        path.name
        for path in imports.inbox().iterdir()
        if str(import_id) in path.name or bytes(run.file_digest).hex() in path.name
    }
    assert left == set(imports.faults_files(run))  # nobody's clear data stays behind
    with unit_of_work(area=AREA):
        assert AuditRow.objects.filter(verb="people.register_roster", object=f"import:{import_id}").count() >= 5
