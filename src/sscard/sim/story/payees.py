"""Whom a customer of the demo can send money to: somebody at his own bank and somebody at another, from the cards of the
virtual world. Every account takes money from the day it is opened."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

YEAR = slice(6, 10)
"""The year of birth within an ID number."""


@dataclass(frozen=True, slots=True)
class Payee:
    """As the card's holder would tell them: name, bank card number, bank."""

    bank: str
    name: str
    pan: str = field(repr=False)


def known(wallet: Path) -> list[Payee]:
    """Everybody with a finished card that has a bank card number, the oldest first: they are the story's people."""
    made = [json.loads(path.read_bytes()) for path in sorted((wallet / "cards").glob("*.json"))]
    made = [one for one in made if one.get("pan") and one.get("name") and one.get("bank")]
    made.sort(key=lambda one: str(one["social_security_number"])[YEAR])
    return [Payee(one["bank"], one["name"], one["pan"]) for one in made]


def of(everybody: list[Payee], bank: str, pan: str) -> tuple[Payee | None, Payee | None]:
    """Somebody else at this bank, and somebody at another; None where nobody has a card yet."""
    here = next((one for one in everybody if one.bank == bank and one.pan != pan), None)
    return here, next((one for one in everybody if one.bank != bank), None)
