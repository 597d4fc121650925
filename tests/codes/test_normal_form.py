"""T17: however a number is spelt, it has one normal form before it is counted, looked up or indexed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscard.codes import person_number, text
from sscard.codes.errors import NumberFault, visible

SPELLINGS = [
    "11010519491231002X",
    "11010519491231002x",
    " 11010519491231002X\t",
    "110105 19491231 002x",
    "１１０１０５１９４９１２３１００２Ｘ",
    "１１０１０５１９４９１２３１００２ｘ",
    "\ufeff110105-19491231-002X\u200b",
    "110105\u00a019491231\u3000002ⅹ",
    "110105–19491231—002X\r\n",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_all_spellings_have_one_normal_form(spelling: str) -> None:
    assert person_number.compact(spelling) == "11010519491231002X"
    assert person_number.validate(spelling) == "11010519491231002X"


@given(st.text(max_size=60))
def test_plain_normal_forms_stay_as_they_are(spelling: str) -> None:
    normal = text.normal(spelling)
    if normal.isascii():
        assert text.normal(normal) == normal


@given(st.text("0123456789Xx -", max_size=60))
def test_blanks_case_and_hyphens_never_matter(spelling: str) -> None:
    wide = spelling.translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789Xx"})
    assert text.normal(wide) == text.normal(spelling) == "".join(spelling.split()).replace("-", "").upper()


def test_endless_text_is_not_looked_at() -> None:
    with pytest.raises(NumberFault) as caught:
        text.normal("1" * (text.LONGEST + 1))
    assert caught.value.code == "codes.too_long"
    assert text.normal("1" * text.LONGEST) == "1" * text.LONGEST


def test_unseen_characters_are_shown_by_their_code_point() -> None:
    assert visible("\u202e") == "U+202E"
    assert visible("\x00") == "U+0000"
    assert visible("乱") == "乱"
    assert len(visible("长" * 500)) == 20
