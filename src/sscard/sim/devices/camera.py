"""The virtual camera."""

from __future__ import annotations

from typing import Any

from sscard.sim.devices.program import Device
from sscard.sim.devices.wallet import VirtualPerson


def look(device: Device, person: VirtualPerson, *, live: bool = True) -> dict[str, Any]:
    """Look at whoever stands there. `live` False: somebody holds a photo before the camera."""
    return device.send(device.session(), "camera", {"live": live, "face": person.face})
