"""The plant's personalisation machine and its shelf: scripts run into blank virtual cards, finished ones lie in the
drawer.

A card that lies in the drawer was made before the plant stopped: it is not made a second time, its own audit record is
told again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from sscard.chip.card.image import Image
from sscard.chip.drawer import Drawer
from sscard.chip.faults import ChipFault
from sscard.chip.personal.machine import Machine
from sscard.chip.personal.script import Script
from sscard.kernel.typed import ready


class Scripts(msgspec.Struct, array_like=True, frozen=True):
    """A part of the package, as the issuer wrote it: whose keys, transport key, serial → script."""

    label: str
    transport: bytes
    cards: dict[int, Script]


@dataclass(frozen=True, slots=True)
class Chip:
    """What a finished chip tells: historical bytes of its answer to reset and its audit record, both hex."""

    atr: str
    audit: str


class Press:
    """Makes the chips of one package. `scripts`: serial → (wrapped transport key, script)."""

    def __init__(
        self, area: str, scripts: Mapping[int, tuple[bytes, Script]], drawer: Drawer, unwrap: Callable[[bytes], bytes]
    ) -> None:
        self.area, self.scripts, self.drawer = area, scripts, drawer
        self._machine, self._open = Machine(unwrap), b""

    def make(self, serial: int) -> Chip:
        """The chip of one card, made or found finished. Raises ChipFault where the blank refuses its script."""
        transport, script = self.scripts[serial]
        image = self._finished(script.code)
        if image is None:
            if transport != self._open:
                self._machine.open_load(transport)
                self._open = transport
            image = self._machine.make(script)
            self.drawer.put(image, self.area, script.number, script.code)
        return Chip(image.history.hex().upper(), image.audit.hex())

    def _finished(self, code: str) -> Image | None:
        return self.drawer.by_code(code).load() if self.drawer.has(code) else None


def read(parts: Mapping[str, bytes]) -> dict[int, tuple[bytes, Script]]:
    """Serial → (wrapped transport key, script) of a package. Raises msgspec.MsgspecError for a part out of form,
    chip.file_values when a serial is there twice."""
    found: dict[int, tuple[bytes, Script]] = {}
    for name, raw in parts.items():
        if name.startswith("scripts-"):
            part = msgspec.msgpack.decode(raw, type=ready(Scripts))
            if found.keys() & part.cards.keys():
                raise ChipFault("chip.file_values", place="scripts", count=1)
            found |= {serial: (part.transport, one) for serial, one in part.cards.items()}
    return found
