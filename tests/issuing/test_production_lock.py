"""Article 12: mass production of a product opens by the decisions of the ministry's office about its test cards, and by
nothing else (ISS-8)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuing_kit import AREA, CHIP, COS, MAKER, PRODUCT, Office, approve, do, refused, report_of, staff, together
from sscard.control.inside import Inside
from sscard.documents import authority, detached
from sscard.issuing import acts, permitting
from sscard.issuing.models import ExaminedCard
from sscard.issuing.rules import AUDITS, Verdict, audits_on
from sscard.issuing.signed_files import Product
from sscard.kernel import clock
from sscard.kernel.db import unit_of_work
from sscard.sim import ministry

HELD = Product("yunshan", PRODUCT, CHIP, COS, "3.0")


def lacking(product: Product = HELD) -> set[str]:
    """Codes of what the lock of a product says today."""
    with unit_of_work(area=AREA):
        inside = Inside(caller=staff("stock_keeper"), area_code=AREA, act="test")
        return {one.code for one in permitting.standing(inside, product)}


def decided(number: str, report: tuple[bytes, str], **more: object) -> acts.ImportDecision:
    return acts.ImportDecision(*ministry.decide(*report, number=number, **more))  # type: ignore[arg-type]


def signed(decision: dict[str, object], office: str = "ministry-office") -> acts.ImportDecision:
    file = json.dumps(decision).encode()
    return acts.ImportDecision(file, detached.sign(file, authority.office(office)))


def lay_in(request: object) -> dict[str, object]:
    return together(staff("area_manager"), staff("reviewer"), request)


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
def test_the_lock_closes_and_opens_by_decisions(office: Office) -> None:
    """Open with three passes; a failed one of a later decision closes making and releasing, a new pass opens them again."""
    office.checked(office.people(1))
    batch = office.batch()
    assert lacking() == set()
    try:
        lay_in(decided("L-1", report_of(), fails=frozenset({"safety"})))
        assert lacking() == {"issuing.audit_failed"}
        order = acts.MakeBatch("CCB", MAKER, PRODUCT, CHIP)
        no = refused(office.clerk, order)
        assert (no.code, no.status, no.clause) == ("issuing.test_cards_not_passed", 403, "M47-12")
        assert [one.place for one in no.faults] == ["audit.safety"]
        assert refused(office.clerk, acts.ReleaseBatch(batch, 1)).code == "issuing.test_cards_not_passed"
    finally:
        lay_in(decided("L-2", report_of()))
    assert lacking() == set()
    assert refused(office.clerk, acts.ReleaseBatch(batch, 1)).code != "issuing.test_cards_not_passed"
    do(office.clerk, acts.DissolveBatch(batch, "end of the test"))


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
@pytest.mark.parametrize(
    "change", [{"chip": "SC3-81"}, {"cos": "YCOS-3.2"}, {"version": "2.0"}, {"product": "YS-4"}, {"supplier": "haifeng"},
               {"cos": ""}], ids=str,
)  # fmt: skip
def test_another_product_is_another_product(office: Office, change: dict[str, str]) -> None:
    assert lacking() == set()
    assert lacking(msgspec.structs.replace(HELD, **change)) == {"issuing.audit_missing"}


def test_a_new_cos_in_the_area_pack_closes_the_lock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The permit's COS is what is made: a pack with another one needs its own test cards."""
    office.checked(office.people(1))
    of_permit = permitting.of_permit
    newer: Callable[..., Product] = lambda *given: msgspec.structs.replace(of_permit(*given), cos="YCOS-3.2")  # noqa: E731
    with monkeypatch.context() as pack:
        pack.setattr(permitting, "of_permit", newer)
        no = refused(office.clerk, acts.MakeBatch("CCB", MAKER, PRODUCT, CHIP))
    assert {one.code for one in no.faults} == {"issuing.audit_missing"}
    assert len(no.faults) == len(AUDITS)


