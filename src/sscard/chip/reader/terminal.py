"""What a terminal does with a card: commands by name, whatever the transport; answers decoded by the table.

It follows 61xx and 6Cxx as drivers do, so the same code reads a strict T=0 card and one behind an APDU driver.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sscard.chip.choices import DEFAULT
from sscard.chip.codec import contents, tlv
from sscard.chip.crypto.ciphers import DES, SSF33
from sscard.chip.faults import ChipFault, StatusRefused
from sscard.chip.files.table import DF_NAME, FileRule, KeyRule, application, key_rules, the_file
from sscard.chip.psam.client import BOTH, PsamClient
from sscard.chip.reader.transport import Transport

BY_TAG, BY_NUMBER, ALL = 0x00, 0x04, 0x05
MOST_FOLLOWED: Final = 8


@dataclass(frozen=True, slots=True)
class Answer:
    data: bytes = field(repr=False)
    sw: int

    @property
    def good(self) -> bool:
        return self.sw == 0x9000


class Terminal:
    """One card in front of a terminal; `psam` for what needs keys. `version_default`: the key version that the card means
    where none is named."""

    def __init__(
        self, card: Transport, psam: PsamClient | None = None, factor3: str = DEFAULT.factor3,
        version_default: int = DEFAULT.version_default,
    ) -> None:  # fmt: skip
        self.card, self.psam, self.factor3, self.version_default = card, psam, factor3, version_default
        self.version, self.area, self.algorithm = "", "", DES

    # -- commands -------------------------------------------------------------------------------------------------------------
    def exchange(self, raw: bytes, *, follow: bool = True) -> Answer:
        """One command; with `follow` what waits is fetched and a length that was told is used."""
        data, answer = b"", self.card.transmit(raw)
        for _ in range(MOST_FOLLOWED):
            if len(answer) < 2:
                raise ChipFault("chip.answer_short")
            if not follow or answer[-2] not in (0x61, 0x6C):
                break
            if answer[-2] == 0x61:
                data += answer[:-2]
                answer = self.card.transmit(bytes((0x00, 0xC0, 0x00, 0x00, answer[-1])))
            else:
                again = raw[:4] + (raw[4 : 5 + raw[4]] if len(raw) > 5 else b"")
                answer = self.card.transmit(again + answer[-1:])
        return Answer(data + answer[:-2], int.from_bytes(answer[-2:], "big"))

    def send(self, what: str, raw: bytes) -> bytes:
        """The data of a command that must succeed. Raises StatusRefused."""
        answer = self.exchange(raw)
        if not answer.good:
            raise StatusRefused(what, answer.sw)
        return answer.data

    def select(self, name: bytes) -> Answer:
        return self.exchange(b"\x00\xa4\x04\x00" + bytes((len(name),)) + name)

    def select_application(self, name: str) -> Answer:
        return self.select(application(name).df_name)

    def read_record(self, sfi: int, p1: int, mode: int = BY_NUMBER, le: int = 0) -> Answer:
        return self.exchange(bytes((0x00, 0xB2, p1, sfi << 3 | mode, le)))

    def read_binary(self, sfi: int, size: int) -> bytes:
        """A whole transparent file: the beginning by its short identifier, the rest by offset."""
        found = self.send("READ BINARY", bytes((0x00, 0xB0, 0x80 | sfi, 0x00, 0x00 if size >= 256 else size)))
        while found and len(found) < size:
            at, step = len(found), min(size - len(found), 256)
            found += self.send("READ BINARY", bytes((0x00, 0xB0, at >> 8, at & 0xFF, step & 0xFF)))
        return found

    def update_record(self, sfi: int, p1: int, data: bytes, mode: int = BY_NUMBER) -> Answer:
        return self.exchange(bytes((0x00, 0xDC, p1, sfi << 3 | mode, len(data))) + data)

    def challenge(self, size: int = 8) -> bytes:
        return self.send("GET CHALLENGE", bytes((0x00, 0x84, 0x00, 0x00, size)))

    # -- opening the card -------------------------------------------------------------------------------------------------------
    def begin(self) -> dict[str, Any]:
        """`open`, and the issuer's data whole."""
        self.open()
        return self.read_file(the_file(self.version, "SSSE", 0x05))

    def open(self) -> None:
        """Select SSSE and read of the issuer's data what tells version, area and algorithm."""
        fci = self.send("SELECT SSSE", b"\x00\xa4\x04\x00" + bytes((len(DF_NAME),)) + DF_NAME)
        code = tlv.split(self.send("READ EF05 card identification code", bytes((0, 0xB2, 1, 5 << 3 | 4, 0x12))))
        if not code:
            raise ChipFault("chip.tlv", place="SSSE/EF05")
        self.area = code[0][1][:3].hex()
        self.algorithm = algorithm_of(fci, self.area)
        third = self.send("READ EF05 specification version", bytes((0, 0xB2, 3, 5 << 3 | 4, 6)))
        said = third[2:5].decode("ascii", "replace")
        self.version = said if said in ("2.0", "3.0") else "1.0"
        if self.psam:
            self.psam.work_for(self.area, self.card.atr, self.algorithm, self.factor3)

    def read_file(self, file: FileRule) -> dict[str, Any]:
        """Named values of a record file of the selected application."""
        rows = self.read_rows(file)
        if file.structure == "cyclic":
            return {"records": [contents.cyclic_values(file, row) for row in rows]}
        return contents.values(file, rows)

    def read_rows(self, file: FileRule) -> list[bytes]:
        """All records, one by one, until there is no more. Raises StatusRefused when none can be read."""
        rows: list[bytes] = []
        for number in range(1, 256):
            answer = self.read_record(file.id, number)
            if answer.sw == 0x6A83:
                break
            if not answer.good:
                raise StatusRefused(f"READ {file.place}", answer.sw)
            rows.append(answer.data)
        return rows

    # -- proving --------------------------------------------------------------------------------------------------------------
    def verify(self, pin: bytes) -> Answer:
        return self.exchange(b"\x00\x20\x00\x00" + bytes((len(pin),)) + pin)

    def tries_left(self) -> int | None:
        """Tries of the password, uncounted; None where there is no password."""
        sw = self.exchange(bytes((0x00, 0x20, 0x00, 0x00, 0x00))).sw
        return None if sw == 0x9000 else 0 if sw == 0x6983 else sw & 0x0F

    def authenticate(self, application: str, name: str, version: int = 0, original: bytes = b"") -> Answer:
        """EXTERNAL AUTHENTICATE with a key, through the PSAM."""
        rule = key_rules()[application, name]
        original = original or secrets.token_bytes(8)
        self.open_key(rule, self.challenge(), version)
        data = self.keys.authentication(original) + original + (bytes((version,)) if version else b"")
        return self.exchange(bytes((0x00, 0x82, 0x00, rule.id, len(data))) + data)

    def card_proves_itself(self, version: int = 0) -> bool:
        """INTERNAL AUTHENTICATE: only a card with the dispersed key gives the PSAM's answer."""
        factor, original = secrets.token_bytes(8), secrets.token_bytes(8)
        data = factor + original + (bytes((version,)) if version else b"")
        answer = self.exchange(b"\x00\x88\x00\x00" + bytes((len(data),)) + data)
        self.open_key(key_rules()["SSSE", "IRK"], factor, version)
        return answer.good and answer.data == self.keys.authentication(original)

    def open_key(self, rule: KeyRule, r: bytes, version: int = 0) -> None:
        """The session key of one of the card's keys in the PSAM; version 0 is the card's default, as far as the key has
        it."""
        self.keys.open(rule, r, version or min(self.version_default, rule.versions))

    def with_mac(self, header: bytes, data: bytes, rule: KeyRule, *, enciphered: bool = False) -> Answer:
        """A command under secure messaging; `enciphered`: the data goes as cryptogram."""
        return self.exchange(self.sealed(header, data, rule, enciphered=enciphered))

    def sealed(self, header: bytes, data: bytes, rule: KeyRule, *, enciphered: bool = False) -> bytes:
        """Such a command with its MAC, for a fresh challenge, not sent yet."""
        self.keys.open(rule, self.challenge(), kind=BOTH)
        body = self.keys.enciphered(data) if enciphered else data
        head = header + bytes((len(body) + 4,))
        return head + body + self.keys.mac(head + body)

    @property
    def keys(self) -> PsamClient:
        """The PSAM. Raises chip.psam_missing."""
        if self.psam is None:
            raise ChipFault("chip.psam_missing")
        return self.psam


def algorithm_of(fci: bytes, area: str) -> int:
    """The FCI's word; without one, SSF33 in Beijing and DES elsewhere (T2 10.1)."""
    found = tlv.ber_find(fci, (0x6F, 0xA5, 0x9F0C, 0x86))
    return found[0] if found else SSF33 if area.startswith("11") else DES
