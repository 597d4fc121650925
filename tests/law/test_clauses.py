"""The register: the eight clauses of the founding documents count; nothing uncertain is ever shown as law."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from sscard.kernel.refusals import Refusal
from sscard.law import clauses

EIGHT = ["M47-5", "M47-6", "M47-11", "M47-12", "M47-13", "SIL-58", "SIL-72", "ESL-3"]
SRC = Path(clauses.__file__).resolve().parents[1]


@pytest.mark.parametrize("id_", EIGHT)
def test_the_eight_are_certain(id_: str) -> None:
    assert clauses.may_show(id_)
    assert clauses.basis(id_, "zh").endswith("条")
    assert clauses.clause(id_).meaning("en")


@pytest.mark.parametrize(
    "id_", ["M47-9", "M47-10", "M47-14", "M47-17", "M47-18", "M47-25", "ESL-13", "PIPL-31", "SIL-57"]
)
def test_what_is_not_certain_is_never_shown(id_: str) -> None:
    assert clauses.clause(id_).confidence != "certain"
    assert not clauses.may_show(id_)
    assert clauses.basis(id_) == ""


def test_an_unknown_clause_is_not_shown_and_is_refused() -> None:
    assert not clauses.may_show("M47-99")
    assert clauses.basis(None) == ""
    with pytest.raises(Refusal) as refused:
        clauses.clause("M47-99")
    assert refused.value.code == "law.clause_unknown"


def test_all_articles_of_the_card_measures_are_there() -> None:
    found = {c.article for c in clauses.clauses().values() if c.document == "M47"}
    assert found == {str(n) for n in range(1, 27)}


def test_every_clause_is_told_in_both_languages_with_its_origin() -> None:
    for one in clauses.clauses().values():
        assert one.zh
        assert one.en
        assert one.source
        assert re.search(r"[\u4e00-\u9fff]", one.zh)
        assert not re.search(r"[\u4e00-\u9fff]", one.en)


def test_citations_use_the_proper_title() -> None:
    assert clauses.clause("SIL-58").citation("zh") == "《中华人民共和国社会保险法》第58条"
    assert clauses.clause("ESL-3").citation("en") == "Electronic Signature Law, Art. 3"


def test_every_clause_that_a_text_names_is_in_the_register() -> None:
    def named(tree: object) -> set[str]:
        if not isinstance(tree, dict):
            return set()
        own = {tree["clause"]} if isinstance(tree.get("clause"), str) and "zh" in tree else set()
        return own.union(*(named(value) for value in tree.values())) if tree else own

    unknown = {}
    for path in SRC.glob("*/words.toml"):
        missing = named(tomllib.loads(path.read_text("utf-8"))) - clauses.clauses().keys()
        if missing:
            unknown[path.parent.name] = missing
    assert unknown == {}
