"""Making the numbers of a new card: card number, card identification code, chip serial; unique through people's
look-up."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Final

from sscard.codes import card_identification_code, card_number
from sscard.kernel.refusals import Refusal
from sscard.kernel.sealed import blind_index
from sscard.law.areas import Area
from sscard.people import lookup

_TRIES: Final = 20
_FIRST: Final = 9_000_000
"""Card numbers of this house's demo and sandbox areas begin with 9 after the letter, so that they can belong to
nobody."""
_HOW_MANY: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CardNumbers:
    """The numbers of one card, as they go, sealed together, into `Card.facts`."""

    card_number: str = field(repr=False)
    card_id_code: str = field(repr=False)
    chip_serial: str = field(repr=False)

    def facts(self) -> dict[str, str]:
        return {"card_number": self.card_number, "card_id_code": self.card_id_code, "chip_serial": self.chip_serial}


def make(area: Area, *, person_id: int, card_id: uuid.UUID) -> CardNumbers:
    """Fresh numbers, taken in the look-up for this card. Drawn at random, so that one card's number says nothing of the
    next one's; refuses `cards.numbers_used_up` when the area's series is nearly full."""
    number = _take_number(area, person_id, card_id)
    code, serial = _take_code(area, person_id, card_id)
    return CardNumbers(number, code, serial)


def new_identification(area: Area, *, person_id: int, card_id: uuid.UUID) -> tuple[str, str]:
    """A new card identification code and chip serial for a piece that is made again: never the old one's."""
    return _take_code(area, person_id, card_id)


def number_index(area_code: str, number: str) -> bytes:
    """The blind index of a card number; a card number is unique within its area only, so the area is part of it."""
    return blind_index("card_number", f"{area_code}:{number}")


def code_index(card_id_code: str) -> bytes:
    return blind_index("card_id_code", card_id_code)


def _take_number(area: Area, person_id: int, card_id: uuid.UUID) -> str:
    for _ in range(_TRIES):
        number = card_number.construct(area.card_number_letter, _FIRST + secrets.randbelow(_HOW_MANY))
        index = number_index(area.code, number)
        if lookup.put("card_number", index, area=area.code, person_id=person_id, object_id=card_id):
            return number
    raise Refusal("cards.numbers_used_up", **area.naming())


def _take_code(area: Area, person_id: int, card_id: uuid.UUID) -> tuple[str, str]:
    for _ in range(_TRIES):
        serial = secrets.token_bytes(4)
        code = card_identification_code.construct(area.code, serial)
        if lookup.put("card_id_code", code_index(code), area=area.code, person_id=person_id, object_id=card_id):
            return code, serial.hex().upper()
    raise Refusal("cards.numbers_used_up", **area.naming())
