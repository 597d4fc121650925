"""Demo numbers belong to nobody and are told apart."""

from __future__ import annotations

from datetime import date

import pytest

from sscard.codes import banks, citizen_id, demo
from sscard.codes.sex import Sex


def test_a_day_has_499_numbers_for_each_sex_and_no_two_are_alike() -> None:
    day = date(1988, 2, 29)
    made = [demo.citizen_id(day, sex, n) for sex in (Sex.MALE, Sex.FEMALE) for n in range(1, demo.PER_DAY + 1)]
    assert len(set(made)) == 2 * demo.PER_DAY
    for number in made:
        assert citizen_id.get_birth_date(number) == day
    assert [citizen_id.get_sex(made[n]) for n in (0, 498, 499, 997)] == [Sex.MALE, Sex.MALE, Sex.FEMALE, Sex.FEMALE]


def test_each_demo_area_has_its_district() -> None:
    assert demo.DISTRICTS == {"990100": "090101", "990200": "090201"}
    number = demo.citizen_id(date(2001, 1, 1), Sex.MALE, 5, demo.DISTRICTS["990200"])
    assert number.startswith("090201")
    assert demo.is_demo_citizen_id(number)
    assert not demo.is_demo_citizen_id("11010519491231002X")


@pytest.mark.parametrize(
    ("sex", "sequence", "district"),
    [(Sex.MALE, 0, "090101"), (Sex.MALE, 500, "090101"), (Sex.MALE, 1, "110105"), (Sex.NOT_STATED, 1, "090101")],
)
def test_no_number_is_made_outside_the_demo_range(sex: Sex, sequence: int, district: str) -> None:
    with pytest.raises(AssertionError):
        demo.citizen_id(date(1990, 1, 1), sex, sequence, district)


def test_every_bank_has_a_demo_bin_that_begins_with_9() -> None:
    assert set(demo.BINS) == {entry.code for entry in banks.TABLE}
    assert all(prefix.startswith("9") for prefix in demo.BINS.values())
    assert len(set(demo.BINS.values())) == len(demo.BINS)
