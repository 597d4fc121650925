"""Producers' machines that real card keys may be wrapped for: admitted by two persons, written down in the home.

Without this list whoever may call the service could have card keys wrapped to a key of his own (security.md T31). Test
keys protect nothing and go to anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from sscard.kernel.typed import ready
from sscard.keys import recipes
from sscard.keys.errors import KeyFault
from sscard.keys.store import write_durably
from sscard.keys.verbs import House, verb

FILE: Final = "receivers.json"
MOST: Final = 100


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """One machine: whose it is, its SM2 public key, who admitted it (two marks), when."""

    name: str
    public: str
    admitted_by: tuple[str, str]
    admitted_at: str


def admitted(house: House, public: bytes) -> bool:
    return any(one.public == public.hex() for one in _read(house))


@verb()
def receiver_admit(house: House, name: str, public: bytes, persons: list[bytes]) -> None:
    """Two different persons admit a machine; a second entry of the same key is the first one."""
    if len(set(persons)) != 2 or len(persons) != 2 or not all(persons):
        raise KeyFault("keys.two_persons")
    recipes.sm2_encrypt(public, b"point of the curve?")
    known = _read(house)
    if any(one.public == public.hex() for one in known):
        return
    if len(known) >= MOST:
        raise KeyFault("keys.too_many", most=str(MOST))
    marks = tuple(recipes.sm3(one).hex()[:16] for one in persons)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _write(house, [*known, Receiver(name=name[:80], public=public.hex(), admitted_by=marks, admitted_at=now)])  # type: ignore[arg-type]


@verb()
def receiver_strike(house: House, public: bytes) -> None:
    """Off the list at once: after loss, or when its qualification ended."""
    _write(house, [one for one in _read(house) if one.public != public.hex()])


@verb()
def receivers(house: House) -> list[dict[str, str]]:
    return [{"name": one.name, "public": one.public, "admitted_at": one.admitted_at} for one in _read(house)]


def _read(house: House) -> list[Receiver]:
    path = house.ring.home / FILE
    return msgspec.json.decode(path.read_bytes(), type=ready(list[Receiver])) if path.exists() else []


def _write(house: House, rows: list[Receiver]) -> None:
    write_durably(house.ring.home / FILE, msgspec.json.format(msgspec.json.encode(rows), indent=1))
