"""Off line: a scanner that holds the platform's public keys and its list of stopped cards proves a code by itself.

It learns that the platform signed the code within its minute and that the card is not listed; no fact of anybody. It cannot
know that the code was scanned before elsewhere, nor a loss of this very minute: whoever needs that asks on line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sscard.cards.electronic import platform
from sscard.cards.electronic.platform import AHEAD_S, PublicKey, certificate_parts, fits, key_of
from sscard.codes.ecard_code import Claims, unpack
from sscard.codes.errors import NumberFault
from sscard.kernel.db import unit_of_work
from sscard.kernel.refusals import Refusal
from sscard.law import areas

__all__ = ["Proof", "Published", "key_of", "published", "read_list", "verify"]

LIST_LIFE: Final = timedelta(hours=24)
"""A list older than this is no list."""


@dataclass(frozen=True, slots=True)
class Published:
    """What an off-line scanner carries: keys, and lists by area as signed text."""

    keys: tuple[PublicKey, ...]
    lists: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """`listed_at`: when the list that was looked at had been made; None: none was at hand, so a stopped card may pass."""

    good: bool
    reason: str
    area: str = ""
    level: int = 0
    listed_at: datetime | None = None


def verify(code: str, held: Published, at: datetime) -> Proof:
    """By signature, time and list alone. Reasons: forged, expired, and card_stopped."""
    claims, why = platform.genuine(code, at, held.keys)
    if claims is None:
        return Proof(False, why)
    listed = read_list(held.lists.get(claims.area, ""), held.keys, at)
    if listed is not None and claims.handle in listed["handles"]:
        return Proof(False, "card_stopped", claims.area, claims.level, datetime.fromisoformat(listed["made_at"]))
    made = datetime.fromisoformat(listed["made_at"]) if listed is not None else None
    return Proof(True, "", claims.area, claims.level, made)


def read_list(text: str, keys: tuple[PublicKey, ...], at: datetime) -> dict[str, Any] | None:
    """The list of stopped cards, if the platform signed it and it is of today; else None."""
    try:
        signed, signature = certificate_parts(text)
        told = json.loads(unpack(signed.decode()))
    except (NumberFault, ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    key = next((one for one in keys if one.key == told.get("key")), None)
    if key is None or not fits(key.public, signed, signature):
        return None
    fresh = at - LIST_LIFE < datetime.fromisoformat(str(told["made_at"])) <= at + timedelta(seconds=AHEAD_S)
    return told if fresh else None


def published(code: str) -> Published:
    """What the platform publishes now, with the list of the code's area."""
    try:
        area = Claims.parse(code)[0].area
        areas.get(area)
        with unit_of_work(area=area):
            lists = {area: platform.platform.stopped(area).text}
    except Refusal:
        lists = {}
    return Published(tuple(platform.platform.public_keys()), lists)
