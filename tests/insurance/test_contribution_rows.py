"""One row: every fault with its column, in the demo areas' rates."""

from __future__ import annotations

from datetime import date

import pytest

from sscard.codes import demo
from sscard.codes.sex import Sex
from sscard.insurance.files import cells, statement
from sscard.insurance.files.columns import CONTENTS, Headings
from sscard.insurance.files.contribution import Checked, check
from sscard.insurance.files.values import FileValues
from sscard.kernel import words
from sscard.kernel.refusals import Refusal
from sscard.law import areas

TODAY = date(2026, 11, 21)
GOOD = {
    "id_number": demo.citizen_id(date(1990, 1, 1), Sex.FEMALE, 1, "090101"),
    "insurance": "110", "scheme": "AAE140", "month": "202409", "base": "4500.00",
    "employer_due": "720.00", "person_due": "360.00", "total_due": "1080.00",
    "employer_paid": "720", "person_paid": "360.00", "employer_to_account": "", "person_to_account": "360.00",
    "settlement": "202409", "arrival": "20240920", "posted": "1", "employer_code": demo.credit_code(1),
}  # fmt: skip


def checked(area: str = "990100", scheme: str = "", /, **changes: str | None) -> Checked:
    row = {name: text for name, text in {**GOOD, **changes}.items() if text is not None}
    return check(row, FileValues(areas.get(area), TODAY, scheme))


def faults(area: str = "990100", /, **changes: str | None) -> set[tuple[str, str]]:
    return {(fault.place, fault.code) for fault in checked(area, **changes).faults}


def test_a_good_row_in_normal_form() -> None:
    found = checked()
    assert found.faults == found.warnings == ()
    assert found.row is not None
    assert (found.row.scheme, found.row.code) == ("AAE140", "110")
    entry = found.row.entry
    assert (entry.insurance, entry.month, entry.base_fen) == ("pension", 202409, 450_000)
    assert (entry.employer_due_fen, entry.person_due_fen, entry.to_account_fen) == (72_000, 36_000, 36_000)
    assert (entry.settlement_month, entry.arrived_on, entry.posted) == (202409, date(2024, 9, 20), True)


WRONG = [
    ({"id_number": GOOD["id_number"][:-1] + "0"}, {("id_number", "codes.id_check_digit")}),
    ({"insurance": "11"}, {("insurance", "codes.insurance_unknown")}),
    ({"insurance": "410", "scheme": None}, {("insurance", "codes.insurance_ambiguous")}),
    ({"insurance": "410", "scheme": "insutype"}, {("insurance", "insurance.not_of_the_five")}),
    ({"month": "202413"}, {("month", "insurance.month_unreal")}),
    ({"month": "202612"}, {("month", "insurance.month_future")}),
    ({"base": "4199.99"}, {("base", "insurance.base_below")}),
    ({"base": "21000.01"}, {("base", "insurance.base_above")}),
    ({"employer_due": "720.01", "total_due": ""}, {("employer_due", "insurance.due_not_by_rate")}),
    ({"total_due": "1080.01"}, {("total_due", "insurance.total_wrong")}),
    ({"person_paid": "360.01"}, {("person_paid", "insurance.paid_over_due")}),
    ({"person_paid": "359.99", "posted": "0"}, {("person_to_account", "insurance.account_over_paid")}),
    ({"person_paid": "0", "person_to_account": "0"}, {("posted", "insurance.flag_but_short")}),
    ({"person_due_account": "361"}, {("person_due_account", "insurance.account_over_due")}),
    ({"employer_paid": "-720"}, {("employer_paid", "insurance.amount_unreadable")}),
    ({"base": "四千五"}, {("base", "insurance.amount_unreadable")}),
    ({"arrival": "20240230"}, {("arrival", "insurance.day_unreal")}),
    ({"arrival": "20261122"}, {("arrival", "insurance.day_future")}),
    ({"settlement": "202699"}, {("settlement", "insurance.month_unreal")}),
    ({"posted": "也许"}, {("posted", "insurance.flag_unreadable")}),
    ({"employer_code": GOOD["employer_code"][:-1] + "0"}, {("employer_code", "codes.credit_check_digit")}),
    ({"insurance": "210", "employer_due": "22.50", "person_due": "22.50", "total_due": "", "employer_paid": "22.50",
      "person_paid": "22.50", "person_to_account": "1"}, {("person_to_account", "insurance.no_account")}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), WRONG)
def test_what_is_wrong_is_told_at_its_column(changes: dict[str, str | None], expected: set[tuple[str, str]]) -> None:
    assert faults(**changes) == expected


def test_all_faults_of_a_row_come_together_and_have_texts_in_both_languages() -> None:
    found = checked(id_number="1", insurance="x", month="0", base="?", arrival="?", posted="?")
    assert {f.place for f in found.faults} >= {"id_number", "insurance", "month", "base", "arrival", "posted"}
    for fault in found.faults:
        for lang in words.LANGUAGES:
            assert fault.sentence(lang)
            assert fault.advice(lang)
            assert "…" not in fault.sentence(lang)


