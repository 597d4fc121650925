"""The suite: right cards of all versions and algorithms pass, each wrong card fails with its item named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chip_kit import KINDS, contacts, psam
from sscard.chip.card import MemoryStore
from sscard.chip.card.transport import Contacts
from sscard.chip.choices import Choices
from sscard.chip.conformance import evidence, items_of, lists, run_suite
from sscard.chip.conformance.wrong import WRONG, WrongCard
from sscard.chip.crypto.tree import TestKeys
from sscard.chip.personal import demo
from sscard.chip.personal.making import make
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


@pytest.mark.parametrize("wrong", WRONG, ids=lambda one: one.slug)
def test_wrong_cards_fail_with_their_item_named(wrong: WrongCard) -> None:
    card = InProcess(Contacts(wrong.made(), "t0"))
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
     Choices(dir_sfi=0x0F, same_application_keeps_state=False), Choices(version_default=2, pin_tries=15, key_tries=3),
     Choices(version_default=3, long_challenge="refuse", reserved_size=128, certificate_number_type="cn08", dir_sfi=9)],
    ids=["factor3", "ssse", "counters", "others", "second-version", "third-version"],
)  # fmt: skip
@pytest.mark.parametrize(("version", "algorithm"), [("3.0", "sm4"), ("2.0", "3des")])
def test_other_choices_are_right_cards_too(choices: Choices, version: str, algorithm: str) -> None:
    """The terminal is told of the third factor and of the key version that is meant; all else a card may choose."""
    card = InProcess(contacts(demo.card(choices=choices, version=version, algorithm=algorithm), "t0"))
    report = run_suite(card, psam(algorithm), demo.PIN, destructive=True, choices=choices)
    assert report.passed, report.as_text()
    for name, value in choices.changed().items():
        assert f"{name} = " in report.as_text()
        assert value in report.as_text()


@pytest.mark.parametrize(("choices", "codes"), [
    (Choices(payment="none"), {"FIREWALL"}),
    (Choices(pki_objects="stub"), {"ACSE_RECORD", "ACSE_SAFETY", "CHECK_CERT"}),
])  # fmt: skip
def test_what_a_choice_leaves_out_is_not_applicable(choices: Choices, codes: set[str]) -> None:
    """The report says which choice; a card that has the thing all the same fails, and so does one that lacks it unsaid."""
    foreign = psam(area="990200")
    card = InProcess(contacts(demo.card(choices=choices), "t0"))
    report = run_suite(card, psam(), demo.PIN, destructive=True, foreign=foreign, choices=choices)
    assert report.passed, report.as_text()
    found = {one.code: one for one in report.results}
    assert {code for code, one in found.items() if one.outcome == "not_applicable"} == codes
    ((name, value),) = choices.changed().items()
    assert {found[code].detail for code in codes} == {f"choice {name} = {value}"}
    outcomes = {code: one.outcome for code, one in found.items()}
    assert set(evidence.audits("3.0", outcomes, {name: value}).values()) == {"passed"}
    assert evidence.audits("3.0", outcomes, {})["conformance"] == "incomplete", "not by the item's own word"
    unsaid = run_suite(InProcess(contacts(demo.card(choices=choices))), psam(), demo.PIN, only=frozenset(codes))
    assert set(unsaid.failed) == codes
    there = run_suite(InProcess(contacts(demo.card())), psam(), demo.PIN, only=frozenset(codes), choices=choices)
    assert set(there.failed) == codes


@pytest.mark.parametrize("digits", ["1234", "12345", "123456789012345", "1234567890123456"])
def test_passwords_of_all_lengths_pass_with_three_tries(digits: str) -> None:
    """Nearly right passwords are tried one by one, and the card is never locked by it."""
    choices = Choices(pin_tries=3, key_tries=3)
    image = make(replace(demo.order(choices=choices), pin=digits), source=TestKeys(choices=choices), choices=choices)
    report = run_suite(InProcess(contacts(image, "t0")), psam(), digits, destructive=True, choices=choices)
    assert report.passed, report.as_text()


def test_an_optional_application_that_is_not_there_is_said() -> None:
    image = demo.card()
    image.absent.append("DF06")
    report = run_suite(InProcess(contacts(image)), psam(), demo.PIN)
    assert report.passed, report.as_text()
    said = {one.code: one.detail for one in report.results if one.detail}
    assert said == dict.fromkeys(("DF06_RECORD", "DF06_SAFETY"), "the card is without DF06, which is optional")
    assert "without DF06" in report.as_text()


def test_a_challenge_that_must_not_be_given() -> None:
    """The choice `refuse`: 16 bytes for a DES card are asked and refused; a card that gives them is wrong."""
    choices, only = Choices(long_challenge="refuse"), frozenset({"CHALLENGE"})
    for card, right in ((demo.card(version="2.0", algorithm="3des", choices=choices), True),
                        (demo.card(version="2.0", algorithm="3des"), False)):  # fmt: skip
        report = run_suite(InProcess(contacts(card)), psam("3des"), demo.PIN, choices=choices, only=only)
        assert report.passed is right, report.as_text()


def test_another_default_version() -> None:
    """A card that takes version 2 when none is named refuses the first one's proof, and takes it when it is named."""
    card = InProcess(contacts(demo.card(choices=Choices(version_default=2))))
    terminal = Terminal(card, psam())
    terminal.begin()
    assert terminal.authenticate("SSSE", "RKSSSE").sw == 0x63CE
    assert terminal.authenticate("SSSE", "RKSSSE", 1).good
    assert terminal.authenticate("SSSE", "PUK").good, "keys of one version have no other"


@pytest.mark.parametrize("version", ["1.0", "2.0", "3.0"])
def test_each_list_judges_what_was_made_under_it(version: str) -> None:
    """A report of the first list is whole without what came later, one of today is not; a fault that was seen counts."""
    assert [one.number for one in lists.LISTS] == [1, 2, 3]
    assert list(lists.LISTS) == sorted(lists.LISTS, key=lambda one: one.begins)
    every = {"OPENING": 1, **{one.code: one.since for one in items_of(version)}}
    for named in lists.LISTS:
        assert lists.in_force(named.begins) is named
        assert lists.in_force(named.begins - timedelta(seconds=1)).number == max(named.number - 1, 1)
        ran = {code: "passed" for code, since in every.items() if since <= named.number}
        assert set(evidence.audits(version, ran, {}, named).values()) == {"passed"}
        for later in (one for one in lists.LISTS if one.number > named.number and one.number in every.values()):
            assert evidence.audits(version, ran, {}, later)["conformance"] == "incomplete"
        lacking = {code: seen for code, seen in ran.items() if code != "MAC"}
        assert evidence.audits(version, lacking, {}, named)["conformance"] == "incomplete"
    assert evidence.audits(version, {**ran, "KEY_PROOF": "failed"}, {}, lists.LISTS[0])["conformance"] == "failed"
