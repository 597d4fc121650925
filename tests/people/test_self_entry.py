"""Registering on-line: the rules of a desk, nothing told about who is registered, a brake, and a clerk who saw who it is."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.control import door
from sscard.control.caller import Caller
from sscard.control.models import AuditRow, Organisation
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.people import acts, self_entry, self_reads
from sscard.people.models import DuplicateCase, Person, Photo, SelfEntry
from sscard.people.reads import who_looked
from sscard.sim.avatar import avatar

AREA = "990100"
HEADER = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    + (358).to_bytes(4, "big")
    + (441).to_bytes(4, "big")
    + b"\x08\x03\x00\x00\x00"
)
JPEG_HEAD = b"\xff\xd8\xff\xc0\x00\x11\x08" + (441).to_bytes(2, "big") + (358).to_bytes(2, "big") + bytes(40)
PNG = avatar("self entry")


def clerk(person: bytes = b"p" * 32, **more: Any) -> Caller:
    return Caller(
        kind="staff", id=uuid.uuid4(), name="甲", channel="page", area=AREA, organisation="990100-BUREAU",
        organisation_kind="bureau", roles=frozenset({"clerk", "reviewer"}), person_index=person, **more,
    )  # fmt: skip


def visitor(address: str = "192.0.2.1", area: str = AREA) -> Caller:
    return Caller.of_visitor(uuid.uuid4(), area=area, address=address)


@pytest.fixture(autouse=True)
def _bureau(fresh_house: object) -> None:
    Organisation.objects.create(code="990100-BUREAU", kind="bureau", area_code=AREA, name_zh="局", name_en="Bureau")


def number(serial: int) -> str:
    return demo.citizen_id(date(1990, 1, 1), Sex.FEMALE, serial, "090101")


def form(serial: int = 1, **more: str) -> acts.PersonForm:
    values = {
        "id_number": number(serial), "name": "李小花", "sex": "女", "birth_date": "1990-01-01", "nation": "汉族",
        "category": "居民", "phone": demo.phone(serial), "household_address": f"云溪市虚构路{serial}号",
    }  # fmt: skip
    return acts.PersonForm(**{**values, **more})


def submit(one: acts.PersonForm, who: Caller | None = None, key: str = "", **more: bytes) -> door.Outcome:
    request = self_entry.SubmitSelf(one, **more)
    return door.perform(who or visitor(), "people.submit_self", request, key=key or uuid.uuid4().hex)


def at_desk(one: acts.PersonForm) -> dict[str, Any]:
    return door.perform(clerk(), "people.register", acts.RegisterPerson(one), key=uuid.uuid4().hex).answer


def accept(entry: SelfEntry, who: Caller | None = None, **more: Any) -> dict[str, Any]:
    request = self_entry.AcceptSelf(entry.entry_id, **{"identity_seen": True, **more})
    return door.perform(who or clerk(), "people.accept_self", request, key=uuid.uuid4().hex).answer


def refuse(entry: SelfEntry, reason: str = "照片看不清") -> dict[str, Any]:
    request = self_entry.RefuseSelf(entry.entry_id, reason)
    return door.perform(clerk(), "people.refuse_self", request, key=uuid.uuid4().hex).answer


def entries() -> list[SelfEntry]:
    with unit_of_work(area=AREA):
        return list(SelfEntry.objects.order_by("made_at"))


def persons() -> list[Person]:
    with unit_of_work(area=AREA):
        return list(Person.objects.all())


def refusal_of(job: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        job()
    return caught.value


def state(reference: str, serial: int = 1, **more: Any) -> self_reads.OwnState:
    return self_reads.state_of(visitor(**more), AREA, reference, number(serial))


def test_a_form_is_kept_sealed_and_nobody_is_registered_by_it() -> None:
    outcome = submit(form(), photo=PNG, evidence=PNG)
    (entry,) = entries()
    assert outcome.answer["state"] == "waiting"
    assert set(outcome.answer) == {"state", "valid_days", "expires_at"}
    assert persons() == []
    assert entry.masks["name"] != "李小花"
    for value in (
        bytes(entry.form.blob),
        bytes(entry.photo.blob),
        repr(entry.masks).encode(),
        bytes(entry.reference_hash),
    ):
        for clear in (number(1), "李小花", "虚构路", outcome.once["reference"]):
            assert clear.encode() not in value
    with unit_of_work(area=AREA):
        (row,) = AuditRow.objects.filter(verb="people.submit_self")
        assert (row.actor_kind, row.result, row.address) == ("visitor", "ok", "192.0.2.1")


def test_all_faults_are_told_and_nothing_is_kept() -> None:
    wrong = form(name="", phone="12", id_number=number(1)[:-1] + "0", category="")
    refusal = refusal_of(lambda: submit(wrong))
    assert {"name", "phone", "id_number", "category"} <= {fault.place for fault in refusal.faults}
    assert refusal_of(lambda: submit(form(), photo=b"GIF89a")).code == "people.photo_kind"
    for broken in (HEADER, PNG[:-40], PNG[: len(PNG) // 2], PNG.replace(b"IDAT", b"IDAS"), JPEG_HEAD):
        assert refusal_of(lambda broken=broken: submit(form(), photo=broken)).code in (
            "people.photo_broken", "people.photo_kind",
        )  # fmt: skip
    wide = HEADER[:16] + (90_000).to_bytes(4, "big") + HEADER[20:]
    assert refusal_of(lambda: submit(form(), photo=wide)).code == "people.photo_large", "refused before it is opened"
    assert refusal_of(lambda: submit(form(), evidence=b"GIF89a")).code == "people.photo_kind"
    assert entries() == []


def test_a_known_and_an_unknown_number_get_one_answer() -> None:
    """T11: fields, codes and the trail of the visitor are the same, here and for the brake."""
    at_desk(form(1))
    told = []
    for serial in (1, 2):
        who = visitor()
        first = submit(form(serial), who)
        answer = {name: value for name, value in first.answer.items() if name != "expires_at"}
        codes = [refusal_of(lambda who=who, serial=serial: [submit(form(serial), who) for _ in range(9)]).code]
        codes.append(refusal_of(lambda serial=serial: state("WRONG23456", serial)).code)
        with unit_of_work(area=AREA):
            rows = AuditRow.objects.filter(actor=who.id, result="ok").order_by("recorded_at")
            trail = [(row.verb, sorted(row.detail), row.object.partition(":")[0]) for row in rows]
        told.append((answer, sorted(first.once), codes, trail))
    assert told[0] == told[1]
    assert told[0][2] == ["control.too_many_tries", "people.self_unknown"]


def test_the_same_request_again_is_one_entry_and_keeps_its_reference() -> None:
    who, key = visitor(), uuid.uuid4().hex
    first, again = submit(form(), who, key), submit(form(), who, key)
    assert again.replayed
    assert not first.replayed
    assert len(entries()) == 1
    assert again.once == {}
    assert self_entry.reference_of(who, key) == first.once["reference"]
    assert refusal_of(lambda: submit(form(2), who, key)).code == "control.key_reused"
    other = submit(form(), visitor(), key)
    assert other.once["reference"] != first.once["reference"]
    assert len(entries()) == 2


def test_a_visitor_can_do_nothing_else() -> None:
    from sscard.control.acts_registry import acts as all_acts
    from sscard.control.rights import decide, declared

    rights = {one.right for one in all_acts().values()} | set(declared())
    allowed = {"people.submit_self", "people.entry_state", "partners.register"}
    assert {right for right in rights if decide(visitor(), right)} == allowed


@pytest.mark.parametrize("limit", ["target", "source"])
def test_entries_are_braked_by_number_and_by_source(limit: str) -> None:
    most = self_entry.SUBMITTING[limit].tries
    for turn in range(most):
        submit(
            form(1 if limit == "target" else turn + 1), visitor(f"192.0.2.{turn}" if limit == "target" else "192.0.2.7")
        )
    over = lambda: submit(form(1 if limit == "target" else 99), visitor("192.0.2.7"))  # noqa: E731
    assert refusal_of(over).code == "control.too_many_tries"
    assert refusal_of(over).status == 429
    submit(form(100), visitor("192.0.2.200"))
    assert len(entries()) == most + 1


def test_faults_cost_no_try() -> None:
    for _ in range(8):
        refusal_of(lambda: submit(form(name="")))
    submit(form())


def test_only_reference_and_number_together_tell_the_state() -> None:
    one, two = submit(form(1)).once["reference"], submit(form(2)).once["reference"]
    assert state(one).state == "waiting"
    assert state(f" {one[:5].lower()}-{one[5:]} ").state == "waiting"
    refused = [
        refusal_of(lambda r=r, s=s: state(r, s)) for r, s in ((one, 2), (two, 1), ("", 1), ("X" * 500, 1), (one, 3))
    ]
    assert {(one.code, str(one.facts)) for one in refused} == {("people.self_unknown", "{}")}
    elsewhere = refusal_of(lambda: self_reads.state_of(visitor(area="990200"), "990200", one, number(1)))
    assert elsewhere.code == "people.self_unknown"


def test_asking_is_braked_for_known_and_unknown_alike() -> None:
    submit(form(1))
    for serial in (1, 2):
        codes = [refusal_of(lambda s=serial: state("WRONG23456", s)).code for _ in range(12)]
        assert codes == ["people.self_unknown"] * 10 + ["control.too_many_tries"] * 2


def test_accepted_makes_the_person_and_what_was_typed_is_gone() -> None:
    reference = submit(form(), photo=PNG).once["reference"]
    (entry,) = entries()
    answer = accept(entry)
    (person,) = persons()
    assert (answer["state"], answer["outcome"], answer["person"]) == ("registered", "new", str(person.public_id))
    assert (person.source, person.has_photo) == ("self", True)
    with unit_of_work(area=AREA):
        assert Photo.objects.filter(person_id=person.person_id, current=True).count() == 1
        kept = SelfEntry.objects.get()
        assert (kept.form, kept.photo, kept.evidence, kept.seen) == (None, None, None, "original")
    with door.reading(clerk(), right="people.view", purpose="counter") as inside:
        assert "people.accept_self" in {look.verb for look in who_looked(inside, person.person_id)}
    assert state(reference).state == "registered"
    assert refusal_of(lambda: accept(entry)).code == "people.self_decided"
    assert refusal_of(lambda: refuse(entry)).code == "people.self_decided"


def test_a_known_person_is_brought_up_to_date_not_doubled() -> None:
    at_desk(form())
    submit(form(phone=demo.phone(77)))
    before = persons()[0].phone_mask
    assert accept(entries()[0])["outcome"] == "changed"
    assert len(persons()) == 1
    assert persons()[0].phone_mask != before


def test_a_number_under_another_name_goes_to_two_persons() -> None:
    at_desk(form())
    reference = submit(form(name="王大山")).once["reference"]
    (entry,) = entries()
    answer = accept(entry)
    assert (answer["state"], answer["outcome"]) == ("checking", "queued")
    with unit_of_work(area=AREA):
        case = DuplicateCase.objects.get()
        assert str(case.case_id) == answer["case"]
    assert len(persons()) == 1
    assert state(reference).state == "checking"
    for decision, seen in (("drop", "dropped"), ("correct", "registered")):
        with unit_of_work(area=AREA):
            DuplicateCase.objects.update(state="decided", decision=decision)
        assert state(reference).state == seen


def test_without_seeing_who_it_is_nothing_is_registered() -> None:
    submit(form())
    (entry,) = entries()
    assert refusal_of(lambda: accept(entry, identity_seen=False)).code == "people.self_not_seen"
    assert refusal_of(lambda: accept(entry, seen="phone")).code == "people.self_not_seen"
    assert refusal_of(lambda: accept(entry, seen="evidence")).code == "people.self_no_evidence"
    submit(form(2), evidence=PNG)
    assert accept(entries()[1], seen="evidence")["state"] == "registered"
    assert len(persons()) == 1


def test_refused_with_the_reason_that_the_person_reads() -> None:
    reference = submit(form()).once["reference"]
    (entry,) = entries()
    assert refusal_of(lambda: refuse(entry, "  ")).code == "control.reason_missing"
    refuse(entry)
    assert (state(reference).state, state(reference).reason) == ("refused", "照片看不清")
    assert persons() == []
    assert entries()[0].form is None


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize("whose", ["own", "relative"])
def test_nobody_handles_his_own_entry_or_a_relatives(registered: bool, whose: str) -> None:
    if registered:
        at_desk(form())
    submit(form())
    (entry,) = entries()
    index = bytes(entry.id_index)
    who = clerk(index) if whose == "own" else clerk(relatives=frozenset({index}))
    wanted = {"own": "control.own_record", "relative": "control.relatives_record"}[whose]

    def look() -> None:
        with door.reading(who, right="people.view_entries", purpose="counter") as inside:
            self_reads.beside(inside, entry.entry_id, full=True)

    turned_down = self_entry.RefuseSelf(entry.entry_id, "x")
    for job in (
        lambda: accept(entry, who),
        lambda: door.perform(who, "people.refuse_self", turned_down, key=uuid.uuid4().hex),
        look,
    ):
        assert refusal_of(job).code == wanted
    assert entries()[0].state == "waiting"
    assert len(persons()) == int(registered)


def test_another_areas_clerk_does_not_see_it_and_other_roles_may_not() -> None:
    submit(form())
    (entry,) = entries()
    away = replace(clerk(), area="990200")
    assert refusal_of(lambda: accept(entry, away)).code == "control.not_found"
    assert (
        refusal_of(lambda: accept(entry, replace(clerk(), roles=frozenset({"teller"})))).code == "control.not_allowed"
    )
    assert refusal_of(lambda: accept(entry, visitor())).code == "control.not_allowed"


def test_what_nobody_stands_for_runs_out_and_is_taken_away() -> None:
    reference = submit(form(), photo=PNG).once["reference"]
    late = clock.now(AREA) + timedelta(days=self_entry.KEPT_DAYS, minutes=1)
    with unit_of_work(area=AREA):
        assert self_entry.expire(AREA, clock.now(AREA)) == 0
        assert self_entry.expire(AREA, late) == 1
    (entry,) = entries()
    assert (entry.state, entry.form, entry.photo) == ("expired", None, None)
    assert state(reference).state == "expired"
    assert refusal_of(lambda: accept(entry)).code == "people.self_decided"


def test_an_entry_past_its_day_is_over_before_the_nightly_round() -> None:
    reference = submit(form()).once["reference"]
    with unit_of_work(area=AREA):
        SelfEntry.objects.update(expires_at=clock.now(AREA) - timedelta(seconds=1))
    assert state(reference).state == "expired"
    assert refusal_of(lambda: accept(entries()[0])).code == "people.self_decided"
    from sscard.people import jobs

    jobs.expire_self_entries(timestamp=0)
    assert (entries()[0].state, entries()[0].form) == ("expired", None)


def test_the_queue_shows_what_waits_and_opens_only_when_asked() -> None:
    at_desk(form(1))
    submit(form(1, phone=demo.phone(55)))
    submit(form(2))
    submit(form(3))
    refuse(entries()[2])
    with door.reading(clerk(), right="people.view_entries", purpose="counter") as inside:
        assert self_reads.waiting(inside).count() == 2
        assert self_reads.waiting(inside, decided=True).count() == 1
        assert self_reads.waiting(inside, id_number=number(2)).count() == 1
        masked = self_reads.beside(inside, entries_in(1).entry_id, full=False)
        assert "opened" not in inside.detail
        assert masked.person is not None
        assert number(1) not in repr(masked.typed) + repr(masked.ours)
        full = self_reads.beside(inside, entries_in(1).entry_id, full=True)
        assert (full.typed["phone"], full.ours["phone"]) == (demo.phone(55), demo.phone(1))
        assert inside.detail["what"] == "unmask"
        assert self_reads.beside(inside, entries_in(2).entry_id, full=False).person is None


def entries_in(serial: int) -> SelfEntry:
    """Inside a running unit of work."""
    from sscard.kernel.sealed import blind_index

    return SelfEntry.objects.get(id_index=blind_index("id_number", number(serial)))


def holder(person: Person) -> Caller:
    return Caller.of_holder(
        holder_id=uuid.uuid4(), name="李", area=AREA, person_index=bytes(person.id_index),
        persons=frozenset({person.person_id}),
    )  # fmt: skip


def correct(who: Caller, person: Person, **more: Any) -> dict[str, Any]:
    request = acts.CorrectOwn(person.public_id, **more)
    return door.perform(who, "people.own_correction", request, key=uuid.uuid4().hex).answer


def test_a_holder_corrects_his_own_and_nobody_elses() -> None:
    at_desk(form(1))
    at_desk(form(2, name="王大山"))
    mine, other = sorted(persons(), key=lambda one: one.name_mask != "李**")
    who = holder(mine)
    assert correct(who, mine, phone=demo.phone(9), photo=PNG)["changed"] == ["phone", "photo"]
    now = {one.person_id: one for one in persons()}
    assert now[mine.person_id].phone_mask != mine.phone_mask
    assert now[mine.person_id].has_photo
    assert now[mine.person_id].id_mask == mine.id_mask
    assert refusal_of(lambda: correct(who, other, phone=demo.phone(8))).code == "control.not_found"
    assert refusal_of(lambda: correct(who, mine)).code == "people.nothing_corrected"
    faults = refusal_of(lambda: correct(who, mine, phone="12", live_address="<b>")).faults
    assert {fault.place for fault in faults} == {"phone", "live_address"}
    assert refusal_of(lambda: correct(clerk(), mine, phone=demo.phone(8))).code == "control.not_allowed"
