"""Verbs of the national platform's signing key: a purpose of its own, and a credential that only the platform holds.

Every other process of the house may ask for the public halves and for nothing else: whoever has not the credential of the
first claim is refused, whatever else he may sign with (security.md T31).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sscard.keys import recipes
from sscard.keys.catalogue import Purpose, State
from sscard.keys.errors import KeyFault
from sscard.keys.store import write_durably
from sscard.keys.verbs import House, verb

KEY: Final = "ecard"
CLAIM: Final = "platform.claim"
CREDENTIAL_BYTES: Final = 32


@verb()
def platform_claim(house: House, credential: bytes) -> None:
    """The first claim stands for good; the file holds its hash only."""
    path = _claim(house)
    if len(credential) != CREDENTIAL_BYTES:
        raise KeyFault("keys.platform_credential")
    if not path.exists():
        write_durably(path, recipes.sm3(credential))
    _require(house, credential)


@verb()
def platform_sign(house: House, credential: bytes, message: bytes) -> tuple[int, bytes]:
    """Version of the key and SM2 signature in DER, default signer id."""
    _require(house, credential)
    active = house.ring.active(Purpose.PLATFORM, KEY)
    return active.version, recipes.sm2_sign(active.secret, active.public, message)


@verb()
def platform_keys(house: House) -> list[dict[str, Any]]:
    """Public halves, newest first."""
    return [
        {
            "version": one.version,
            "public": one.public,
            "made_at": one.record.made_at,
            "active": one.record.state is State.ACTIVE,
        }
        for one in house.ring.versions(Purpose.PLATFORM, KEY)
    ]


@verb()
def platform_rotate(house: House, credential: bytes) -> int:
    """A new version for new signatures."""
    _require(house, credential)
    return house.ring.rotate(f"{Purpose.PLATFORM}.{KEY}")


def _claim(house: House) -> Path:
    return house.ring.home / CLAIM


def _require(house: House, credential: bytes) -> None:
    path = _claim(house)
    kept = path.read_bytes() if path.exists() else bytes(32)
    if not recipes.same(kept, recipes.sm3(credential)):
        raise KeyFault("keys.platform_credential")
