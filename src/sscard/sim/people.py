"""The inhabitants of a demo town, out of a seed: whole persons that belong to nobody.

>>> first = next(Town("990100", seed=7).people(1))
>>> first.id_number.startswith("090101"), first.phone.startswith("9")
(True, True)
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sscard.codes import demo, gb11643
from sscard.codes.sex import Sex
from sscard.sim import words_of_names as words
from sscard.sim.avatar import avatar

REFERENCE_DAY = date(2026, 1, 1)
"""Ages are as of this day: the town must not change from one run of a story to the next."""
FULL_AGE = 18
PHOTO_AGE = 7
CATEGORIES = (
    ("employee", 50, 22, 60), ("flexible", 12, 20, 60), ("resident", 10, 25, 75), ("retiree", 13, 60, 90),
    ("student", 4, 17, 23), ("child", 9, 0, 13), ("unemployed", 2, 22, 58),
)  # fmt: skip
"""Category, share in per cent, ages from and to."""
RELATIONS = {"1": "父亲", "2": "母亲"}


@dataclass(frozen=True, slots=True)
class Guardian:
    name: str
    id_number: str
    relation: str


@dataclass(frozen=True, slots=True)
class Employer:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class VirtualPerson:
    """A person as he really is, before a bureau's roster gets hold of him. Codes as in room codes."""

    index: int
    area: str
    id_number: str
    id_type: str
    name: str
    sex: str
    birth_date: date
    nation: str | None
    category: str
    phone: str
    household_address: str
    live_address: str | None
    employer: Employer | None
    guardian: Guardian | None
    old_id_number: str | None
    has_photo: bool

    @property
    def photo_name(self) -> str | None:
        return f"P{self.area}_{self.index:07d}.png" if self.has_photo else None

    def photo(self) -> bytes | None:
        """His picture as a PNG, or None for one of whom there is none."""
        if not self.has_photo:
            return None
        old = (REFERENCE_DAY - self.birth_date).days > 60 * 365
        return avatar(f"{self.area}:{self.index}", female=self.sex == "2", old=old)


