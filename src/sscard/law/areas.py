"""Which areas there are, and what holds in each: `get("990100").value("temp_loss_days", on)`.

An area that was put into force by a signed pack is read from the database; the others from the folder of area packs
(`SSCARD_AREAS`, else `areas/` of the checkout). Each process keeps what it has read, and looks at most every two
seconds whether something newer is there; the process that puts a pack into force sees it at once.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sscard.kernel.refusals import Refusal
from sscard.law.area import ApprovalOn, Area, ContributionRates
from sscard.law.copies import Copy, files_of_copy
from sscard.law.load import Reading, files_of, read_files, read_folder_files
from sscard.law.schema import Bank, Branch, BureauOutlet, CardFace, Paper, ProductionPermit

__all__ = [
    "ApprovalOn",
    "Area",
    "Bank",
    "Branch",
    "BureauOutlet",
    "CardFace",
    "ContributionRates",
    "Copy",
    "Paper",
    "ProductionPermit",
    "all_areas",
    "areas_folder",
    "find_outlet",
    "forget",
    "get",
]

LOOK_AGAIN_SECONDS = 2.0
CHECKOUT = Path(__file__).resolve().parents[3]

Digest = str


@dataclass(frozen=True, slots=True)
class ActivePacks:
    """Port to the packs in force: `digests` lists {area code: digest}, or None when it can't be asked now;
    `files` opens one. Filled by `law.ports`."""

    digests: Callable[[], Mapping[str, Digest] | None]
    files: Callable[[str, Digest], Mapping[str, bytes]]


active_packs: ActivePacks | None = None


def _no_copy(_code: str) -> Copy | None:
    return None


copied: Callable[[str], Copy | None] = _no_copy
"""Port: the sandbox area of this code, if there is one. Such an area is a demo area's pack under a code of its own; it is
found by `get`, and stands in no list of areas."""

_lock = threading.Lock()
_kept: dict[str, tuple[object, Area]] = {}
_digests: Mapping[str, Digest] = {}
_copies: dict[str, Copy] = {}
_looked_at: float = float("-inf")


def areas_folder() -> Path:
    """The folder of area packs."""
    return Path(os.environ.get("SSCARD_AREAS") or CHECKOUT / "areas")


def get(code: str) -> Area:
    """The area; refused if there is no such area, or with all faults if its pack can't be read."""
    _look_again()
    kept = _kept.get(code)
    if kept is not None:
        return kept[1]
    with _lock:
        stamp, reading = _read(code)
        if reading.area is None:
            raise Refusal("law.pack_faulty", faults=reading.faults, area=code, count=len(reading.faults))
        _kept[code] = (stamp, reading.area)
        return reading.area


def reachable(home: str, other: str) -> bool:
    """May somebody of one area meet cards and people of the other? A sandbox is a world of its own, both ways."""
    return home == other or (copied(home) is None and copied(other) is None)


def all_areas() -> tuple[Area, ...]:
    """Every area, by code."""
    _look_again()
    folder = areas_folder()
    names = {path.name for path in folder.iterdir() if path.is_dir() and path.name.isdigit()} if folder.is_dir() else ()
    return tuple(get(code) for code in sorted({*names, *_digests}))


def find_outlet(code: str) -> BureauOutlet | Branch:
    """An outlet of any area by its code."""
    for area in all_areas():
        for outlet in area.outlets():
            if outlet.code == code:
                return outlet
    raise Refusal("law.outlet_nowhere", outlet=code)


def forget() -> None:
    """Read everything anew at the next look: after a pack came into force here, and in tests."""
    global _looked_at
    with _lock:
        _kept.clear()
        _looked_at = float("-inf")


def _look_again() -> None:
    """Drop what has been replaced since the last look."""
    global _looked_at, _digests
    now = time.monotonic()
    if now - _looked_at < LOOK_AGAIN_SECONDS:
        return
    asked = active_packs.digests() if active_packs is not None else {}
    with _lock:
        _looked_at = now
        if asked is not None:
            _digests = asked
        for code in [code for code, (stamp, _) in _kept.items() if stamp != _stamp(code)]:
            del _kept[code]


def _stamp(code: str) -> object:
    """What changes when the pack of an area changes."""
    if code in _digests:
        return _digests[code]
    if isinstance(copy := _copies.get(code), Copy):
        return copy, _stamp(copy.original)
    folder = areas_folder() / code
    if not folder.is_dir():
        return None
    found = sorted((path.name, path.stat()) for path in folder.iterdir())
    return str(folder), tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


def _read(code: str) -> tuple[object, Reading]:
    stamp = _stamp(code)
    if code in _digests and active_packs is not None:
        return stamp, read_files(active_packs.files(code, _digests[code]))
    if not areas_folder().is_dir():
        raise Refusal("law.areas_folder_missing", folder=areas_folder().name)
    folder = areas_folder() / code
    if not (len(code) == 6 and code.isdigit()):
        raise Refusal("law.area_unknown", area=code[:12])
    if not folder.is_dir() and (copy := copied(code)) is not None:
        _copies[code] = copy
        original = areas_folder() / copy.original
        return (copy, _stamp(copy.original)), read_files(files_of_copy(files_of(original), copy), code)
    if not folder.is_dir():
        raise Refusal("law.area_unknown", area=code[:12])
    return stamp, read_folder_files(folder)
