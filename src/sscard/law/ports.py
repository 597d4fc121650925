"""Fills the law room's own slot: areas are read from the packs in force once there is a database."""

from __future__ import annotations

from sscard.law import activation, areas


def fill() -> None:
    areas.active_packs = areas.ActivePacks(activation.digests_in_force, activation.files_in_force)