class Town:
    """One demo area's people. The same area and seed give the same people in the same order."""

    def __init__(self, area: str, seed: int = 1) -> None:
        self.area, self.district = area, demo.DISTRICTS[area]
        self.city, self._places = words.places(area)
        self._dice = random.Random(f"town:{area}:{seed}")
        self._used: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._parents: deque[VirtualPerson] = deque(maxlen=400)
        first = int(area[2:4]) * 1000
        self.employers = tuple(
            Employer(demo.credit_code(first + index, area), self.city + suffix)
            for index, suffix in enumerate(words.lines("employers"), start=1)
        )

    def people(self, count: int) -> Iterator[VirtualPerson]:
        """The next `count` people; the first twenty are of age, so that children find parents."""
        for index in range(count):
            person = self._person(index)
            if 22 <= (REFERENCE_DAY - person.birth_date).days // 365.25 <= 45 and person.id_type == "resident_id":
                self._parents.append(person)
            yield person

    def _person(self, index: int) -> VirtualPerson:
        dice = self._dice
        category, _, youngest, oldest = (
            CATEGORIES[0] if index < 20 else dice.choices(CATEGORIES, weights=[row[1] for row in CATEGORIES])[0]
        )
        birth = REFERENCE_DAY - timedelta(days=dice.randrange(youngest * 365 + 30, oldest * 365))
        sex = dice.choice("12")
        kind = "resident_id" if index < 20 or category == "child" else self._document()
        if kind == "residence_permit":
            # Their unassigned sequence 000 is even, and a day has three such numbers: then the next is a citizen.
            sex, kind = ("2", kind) if self._permits_left(birth) else (sex, "resident_id")
        parent = self._parent(birth) if category == "child" else None
        name, nation = self._name(kind, sex, parent)
        number = self.number(kind, birth, sex)
        address = parent.household_address if parent else self.address()
        return VirtualPerson(
            index=index,
            area=self.area,
            id_number=number,
            id_type=kind,
            name=name,
            sex=sex,
            birth_date=birth,
            nation=nation,
            category=category,
            phone=parent.phone if parent else self.phone(),
            household_address=address,
            live_address=self.address() if dice.random() < 0.3 else None,
            employer=dice.choice(self.employers) if category == "employee" else None,
            guardian=Guardian(parent.name, parent.id_number, RELATIONS[parent.sex]) if parent else None,
            old_id_number=self._old(number)
            if kind == "resident_id" and birth.year < 1980 and dice.random() < 0.2
            else None,
            has_photo=dice.random() < (0.97 if birth.year + PHOTO_AGE < REFERENCE_DAY.year else 0.3),
        )

    def _document(self) -> str:
        kinds = ("resident_id", "residence_permit", "passport", "permanent_resident")
        return self._dice.choices(kinds, weights=(975, 12, 8, 5))[0]

    def number(self, kind: str, birth: date, sex: str) -> str:
        """A number that nobody has and nobody in this town has had before."""
        while True:
            self._used[f"{kind}{birth}{sex}"] += 1
            number = self._compose(kind, birth, sex, self._used[f"{kind}{birth}{sex}"])
            if number not in self._taken:
                self._taken.add(number)
                return number

    def _compose(self, kind: str, birth: date, sex: str, sequence: int) -> str:
        if kind == "resident_id":
            return demo.citizen_id(birth, Sex(sex), sequence, self.district)
        if kind == "passport":
            # XAA to XZZ are never given to a country (ISO 3166, user-assigned codes).
            return f"X{self._dice.choice('ABCDEFG')}{self._dice.choice('JKLMN')}{self._dice.randrange(10**6):014d}0"
        if kind == "permanent_resident":
            # Numeric country codes from 900 are user-assigned as well.
            body = f"909{self._dice.randrange(900, 999)}{birth:%Y%m%d}{2 * sequence - (sex == '1'):03d}"
        else:
            # Sequence 000 is given to nobody.
            body = self._dice.choice(self._permits_left(birth))
        return body + gb11643.calc_check_digit(body)

    def _permits_left(self, birth: date) -> list[str]:
        bodies = [f"{prefix}{birth:%Y%m%d}000" for prefix in ("810000", "820000", "830000")]
        return [body for body in bodies if body + gb11643.calc_check_digit(body) not in self._taken]

    def _old(self, number: str) -> str:
        """The fifteen digits that his number was before 1999."""
        return number[:6] + number[8:17]

    def _name(self, kind: str, sex: str, parent: VirtualPerson | None) -> tuple[str, str | None]:
        dice = self._dice
        if kind in ("passport", "permanent_resident"):
            return dice.choice(words.by_sex("foreign", sex)), None
        if parent and "·" not in parent.name:
            return words.han_name(dice, sex, _surname(parent.name)), parent.nation
        draw = dice.random()
        if draw < 0.03:
            people = dice.choice(words.peoples(sex))
            given = dice.choice(people.given)
            return (f"{given}·{dice.choice(people.fathers)}" if people.fathers else given), people.nation
        if draw < 0.034:
            return dice.choice(words.by_sex("long", sex)), "05"
        if draw < 0.042:
            family = words.surnames()
            return dice.choices(family[0], cum_weights=family[1])[0] + dice.choice(words.rare()), "01"
        return words.han_name(dice, sex), dice.choices(
            ("01", "03", "08", "11", "06", "15"), weights=(92, 2, 2, 2, 1, 1)
        )[0]

    def another_name(self, person: VirtualPerson) -> str:
        """A Han name that is not this person's."""
        while (name := words.han_name(self._dice, person.sex)) == person.name:
            pass
        return name

    def phone(self) -> str:
        self._used["phone"] += 1
        return demo.phone(int(self.area[2:4]) * 10_000_000 + self._used["phone"])

    def address(self) -> str:
        dice, places = self._dice, self._places
        district = f"{self.city}{dice.choice(places['district'])}"
        if dice.random() < 0.2:
            return f"{district}{dice.choice(places['village'])}{dice.randrange(1, 12)}组{dice.randrange(1, 90)}号"
        street = f"{district}{dice.choice(places['street'])}{dice.randrange(1, 400)}号"
        if dice.random() < 0.4:
            return street
        estate = f"{dice.choice(places['estate'])}{dice.randrange(1, 30)}栋"
        return f"{street}{estate}{dice.randrange(1, 4)}单元{dice.randrange(101, 2805)}室"

    def _parent(self, birth: date) -> VirtualPerson:
        """Somebody of the town who was of age when the child was born; the oldest known one if nobody was."""
        old_enough = [one for one in self._parents if (birth - one.birth_date).days > (FULL_AGE + 1) * 365.25]
        return self._dice.choice(old_enough) if old_enough else min(self._parents, key=lambda one: one.birth_date)


def _surname(name: str) -> str:
    """The family's part of a Han name."""
    return name[:2] if name[:2] in words.surnames()[0] else name[0]