def test_a_pass_without_a_passing_report_of_the_product_opens_nothing(office: Office) -> None:
    other = report_of(product="YS-9")
    unknown = decided("E-1", other)  # the report was never registered here
    no = refused(staff("area_manager"), unknown)
    assert {one.code for one in no.faults} == {"issuing.evidence_missing"}
    assert {one.place for one in no.faults} == {"outcomes.conformance", "outcomes.cross_area"}
    decision = json.loads(unknown.file) | {"number": "E-2"}
    decision["evidence"] = json.loads(ministry.decide(*report_of(), number="x")[0])["evidence"]
    assert refused(staff("area_manager"), signed(decision)).code == "kernel.form_faults", "another product's report"
    together(staff("area_manager"), staff("reviewer"), acts.RegisterExamination(*other))
    lay_in(decided("E-3", other))
    assert lacking(msgspec.structs.replace(HELD, product="YS-9")) == set()


def test_an_older_report_keeps_its_judgement(office: Office) -> None:
    """Items that came later make no signed report incomplete; the same report made today would be."""

    def examined(at: str, product: str, **outcome: str) -> dict[str, object]:
        told = json.loads(report_of(product=product)[0])
        told.pop("list")
        told["at"] = at
        told["results"] = [
            {**one, "outcome": outcome.get(one["code"], one["outcome"])}
            for one in told["results"]
            if one["code"] != "KEY_PROOF" or outcome
        ]
        file = json.dumps(told).encode()
        request = acts.RegisterExamination(file, detached.sign(file, authority.office("test-laboratory")))
        return together(staff("area_manager"), staff("reviewer"), request)

    before, now = "2026-11-22T12:00:00+00:00", clock.real_now().isoformat()
    old = examined(before, "YS-21")
    assert (old["conformance"], old["cross_area"], old["items"]) == ("passed", "passed", "2 (2026-11-22)")
    lay_in(decided("O-1", _report_on_file("YS-21")))
    assert lacking(msgspec.structs.replace(HELD, product="YS-21")) == set(), "the office judges it by the same list"
    assert examined(now, "YS-22")["conformance"] == "incomplete"
    assert examined(before, "YS-23", KEY_PROOF="failed")["conformance"] == "failed", "a fault that was seen counts"


def _report_on_file(product: str) -> tuple[bytes, str]:
    with unit_of_work(area=AREA):
        row = ExaminedCard.objects.get(area_code=AREA, product=product)
    return bytes(row.report), row.signature


def test_a_failed_report_is_kept_and_shows_nothing(office: Office) -> None:
    """A wrong card's report is registered all the same; the office fails it by itself."""
    told = json.loads(report_of(product="YS-8")[0])
    for one in told["results"]:
        if one["code"] in ("UNIVERSAL", "MAC"):
            one["outcome"] = "failed"
    told["audits"] = {"conformance": "passed", "cross_area": "passed"}  # what it says of itself counts for nothing
    file = json.dumps(told).encode()
    report = file, detached.sign(file, authority.office("test-laboratory"))
    answer = together(staff("stock_keeper"), staff("reviewer"), acts.RegisterExamination(*report))
    assert (answer["conformance"], answer["cross_area"]) == ("failed", "failed")
    honest = json.loads(ministry.decide(*report, number="F-1")[0])
    assert set(honest["outcomes"].values()) == {"failed"}
    forced = honest | {"number": "F-2", "outcomes": {"conformance": "passed"}}
    assert refused(staff("area_manager"), signed(forced)).code == "kernel.form_faults"


def test_a_pass_ends_with_its_last_day(office: Office) -> None:
    report = report_of(product="YS-7")
    together(staff("area_manager"), staff("reviewer"), acts.RegisterExamination(*report))
    yesterday = clock.today(AREA) - timedelta(days=1)
    lay_in(decided("U-1", report, until=yesterday, on=date(2020, 7, 1)))
    seven = msgspec.structs.replace(HELD, product="YS-7")
    assert lacking(seven) == {"issuing.audit_expired"}
    lay_in(decided("U-2", report, until=clock.today(AREA)))
    assert lacking(seven) == set()


