"""The door: rights, keys, four eyes, refusals, audit; through real PostgreSQL as the app role."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import connection, connections

from sscard.control import acts as control_acts
from sscard.control import door, rights
from sscard.control.acts_registry import act
from sscard.control.caller import Caller
from sscard.control.inside import Inside
from sscard.control.models import Approval, AuditRow, Idempotency, Organisation, Outbox
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal

AREA = "990100"
rights.declare({"test.write": {"clerk"}})
ran: list[str] = []


@dataclass(frozen=True, slots=True)
class Say:
    word: str


@act("test.say", right="test.write")
def say(inside: Inside, request: Say) -> dict[str, object]:
    ran.append(request.word)
    if request.word == "no":
        raise Refusal("control.reason_missing")
    inside.emit("said", {"word": request.word})
    return {"said": request.word}


@act("test.say_together", right="test.write", four_eyes=True)
def say_together(inside: Inside, request: Say) -> dict[str, object]:
    ran.append(request.word)
    return {"said": request.word, "maker": str(inside.maker), "checker": str(inside.checker)}


def clerk(person: bytes = b"p" * 32, roles: tuple[str, ...] = ("clerk", "reviewer"), **more: object) -> Caller:
    values: dict[str, object] = {
        "kind": "staff",
        "id": uuid.uuid4(),
        "name": "甲",
        "channel": "page",
        "area": AREA,
        "organisation": "990100-BUREAU",
        "organisation_kind": "bureau",
        "roles": frozenset(roles),
        "person_index": person,
    }
    return Caller(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _desk(house: object) -> None:
    ran.clear()
    Organisation.objects.get_or_create(
        code="990100-BUREAU", defaults={"kind": "bureau", "area_code": AREA, "name_zh": "局", "name_en": "Bureau"}
    )


def audit_rows(caller: Caller) -> list[AuditRow]:
    with unit_of_work(area=AREA):
        return list(AuditRow.objects.filter(actor=caller.id).order_by("xid"))


def test_an_act_writes_facts_event_and_audit_in_one_go() -> None:
    who = clerk()
    outcome = door.perform(who, "test.say", Say("hello"), key="k1")
    assert outcome.answer == {"said": "hello"}
    assert not outcome.replayed
    (row,) = audit_rows(who)
    assert (row.verb, row.result, row.area_code) == ("test.say", "ok", AREA)
    assert Outbox.objects.filter(body__word="hello").exists()


def test_a_repeat_gets_the_first_answer_and_does_nothing() -> None:
    who = clerk()
    door.perform(who, "test.say", Say("once"), key="k1")
    again = door.perform(who, "test.say", Say("once"), key="k1")
    assert again.replayed
    assert again.answer == {"said": "once"}
    assert ran == ["once"]


def test_the_same_key_with_other_content_is_refused() -> None:
    who = clerk()
    door.perform(who, "test.say", Say("a"), key="k1")
    with pytest.raises(Refusal) as caught:
        door.perform(who, "test.say", Say("b"), key="k1")
    assert (caught.value.code, caught.value.status) == ("control.key_reused", 422)
    assert ran == ["a"]


def test_a_refusal_is_stored_and_repeated_and_audited() -> None:
    who = clerk()
    for _ in range(2):
        with pytest.raises(Refusal) as caught:
            door.perform(who, "test.say", Say("no"), key="k1")
        assert caught.value.code == "control.reason_missing"
    assert ran == ["no"]
    assert [r.result for r in audit_rows(who)] == ["refused"]
    assert Idempotency.objects.get(caller_id=who.id, key="k1").result == "refused"


def test_fifty_parallel_requests_with_one_key_run_once() -> None:
    who = clerk()

    def one(_: int) -> dict[str, object]:
        try:
            return door.perform(who, "test.say", Say("many"), key="same").answer
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(50)))
    assert answers == [{"said": "many"}] * 50
    assert ran == ["many"]


def test_parallel_twins_of_a_refused_request_get_one_refusal_and_the_act_runs_once() -> None:
    who = clerk()

    def one(_: int) -> str:
        try:
            door.perform(who, "test.say", Say("no"), key="same")
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(24)))
    assert answers == ["control.reason_missing"] * 24
    assert ran == ["no"]
    assert len(audit_rows(who)) == 1


def test_without_the_right_nothing_happens_and_it_is_written_down() -> None:
    who = clerk(roles=("auditor",))
    with pytest.raises(Refusal) as caught:
        door.perform(who, "test.say", Say("x"), key="k")
    assert caught.value.code == "control.not_allowed"
    assert ran == []
    assert [(r.result, r.reason) for r in audit_rows(who)] == [("refused", "control.not_allowed")]


def ask_together() -> tuple[Caller, Approval]:
    maker = clerk()
    outcome = door.perform(maker, "test.say_together", Say("both"), key=str(uuid.uuid4()))
    assert ran == []
    with unit_of_work(area=AREA):
        return maker, Approval.objects.get(approval_id=outcome.waiting)


def approve(who: Caller, waiting: Approval, digest: str | None = None) -> dict[str, object]:
    request = control_acts.Approve(waiting.approval_id, digest or bytes(waiting.digest).hex())
    return door.perform(who, "control.approve", request, key=str(uuid.uuid4())).answer


def test_four_eyes_runs_the_exact_request_for_the_second_person_once() -> None:
    maker, waiting = ask_together()
    checker = clerk(person=b"q" * 32)
    answer = approve(checker, waiting)
    assert (answer["maker"], answer["checker"]) == (str(maker.id), str(checker.id))
    with pytest.raises(Refusal, match="approval_closed"):
        approve(checker, waiting)
    assert ran == ["both"]


@pytest.mark.parametrize(
    ("who", "digest", "code"),
    [
        (clerk(), None, "control.own_request"),  # another account of the same person
        (clerk(person=b"q" * 32), "00" * 32, "control.digest_differs"),
        (clerk(person=b"q" * 32, roles=("clerk",)), None, "control.not_allowed"),
        (clerk(person=b"q" * 32, area="990200"), None, "control.not_found"),
        (clerk(person=None), None, "control.own_request"),
    ],
)
def test_who_may_not_be_the_second_person(who: Caller, digest: str | None, code: str) -> None:
    _, waiting = ask_together()
    with pytest.raises(Refusal) as caught:
        approve(who, waiting, digest)
    assert caught.value.code == code
    assert ran == []


def test_the_database_itself_refuses_one_person_twice() -> None:
    _, waiting = ask_together()
    with pytest.raises(Exception, match="two_persons"), unit_of_work(area=AREA):
        Approval.objects.filter(approval_id=waiting.approval_id).update(checker_person=waiting.maker_person)


def test_the_app_role_cannot_touch_the_audit_trail() -> None:
    who = clerk()
    door.perform(who, "test.say", Say("kept"), key="k")
    for statement in (
        "update control_auditrow set verb = 'x'",
        "delete from control_auditrow",
        "truncate control_auditrow",
    ):
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)
