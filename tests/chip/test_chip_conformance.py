"""The suite: right cards of all versions and algorithms pass, each wrong card fails with its item named."""

from __future__ import annotations

import json

import pytest

from chip_kit import KINDS, contacts, psam
from sscard.chip.card import MemoryStore
from sscard.chip.card.transport import Contacts
from sscard.chip.choices import Choices
from sscard.chip.conformance import items_of, run_suite
from sscard.chip.conformance.wrong import WRONG, WrongCard
from sscard.chip.personal import demo
from sscard.chip.reader.terminal import Terminal
from sscard.chip.reader.transport import InProcess


@pytest.mark.parametrize(("version", "algorithm"), KINDS)
def test_right_cards_pass(version: str, algorithm: str) -> None:
    """Strict T=0, everything including what uses the card up, and a terminal of another area."""
    image = demo.card(version=version, algorithm=algorithm, long_name=version != "1.0")
    foreign = psam(algorithm, area="990200")
    card = InProcess(contacts(image, "t0"))
    report = run_suite(card, psam(algorithm), demo.PIN, destructive=True, foreign=foreign)
    assert report.passed, report.as_text()
    assert all(one.outcome == "passed" for one in report.results)
    assert (report.version, report.algorithm, report.area) == (version, algorithm, "990100")


def test_a_card_of_zhejiang_passes() -> None:
    image = demo.card(area="330182")
    report = run_suite(InProcess(contacts(image)), psam(area="330182"), demo.PIN, foreign=psam(area="990200"))
    assert report.passed, report.as_text()
    assert {one.code for one in report.results if one.outcome == "skipped"} == {
        "PIN_LOCK",
        "KEY_LOCK",
        "APP_BLOCK",
        "CARD_BLOCK",
    }


@pytest.mark.parametrize("wrong", WRONG, ids=lambda one: one.name.replace(" ", "-"))
def test_wrong_cards_fail_with_their_item_named(wrong: WrongCard) -> None:
    image = demo.card(version=wrong.version, algorithm=wrong.algorithm, area=wrong.area)
    wrong.spoil(image)
    card = InProcess(Contacts(wrong.engine(MemoryStore(image)), "t0"))
    only = frozenset({wrong.found_by})
    own, foreign = psam(wrong.algorithm, wrong.area), psam(wrong.algorithm, "990200")
    report = run_suite(card, own, demo.PIN, destructive=True, only=only, foreign=foreign)
    assert wrong.found_by in report.failed, report.as_text()
    assert not report.passed


def test_there_are_wrong_cards_enough() -> None:
    assert len(WRONG) >= 20
    assert len({one.name for one in WRONG}) == len(WRONG)
    never = {item.code for item in items_of("3.0")} - {one.found_by for one in WRONG}
    safety = {
        "DF02_RECORD",
        "DF03_RECORD",
        "DF07_RECORD",
        "DF02_SAFETY",
        "DF03_SAFETY",
        "DF07_SAFETY",
    }  # as their siblings
    assert never <= safety | {"ACSE_RECORD", "KEY_VER1", "KEY_VER3"}  # as CHECK_CERT and KEY_VER2


def test_the_suite_leaves_a_good_card_as_it_was() -> None:
    store = MemoryStore(demo.card())
    before = store.load()
    card = contacts(before)
    card.card.store = store
    report = run_suite(InProcess(card), psam(), demo.PIN)
    assert report.passed
    after = store.load()
    assert after.secrets.keys == before.secrets.keys
    assert after.secrets.pin == before.secrets.pin
    assert after.files == before.files
    assert (after.pin_tries, after.key_tries) == (before.pin_tries, before.key_tries)


def test_the_report_names_choices_and_no_holder() -> None:
    choices = Choices(pin_tries=3)
    image = demo.card(choices=choices)
    report = run_suite(
        InProcess(contacts(image)), psam(), demo.PIN, choices=choices, only=frozenset({"ATR", "PIN_VERIFY"})
    )
    told = json.loads(report.as_json())
    assert told["passed"] is True
    assert (told["choices"]["pin_tries"]["value"], told["choices"]["pin_tries"]["default"]) == (3, False)
    assert told["choices"]["reserved_size"]["others"] == [128]
    assert "pin_tries = 3" in report.as_text()
    for secret in (demo.PIN, "090101199001", "测试卡人"):
        assert secret not in report.as_json()


@pytest.mark.parametrize(
    "choices",
    [Choices(factor3="t8td0000"), Choices(ssse_in_mf=False), Choices(identification_code="none", pin_tries=3, key_tries=10),
     Choices(dir_sfi=0x0F, same_application_keeps_state=False)],
    ids=["factor3", "ssse", "counters", "others"],
)  # fmt: skip
def test_other_choices_are_right_cards_too(choices: Choices) -> None:
    """The terminal is told of the third factor; all else a card may choose."""
    card = InProcess(contacts(demo.card(choices=choices), "t0"))
    report = run_suite(card, psam(), demo.PIN, destructive=True, choices=choices)
    assert report.passed, report.as_text()


def test_another_default_version() -> None:
    """A card that takes version 2 when none is named refuses the first one's proof, and takes it when it is named."""
    card = InProcess(contacts(demo.card(choices=Choices(version_default=2))))
    terminal = Terminal(card, psam())
    terminal.begin()
    assert terminal.authenticate("SSSE", "RKSSSE").sw == 0x63CE
    assert terminal.authenticate("SSSE", "RKSSSE", 1).good
    assert terminal.authenticate("SSSE", "PUK").good, "keys of one version have no other"
