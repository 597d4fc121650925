"""Values to bytes and back: vectors written by hand from the published rules, round trips, and anything at all."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.chip.codec import contents, tlv, values
from sscard.chip.faults import ChipFault
from sscard.chip.files import files, the_file

VECTORS = [
    ("an", "1", 1, "31"),
    ("an", "2.00", 4, "322e3030"),
    ("an", "张三", 8, "d5c5c8fd00000000"),
    ("an", "", 3, "000000"),
    ("cn", "20260105", 4, "20260105"),
    ("cn", "1", 1, "1f"),
    ("cn", "", 3, "ffffff"),
    ("cn", "09010", 3, "09010f"),
    ("b", b"\x01\x02", 4, "01020000"),
]


@pytest.mark.parametrize(("kind", "value", "length", "raw"), VECTORS)
def test_vectors(kind: str, value: str | bytes, length: int, raw: str) -> None:
    assert values.encode(kind, value, length).hex() == raw
    back = values.decode(kind, bytes.fromhex(raw))
    assert back == value if kind != "b" else back == bytes.fromhex(raw)


@pytest.mark.parametrize(
    ("kind", "value", "length", "code"),
    [
        ("an", "张三李", 5, "chip.value_long"),
        ("an", "blank ", 8, "chip.value_text"),
        ("an", "\udcff", 8, "chip.value_text"),
        ("an", b"x", 8, "chip.value_kind"),
        ("cn", "12a", 4, "chip.value_digits"),
        ("cn", "123456789", 4, "chip.value_long"),
        ("b", "text", 4, "chip.value_kind"),
        ("b", b"12345", 4, "chip.value_long"),
    ],
)
def test_what_cannot_be_written(kind: str, value: str | bytes, length: int, code: str) -> None:
    with pytest.raises(ChipFault) as no:
        values.encode(kind, value, length, "DF01/EF05/x")
    assert no.value.code == code
    assert no.value.sentence("zh")
    assert no.value.next_step("en")


def test_padding_of_other_writers_is_read() -> None:
    assert values.text(b"1.00\xff\xff \x00") == "1.00"
    assert values.undigits(bytes(4)) == ""
    assert values.undigits(b"\xff\xff") == ""
    assert values.undigits(bytes.fromhex("990100D1560000052765A0CCAE5286EF")) == "990100D1560000052765A0CCAE5286EF"


@pytest.mark.parametrize(
    "name", ["张三", "阿卜杜热合曼·麦麦提吐尔逊艾合买提", "ALEXANDER BARTHOLOMEW CONSTANTINE DE LA CRUZ", "𠮷" * 7]
)
def test_names_over_two_items(name: str) -> None:
    head, rest = values.name_items(name)
    assert head + rest == name
    first, second = values.encode("an", head, 30), values.encode("an", rest, 20)
    assert values.joined_name(first, second) == name


def test_a_name_cut_inside_a_character_is_read_whole() -> None:
    raw = "张三丰李四光王五常赵六七钱孙李周吴郑".encode("gbk")
    assert values.joined_name(raw[:29], raw[29:]) == raw.decode("gbk")


def test_new_meaning_in_an_old_card() -> None:
    """V2 appendix C: padded with nibbles E, a value ending in EE is the new meaning."""
    raw = values.with_new_meaning("cn", "09010", 4, 0x61)
    assert raw.hex() == "09010eee"
    assert values.new_meaning(raw, 0x61)
    assert not values.new_meaning(raw, 0x62)
    assert values.without_new_meaning(values.with_new_meaning("an", "12", 5, 0x84)) == b"12"


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(ChipFault) as no:
        contents.records(the_file("3.0", "SSSE", 6), {"sex": "22", "birth_date": "1990-01-01", "hobby": "x"})
    assert [one.place for one in no.value.faults] == ["SSSE/EF06/hobby", "SSSE/EF06/sex", "SSSE/EF06/birth_date"]
    assert no.value.code == "chip.file_values"


def test_a_template_item() -> None:
    """DF01/EF15: 学历, and three records of 学位 with three parts each (V2 table 9)."""
    file = the_file("2.0", "DF01", 0x15)
    degree = {"degree": "203", "subject": "080901", "school": "云溪大学"}
    rows = contents.records(file, {"education": "20", "degree": [degree]})
    assert [len(row) for row in rows] == [3, 0x36, 0x36, 0x36]
    assert rows[1][:14].hex() == "403457033230335803080901" + "5928"
    assert contents.values(file, rows)["degree"][0] == degree


def test_a_cyclic_record() -> None:
    file = the_file("2.0", "DF02", 0x07)
    given = {"occupation": "2020100", "from": values.day(date(2020, 5, 1)), "until": "", "employer": "测试单位"}
    raw = contents.cyclic_record(file, given)
    assert len(raw) == 0x55
    assert contents.cyclic_values(file, raw) == given
    with pytest.raises(ChipFault):
        contents.cyclic_values(file, raw[:-1])


TEXTS = st.text(st.characters(codec="gb18030", exclude_characters="\x00"), max_size=60)


@given(text=TEXTS)
def test_text_comes_back_or_is_refused(text: str) -> None:
    try:
        raw = values.encode("an", text, 40)
    except ChipFault:
        return
    assert len(raw) == 40
    assert values.decode("an", raw) == text


@given(digits=st.text("0123456789", max_size=12))
def test_digits_come_back(digits: str) -> None:
    raw = values.encode("cn", digits, 6)
    assert values.decode("cn", raw) == ("" if raw == bytes(6) else digits)


@given(raw=st.binary(max_size=300), number=st.integers(0, 39))
def test_no_bytes_break_the_codecs(raw: bytes, number: int) -> None:
    """Whatever a card answers: a value or a ChipFault."""
    file = files("3.0")[number]
    for read in (tlv.split, tlv.ber_split, lambda it: contents.values(file, [it]), lambda it: contents.cyclic_values(file, it),
                 lambda it: tlv.ber_find(it, (0x6F, 0xA5, 0x9F0C, 0x86)), lambda it: values.joined_name(it, it)):  # fmt: skip
        with contextlib.suppress(ChipFault):
            read(raw)


@given(tag=st.integers(0, 255), value=st.binary(max_size=255))
def test_tlv_round_trip(tag: int, value: bytes) -> None:
    assert tlv.split(tlv.record(tag, value)) == [(tag, value)]
    if tag & 0x1F != 0x1F:
        assert tlv.ber_split(tlv.ber(tag, value)) == [(tag, value)]
