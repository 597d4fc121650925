"""Areas: values on a day, banks, outlets, papers, premiums, and the ten ways in which the demo areas differ."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law_pack_making import copy_area, edit
from sscard.kernel.refusals import Refusal
from sscard.law import areas
from sscard.law.cases import run_cases
from sscard.law.compare import differences, differing_parameters
from sscard.law.load import read_folder_files
from sscard.law.papers import Bring, Elsewhere, bring
from sscard.law.parameters import PARAMETERS

ON = date(2026, 9, 1)
DEMO = ("990100", "990200", "990300")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(areas, "active_packs", None)
    areas.forget()


def test_the_two_demo_areas_differ_in_at_least_ten_parameters() -> None:
    assert len(differing_parameters(areas.get("990100"), areas.get("990200"), ON)) >= 10


def test_the_two_demo_areas_work_with_different_real_banks() -> None:
    one, two = ({bank.code for bank in areas.get(code).banks(ON)} for code in DEMO[:2])
    assert one != two
    assert one | two == {"CCB", "ICBC", "BOCOM", "ABC"}


@pytest.mark.parametrize("code", DEMO)
def test_the_worked_examples_come_out(code: str) -> None:
    area = areas.get(code)
    assert run_cases(area) == []
    assert code == "990300" or len(area.cases()) >= 10


@pytest.mark.parametrize("code", DEMO)
def test_every_parameter_has_a_value_and_a_source_every_day(code: str) -> None:
    area = areas.get(code)
    for day in (area.sheet.valid_from, ON, date(2040, 1, 1)):
        assert set(area.values(day)) == set(PARAMETERS)
        assert all(area.source(name, day) for name in PARAMETERS)


@pytest.mark.parametrize("code", DEMO)
def test_demo_numbers_belong_to_nobody(code: str) -> None:
    area = areas.get(code)
    assert area.sandbox
    assert all(district.startswith("09") for district in area.demo_districts)
    assert all(bank.bin.startswith("9") for bank in area.banks(ON))
    assert all(outlet.phone.startswith("9") for outlet in area.outlets())


def test_letters_districts_and_issuers_are_told_apart() -> None:
    found = areas.all_areas()
    assert [area.code for area in found] == list(DEMO)
    for what in ("card_number_letter", "issuer_id", "demo_districts"):
        assert len({getattr(area, what) for area in found}) == len(found)
    bins = [bank.bin for area in found for bank in area.banks(ON)]
    assert len(bins) == len(set(bins))


@pytest.mark.parametrize(
    ("on", "value"),
    [(date(2020, 1, 1), 10), (date(2024, 12, 31), 10), (date(2025, 1, 1), 5), (date(2099, 1, 1), 5)],
)
def test_a_value_holds_from_its_day(on: date, value: int) -> None:
    assert areas.get("990200").value("temp_loss_days", on) == value


def test_a_day_before_all_values_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        areas.get("990100").value("temp_loss_days", date(2019, 12, 31))
    assert refused.value.code == "law.value_missing"
    assert "云溪市" in refused.value.sentence("zh")
    assert "Yunxi" in refused.value.sentence("en")
    assert refused.value.next_step("zh")


def test_an_unknown_name_is_a_programmers_error() -> None:
    with pytest.raises(KeyError):
        areas.get("990100").value("temporary_loss_days", ON)


def test_off_is_none() -> None:
    area = areas.get("990100")
    assert area.value("formal_loss_auto_cancel_days", ON) is None
    assert area.value("chip_unlock_max", ON) is None
    assert areas.get("990200").value("chip_unlock_max", ON) == 10


def test_the_same_branch_outside_the_area_is_judged_by_the_banks_rule() -> None:
    branch = areas.find_outlet("990300-CCB-01")
    assert (branch.kind, branch.bank, branch.area_code) == ("bank", "CCB", "990300")
    assert areas.get("990100").bank("CCB").activation_outlets == "issuing_area"
    assert areas.get("990200").bank("CCB").activation_outlets == "nationwide"


def test_outlets_are_narrowed_by_kind_and_bank() -> None:
    area = areas.get("990100")
    assert {o.kind for o in area.outlets()} == {"bureau", "bank"}
    assert [o.code for o in area.outlets(bank="ICBC")] == ["990100-ICBC-01"]
    assert all(o.bank is None for o in area.outlets(kind="bureau"))
    assert area.outlet("990100-B01").terminal


REFUSED = [
    (lambda: areas.get("999999"), "law.area_unknown"),
    (lambda: areas.get("../990100"), "law.area_unknown"),
    (lambda: areas.get("990100/x"), "law.area_unknown"),
    (lambda: areas.get("990100").bank("ABC"), "law.bank_unknown"),
    (lambda: areas.get("990100").bank("CCB", date(2019, 1, 1)), "law.bank_not_then"),
    (lambda: areas.get("990100").outlet("990200-B01"), "law.outlet_unknown"),
    (lambda: areas.find_outlet("none"), "law.outlet_nowhere"),
    (lambda: areas.get("990100").papers("flying"), "law.matter_unknown"),
    (lambda: areas.get("990300").insurance("pension"), "law.value_missing"),
]


@pytest.mark.parametrize(("ask", "code"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_what_is_not_there_is_refused_with_a_next_step(ask: object, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        ask()  # type: ignore[operator]
    assert refused.value.code == code
    assert "…" not in refused.value.sentence("zh") + refused.value.sentence("en")
    assert refused.value.next_step("en")


def test_area_one_asks_for_more_papers() -> None:
    def needed(code: str) -> set[str]:
        return {paper.code for paper in areas.get(code).papers("bank_activation") if paper.needed}

    assert needed("990200") == {"id_card", "card", "phone"}
    assert needed("990100") == needed("990200")
    lists = {matter: bring(areas.get("990100"), matter, "zh") for matter in ("bank_activation", "savings_opening")}
    held = [[one.code for one in listed if one.if_held] for listed in lists.values()]
    assert held == [["bank_card"], ["bank_card"]], "who has none needs none"
    assert all(one.why for listed in lists.values() for one in listed)


def test_a_paper_that_two_matters_have_differently_says_so_in_both_lists() -> None:
    def household(matter: str, code: str = "990100") -> Bring:
        return next(one for one in bring(areas.get(code), matter, "zh") if one.code == "household_book")

    activation, opening = household("bank_activation"), household("savings_opening")
    assert (activation.need, opening.need) == ("no", "yes")
    assert activation.matter == "激活银行账户"
    assert activation.elsewhere == Elsewhere("开通储蓄功能", "yes")
    assert opening.elsewhere == Elsewhere("激活银行账户", "no")
    assert household("savings_opening", "990200").elsewhere is None, "there both are the same"
    assert household("enable").elsewhere is None


def test_the_banks_mark() -> None:
    assert areas.get("990100").card_face(ON).bank_mark == "front_upper_left"
    assert areas.get("990200").card_face(ON).bank_mark == "none"


def test_an_insurance_that_ran_out_has_a_gap_and_no_guess(tmp_path: Path) -> None:
    folder = edit(
        copy_area(tmp_path),
        "insurance.toml",
        'from = 2020-01-01, employer = "0.5", person = "0.5"',
        'from = 2020-01-01, until = 2026-08-31, employer = "0.5", person = "0.5"',
    )
    area = read_folder_files(folder).area
    assert area is not None
    assert area.contribution_rates("unemployment", date(2026, 8, 31)).person == Decimal("0.5")
    with pytest.raises(Refusal) as refused:
        area.contribution_rates("unemployment", ON)
    assert refused.value.code == "law.value_missing"


@given(
    wage=st.integers(0, 100_000_00), kind=st.sampled_from(["pension", "medical", "unemployment", "injury", "maternity"])
)
def test_premiums_stay_between_the_bounds(wage: int, kind: str) -> None:
    rates = areas.get("990200").contribution_rates(kind, ON)
    base = rates.base_fen(wage)
    assert rates.floor_fen <= base <= rates.ceiling_fen
    assert base == wage or wage < rates.floor_fen or wage > rates.ceiling_fen
    for part, percent in ((rates.employer_fen(base), rates.employer), (rates.person_fen(base), rates.person)):
        assert abs(Decimal(part) - Decimal(base) * percent / 100) <= Decimal("0.5")


def test_work_injury_by_industry_class() -> None:
    rates = areas.get("990200").contribution_rates("injury", ON)
    assert [rates.employer_fen(1_000_000, n) for n in (1, 3, 8)] == [1_000, 3_500, 9_500]
    assert rates.employer_fen(1_000_000) == 2_000


def test_a_changed_folder_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSCARD_AREAS", str(tmp_path))
    monkeypatch.setattr(areas, "LOOK_AGAIN_SECONDS", 0)
    folder = copy_area(tmp_path)
    areas.forget()
    before = areas.get("990100")
    assert areas.get("990100") is before
    edit(folder, "area.toml", 'zh = "云溪市"', 'zh = "新云溪市"')
    os.utime(folder / "area.toml", ns=(1, 1))
    assert areas.get("990100").name() == "新云溪市"


def test_a_folder_with_faults_is_refused_with_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSCARD_AREAS", str(tmp_path))
    folder = edit(copy_area(tmp_path), "area.toml", "sandbox = true", "sandbox = 1\ncolour = 2")
    areas.forget()
    with pytest.raises(Refusal) as refused:
        areas.get(folder.name)
    assert {fault.code for fault in refused.value.faults} >= {"law.pack_not_bool", "law.pack_unknown_key"}


def test_no_folder_of_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSCARD_AREAS", str(tmp_path / "none"))
    areas.forget()
    with pytest.raises(Refusal) as refused:
        areas.get("990100")
    assert refused.value.code == "law.areas_folder_missing"
    assert areas.all_areas() == ()


def test_differences_name_file_and_key(tmp_path: Path) -> None:
    before = areas.get("990100")
    folder = edit(copy_area(tmp_path), "banks.toml", '"9-55881"', '"9-55882"')
    after = read_folder_files(folder).area
    assert after is not None
    assert [(d.file, d.before, d.after) for d in differences(before, after)] == [("banks.toml", "9-55881", "9-55882")]
    assert differences(before, before) == []
