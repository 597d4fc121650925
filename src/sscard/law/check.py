"""Says everything that is wrong with an area pack's folder."""

from __future__ import annotations

from pathlib import Path

from sscard.kernel.refusals import Fault
from sscard.law.cases import run_cases
from sscard.law.load import Reading, read_folder_files


def read_folder(folder: Path) -> Reading:
    """The area of a folder, or all faults; its worked examples have come out."""
    if not folder.is_dir():
        return Reading(faults=[Fault(folder.name, "law.pack_folder_unreadable", {"folder": folder.name})])
    reading = read_folder_files(folder)
    if reading.area is not None and (failed := run_cases(reading.area)):
        return Reading(faults=failed)
    return reading


def check_folder(path: Path | str) -> list[Fault]:
    """All faults of a folder, each with file, line, key and sentence; empty if the pack can be used."""
    return read_folder(Path(path)).faults
