"""The audit record of a personalisation: what the card itself says was done to it, application by application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

from sscard.chip.files.table import applications


@dataclass(frozen=True, slots=True)
class Audit:
    """What a card says of its personalisation: for each application files made, keys loaded, records written; and the
    SM3 over the commands of its script, in their order."""

    applications: dict[str, tuple[int, int, int]]
    script: bytes

    def raw(self) -> bytes:
        counts = b"".join(_number(name).to_bytes(2, "big") + bytes(n) for name, n in self.applications.items())
        return counts + self.script

    @classmethod
    def parse(cls, raw: bytes) -> Audit:
        """Raises ValueError for bytes that are none."""
        counts, script = raw[:-32], raw[-32:]
        if len(raw) < 32 or len(counts) % 5:
            raise ValueError("no audit record")
        names = {_number(one.name): one.name for one in applications()}
        try:
            rows = [counts[at : at + 5] for at in range(0, len(counts), 5)]
            told = {names[int.from_bytes(row[:2], "big")]: (row[2], row[3], row[4]) for row in rows}
        except KeyError:
            raise ValueError("no audit record") from None
        return cls(told, script)


def digest(script: Sequence[bytes]) -> bytes:
    """What the audit record of a card that executed this script ends with."""
    found = hashes.Hash(hashes.SM3())
    for command in script:
        found.update(command)
    return found.finalize()


def _number(application: str) -> int:
    return next(one.id for one in applications() if one.name == application)