def test_bounds_and_rates_are_those_of_the_month_and_area() -> None:
    """Area one: floor 4000 until 2024-06, 4200 from 2024-07. Area two: maternity is collected inside medical."""
    old = {"month": "202406", "base": "4000", "employer_due": "640", "person_due": "320", "total_due": "960",
           "employer_paid": "640", "person_paid": "320", "person_to_account": "320"}  # fmt: skip
    assert faults(**old) == set()
    assert faults(**{**old, "month": "202407"}) == {("base", "insurance.base_below")}
    maternity = {"insurance": "510", "employer_due": "22.50", "person_due": "0", "total_due": "22.50",
                 "employer_paid": "22.50", "person_paid": "0", "person_to_account": "0"}  # fmt: skip
    assert faults(**maternity) == set()
    assert ("insurance", "insurance.collected_within") in faults("990200", **maternity)


def test_a_month_before_the_pack_is_taken_with_a_warning() -> None:
    """The GB/T 40217 sample: 2018-12, base 4500, 14% and 8%."""
    found = checked(month="201812", employer_due="630.00", total_due="990", employer_paid="630.00", settlement="201812")
    assert found.row is not None
    assert (found.row.entry.employer_due_fen, found.row.entry.to_account_fen) == (63_000, 36_000)
    assert [warning.code for warning in found.warnings] == ["insurance.no_rates_then"]


ALONE = {"employer_code": "", "employer_due": "0", "employer_paid": "0", "person_due": "900", "person_paid": "900",
         "total_due": "900", "person_to_account": "360"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"person_rate": "20%"}, set()),
        ({"person_rate": "0.2000"}, set()),
        ({"person_rate": "19%"}, {("person_due", "insurance.due_not_by_own_rate")}),
        ({"person_rate": "viel"}, {("person_rate", "insurance.rate_unreadable")}),
        ({"person_rate": "20%", "employer_due": "1", "employer_paid": "1", "total_due": ""},
         {("employer_due", "insurance.employer_missing")}),
    ],
)  # fmt: skip
def test_who_has_no_employer_pays_all_himself(changes: dict[str, str], expected: set[tuple[str, str]]) -> None:
    assert faults(**{**ALONE, **changes}) == expected
    assert [w.code for w in checked(**ALONE).warnings] == ["insurance.rate_not_told"]


def test_residents_pay_flat_amounts_ahead_and_their_medical_insurance_has_no_account() -> None:
    flat = {"insurance": "城乡居民基本医疗保险", "scheme": None, "month": "202701", "base": "", "employer_code": "",
            "employer_due": "", "employer_paid": "", "person_due": "400", "person_paid": "400", "total_due": "400",
            "person_to_account": "", "settlement": "202610", "arrival": "2026-10-20"}  # fmt: skip
    found = checked(**flat)
    assert found.row is not None
    assert (found.row.scheme, found.row.code) == ("insutype", "390")
    assert faults(**{**flat, "person_to_account": "400"}) == {("person_to_account", "insurance.no_account")}


def test_arrival_decides_where_there_is_no_flag() -> None:
    assert checked(posted=None).row.entry.posted  # type: ignore[union-attr]
    assert not checked(posted=None, arrival="").row.entry.posted  # type: ignore[union-attr]
    assert checked(posted=None, arrival=None).row.entry.posted  # type: ignore[union-attr]


def test_cells_as_spreadsheets_write_them() -> None:
    assert [cells.month(text) for text in ("2024-01", "2024年1月", "2024/1/1", "202401.0")] == [202401] * 4
    assert [cells.month(text) for text in ("", "24-01", "202400", "2024-1-15")] == [None] * 4
    assert [cells.amount(text) for text in ("￥1,234.5", "４５００", "'630.0000", "1e3", "1.234")] == [
        123_450, 450_000, 63_000, None, None,
    ]  # fmt: skip


def test_headings_in_any_writing_and_what_is_missing() -> None:
    for content, columns in CONTENTS.items():
        headings = Headings.of(content)
        for column in columns:
            for text in (column.zh, column.en, *column.also, f" {column.zh}（必填） "):
                assert headings.field_of(text) == column.name
    with pytest.raises(Refusal) as caught:
        Headings.of("contributions").layout(["AAC002", "AAE140", "险种", "应缴年月"])
    told = {(fault.place, fault.code) for fault in caught.value.faults}
    assert ("insurance", "people.column_twice") in told
    assert ("base", "people.column_missing") in told


def test_a_statement_must_close_and_its_account_must_exist() -> None:
    row = {"id_number": GOOD["id_number"], "insurance": "310", "year": "2025", "opening": "100", "principal_in": "50",
           "interest_in": "1.50", "paid_out": "30", "closing": "121.50"}  # fmt: skip
    values = FileValues(areas.get("990100"), TODAY, "AAE140")
    good = statement.check(row, values)
    assert good.row is not None
    assert (good.row.account, good.row.closing_fen) == ("medical", 12_150)
    wrong = statement.check({**row, "closing": "121.49", "year": "2027", "insurance": "insutype:390"}, values)
    assert {(f.place, f.code) for f in wrong.faults} == {
        ("closing", "insurance.closing_wrong"),
        ("year", "insurance.year_unreal"),
        ("insurance", "insurance.no_account"),
    }
