"""What stands in the issuer's and the holder's data can be true: dates are dates in their order, codes are of their list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from sscard.chip.conformance.bench import Failed, ensure
from sscard.chip.files.table import code_list

MUST_BE_THERE = ("issue_date", "category")
DATES = ("birth_date", "issue_date", "expires_on")
"""In the order in which they follow each other, where a file holds several of them."""
CODES = ("category", "sex")


def check(place: str, found: Mapping[str, Any]) -> None:
    """`found`: the values of a file of SSSE by their names; an item that was never written is ""."""
    for name in MUST_BE_THERE:
        ensure(bool(found.get(name, "there")), f"{place}: {name} is empty")
    days = [(name, _day(place, name, found[name])) for name in DATES if found.get(name)]
    for (first, one), (second, other) in pairwise(days):
        ensure(one <= other, f"{place}: {second} lies before {first}")
    for name in CODES:
        ensure(not found.get(name) or found[name] in code_list(name), f"{place}: {name} is not of its code list")


def _day(place: str, name: str, said: str) -> date:
    """Raises Failed without the value, which may be the holder's."""
    try:
        if len(said) == len("YYYYMMDD") and said.isdigit():
            return date(int(said[:4]), int(said[4:6]), int(said[6:]))
    except ValueError:
        pass
    raise Failed(f"{place}: {name} is no date")
