"""What to bring for a matter, as every page, terminal and program tells it: read from the area's papers file and nowhere
else. Two matters that people take for one may ask for different papers; then each list says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from sscard.law.area import Area
from sscard.law.schema import Paper

YES, IF_HELD, NO = "yes", "if_held", "no"
BESIDE: Final = {"bank_activation": "savings_opening", "savings_opening": "bank_activation"}
"""Both are done at the card's bank, often in one visit."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """How the matter beside this one has the same paper."""

    matter: str
    need: str


@dataclass(frozen=True, slots=True)
class Bring:
    """A paper that people ask about for the matter named `matter`. `need`: "yes", "if_held" (who has it
    brings it) or "no"; `elsewhere` stands where the matter beside this one has it otherwise."""

    matter: str
    code: str
    name: str
    need: str
    why: str
    elsewhere: Elsewhere | None = None

    @property
    def needed(self) -> bool:
        return self.need == YES

    @property
    def if_held(self) -> bool:
        return self.need == IF_HELD

    def told(self) -> dict[str, Any]:
        """For programs."""
        beside = asdict(self.elsewhere) if self.elsewhere else None
        return {
            "matter": self.matter, "code": self.code, "name": self.name, "needed": self.needed, "if_held": self.if_held,
            "why": self.why, "elsewhere": beside,
        }  # fmt: skip


def bring(area: Area, matter: str, lang: str) -> tuple[Bring, ...]:
    """The matter's list, what is needed first. Unknown matters are refused ("law.matter_unknown")."""
    papers, named, beside = area.papers(matter), area.matter_name(matter, lang), BESIDE.get(matter, "")
    others = {one.code: need_of(one) for one in area.papers(beside)} if beside in area.matters() else {}

    def elsewhere(one: Paper) -> Elsewhere | None:
        other = others.get(one.code, NO)
        return Elsewhere(area.matter_name(beside, lang), other) if others and other != need_of(one) else None

    listed = [
        Bring(named, one.code, one.name.of(lang), need_of(one), one.why.of(lang), elsewhere(one)) for one in papers
    ]
    return tuple(sorted(listed, key=lambda one: (YES, IF_HELD, NO).index(one.need)))


def need_of(paper: Paper) -> str:
    return YES if paper.needed else IF_HELD if paper.if_held else NO
