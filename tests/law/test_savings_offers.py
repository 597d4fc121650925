"""Banks' savings offers as data: read, dated, checked with their places."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from law_pack_making import copy_area
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.check import read_folder
from sscard.law.savings import SAVINGS_FUNCTIONS

ON = date(2026, 3, 1)


@pytest.mark.parametrize("area", ["990100", "990200"])
def test_every_bank_says_of_every_function_whether_it_has_it_and_why(area: str) -> None:
    found = areas.get(area)
    for bank in found.banks(ON):
        offer = found.savings(bank.code, ON)
        assert [one.code for one in offer.function] == list(SAVINGS_FUNCTIONS)
        assert all(one.terms.zh and one.terms.en for one in offer.function)


@pytest.mark.parametrize("area", ["990100", "990200"])
def test_what_one_bank_refuses_another_offers(area: str) -> None:
    found = areas.get(area)
    offers = [found.savings(bank.code, ON) for bank in found.banks(ON)]
    one = {code for offer in offers for code in offer.offered()}
    assert any(set(offer.offered()) != one for offer in offers)


def test_an_offer_holds_from_its_day() -> None:
    with pytest.raises(Refusal) as no:
        areas.get("990100").savings("CCB", date(2019, 12, 31))
    assert no.value.code in ("law.bank_not_then", "law.no_savings_offer")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('bank = "ICBC"', 'bank = "PSBC"', "law.pack_savings_bank_unknown"),
        ('{ code = "demand", offered = true', '{ code = "demand", offered = false', "law.pack_savings_without_demand"),
        ('{ code = "notice", offered = true', '{ code = "time", offered = true', "law.pack_twice"),
    ],
)
def test_a_faulty_offer_is_named_with_its_line(tmp_path: Path, before: str, after: str, code: str) -> None:
    folder = copy_area(tmp_path)
    path = folder / "savings.toml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    faults = [fault for fault in read_folder(folder).faults if fault.code == code]
    assert faults
    assert faults[0].place.startswith("savings.toml:")
    for lang in ("zh", "en"):
        assert "…" not in faults[0].sentence(lang)


def test_a_pack_from_before_the_offers_stays_readable(tmp_path: Path) -> None:
    folder = copy_area(tmp_path)
    (folder / "savings.toml").unlink()
    reading = read_folder(folder)
    assert reading.area is not None, reading.faults
    with pytest.raises(Refusal) as no:
        reading.area.savings("CCB", ON)
    assert no.value.code == "law.no_savings_offer"
    for lang in ("zh", "en"):
        assert "…" not in no.value.sentence(lang) + no.value.next_step(lang)
