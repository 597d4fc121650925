"""The rooms of the house, lowest floor first. A room with tables is a Django app of the same name."""

from __future__ import annotations

import importlib
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent

ROOMS = (
    "kernel",
    "codes",
    "law",
    "control",
    "people",
    "ledger",
    "keys",
    "terminals",
    "documents",
    "verification",
    "chip",
    "cards",
    "bank",
    "insurance",
    "issuing",
    "binding",
    "partners",
    "portal",
    "gateway",
    "api",
    "cli",
    "sim",
)


def rooms_with(part: str) -> list[str]:
    """Rooms that have this module, such as "models" or "acts"."""
    return [room for room in ROOMS if (HOUSE / room / f"{part}.py").is_file()]


def load(part: str) -> None:
    """Import a module of every room that has it, so that what it registers is known."""
    for room in rooms_with(part):
        importlib.import_module(f"sscard.{room}.{part}")
