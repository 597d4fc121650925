"""Whole readings: everything of a card that this terminal may read, file by file, with what stopped it where it may
not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sscard.chip.codec.values import joined_name
from sscard.chip.crypto import factors
from sscard.chip.crypto.ciphers import NAMES
from sscard.chip.faults import StatusRefused, meaning
from sscard.chip.files.table import FileRule, applications_of, files
from sscard.chip.reader.terminal import Terminal
from sscard.kernel.masked import mask_address, mask_card, mask_id, mask_name, mask_phone

_MASKS: Final = {
    "social_security_number": mask_id,
    "name": mask_name,
    "name_extension": mask_name,
    "birth_date": lambda day: day[:4] + "*" * (len(day) - 4),
    "household_address": mask_address,
    "address": mask_address,
    "phone": mask_phone,
    "contact": mask_name,
    "contact_phone": mask_phone,
    "emergency_phone": mask_phone,
    "emergency_contact": mask_name,
    "card_number": mask_card,
    "card_id_code": lambda code: f"{code[:16]}…",
}


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file: its values, or the status word that refused it."""

    file: FileRule
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    sw: int = 0x9000

    @property
    def why_not(self) -> str:
        return "" if self.sw == 0x9000 else f"{self.sw:04X} {meaning(self.sw)}"


@dataclass(frozen=True, slots=True)
class CardRead:
    """A card as it was read; `genuine` None where there was no PSAM to ask."""

    version: str
    algorithm: str
    area: str
    atr: bytes
    genuine: bool | None
    files: list[FileRead]

    def value(self, place: str, name: str) -> Any:
        return next((one.values.get(name) for one in self.files if one.file.place == place), None)


def read_card(terminal: Terminal, pin: bytes = b"", *, everything: bool = False, version: int = 0) -> CardRead:
    """SSSE, and with `everything` all applications. With a PSAM read keys are proved where a file asks for them;
    `pin` packed."""
    terminal.begin()
    genuine = terminal.card_proves_itself() if terminal.psam else None
    if pin:
        answer = terminal.verify(pin)
        if not answer.good:
            raise StatusRefused("VERIFY", answer.sw)
    found: list[FileRead] = []
    for one in applications_of(terminal.version):
        if one.name != "SSSE" and not everything:
            continue
        if not terminal.select_application(one.name).good:
            continue
        found += [_read(terminal, file, version) for file in files(terminal.version) if file.application == one.name]
    names = {number: name for name, number in NAMES.items()}
    return CardRead(
        terminal.version, names.get(terminal.algorithm, "?"), terminal.area, terminal.card.atr, genuine, found
    )


def _read(terminal: Terminal, file: FileRule, version: int) -> FileRead:
    try:
        if terminal.psam:
            for name in sorted(file.read.names - {"PIN"}):
                terminal.authenticate(file.application, name, version)
        if file.structure == "transparent":
            data = terminal.read_binary(file.id, file.size)
            return FileRead(file, {"bytes": len(data), "empty": not any(data)})
        rows = terminal.read_rows(file)
        return FileRead(file, _values(terminal, file, rows))
    except StatusRefused as refused:
        return FileRead(file, sw=refused.sw)


def _values(terminal: Terminal, file: FileRule, rows: list[bytes]) -> dict[str, Any]:
    from sscard.chip.codec import contents

    if file.structure == "cyclic":
        return {"records": [contents.cyclic_values(file, row) for row in rows if any(row)]}
    found = contents.values(file, rows)
    if file.place == "SSSE/EF06" and terminal.version != "1.0" and len(rows) >= len(file.rows):
        found["name"] = joined_name(rows[1][2:], rows[2][2:])
        del found["name_extension"]
    return found


def masked(name: str, value: Any) -> Any:
    """A personal value as it may stand on a screen that nobody unmasked."""
    mask = _MASKS.get(name)
    return mask(value) if mask and isinstance(value, str) and value else value


def reader_string(card: CardRead) -> str:
    """The line that the national reader interface answers: area | number | card number | code | name | ATR's history
    | version | issue | expiry | terminal | device | (regulations §5.5)."""
    holder = [card.value("SSSE/EF06", name) or "" for name in ("social_security_number", "name")]
    issuer = [card.value("SSSE/EF05", name) or "" for name in ("card_number", "card_id_code")]
    dates = [card.value("SSSE/EF05", name) or "" for name in ("spec_version", "issue_date", "expires_on")]
    history = factors.historical(card.atr).hex().upper()
    parts = [card.area, holder[0], *issuer, holder[1], history, *dates, "", ""]
    return "|".join(parts) + "|"
