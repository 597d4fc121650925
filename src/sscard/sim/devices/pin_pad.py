"""The virtual PIN pad: what is typed leaves it only as an ISO 9564 format 4 block under the pad's own SM4 key."""

from __future__ import annotations

from typing import Any

from sscard.keys import pinblock
from sscard.terminals.client import Device


def enter(device: Device, pin: bytearray, *, new: bool = False) -> dict[str, Any]:
    """Type a PIN (ASCII digits); the buffer is wiped. `new`: this is the new PIN. Where no old one is asked beside it, as
    when a forgotten one is chosen anew, the only PIN asked is the new one."""
    try:
        session = device.session()
        asked_beside = "pin_pad_new" in session.get("wanted", ()) or "pin_pad" not in session.get("wanted", ())
        kind = "pin_pad_new" if new and asked_beside else "pin_pad"
        block = pinblock.make(bytes.fromhex(device.keys.pin_key), session.get("account", ""), pin)
    finally:
        pinblock.wipe(pin)
    return device.send(session, kind, {"block": block.hex()})
