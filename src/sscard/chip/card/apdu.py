"""A command APDU and its parts (ISO 7816-4, short form)."""

from __future__ import annotations

from typing import NamedTuple

from sscard.chip.card import status
from sscard.chip.card.status import Status


class Command(NamedTuple):
    """`le` None: none given; 0: as much as there is (256). `raw` header and Lc as they came, over which a MAC goes."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def __repr__(self) -> str:
        """Without the data, which may be a password."""
        return f"Command({self.header.hex()}, {len(self.data)} bytes, le={self.le})"

    @classmethod
    def parse(cls, raw: bytes) -> Command:
        """Raises Status 6700 for lengths that do not fit. Never anything else, whatever the bytes."""
        if not 4 <= len(raw) <= 261:
            raise Status(status.LENGTH)
        head = raw[:4]
        if len(raw) == 4:
            return cls(*head)
        if len(raw) == 5:
            return cls(*head, le=raw[4])
        size = raw[4]
        if size == 0 or len(raw) not in (5 + size, 6 + size):
            raise Status(status.LENGTH)
        return cls(*head, data=bytes(raw[5 : 5 + size]), le=raw[5 + size] if len(raw) == 6 + size else None)

    @property
    def header(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    def need(self, *lengths: int) -> None:
        """Refuse 6700 unless Lc is one of these."""
        if len(self.data) not in lengths:
            raise Status(status.LENGTH)

    def at(self, p1: int, *p2: int) -> None:
        """Refuse 6A86 unless P1 and P2 are these."""
        if self.p1 != p1 or self.p2 not in p2:
            raise Status(status.P1P2)
