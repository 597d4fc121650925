"""Area packs: from the folder, or the one in force by signature, as the register has read it. The law's schema and the
signatures' library are imported when a first request needs them: a gateway that waits stays small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sscard.kernel.keyclient import keys

if TYPE_CHECKING:
    from sscard.law.area import Area

SIGNING_KEY = "area_pack"
digests: dict[str, str] = {}
"""Of the packs in force, by area."""
archives: dict[tuple[str, str], bytes] = {}


def area(code: str) -> Area:
    """Raises law.area_unknown."""
    from sscard.law import areas

    if areas.active_packs is None:
        areas.active_packs = areas.ActivePacks(lambda: digests, _files)
    return areas.get(code)


def _files(code: str, digest: str) -> Mapping[str, bytes]:
    """Opened with every check: a database is no more to be trusted than a disk."""
    from sscard.law.pack import open_pack

    return open_pack(archives[code, digest], {SIGNING_KEY: keys().public_key(SIGNING_KEY)}).files
