"""The two gates: the approval of the area, day by day, and the permit of exactly this product."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sscard.kernel.refusals import Refusal
from sscard.law import areas, clauses
from sscard.law.permits import issuer_may_issue, require_issuing_approval, require_production_permit

DAY = timedelta(days=1)
SUSPENDED, AGAIN = date(2022, 5, 1), date(2022, 8, 1)

# (area, day, refusal or None)
APPROVALS = [
    ("990100", date(2020, 6, 1) - DAY, "law.area_not_approved"),
    ("990100", date(2020, 6, 1), None),
    ("990100", date(2099, 1, 1), None),
    ("990200", date(2021, 3, 1) - DAY, "law.area_not_approved"),
    ("990200", date(2021, 3, 1), None),
    ("990200", SUSPENDED - DAY, None),
    ("990200", SUSPENDED, "law.approval_suspended"),
    ("990200", AGAIN - DAY, "law.approval_suspended"),
    ("990200", AGAIN, None),
    ("990300", date(2026, 9, 1), "law.area_not_approved"),
]


def refusal_of(area: object, on: date, issuer: str = "bureau") -> Refusal | None:
    try:
        require_issuing_approval(area, on, issuer)  # type: ignore[arg-type]
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize(("code", "on", "expected"), APPROVALS)
def test_approval_day_by_day(code: str, on: date, expected: str | None) -> None:
    found = refusal_of(areas.get(code), on)
    assert (found.code if found else None) == expected
    assert issuer_may_issue("bureau", areas.get(code), on) is (expected is None)
    if found:
        assert found.clause == "M47-5"
        assert clauses.may_show("M47-5")
        assert found.status == 403
        for lang in ("zh", "en"):
            assert "…" not in found.sentence(lang)
            assert found.next_step(lang)


def with_approvals(*rows: dict[str, object]) -> object:
    """The first demo area with other approvals."""
    from dataclasses import replace

    from sscard.law.schema import PermitsFile

    area = areas.get("990100")
    filled = [{"number": "N", "source": "x", **row} for row in rows]
    return replace(area, permits=PermitsFile.model_validate({"approval": filled, "production": []}))


def test_an_ended_approval() -> None:
    area = with_approvals({"from": date(2020, 1, 1), "state": "approved"}, {"from": date(2024, 1, 1), "state": "ended"})
    assert refusal_of(area, date(2023, 12, 31)) is None
    assert refusal_of(area, date(2024, 1, 1)).code == "law.approval_ended"  # type: ignore[union-attr]


def test_an_approval_that_ran_out_has_ended() -> None:
    area = with_approvals({"from": date(2020, 1, 1), "until": date(2023, 6, 30), "state": "approved"})
    assert refusal_of(area, date(2023, 6, 30)) is None
    assert refusal_of(area, date(2023, 7, 1)).code == "law.approval_ended"  # type: ignore[union-attr]


@pytest.mark.parametrize("issuer", ["county", "bank", "producer", "employer", "hospital", "ministry", "somebody", ""])
def test_nobody_else_issues_even_where_the_area_may(issuer: str) -> None:
    area = areas.get("990100")
    found = refusal_of(area, date(2026, 9, 1), issuer)
    assert found is not None
    assert (found.code, found.clause) == ("law.issuer_level", "M47-5")
    assert not issuer_may_issue(issuer, area, date(2026, 9, 1))
    assert "{" not in found.sentence("zh")


@pytest.mark.parametrize("issuer", ["bureau", "province", "prefecture"])
def test_departments_of_the_right_level_issue(issuer: str) -> None:
    assert issuer_may_issue(issuer, areas.get("990100"), date(2026, 9, 1))


def test_a_county_never_issues_even_with_an_approval_on_record() -> None:
    from dataclasses import replace

    area = areas.get("990100")
    county = replace(area, sheet=area.sheet.model_copy(update={"level": "county", "code": "990101"}))
    for issuer in ("bureau", "prefecture"):
        assert refusal_of(county, date(2026, 9, 1), issuer).code == "law.issuer_level"  # type: ignore[union-attr]


GOOD = {"supplier": "yunshan", "product": "YS-3", "chip": "SC3-80", "plant": "yunshan-1"}


def test_a_product_that_passed_is_permitted_from_its_day() -> None:
    area = areas.get("990100")
    permit = require_production_permit(area, **GOOD, on=date(2020, 7, 1))
    assert permit.passed.cross_area <= permit.from_


# (what is asked, day, refusal, what the sentence must name)
PRODUCTION = [
    ({}, date(2020, 6, 30), "law.production_not_yet", "2020-07-01"),
    ({"product": "YS-2", "chip": "SC2-40"}, date(2023, 1, 1), "law.production_ended", "2022-12-31"),
    ({"supplier": "other"}, date(2026, 1, 1), "law.production_not_tested", "供应商"),
    ({"product": "YS-4"}, date(2026, 1, 1), "law.production_not_tested", "卡片产品"),
    ({"chip": "SC2-40"}, date(2026, 1, 1), "law.production_not_tested", "芯片"),
    ({"plant": "yunshan-2"}, date(2026, 1, 1), "law.production_not_tested", "生产厂"),
    (
        {"supplier": "haifeng", "product": "HF-3D", "chip": "SC3-128", "plant": "haifeng-2"},
        date(2026, 1, 1),
        "law.production_not_tested",
        "供应商、卡片产品、芯片、生产厂",
    ),
]


@pytest.mark.parametrize(("change", "on", "code", "named"), PRODUCTION)
def test_anything_else_needs_test_cards_first(change: dict[str, str], on: date, code: str, named: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_production_permit(areas.get("990100"), **(GOOD | change), on=on)
    assert (refused.value.code, refused.value.clause) == (code, "M47-12")
    assert named in refused.value.sentence("zh")
    assert refused.value.next_step("en")


def test_a_permit_of_one_area_is_none_in_another() -> None:
    haifeng = {"supplier": "haifeng", "product": "HF-3D", "chip": "SC3-128", "plant": "haifeng-2"}
    assert require_production_permit(areas.get("990200"), **haifeng, on=date(2026, 1, 1)).supplier == "haifeng"
    with pytest.raises(Refusal):
        require_production_permit(areas.get("990300"), **GOOD, on=date(2026, 1, 1))
