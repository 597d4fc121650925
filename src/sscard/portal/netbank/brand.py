"""A bank's look: its name, its colour and a drawn mark, from the area packs. One colour gives all others."""

from __future__ import annotations

from dataclasses import dataclass

from sscard.kernel import clock
from sscard.kernel.refusals import Refusal
from sscard.law import areas


@dataclass(frozen=True, slots=True)
class Brand:
    """`colour` carries white letters; `deep` is for hovering, `soft` for grounds."""

    code: str
    name_zh: str
    name_en: str
    short_zh: str
    short_en: str
    hotline: str
    colour: str
    mark: str

    def name(self, lang: str) -> str:
        return self.name_en if lang == "en" else self.name_zh

    def short(self, lang: str) -> str:
        return self.short_en if lang == "en" else self.short_zh

    @property
    def deep(self) -> str:
        return mixed(self.colour, "#000000", 30)

    @property
    def soft(self) -> str:
        return mixed(self.colour, "#ffffff", 90)

    def css(self) -> str:
        return f":root {{ --accent: {self.colour}; --accent-deep: {self.deep}; --accent-soft: {self.soft}; }}\n"


def of(bank: str) -> Brand:
    """The bank as the first area that has it describes it. Refuses control.not_found for one that no area has."""
    for area in areas.all_areas():
        for one in area.banks(clock.today(area.code)):
            if one.code == bank:
                return Brand(
                    bank, one.name.zh, one.name.en, one.short.zh, one.short.en, one.hotline, one.look.colour,
                    one.look.mark,
                )  # fmt: skip
    raise Refusal("control.not_found")


def mixed(colour: str, other: str, percent: int) -> str:
    """A colour with so much of another in it.

    >>> mixed("#000000", "#ffffff", 50)
    '#808080'
    """
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{(one * (100 - percent) + two * percent + 50) // 100:02x}" for one, two in pairs)
