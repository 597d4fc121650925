"""How commands reach the card: strict T=0, or whole APDUs (card.md §5.1).

T=0: an answer to a command with data waits for GET RESPONSE (61xx); a read with another Le than the answer's length
is told the length (6Cxx) and nothing has happened. APDU: answers come at once, Le 00 takes all; only an Le that is
too short gets 6Cxx.
"""

from __future__ import annotations

from typing import Final, Literal

from sscard.chip.card import status
from sscard.chip.card.apdu import Command
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.status import Status

Profile = Literal["t0", "apdu"]
PROFILES: Final = ("apdu", "t0")
GET_RESPONSE: Final = (0x00, 0xC0)


class Contacts:
    """A card behind its contacts: bytes in, bytes out. Any bytes get a status word."""

    def __init__(self, card: VirtualCard, profile: Profile = "apdu") -> None:
        self.card, self.profile = card, profile
        self._waiting = b""

    def power_on(self) -> bytes:
        self._waiting = b""
        return self.card.power_on()

    def power_off(self) -> None:
        self._waiting = b""
        self.card.power_off()

    def transmit(self, raw: bytes) -> bytes:
        waiting, self._waiting = self._waiting, b""
        try:
            command = Command.parse(raw)
        except Status as refused:
            return refused.sw.to_bytes(2, "big")
        if (command.cla, command.ins) == GET_RESPONSE:
            return self._response(command, waiting)
        session = self.card.session
        before = session.file, session.pointer
        data, sw = self.card.execute(command)
        if sw == status.DONE and data:
            if self.profile == "t0" and command.data:
                self._waiting = data
                return bytes((0x61, len(data) & 0xFF))
            if not self._fits(command, len(data)):
                session.file, session.pointer = before
                return bytes((0x6C, len(data) & 0xFF))
        return data + sw.to_bytes(2, "big")

    def _fits(self, command: Command, size: int) -> bool:
        le = command.le
        if command.ins == 0xB0 and le:
            return le <= size
        if self.profile == "t0":
            return size == (le or 256)
        return not le or le >= size

    def _response(self, command: Command, waiting: bytes) -> bytes:
        """GET RESPONSE: what waits, in one piece or several."""
        if command.p1 or command.p2 or command.data:
            return status.P1P2.to_bytes(2, "big")
        if not waiting:
            return status.CONDITIONS.to_bytes(2, "big")
        wanted = command.le or 256
        if self.profile == "t0" and wanted > len(waiting) and command.le:
            self._waiting = waiting
            return bytes((0x6C, len(waiting)))
        part, self._waiting = waiting[:wanted], waiting[wanted:]
        return part + (bytes((0x61, len(self._waiting))) if self._waiting else status.DONE.to_bytes(2, "big"))
