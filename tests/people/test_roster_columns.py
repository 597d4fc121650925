"""The heading row: any order, both languages, decorations; all that is missing is told at once."""

import pytest

from sscard.kernel.refusals import Refusal
from sscard.people.roster.columns import (
    COLUMNS,
    FAULTS_HEADING,
    NEEDED,
    ROW_HEADING,
    field_of,
    layout,
    looks_like_header,
)

ZH = [column.zh for column in COLUMNS]
EN = [column.en for column in COLUMNS]


@pytest.mark.parametrize(
    "heading, name",
    [
        ("姓名", "name"),
        (" 姓　名 ", "name"),
        ("*证件号码（必填）", "id_number"),
        ("身份证号", "id_number"),
        ("ID_Number", "id_number"),
        ("AAC002", "id_number"),
        ("出生日期\n(YYYYMMDD)", "birth_date"),
        ("姓名 / Name", "name"),
        ("Date of Birth", "birth_date"),
        ("监护人姓名", "guardian_name"),
        ("血型", None),
        ("", None),
    ],
)
def test_headings_are_known_by_many_names(heading: str, name: str | None) -> None:
    assert field_of(heading) == name


@pytest.mark.parametrize("header", [ZH, EN, ZH[::-1], EN[5:] + EN[:5]])
def test_any_order_and_either_language(header: list[str]) -> None:
    found = layout(header)
    assert {name: found.position(name) for name in NEEDED} == {
        column.name: header.index(column.zh if header[0] in ZH else column.en) for column in COLUMNS if column.needed
    }
    assert found.unknown == ()


def test_every_missing_and_double_column_is_told() -> None:
    with pytest.raises(Refusal) as refused:
        layout(["姓名", "身份证号", "公民身份号码", "备注"])
    assert refused.value.code == "people.roster_columns"
    told = {(fault.place, fault.code) for fault in refused.value.faults}
    missing = {(name, "people.column_missing") for name in NEEDED if name not in ("name", "id_number")}
    assert told == missing | {("id_number", "people.column_twice")}
    assert "身份证号、公民身份号码" in refused.value.faults[-1].sentence()
    assert all(fault.sentence(lang) and fault.advice(lang) for fault in refused.value.faults for lang in ("zh", "en"))


def test_unknown_columns_are_named_and_ours_are_passed_over() -> None:
    found = layout([*ZH, "血型", FAULTS_HEADING, ROW_HEADING, ""])
    assert found.unknown == ("血型",)
    assert found.width == len(ZH) + 3


def test_a_title_is_no_heading_row() -> None:
    assert not looks_like_header(["云溪市2026年参保人员花名册"])
    assert not looks_like_header(["张三", "090101199001010014", "男"])
    assert looks_like_header(["序号", "姓名", "身份证号", "性别"])
