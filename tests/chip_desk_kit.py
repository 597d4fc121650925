"""A desk with a real chip in its reader, as far as the reader service sees it: a virtual card behind contacts, a pad on which
somebody types, and the house behind its device calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import terminals_kit as kit
from chip_kit import contacts
from real_keys_kit import real_card
from sscard.chip.card import Image
from sscard.chip.card.image import Payment
from sscard.chip.card.transport import Contacts
from sscard.chip.desk.orders import Orders
from sscard.chip.faults import ChipFault
from sscard.chip.personal.making import Order, make
from sscard.chip.reader.transport import InProcess, Transport
from sscard.law import areas
from sscard.sim.devices import Desk
from sscard.terminals.client import Device


def image_of(person: kit.Resident, pin: str = "", *, version: str = "3.0", algorithm: str = "sm4") -> Image:
    """The chip of a resident's card, personalised with the test keys, or with its area's own where that is no sandbox."""
    order = Order(
        card_id_code=person.card.card_id_code, card_number=person.card.card_number,
        social_security_number=person.body.id_number, name=person.body.name, sex="2", nation="01",
        birth_date=date(1990, 1, 1), issue_date=date(2026, 1, 5), expires_on=date(2036, 1, 5), pin=pin,
        payment=Payment(pan=person.card.pan, expires="360131", name="TEST/CARD"),
    )  # fmt: skip
    maker = make if areas.get(order.card_id_code[:6]).sandbox else real_card
    return maker(order, version=version, algorithm=algorithm)


def chip_of(person: kit.Resident, pin: str = "", **kind: Any) -> Contacts:
    return contacts(image_of(person, pin, **kind))


class Pulled:
    """A card that somebody pulls out after so many commands, and a record of all that went over the contacts."""

    def __init__(self, card: Contacts) -> None:
        self.card, self.left, self.heard = card, -1, list[tuple[bytes, bytes]]()

    def inserted(self) -> Transport:
        return _Watched(self, InProcess(self.card))


class _Watched:
    def __init__(self, watch: Pulled, card: InProcess) -> None:
        self.watch, self.card = watch, card
        self.atr = card.atr

    def transmit(self, raw: bytes) -> bytes:
        if self.watch.left == 0:
            raise ChipFault("chip.card_gone", reader="test")
        self.watch.left -= 1
        answer = self.card.transmit(raw)
        self.watch.heard.append((raw, answer))
        return answer

    def reset(self) -> bytes:
        return self.card.reset()

    def close(self) -> None:
        self.card.close()


@dataclass(slots=True)
class ReaderDesk:
    """The devices of a terminal whose card slot and PIN pad are a reader service with a card in it."""

    desk: Desk
    card: Pulled | None = None
    typed: list[str] = field(default_factory=list)

    def insert(self, card: Contacts) -> Pulled:
        self.card = Pulled(card)
        return self.card

    def orders(self) -> Orders:
        found: Orders | None = _ORDERS.get(self.desk.terminal)
        if found is None:
            slot, pad = self.desk.device("card_slot"), self.desk.device("pin_pad")
            found = _ORDERS[self.desk.terminal] = Orders(slot, pad, self._reader, self._pad)
        return found

    def order(self, step: str, *typed: str) -> Mapping[str, Any]:
        """What a page orders, and what the holder types meanwhile."""
        self.typed = list(typed)
        orders = self.orders()
        orders.reader, orders.digits = self._reader, self._pad
        return orders.run(step, orders.slot.session())

    def slot(self) -> Device:
        return self.desk.device("card_slot")

    def _reader(self) -> Transport:
        if self.card is None:
            raise ChipFault("chip.card_missing", reader="test")
        return self.card.inserted()

    def _pad(self, prompt: str) -> bytearray:
        assert self.typed, f"nobody types: {prompt}"
        return bytearray(self.typed.pop(0).encode())


_ORDERS: dict[str, Orders] = {}
