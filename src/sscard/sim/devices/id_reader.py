"""The virtual ID-card reader."""

from __future__ import annotations

from typing import Any

from sscard.sim.devices.wallet import VirtualPerson
from sscard.terminals.client import Device


def present(device: Device, person: VirtualPerson, *, source: str = "original") -> dict[str, Any]:
    """Lay an ID card on the reader. `source` "copy": a photocopy lies on the glass, so there is no chip and no face
    on it."""
    original = source == "original"
    payload = {
        "name": person.name,
        "id_number": person.id_number,
        "valid_until": person.valid_until,
        "source": source,
        "face": person.face if original else "",
    }
    return device.send(device.session(), "id_reader", payload)
