"""The one table: it adds up, it is what the document says, and the examples in the code run."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from sscard.chip.choices import described
from sscard.chip.codec import contents
from sscard.chip.faults import MEANINGS
from sscard.chip.files import VERSIONS, applications_of, files, key_rules, the_file
from sscard.chip.files.document import document

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("chip.files.table", "chip.codec.values", "chip.codec.tlv", "chip.codec.contents", "chip.crypto.factors",
           "chip.card.pins", "chip.faults", "chip.reader.vpcd")  # fmt: skip


def test_the_document_is_made_from_the_table() -> None:
    assert (ROOT / "docs" / "card-files.md").read_text(encoding="utf-8") == document(), "run: sscard card table"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_code(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"sscard.{name}")).failed == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_every_rule_names_a_key_of_its_application(version: str) -> None:
    there = {one.name for one in applications_of(version)}
    for file in files(version):
        assert file.application in there
        for name in (file.read.names | file.write.names) - {"PIN"}:
            assert (file.application, name) in key_rules(), f"{file.place} {name}"


def test_lengths_of_the_standard() -> None:
    """Whole files and cyclic records as long as the published tables say (V2 table 9)."""
    whole = {(one, number): sum(map(len, contents.empty_records(the_file(one, "SSSE", number))))
             for one in ("1.0", "2.0", "3.0") for number in (5, 6)}  # fmt: skip
    assert whole[("2.0", 5)] == whole[("3.0", 5)] == 64
    assert whole[("2.0", 6)] == 91
    assert whole[("1.0", 6)] == 91 - 22
    lengths = {("DF02", 0x07): 0x55, ("DF02", 0x16): 0x12, ("DF04", 0x08): 0x1C, ("DF04", 0x15): 0x03}
    for (application, number), length in lengths.items():
        assert the_file("2.0", application, number).record_length == length


def test_key_identifiers_are_unique_in_their_application() -> None:
    on_card = [(rule.application if rule.id & 0x80 else "", rule.id) for rule in key_rules().values()]
    assert len(set(on_card)) == len(on_card)
    in_psam = [rule.psam for rule in key_rules().values()]
    assert len(set(in_psam)) == len(in_psam)


def test_tags_are_unique_over_the_card() -> None:
    tags = [item.tag for file in files("2.0") for item in file.items if item.tag]
    assert len(set(tags)) == len(tags)


def test_every_choice_is_told_to_users() -> None:
    told = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
    assert [name for name in described() if f"`{name}`" not in told] == []


def test_every_status_word_is_told_to_users() -> None:
    told = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
    unexplained = {0x6581, 0x6700, 0x6A80, 0x6F00}
    assert [f"{sw:04X}" for sw in MEANINGS if sw not in unexplained and f"`{sw:04X}`" not in told] == []


def test_what_is_personal_is_masked_when_it_is_read() -> None:
    """Of each item that says who somebody is, where he lives and how he is reached; in which file it may stand."""
    from sscard.chip.reader.reading import masked

    about = ("address", "phone", "contact", "name")
    items = {one.name for file in files("3.0") for one in file.items if any(part in one.name for part in about)}
    kept = {one for one in items if masked(one, "9" * 18) == "9" * 18}
    assert {"household_address", "emergency_phone", "name"} <= items
    assert kept == set(), kept
    assert masked("birth_date", "19510308") == "1951****"
