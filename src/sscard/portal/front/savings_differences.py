"""Where the banks of an area differ in their savings function, for somebody who chooses: one row for each thing that is not the
same at all of them, what it costs among them; and what is the same everywhere, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sscard.portal import looks

Bank = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """`tone`: a word of state; "" for plain text."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return len({one for one in self.cells if one != NONE}) > 1


NONE = Cell("–")
"""A bank that has no savings function on the card."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`rows`: what differs. `everywhere`: functions that all offer; `free`: fees that none takes."""

    rows: tuple[Row, ...]
    everywhere: tuple[str, ...]
    free: tuple[str, ...]

    def same(self, lang: str) -> str:
        """What is the same at all of them; "" if nothing is."""
        told = (("savings.compare.everywhere", self.everywhere), ("savings.compare.free", self.free))
        comma = "、" if lang == "zh" else ", "
        return " ".join(looks.word(code, lang, names=comma.join(names)) for code, names in told if names)


def compared(found: dict[str, Any], lang: str) -> Compared:
    banks: list[Bank] = found["banks"]

    def row(name: str, cell: Callable[[Bank], Cell]) -> Row:
        return Row(name, tuple(NONE if one["none"] else cell(one) for one in banks))

    functions = [row(one["name"], _function(one["code"], lang)) for one in found["functions"]]
    names = {fee["code"]: fee["name"] for one in banks for fee in one.get("fees", ())}
    fees = {name: row(name, _fee(code)) for code, name in names.items()}
    limits = [
        row(looks.word(f"savings.compare.{kind}", lang), lambda one, kind=kind: Cell(yuan(one["limits"][kind])))
        for kind in ("transfer_day_fen", "withdrawal_day_fen", "purchase_day_fen")
    ]
    opening = [row(looks.word(f"savings.compare.{name}", lang), cell) for name, cell in _opening(lang).items()]
    every = [*functions, *fees.values(), *limits, *opening]
    offering = [one for one in banks if not one["none"]]
    return Compared(
        rows=tuple(one for one in every if one.differs),
        everywhere=tuple(
            one.name for one in functions if not one.differs and any(cell.tone == "good" for cell in one.cells)
        ),
        free=tuple(name for code, name in names.items() if _costs_nothing(offering, code)),
    )


def yuan(fen: int) -> str:
    """Whole yuan without their zeros: three banks stand beside each other on a phone."""
    return looks.show_money(fen).removesuffix(".00")


def _function(code: str, lang: str) -> Callable[[Bank], Cell]:
    yes, no = Cell(looks.word("savings.yes", lang), "good"), Cell(looks.word("savings.no", lang), "plain")
    return lambda bank: yes if any(one["code"] == code and one["offered"] for one in bank["functions"]) else no


def _fee(code: str) -> Callable[[Bank], Cell]:
    def cell(bank: Bank) -> Cell:
        fee = next((one for one in bank["fees"] if one["code"] == code), None)
        return Cell(f"{fee['text'].replace('.00', '')} {fee['note']}".strip()) if fee else NONE

    return cell


def _costs_nothing(banks: list[Bank], code: str) -> bool:
    return all(any(fee["code"] == code and not fee["amount_fen"] for fee in one["fees"]) for one in banks)


def _opening(lang: str) -> dict[str, Callable[[Bank], Cell]]:
    """How it is opened, in a word or two each."""

    def said(code: str, **facts: Any) -> Cell:
        return Cell(looks.word(f"savings.compare.{code}", lang, **facts))

    return {
        "first": lambda bank: (
            said("from", amount=yuan(bank["least_opening_fen"])) if bank["least_opening_fen"] else said("nothing")
        ),
        "kiosk": lambda bank: said("can" if "kiosk" in bank["channels"] else "cannot"),
        "file": lambda bank: said("can" if bank["electronic"] else "on_paper"),
        "age": lambda bank: said("years", years=bank["youngest"]),
    }
