"""Names of persons: one form, what may not stand in them, and their room on the chip."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sscard.codes import names
from sscard.codes.errors import NumberFault

name_texts = st.text(
    st.one_of(
        st.sampled_from("张王买买提吐尔逊欧阳𠮷㛃·． .•"), st.characters(codec="utf-8", categories=("L", "M", "Zs"))
    ),
    min_size=1,
    max_size=60,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" 张 三 ", "张三"),
        ("张\u3000三", "张三"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("买买提 · 吐尔逊", "买买提·吐尔逊"),
        ("Ｊｏｈｎ  Smith", "John Smith"),
        ("J. R. Smith", "J. R. Smith"),
        ("Rene\u0301e", "Renée"),
        ("O'Neil-Smith", "O'Neil-Smith"),
        ("〇〇", "〇〇"),
        ("\uf92c某", "\uf92c某"),  # a compatibility ideograph stays: it is part of the legal name
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert names.validate(text) == normal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("name_missing", None)]),
        ("  ", [("name_missing", None)]),
        ("张" * 101, [("name_too_long", None)]),
        ("张" + " " * 500 + "三", [("name_too_long", None)]),
        ("张\x00三", [("name_character", 2)]),
        ("张\u202e三", [("name_character", 2)]),
        ("张\n三", [("name_character", 2)]),
        ("张3", [("name_character", 2)]),
        ("=张三", [("name_character", 1)]),
        ("张\ufffd", [("name_damaged", 2)]),
        ("张?", [("name_damaged", 2)]),
        ("张\ue81e", [("name_private_use", 2)]),
        ("\x07张\ufffd", [("name_character", 1), ("name_damaged", 3)]),
        ("·张", [("name_character", 1)]),
        ("张·", [("name_character", 2)]),
        ("张··三", [("name_character", 3)]),
        ("-", [("name_character", 1)]),
        ("·", [("name_character", 1)]),
    ],
)
def test_every_fault_with_its_place(text: str, expected: list[tuple[str, object]]) -> None:
    with pytest.raises(NumberFault) as caught:
        names.validate(text)
    found = [(fault.code.removeprefix("codes."), fault.facts.get("position")) for fault in caught.value.faults]
    assert found == expected
    assert not names.is_valid(text)


@given(name_texts)
def test_the_normal_form_stays_as_it_is(text: str) -> None:
    once = names.compact(text)
    assert names.compact(once) == once


def test_fifteen_han_characters_fill_the_name_and_ten_more_the_extension() -> None:
    fifteen = names.fits_card("一二三四五六七八九十甲乙丙丁戊")
    assert (len(fifteen.name), fifteen.extension, fifteen.fits) == (30, b"", True)
    whole = names.fits_card("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰")
    assert (len(whole.name), len(whole.extension), whole.fits) == (30, 20, True)
    over = names.fits_card("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳")
    assert (over.fits, over.rest) == (False, "巳")


def test_first_generation_cards_have_no_extension() -> None:
    over = names.fits_card("一二三四五六七八九十甲乙丙丁戊己", extension=False)
    assert (over.fits, over.rest, over.extension) == (False, "己", b"")


def test_a_character_is_never_cut_in_two() -> None:
    name = "a" + "一二三四五六七八九十甲乙丙丁戊"
    stored = names.fits_card(name)
    assert len(stored.name) == 29
    assert (stored.name.decode("gbk"), stored.extension.decode("gbk")) == (name[:15], name[15:])


def test_rare_characters_are_flagged_and_stored_in_gb18030() -> None:
    assert names.rare_characters("张三·吐尔逊") == ()
    stored = names.fits_card("王𠮷㛃𠮷")
    assert stored.rare == ("𠮷", "㛃")
    assert stored.name.decode("gb18030") == "王𠮷㛃𠮷"
    assert len(stored.name) == 2 + 4 + 4 + 4


def test_han_younger_than_the_tables_of_python_is_a_name() -> None:
    assert names.is_valid("王\U00031350")
    assert names.rare_characters("王\U00031350") == ("\U00031350",)


@given(name_texts)
def test_what_is_stored_reads_back(text: str) -> None:
    assume(names.is_valid(text))
    name = names.validate(text)
    stored = names.fits_card(text)
    assert len(stored.name) <= names.NAME_BYTES
    assert len(stored.extension) <= names.EXTENSION_BYTES
    assert stored.name.decode("gb18030") + stored.extension.decode("gb18030") + stored.rest == name
