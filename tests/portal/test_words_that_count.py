"""Texts that count, and a parser's complaint said in our words."""

from __future__ import annotations

import pytest

from sscard.api import forms
from sscard.kernel import words
from sscard.kernel.refusals import Refusal


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("kernel.form_faults", {"count": 1}, "One thing needs to be put right."),
        ("kernel.form_faults", {"count": 2}, "2 things need to be put right."),
        ("kernel.form_faults", {"count": 21}, "21 things need to be put right."),
        ("bank.pin_wrong", {"left": 1}, "The PIN is wrong; one try is left."),
        ("bank.pin_wrong", {"left": "1", "count": 2}, "The PIN is wrong; one try is left."),
        ("bank.pin_wrong", {"left": 2, "count": 1}, "The PIN is wrong; 2 tries are left."),
    ],
)
def test_one_has_its_own_form(code: str, facts: dict[str, object], said: str) -> None:
    assert Refusal(code, **facts).sentence("en") == said
    assert "{" not in Refusal(code, **facts).sentence("zh")


def test_every_form_for_one_belongs_to_a_text_that_counts() -> None:
    for kind, shelf in words.catalogue().items():
        for code, entry in shelf.items():
            if "en_one" in entry:
                assert f"{{{entry.get('counts', 'count')}}}" in entry["en"], (kind, code)


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        ({"type": "int_parsing", "msg": "Input should be a valid integer"}, "整数", "a whole number"),
        ({"type": "uuid_parsing", "msg": "Input should be a valid UUID"}, "记录编号", "a record's id"),
        ({"type": "date_from_datetime_parsing", "msg": "x"}, "日期", "a day"),
        ({"type": "literal_error", "msg": "x", "ctx": {"expected": "'a' or 'b'"}}, "其中之一：'a'", "one of 'a'"),
        ({"type": "too_long", "msg": "x", "ctx": {"max_length": 1}}, "不超过 1 个", "no more than one"),
        ({"type": "something_new", "msg": "Input should be strange"}, "接口说明", "the description"),
    ],
)
def test_the_parsers_english_never_stands_in_a_chinese_sentence(error: dict[str, object], zh: str, en: str) -> None:
    fault = forms.fault({**error, "loc": ("body", "request", "field")})
    assert fault.place == "request.field"
    assert zh in fault.sentence("zh")
    assert en in fault.sentence("en")
    assert "Input should" not in fault.sentence("zh") + fault.sentence("en")


def test_a_field_too_many_and_one_too_few_have_their_own_faults() -> None:
    assert forms.fault({"type": "extra_forbidden", "loc": ("body", "x")}).code == "api.field_unknown"
    assert forms.fault({"type": "missing", "loc": ("body", "x")}).code == "api.field_missing"
