"""Reads the lists under `names/`: surnames with their frequency, syllables, peoples' names, streets, employers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

FOLDER = Path(__file__).with_name("names")


def lines(name: str) -> list[str]:
    """The lines of one list without its comments."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def surnames() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Surnames and their running totals, for a weighted choice."""
    pairs = [line.split() for line in lines("surnames")]
    return tuple(name for name, _ in pairs), tuple(accumulate(int(share) for _, share in pairs))


@cache
def syllables(sex: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Syllables of given names; earlier ones are commoner."""
    found = " ".join(lines("given_male" if sex == "1" else "given_female")).split()
    return tuple(found), tuple(accumulate(2 * len(found) - index for index in range(len(found))))


@dataclass(frozen=True, slots=True)
class People:
    """Names of one people and sex that are put together with a dot."""

    nation: str
    sex: str
    given: tuple[str, ...]
    fathers: tuple[str, ...]


@cache
def peoples(sex: str) -> tuple[People, ...]:
    found = []
    for line in lines("ethnic"):
        head, _, fathers = line.partition("|")
        nation, of_sex, *given = head.split()
        found.append(People(nation, of_sex, tuple(given), tuple(fathers.split())))
    return tuple(people for people in found if people.sex == sex)


@cache
def by_sex(name: str, sex: str) -> tuple[str, ...]:
    """Lines of a list whose first word is the sex."""
    return tuple(line[2:] for line in lines(name) if line.startswith(sex))


@cache
def rare() -> tuple[str, ...]:
    return tuple(" ".join(lines("rare")).split())


@cache
def places(area: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """City and, by kind, the names of its districts, streets, estates and villages."""
    rows = [line.split() for line in lines("places") if line.startswith(area)]
    return rows[0][1], {row[2]: tuple(row[3:]) for row in rows}


def han_name(dice: random.Random, sex: str, surname: str = "") -> str:
    """Surname and one or two syllables."""
    family, given = surnames(), syllables(sex)
    surname = surname or dice.choices(family[0], cum_weights=family[1])[0]
    count = 1 if dice.random() < 0.16 else 2
    return surname + "".join(dice.choices(given[0], cum_weights=given[1], k=count))
