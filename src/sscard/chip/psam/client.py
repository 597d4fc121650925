"""How a terminal uses its PSAM: session keys for one card, authentications, MACs, enciphered blocks."""

from __future__ import annotations

from typing import Final

from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import cipher, folded, framed
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.files.table import KeyRule
from sscard.chip.psam.card import AID, BOTH, ENCRYPT, MAC
from sscard.chip.reader.transport import Transport


class PsamClient:
    """A PSAM in a reader (or in process), and the card it works for. Raises StatusRefused when the PSAM lacks the
    key."""

    def __init__(self, psam: Transport) -> None:
        self.psam = psam
        self._factors: Final[list[bytes]] = []
        self._area, self._algorithm = "", 0
        self._send(b"\x00\xa4\x04\x00" + bytes((len(AID),)) + AID)

    @property
    def area(self) -> str:
        """Of the card it works for."""
        return self._area

    @property
    def algorithm(self) -> int:
        return self._algorithm

    def work_for(self, area: str, atr: bytes, algorithm: int, factor3: str = "t6td") -> None:
        """The card: its area from the identification code, its ATR, its algorithm from the FCI."""
        first, second, third = factors.all_three(area, atr, factor3)
        self._factors[:] = [third, second, first]
        self._area, self._algorithm = area, algorithm

    def open(self, rule: KeyRule, r: bytes, version: int = 0, kind: int = ENCRYPT) -> None:
        """A session key of this card's key for the challenge `r`."""
        if not self._factors:
            raise ChipFault("chip.psam_no_card")
        how = cipher(self._algorithm)
        self._send(bytes((0xBF, 0xEC, 0x00, version, 0x01)) + bytes.fromhex(self._area[:2]))
        wide = r[: how.block].ljust(how.block, b"\x00")
        data = b"".join(self._factors[: rule.dispersals]) + wide
        usage = rule.dispersals << 5 | kind
        self._send(bytes((0xBF, 0xDE, usage, rule.psam, len(data))) + data)

    def authentication(self, original: bytes) -> bytes:
        """8 bytes over the original: for SM4 the enciphered block, folded."""
        how = cipher(self._algorithm)
        raw = self._send(b"\x80\xfa\x00\x00" + bytes((how.block,)) + original.ljust(how.block, b"\x00"))
        return raw if how.block == 8 else folded(raw)

    def enciphered(self, clear: bytes) -> bytes:
        data = framed(clear, cipher(self._algorithm).block)
        return self._send(b"\x80\xfa\x00\x00" + bytes((len(data),)) + data)

    def mac(self, data: bytes) -> bytes:
        """4 bytes from a zero vector."""
        raw = bytes(cipher(self._algorithm).block) + data
        return self._send(b"\x80\xfa\x05\x00" + bytes((len(raw),)) + raw)

    def _send(self, raw: bytes) -> bytes:
        answer = self.psam.transmit(raw)
        for _ in range(4):
            if answer[-2] != 0x61:
                break
            answer = answer[:-2] + self.psam.transmit(bytes((0x00, 0xC0, 0x00, 0x00, answer[-1])))
        sw = int.from_bytes(answer[-2:], "big")
        if sw != 0x9000:
            raise StatusRefused("PSAM", sw)
        return answer[:-2]


__all__ = ["BOTH", "ENCRYPT", "MAC", "PsamClient"]
