"""One row: every rule by a table of what is typed and what is told; the fast lane against the exact one by property."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roster_kit import GOOD, ON, VALUES

from sscard.codes import demo, gb11643
from sscard.kernel import words
from sscard.kernel.refusals import Fault
from sscard.people.roster import cells
from sscard.people.roster.columns import BY_NAME
from sscard.people.roster.fast import GOOD_SCHEMA, ROW, FastLane
from sscard.people.roster.rules import RosterValues, check, check_row
from sscard.sim import dirt

CHILD_BODY = "09010120200229001"
CHILD = {
    "id_number": CHILD_BODY + gb11643.calc_check_digit(CHILD_BODY), "birth_date": "20200229", "category": "儿童",
    "guardian_name": "张父", "guardian_id": GOOD["id_number"],
}  # fmt: skip
TEEN_BODY = "09010120101121001"
TEEN = TEEN_BODY + gb11643.calc_check_digit(TEEN_BODY)
EMPLOYER = demo.credit_code(1)
PERMIT_BODY = "81000019900101000"


def told(**changes: str) -> set[tuple[str, str]]:
    return {(fault.place, fault.code) for fault in check_row({**GOOD, **changes}, on=ON, values=VALUES)}


@pytest.mark.parametrize(
    "changes, faults",
    [
        ({}, set()),
        ({"id_number": ""}, {("id_number", "people.id_missing")}),
        ({"id_number": "9.01012E+16"}, {("id_number", "people.id_spreadsheet")}),
        ({"id_number": "090101199001010000"}, {
            ("id_number", "people.id_spreadsheet"), ("sex", "people.sex_disagrees")}),
        ({"id_number": "090101900101001"}, {("id_number", "codes.id_old_15")}),
        ({"id_number": "090101199001010017"}, {("id_number", "codes.id_check_digit")}),
        ({"id_number": "09010119900101001"}, {("id_number", "codes.id_length")}),
        ({"birth_date": "1990-02-30"}, {("birth_date", "people.birth_impossible")}),
        ({"birth_date": "1990"}, {("birth_date", "people.birth_form")}),
        ({"birth_date": "19900102"}, {("birth_date", "people.birth_disagrees")}),
        ({"birth_date": "20261122"}, {("birth_date", "people.birth_future")}),
        ({"sex": "女"}, {("sex", "people.sex_disagrees")}),
        ({"sex": "0"}, {("sex", "people.sex_unknown")}),
        ({"nation": ""}, {("nation", "people.nation_missing")}),
        ({"id_type": "护照"}, {("id_type", "codes.document_mismatch")}),
        ({"id_type": "户口簿"}, set()),
        ({"category": "职工"}, {("employer_code", "people.employer_missing")}),
        ({"category": "职工", "employer_code": EMPLOYER}, set()),
        ({"employer_code": EMPLOYER[:-1] + "?"}, {("employer_code", "codes.credit_character")}),
        ({"phone": "010-12345678"}, {("phone", "codes.phone_prefix")}),
        ({"household_address": "云溪"}, {("household_address", "people.address_short")}),
        ({"household_address": "=1+1云溪市"}, {("household_address", "people.address_signs")}),
        ({"live_address": "云溪市<b>1号"}, {("live_address", "people.address_signs")}),
        ({"household_address": "云" * 201}, {("household_address", "people.cell_too_long")}),
        ({"remark": "长" * 501}, {("remark", "people.cell_too_long")}),
        ({"photo": "a/b.jpg"}, {("photo", "people.photo_name")}),
        ({"photo": "P-1.JPG"}, set()),
        ({"old_id_number": "090101900101001"}, set()),
        ({"old_id_number": "12345"}, {("old_id_number", "codes.id_length")}),
        (CHILD, set()),
        ({**CHILD, "guardian_name": ""}, {("guardian_name", "people.guardian_name_missing")}),
        ({**CHILD, "guardian_id": CHILD["id_number"]}, {("guardian_id", "people.guardian_is_self")}),
        ({**CHILD, "guardian_id": TEEN}, {("guardian_id", "people.guardian_too_young")}),
        ({**CHILD, "guardian_id": "9.01012E+16"}, {("guardian_id", "people.id_spreadsheet")}),
        ({"guardian_name": "张父"}, {("guardian_id", "people.guardian_id_missing")}),
        ({"id_number": PERMIT_BODY + gb11643.calc_check_digit(PERMIT_BODY), "sex": "女", "id_type": "居住证"}, set()),
        ({"id_number": "XAA000000001234560", "name": "JOHN EXAMPLE", "nation": ""}, set()),
    ],
)  # fmt: skip
def test_what_is_told_of_a_row(changes: dict[str, str], faults: set[tuple[str, str]]) -> None:
    assert told(**changes) == faults


def test_all_faults_of_a_row_are_told_in_the_order_of_the_columns() -> None:
    empty = check_row({}, on=ON, values=VALUES)
    assert [fault.place for fault in empty] == [
        "id_number", "name", "sex", "birth_date", "nation", "category", "phone", "household_address"
    ]  # fmt: skip


@pytest.mark.parametrize("age, needed", [(16, False), (17, True)])
def test_who_needs_a_guardian_is_the_areas_value(age: int, needed: bool) -> None:
    row = {**GOOD, "id_number": TEEN, "birth_date": "20101121"}  # sixteen on the very day
    found = {fault.code for fault in check_row(row, on=ON, values=RosterValues(guardian_age=age))}
    assert ("people.guardian_id_missing" in found) == needed


@pytest.mark.parametrize(
    "typed, name",
    [
        ("张　三", "张三"),
        (" 买买提．吐尔逊 ", "买买提·吐尔逊"),
        ("张\u200b三", "张三"),
        ("JOHN  EXAMPLE", "JOHN EXAMPLE"),
        ("张𠅤", "张𠅤"),
    ],
)
def test_names_come_into_normal_form(typed: str, name: str) -> None:
    checked = check({**GOOD, "name": typed}, on=ON, values=VALUES)
    assert (checked.row["name"], checked.faults) == (name, ())


@pytest.mark.parametrize("typed", ["1990-01-01", "1990/1/1", "1990年1月1日", "1990.01.01 00:00:00", "１９９００１０１"])
def test_dates_come_into_normal_form(typed: str) -> None:
    assert told(birth_date=typed) == set()


def test_every_fault_has_its_words_and_advice() -> None:
    codes = set(words.catalogue()["fault"]) | {
        code for code in words.catalogue()["refusal"] if code.startswith("people.")
    }
    for code in codes:
        if code.startswith("people."):
            assert all(Fault("", code).sentence(lang) and Fault("", code).advice(lang) for lang in words.LANGUAGES), (
                code
            )


def lanes_agree(rows: list[dict[str, str]]) -> int:
    """Whatever the fast lane takes, the exact lane takes with the same values; how many it took."""
    schema = {ROW: pl.UInt32, **dict.fromkeys(BY_NAME, pl.String)}
    raw = pl.DataFrame(
        [{ROW: index, **{name: row.get(name) or None for name in BY_NAME}} for index, row in enumerate(rows)],
        schema=schema,
    )
    lane = FastLane(on=ON, values=VALUES)
    normal = lane.normalise(raw)
    assert normal.schema == GOOD_SCHEMA
    good = lane.plainly_good(raw, normal)
    for row, values, taken in zip(rows, normal.iter_rows(named=True), good, strict=True):
        exact = check(row, on=ON, values=VALUES)
        normal_values = {name: values[name] for name in BY_NAME}
        if taken:
            assert exact.faults == (), row
            assert {**normal_values, "id_type": "resident_id"} == dict(exact.row), row
    return int(good.sum())


TYPED = st.one_of(
    st.sampled_from([
        "", " ", "男", "M", "汉", "回族", "9", "0", "职工", "child", GOOD["id_number"], CHILD["id_number"], TEEN,
        "张三", "19900101", "2020-2-29", "20200229", "2010/11/21", EMPLOYER, "=1", "'93010000001", "+86 93010000001",
        "<b>", "x.png",
        "云溪市人民路（东）1号", "买买提•吐尔逊", "\ufeff张三", "﨑山", "ｱ", "㈠", "𠅤𠅤𠅤𠅤",
        "090101900101001", "护照", "身份证",
    ]),
    st.text(max_size=12),
    st.text("0123456789Xx-/. 　", max_size=20),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.dictionaries(st.sampled_from(list(BY_NAME)), TYPED, max_size=3), min_size=1, max_size=12))
def test_the_lanes_agree_on_whatever_is_typed(changes: list[dict[str, str]]) -> None:
    base = [GOOD, {**GOOD, **CHILD}, {**GOOD, "category": "职工", "employer_code": EMPLOYER}]
    lanes_agree([{**base[index % 3], **change} for index, change in enumerate(changes)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(), st.integers(0, 999), st.sampled_from("0123456789X"), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
def test_the_lanes_agree_on_numbers(parts: list[tuple[object, int, str, bool]]) -> None:
    rows = []
    for birth, sequence, check_character, right in parts:
        body = f"090101{birth:%Y%m%d}".replace(" ", "0")[:14].ljust(14, "0") + f"{sequence:03d}"
        number = body + (gb11643.calc_check_digit(body) if right else check_character)
        rows.append({**GOOD, "id_number": number, "birth_date": number[6:14], "sex": "男" if sequence % 2 else "女"})
    lanes_agree(rows)


def test_the_fast_lane_takes_plain_rows_and_rows_with_usual_oddities() -> None:
    """Otherwise a large file would crawl through the exact lane and nobody would notice but the clock."""
    usual = [kind for kind in dirt.ODD if kind.name not in ("small_x", "comma_and_quote_in_remark", "script_in_remark")]
    rows = [dict(GOOD), {**GOOD, **CHILD}]
    for kind in usual:
        row = {**dict.fromkeys(BY_NAME, ""), **GOOD}
        kind.soil(row)
        rows.append(row)
    assert lanes_agree(rows) == len(rows)


def test_normal_forms_are_stable() -> None:
    for name, normal in cells.NORMAL.items():
        once = normal(GOOD.get(name, "云溪 １"))
        assert normal(once) == once, name
