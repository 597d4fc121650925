"""ISS-1: an area without approval issues nothing, at any entry; nor does anybody who is no issuer."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sscard.kernel import clock

HALL, SOME = "990300-B01", uuid.UUID(int=7)


def entries() -> list[tuple[str, Any]]:
    """Every act of the room, with a request as good as an area without cards allows; and who would make it."""
    from sscard.issuing import acts

    return [
        ("clerk", acts.Apply(SOME, "CCB", HALL)),
        ("holder", acts.Apply(SOME, "CCB", HALL)),
        ("employer_handler", acts.Apply(SOME, "CCB", HALL)),
        ("clerk", acts.ApplyMany("CCB", HALL)),
        ("reviewer", acts.Check(SOME)),
        ("reviewer", acts.CheckCampaign(SOME, 1)),
        ("clerk", acts.MakeBatch("CCB", "PRODUCER-YUNSHAN", "YS-3", "SC3-80")),
        ("clerk", acts.WriteAccountFile(SOME)),
        ("clerk", acts.ReadAccountAnswer(SOME, b"")),
        ("bank_program", acts.ReadAccountAnswer(SOME, b"")),
        ("area_manager", acts.RegisterProducer("PRODUCER-YUNSHAN", "yunshan", "p", "00", "00", date(2099, 1, 1))),
        ("stock_keeper", acts.RegisterExamination(b"", "")),
        ("area_manager", acts.ImportDecision(b"", "")),
        ("clerk", acts.ReleaseBatch(SOME, 1)),
        ("producer_program", acts.TakePackage(SOME)),
        ("clerk", acts.RecallBatch(SOME, "x")),
        ("producer_program", acts.ReceiveReturn(SOME, b"")),
        ("stock_keeper", acts.ReceiveShipment("S", 0)),
        ("stock_keeper", acts.SendToOutlet(HALL, "SEAL-1", SOME)),
        ("teller", acts.ReceiveAtOutlet("S", 0)),
        ("teller", acts.HandOver(SOME, HALL)),
        ("stock_keeper", acts.Destroy((SOME,), HALL, "x")),
        ("stock_keeper", acts.ReportMissing((SOME,), HALL, "x")),
        ("stock_keeper", acts.FindCard(SOME)),
        ("stock_keeper", acts.WriteOff(SOME, "x")),
    ]


def callers(role: str, area: str) -> list[Any]:
    """The role through page, API, file and job."""
    from issuing_kit import program, staff
    from sscard.control.caller import Caller

    if role == "holder":
        one = Caller.of_holder(
            holder_id=uuid.uuid4(), name="x", area=area, person_index=b"h" * 32, persons=frozenset({1})
        )
        return [one]
    if role.endswith("_program"):
        kind = role.partition("_")[0]
        return [program(role, "PRODUCER-YUNSHAN" if kind == "producer" else "CCB", kind, area=area)]
    kind = {"teller": "bank_branch", "employer_handler": "employer"}.get(role, "bureau")
    return [staff(role, area=area, kind=kind, channel=channel) for channel in ("page", "api", "file", "job")]


@pytest.mark.row("ISS-1")
def test_no_entry_issues_in_an_area_without_approval(house: object) -> None:
    from issuing_kit import refused

    for role, request in entries():
        for caller in callers(role, "990300"):
            refusal = refused(caller, request)
            place = (type(request).__name__, role, caller.channel)
            assert refusal.code == "law.area_not_approved", place
            assert refusal.clause == "M47-5", place


def test_the_list_of_entries_is_complete(house: object) -> None:
    """Whoever adds an act of issuing adds it here. Withdrawing and dissolving issue nothing: they take back."""
    from sscard.control.acts_registry import acts

    mine = {one.request for name, one in acts().items() if name.startswith("issuing.")}
    spared = {"WithdrawApplication", "DissolveBatch"}
    assert {one.__name__ for one in mine} - spared == {type(request).__name__ for _, request in entries()}


@pytest.mark.row("ISS-1")
def test_while_an_approval_is_suspended_nothing_is_issued_but_boxes_are_taken_in(
    house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from issuing_kit import refused

    then = datetime(2022, 6, 1, tzinfo=UTC)  # area two's approval was suspended from May to July 2022
    monkeypatch.setattr(clock, "offset_of", lambda _area: then - datetime.now(UTC) + timedelta(0))
    custody = {
        "RegisterProducer", "RecallBatch", "ReceiveReturn", "ReceiveShipment", "ReceiveAtOutlet", "Destroy",
        "ReportMissing", "FindCard", "WriteOff", "RegisterExamination", "ImportDecision",
    }  # fmt: skip
    for role, request in entries():
        caller = callers(role, "990200")[0]
        code = refused(caller, request).code
        if type(request).__name__ in custody:
            assert not code.startswith("law."), (type(request).__name__, code)
        else:
            assert code == "law.approval_suspended", (type(request).__name__, code)


@pytest.mark.row("ISS-1")
@pytest.mark.parametrize("kind", ["bank", "bank_branch", "outlet", "producer", "employer", "ministry", "hospital"])
def test_nobody_but_the_department_orders_cards(house: object, kind: str) -> None:
    from issuing_kit import refused, staff
    from sscard.issuing import acts

    other = staff("clerk", kind=kind, organisation="OTHER")
    order = acts.MakeBatch("CCB", "PRODUCER-YUNSHAN", "YS-3", "SC3-80")
    for request in (order, acts.ReleaseBatch(SOME, 1)):
        refusal = refused(other, request)
        assert refusal.code == "law.issuer_level"
        assert refusal.clause == "M47-5"
