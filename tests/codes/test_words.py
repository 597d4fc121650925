"""Each fault that the room raises has its texts, each text is raised, and the examples in the docstrings run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import sscard.codes
from sscard.codes import citizen_id, credit_code, names, pan, person_number
from sscard.codes.errors import NumberFault
from sscard.kernel.refusals import Refusal

ROOM = Path(sscard.codes.__file__).parent
WORDS = tomllib.loads((ROOM / "words.toml").read_text(encoding="utf-8"))["refusal"]["codes"]
RAISED = {
    code
    for path in ROOM.glob("*.py")
    for code in re.findall(r'"codes\.([a-z0-9_]+)"', path.read_text(encoding="utf-8"))
}
MODULES = sorted(module.name for module in pkgutil.iter_modules([str(ROOM)]))


def test_texts_and_faults_match_one_to_one() -> None:
    assert set(WORDS) == RAISED


@pytest.mark.parametrize("code", sorted(WORDS))
def test_texts_are_complete_and_name_the_same_facts(code: str) -> None:
    entry = WORDS[code]
    assert entry["status"] == 422
    facts = {language: set(re.findall(r"{(\w+)}", entry[language])) for language in ("zh", "en")}
    if code != "document_mismatch":  # names the document in each language's own words
        assert facts["zh"] == facts["en"]
    for key in ("zh", "en", "next_zh", "next_en"):
        assert entry[key].endswith(("。", ".")), key
        assert "invalid" not in entry[key].lower()


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"sscard.codes.{module}"))
    assert result.failed == 0


BAD = [
    (citizen_id.validate, "11010500001399002A"),
    (citizen_id.validate, "110105194912310021"),
    (person_number.parse, "ZZ100000009AB1234X"),
    (credit_code.validate, "91350100M000100Y53"),
    (pan.validate, "9217000000000012346"),
    (names.validate, "张\x00?"),
]


@pytest.mark.parametrize(("validate", "text"), BAD)
def test_sentences_are_filled_and_never_repeat_the_number(validate: object, text: str) -> None:
    with pytest.raises(NumberFault) as caught:
        validate(text)  # type: ignore[operator]
    for fault in caught.value.at("column"):
        assert fault.place == "column"
        for language in ("zh", "en"):
            sentence = fault.sentence(language)
            assert "…" not in sentence
            assert "{" not in sentence
            assert text not in sentence
            assert fault.advice(language)


def test_a_number_fault_is_stored_and_comes_back_as_a_refusal() -> None:
    with pytest.raises(NumberFault) as caught:
        citizen_id.validate("110105000013990021")
    stored = caught.value.as_dict()
    again = Refusal.from_dict(stored)
    assert again.as_dict() == stored
    assert again.sentence("en") == caught.value.sentence("en")
    assert NumberFault("codes.missing").faults[0].code == "codes.missing"
