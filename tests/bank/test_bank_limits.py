"""Limits by the bank's terms and by class (banking.md §1 rows 11–13): what the ledger is told to count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from sscard.bank.limits import KINDS, Limit, limits_for

ON = date(2026, 3, 2)


@dataclass(frozen=True)
class Account:
    account_class: str
    bank: str = "CCB"
    area_code: str = "990100"


def test_class_one_has_the_banks_limits_and_the_remote_one() -> None:
    assert limits_for(Account("I"), "withdrawal", on=ON) == (Limit("withdrawal", "day", 20_000_00),)
    assert limits_for(Account("I"), "transfer", on=ON, counter=True) == (Limit("transfer", "day", 50_000_00),)
    assert limits_for(Account("I"), "transfer", on=ON) == (
        Limit("transfer", "day", 50_000_00),
        Limit("remote_transfer", "day", 50_000_00),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_class_two_counts_every_kind_together_by_day_and_year(kind: str) -> None:
    found = limits_for(Account("II"), kind, on=ON)
    assert Limit("class_out", "day", 10_000_00) in found
    assert Limit("class_out", "year", 200_000_00) in found


def test_class_three_is_the_tightest() -> None:
    found = limits_for(Account("III"), "purchase", on=ON)
    assert Limit("class_out", "day", 2_000_00) in found
    assert Limit("class_out", "year", 50_000_00) in found


def test_terms_are_the_areas_own_and_dated() -> None:
    here, there = (limits_for(Account("I", area_code=area), "transfer", on=ON)[0] for area in ("990100", "990200"))
    assert (here.most_fen, there.most_fen) == (50_000_00, 20_000_00)
    assert limits_for(Account("III"), "purchase", on=date(2021, 1, 1))


def test_an_unknown_kind_is_no_way_around_the_limits() -> None:
    with pytest.raises(KeyError):
        limits_for(Account("I"), "gift", on=ON)
