"""Putting a signed area pack into force: an act of two persons (T24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sscard.control.acts_registry import act
from sscard.control.inside import Inside
from sscard.law import activation


@dataclass(frozen=True, slots=True)
class ActivatePack:
    """`archive`: the signed pack as `sscard area pack` made it."""

    archive: bytes


def _check(_inside: Inside, request: ActivatePack) -> None:
    """A faulty pack is refused at once, with all its faults, and not in front of the second person."""
    activation.inspect(request.archive)


@act("control.activate_pack", right="control.area_pack", clause="M47-8", four_eyes=True, check=_check,
     approve_right="control.area_pack")  # fmt: skip
def activate_pack(inside: Inside, request: ActivatePack) -> dict[str, Any]:
    """From today, by the area's clock. Earlier versions are kept."""
    return dict(activation.activate(request.archive, str(inside.maker), str(inside.checker), inside.today))
