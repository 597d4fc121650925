"""The virtual camera."""

from __future__ import annotations

from typing import Any

from sscard.sim.devices.wallet import VirtualPerson
from sscard.terminals.client import Device


def look(device: Device, person: VirtualPerson, *, live: bool = True) -> dict[str, Any]:
    """Look at whoever stands there. `live` False: somebody holds a photo before the camera."""
    return device.send(device.session(), "camera", {"live": live, "face": person.face})