@pytest.mark.row("ISS-8", part="standards audit and universality test as evidence, the lock")
def test_nobody_but_the_ministrys_office_decides(office: Office) -> None:
    """A decision under another seal, a changed one, one of another area, of tomorrow; and one person alone."""
    good = json.loads(ministry.decide(*report_of(), number="N-1")[0])
    manager = staff("area_manager")
    assert refused(manager, signed(good, "test-laboratory")).code == "documents.signature_of_file"
    bank = json.dumps(good).encode()
    banks = acts.ImportDecision(bank, detached.sign(bank, authority.seal_of("CCB", "中国建设银行")))
    assert refused(manager, banks).code == "documents.signature_of_file"
    true = signed(good)
    changed = acts.ImportDecision(true.file.replace(b"N-1", b"N-2"), true.signature)
    assert refused(manager, changed).code == "documents.signature_of_file"
    for signature in (
        "",
        "..",
        "a.b.c",
        true.signature.replace("..", ".e30."),
        "e30.." + true.signature.split("..")[1],
    ):
        assert refused(manager, acts.ImportDecision(true.file, signature)).code == "documents.signature_of_file"
    assert refused(manager, signed(good | {"area": "990200"})).code == "issuing.decision_of_other_area"
    tomorrow = signed(good | {"decided_on": (clock.today(AREA) + timedelta(days=1)).isoformat()})
    assert {one.code for one in refused(manager, tomorrow).faults} == {"issuing.decision_of_tomorrow"}
    for odd in ({"outcomes": {}}, {"outcomes": {"beauty": "passed"}}, {"more": 1}, {"evidence": ["x" * 64] * 21}):
        assert refused(manager, signed(good | odd)).code == "issuing.decision_form"
    for who in ("stock_keeper", "clerk", "producer_operator", "teller"):
        assert refused(staff(who), true).code == "control.not_allowed"
    waiting = do(manager, true)
    assert refused_approval(manager, waiting) == "control.own_request"
    approve(staff("reviewer"), waiting)
    assert refused(manager, true).code == "issuing.decision_here_already"


def refused_approval(checker: object, waiting: object) -> str:
    from sscard.kernel.refusals import Refusal

    with pytest.raises(Refusal) as no:
        approve(checker, waiting)  # type: ignore[arg-type]
    return no.value.code


def test_reports_that_are_not_taken(office: Office) -> None:
    file, signature = report_of(product="YS-6")
    keeper = staff("stock_keeper")
    assert refused(keeper, acts.RegisterExamination(file + b" ", signature)).code == "documents.signature_of_file"
    told = json.loads(file)

    def resigned(**changes: object) -> acts.RegisterExamination:
        raw = json.dumps(told | changes).encode()
        return acts.RegisterExamination(raw, detached.sign(raw, authority.office("test-laboratory")))

    assert refused(keeper, resigned(area="330182")).code == "issuing.report_of_other_area"
    assert refused(keeper, resigned(at="2099-01-01T00:00:00+00:00")).code == "issuing.report_form"
    for odd in ({"form": "other"}, {"version": "9.9"}, {"algorithm": "rot13"}, {"results": 1}):
        assert refused(keeper, resigned(**odd)).code == "issuing.report_form"
    assert refused(keeper, resigned(subject=told["subject"] | {"cos": ""})).code == "issuing.report_form"
    ministrys = acts.RegisterExamination(file, detached.sign(file, authority.office("ministry-office")))
    assert refused(keeper, ministrys).code == "documents.signature_of_file"
    assert refused(staff("clerk"), acts.RegisterExamination(file, signature)).code == "control.not_allowed"
    together(keeper, staff("reviewer"), acts.RegisterExamination(file, signature))
    assert refused(keeper, acts.RegisterExamination(file, signature)).code == "issuing.report_here_already"
    assert not re.search(r"246813|090101", file.decode()), "no password and no holder in a report"


DAYS = st.dates(date(2025, 1, 1), date(2025, 1, 9))
VERDICTS = st.lists(
    st.builds(Verdict, st.sampled_from(AUDITS), st.sampled_from(["passed", "failed"]), DAYS, st.none() | DAYS),
    max_size=8,
)


@given(VERDICTS, DAYS)
def test_the_newest_verdict_of_the_day_holds(verdicts: list[Verdict], on: date) -> None:
    rows = sorted(verdicts, key=lambda one: one.decided_on)
    found = audits_on(rows, on)
    assert set(found) == set(AUDITS)
    for audit, (state, _) in found.items():
        mine = [one for one in rows if one.audit == audit and one.decided_on <= on]
        if state == "passed":
            assert mine[-1].outcome == "passed"
            assert mine[-1].until is None or mine[-1].until >= on
        else:
            assert not mine or mine[-1].outcome == "failed" or (mine[-1].until and mine[-1].until < on)
