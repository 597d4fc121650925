"""Making the cards of one package: which come out well, what their chips say, and which box they travel in."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sscard.chip.faults import ChipFault
from sscard.sim.producer.press import Chip, Press

CARDS_IN_BOX: Final = 200
FAULTS: Final = ("chip does not answer", "print out of register", "lamination blistered", "antenna broken")
LOST: Final = "not found at final count"
REFUSED: Final = "chip refused its script"


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares, 0 to 1, of cards that are spoiled or get lost in the plant."""

    spoil: float = 0.0
    missing: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.spoil <= 1 and 0 <= self.missing <= 1 and self.spoil + self.missing <= 1):
            raise ValueError("shares lie between 0 and 1, together too")


@dataclass(frozen=True, slots=True)
class MadeCard:
    """A virtual card as it lies in the wallet folder. `key` (hex) answers a challenge until the chip does; the rest
    is what is printed on the card and written in its chip."""

    card_id_code: str
    card_number: str
    key: str = field(repr=False)
    pan: str = field(repr=False)
    name: str = field(repr=False)
    social_security_number: str = field(repr=False)
    atr: str
    spec_version: str
    issue_date: str
    expires_on: str
    bank: str
    batch: str
    serial: int
    has_photo: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a package: a line for each card, totals, boxes, and the good cards."""

    lines: list[dict[str, Any]]
    totals: dict[str, int]
    boxes: list[dict[str, Any]]
    cards: list[MadeCard]


def make(
    order: dict[str, Any],
    ordered: Sequence[dict[str, Any]],
    photos: frozenset[str],
    quality: Quality,
    chance: random.Random,
    unwrap: Callable[[bytes], bytes],
    press: Press,
) -> Made:
    """Make every card of the order. `unwrap` opens the card's key with the producer's own receiving key, `press` makes
    its chip."""
    lines: list[dict[str, Any]] = []
    cards: list[MadeCard] = []
    boxes: dict[str, int] = {}
    totals = {"good": 0, "spoiled": 0, "missing": 0}
    prefix = f"{order['area']}-{order['batch']}-{chance.randrange(16**4):04X}"
    for one in ordered:
        lot = chance.random()
        if lot < quality.spoil + quality.missing:
            outcome, reason = ("spoiled", chance.choice(FAULTS)) if lot < quality.spoil else ("missing", LOST)
            lines.append(_line(one, outcome, reason=reason))
        elif (chip := _chip(press, one["serial"])) is None:
            outcome = "spoiled"
            lines.append(_line(one, outcome, reason=REFUSED))
        else:
            outcome = "good"
            seal = f"{prefix}-{totals['good'] // CARDS_IN_BOX + 1:03d}"
            told = {"chip_serial": one["chip_serial"], "atr": chip.atr, "audit": chip.audit}
            lines.append(_line(one, outcome, **told, box=seal))
            boxes[seal] = boxes.get(seal, 0) + 1
            cards.append(_card(order, one, photos, chip.atr, unwrap(bytes.fromhex(one["key"])).hex()))
        totals[outcome] += 1
    return Made(lines, totals, [{"seal": seal, "cards": count} for seal, count in boxes.items()], cards)


def _chip(press: Press, serial: int) -> Chip | None:
    """None where the blank refused: a spoiled card, which stops nothing."""
    try:
        return press.make(serial)
    except ChipFault:
        return None


def _line(one: dict[str, Any], outcome: str, **more: str) -> dict[str, Any]:
    return {"serial": one["serial"], "code": one["card_id_code"], "outcome": outcome, **more}


def _card(order: dict[str, Any], one: dict[str, Any], photos: frozenset[str], atr: str, key: str) -> MadeCard:
    return MadeCard(
        card_id_code=one["card_id_code"],
        card_number=one["card_number"],
        key=key,
        pan=one["pan"],
        name=one["name"],
        social_security_number=one["social_security_number"],
        atr=atr,
        spec_version=one["spec_version"],
        issue_date=one["issue_date"],
        expires_on=one["expires_on"],
        bank=order["bank"],
        batch=order["batch"],
        serial=one["serial"],
        has_photo=str(one["serial"]) in photos,
    )
