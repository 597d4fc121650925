"""A card as a terminal sees it."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """`transmit` takes a command and gives the answer with its status word, as it came."""

    @property
    def atr(self) -> bytes: ...
    def transmit(self, raw: bytes) -> bytes: ...
    def reset(self) -> bytes: ...
    def close(self) -> None: ...


class Powered(Protocol):
    """What stands behind contacts: the virtual card, a PSAM."""

    def power_on(self) -> bytes: ...
    def power_off(self) -> None: ...
    def transmit(self, raw: bytes) -> bytes: ...


class InProcess:
    """A card without a reader."""

    def __init__(self, card: Powered) -> None:
        self.card = card
        self.atr = card.power_on()

    def transmit(self, raw: bytes) -> bytes:
        return self.card.transmit(raw)

    def reset(self) -> bytes:
        self.card.power_off()
        self.atr = self.card.power_on()
        return self.atr

    def close(self) -> None:
        self.card.power_off()
