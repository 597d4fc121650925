"""Sex, ethnic groups, banks, documents and kinds of insurance: what files write, and what we store."""

from __future__ import annotations

import pytest

from sscard.codes import banks, documents, insurance_kinds, nations, sex, tables
from sscard.codes.errors import NumberFault
from sscard.codes.insurance_kinds import Scheme
from sscard.codes.sex import Sex


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["男", "1", "１", "M", "m", "male", " 男 ", "男性"], Sex.MALE),
        (["女", "2", "F", "Female", "女性"], Sex.FEMALE),
        (["0", "未知", "unknown"], Sex.UNKNOWN),
        (["9", "未说明", "not stated"], Sex.NOT_STATED),
    ],
)
def test_spellings_of_sex(texts: list[str], expected: Sex) -> None:
    assert {sex.parse(text) for text in texts} == {expected}


def test_all_fifty_six_groups_stand_in_the_table() -> None:
    codes = {entry.code for entry in nations.TABLE}
    assert codes == {f"{number:02d}" for number in range(1, 57)} | {"97", "98"}
    for entry in nations.TABLE:
        for spelling in entry.spellings():
            assert nations.validate(spelling) == entry.code
        if entry.code <= "56":
            assert nations.validate(entry.zh + "族") == entry.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("汉", "01"),
        ("汉族", "01"),
        ("01", "01"),
        ("1", "01"),
        ("０１", "01"),
        ("维吾尔族", "05"),
        ("uygur", "05"),
        ("满", "11"),
    ],
)
def test_ethnic_groups(text: str, code: str) -> None:
    assert nations.validate(text) == code


def test_ethnic_groups_on_the_card() -> None:
    assert nations.card_code("05") == "05"
    assert nations.card_code("97") == nations.card_code("98") == "99"
    assert (nations.name("05"), nations.name("05", "en")) == ("维吾尔", "Uygur")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("CCB", "CCB"),
        ("建行", "CCB"),
        ("中国工商银行", "ICBC"),
        ("BoCom", "BOCOM"),
        ("交通银行", "BOCOM"),
        ("农业银行", "ABC"),
    ],
)
def test_banks(text: str, code: str) -> None:
    assert banks.validate(text) == code


def test_the_four_banks_have_names_in_both_languages() -> None:
    assert [entry.code for entry in banks.TABLE] == ["CCB", "ICBC", "BOCOM", "ABC"]
    assert banks.name("ICBC", "en") == "Industrial and Commercial Bank of China"


def test_the_one_certain_national_document_code() -> None:
    assert documents.validate("01") == documents.validate("身份证") == "resident_id"
    assert {entry.code: entry.national for entry in documents.TABLE if entry.national} == {"resident_id": "01"}


@pytest.mark.parametrize(
    ("validate", "text", "code"),
    [
        (sex.validate, "公", "codes.sex_unknown"),
        (sex.validate, "3", "codes.sex_unknown"),
        (nations.validate, "57", "codes.nation_unknown"),
        (nations.validate, "0", "codes.nation_unknown"),
        (nations.validate, "汉族族", "codes.nation_unknown"),
        (banks.validate, "某某银行", "codes.bank_unknown"),
        (documents.validate, "驾驶证", "codes.document_unknown"),
        (insurance_kinds.parse, "01", "codes.insurance_unknown"),
        (insurance_kinds.parse, "410", "codes.insurance_ambiguous"),
        (sex.validate, "", "codes.missing"),
        (nations.validate, " ", "codes.missing"),
        (insurance_kinds.parse, "", "codes.missing"),
    ],
)
def test_unknown_text_is_refused_by_name(validate: object, text: str, code: str) -> None:
    with pytest.raises(NumberFault) as caught:
        validate(text)  # type: ignore[operator]
    assert caught.value.code == code
    if code.endswith("unknown"):
        assert text in caught.value.sentence("zh")


def test_the_same_410_means_two_things() -> None:
    assert insurance_kinds.get(Scheme.AAE140, "410").kind == "work_injury"
    assert insurance_kinds.get(Scheme.INSUTYPE, "410").kind == "long_term_care"
    assert insurance_kinds.parse("410", Scheme.INSUTYPE).name("zh") == "长期照护保险"
    assert insurance_kinds.parse("工伤保险").key == (Scheme.AAE140, "410")
    assert insurance_kinds.parse("长护险").key == (Scheme.INSUTYPE, "410")


def test_where_the_schemes_agree_no_scheme_is_needed() -> None:
    assert insurance_kinds.parse("310").key == (Scheme.AAE140, "310")
    assert insurance_kinds.parse("110").kind == "employee_pension"
    assert insurance_kinds.is_valid("390")
    assert not insurance_kinds.is_valid("390", Scheme.AAE140)
    assert insurance_kinds.validate("职工医保", Scheme.INSUTYPE) == "310"


def test_a_code_outside_its_scheme_is_unknown() -> None:
    with pytest.raises(NumberFault, match="insurance_unknown"):
        insurance_kinds.get(Scheme.INSUTYPE, "110")


def test_the_schemes_hold_the_published_codes_and_the_five_insurances() -> None:
    held = {scheme: {code for one, code in insurance_kinds.KINDS if one is scheme} for scheme in Scheme}
    assert held[Scheme.AAE140] == {str(n) for n in (110, 120, 170, 210, 310, 320, 330, 340, 370, 410, 510)}
    medical = (310, 320, 330, 340, 350, 360, 370, 380, 390, 391, 392, 399, 410, 510)
    assert held[Scheme.INSUTYPE] == {str(n) for n in medical}
    branches = {kind.branch for kind in insurance_kinds.KINDS.values() if kind.scheme is Scheme.AAE140}
    assert set(insurance_kinds.FIVE) <= branches
    assert len(insurance_kinds.KINDS) == len(tables.rows("insurance"))


def test_one_spelling_never_stands_for_two_entries() -> None:
    twice = [tables.Entry("A", "甲", "first"), tables.Entry("B", "乙", "First")]
    with pytest.raises(ValueError, match="two entries"):
        tables.CodeSet(twice, "codes.bank_unknown")
