"""The port to the national platform (全国社保卡服务平台): it alone signs electronic cards and their codes.

The virtual platform (`sim.national`) and the real one stand behind the same three questions and the same published lists;
whoever is behind it asks the issuing area back (`area_side`) before signing anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sscard.codes import ecard_code
from sscard.codes.ecard_code import Claims
from sscard.codes.errors import NumberFault
from sscard.kernel.refusals import Refusal
from sscard.keys import recipes
from sscard.keys.errors import KeyFault

AHEAD_S: Final = 5
"""How far the platform's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the platform. Codes signed by it are good from `valid_from` until `valid_to` (None: in use)."""

    key: str
    public: bytes
    valid_from: datetime
    valid_to: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The list of stopped cards as the platform signed it: base64url of JSON, a dot, base64url of the signature."""

    text: str


class Platform(Protocol):
    """Raises Refusal: cards.ecard_platform_refused when it says no, cards.ecard_platform_away when it can't be reached."""

    def sign_card(self, area: str, card: uuid.UUID, ecard: uuid.UUID, level: int) -> str:
        """The certificate: JSON, a dot and the signature, base64url."""
        ...

    def sign_code(self, area: str, ecard: uuid.UUID, certificate: str) -> str:
        """A code of the minute for a card that it signed before."""
        ...

    def public_keys(self) -> list[PublicKey]: ...

    def stopped(self, area: str) -> Stopped: ...


class Away:
    """No platform is connected: nothing can be signed, and nothing is taken for signed."""

    def sign_card(self, area: str, card: uuid.UUID, ecard: uuid.UUID, level: int) -> str:
        raise Refusal("cards.ecard_platform_away")

    def sign_code(self, area: str, ecard: uuid.UUID, certificate: str) -> str:
        raise Refusal("cards.ecard_platform_away")

    def public_keys(self) -> list[PublicKey]:
        return []

    def stopped(self, area: str) -> Stopped:
        raise Refusal("cards.ecard_platform_away")


platform: Platform = Away()
"""The port, filled by the virtual platform or by the line to the real one."""


def use(one: Platform) -> None:
    global platform
    platform = one


def genuine(code: str, at: datetime, keys: Sequence[PublicKey] | None = None) -> tuple[Claims | None, str]:
    """(claims, "") of a code that the platform signed and that is good at this moment, else (None, why): forged, expired.

    The algorithm is fixed and the key is found by the published list (`keys`: one that was fetched before); nothing is read
    from the code that could choose another (T29).
    """
    try:
        claims, signed, signature = Claims.parse(code)
    except NumberFault:
        return None, "forged"
    issued = datetime.fromtimestamp(claims.issued, at.tzinfo)
    known = platform.public_keys() if keys is None else keys
    key = next((one for one in known if one.key == claims.key and one.holds_at(issued)), None)
    if key is None or not fits(key.public, signed, signature):
        return None, "forged"
    if not claims.issued - AHEAD_S <= at.timestamp() < claims.expires:
        return None, "expired"
    return claims, ""


def fits(public: bytes, signed: bytes, signature: bytes) -> bool:
    try:
        return recipes.sm2_verify(public, signed, signature)
    except KeyFault:
        return False


def key_of(one: Mapping[str, Any]) -> PublicKey:
    """A key as the platform publishes it (GET /v1/keys)."""
    until = one.get("valid_to")
    return PublicKey(
        key=str(one["key"]),
        public=bytes.fromhex(str(one["public"])),
        valid_from=datetime.fromisoformat(str(one["valid_from"])),
        valid_to=datetime.fromisoformat(str(until)) if until else None,
    )


def certificate_parts(text: str) -> tuple[bytes, bytes]:
    """Signed bytes and signature of a certificate or list; raises `codes.ecard_code_form`."""
    body, _, signature = text.rpartition(".")
    return body.encode(), ecard_code.unpack(signature)
