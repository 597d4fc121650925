"""The lines between a bureau and the platform, both behind the port `cards.electronic.platform.Platform`.

`DirectLine`: the virtual platform in this very process; it asks the area in the running transaction. `HttpLine`: a platform
somewhere else, the real one too.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sscard.cards.electronic import area_side
from sscard.cards.electronic.platform import PublicKey, Stopped, key_of
from sscard.kernel.refusals import Refusal
from sscard.sim.national.core import NationalPlatform, PlatformNo

WAIT_S = 5.0
LONGEST = 1 << 20


class InThisHouse:
    """The area's answers, given in the caller's unit of work."""

    def card(self, area: str, card: uuid.UUID) -> dict[str, Any]:
        return area_side.card(area, card)

    def ecard(self, area: str, ecard: uuid.UUID) -> dict[str, Any]:
        return area_side.ecard(area, ecard)

    def stopped(self, area: str) -> list[str]:
        return area_side.stopped(area)


@dataclass(frozen=True, slots=True)
class DirectLine:
    core: NationalPlatform

    def sign_card(self, area: str, card: uuid.UUID, ecard: uuid.UUID, level: int) -> str:
        try:
            return self.core.sign_card(area, card, ecard, level)
        except PlatformNo as no:
            raise Refusal("cards.ecard_platform_refused", why=no.why) from None

    def sign_code(self, area: str, ecard: uuid.UUID, certificate: str) -> str:
        try:
            return self.core.sign_code(area, ecard, certificate)
        except PlatformNo as no:
            raise Refusal("cards.ecard_platform_refused", why=no.why) from None

    def public_keys(self) -> list[PublicKey]:
        return [key_of(one) for one in self.core.published()]

    def stopped(self, area: str) -> Stopped:
        return Stopped(self.core.stopped(area))


@dataclass(frozen=True, slots=True)
class HttpLine:
    """`url` of the platform, the name and key that it gave this channel. `host`: its name, if the address is another."""

    url: str
    name: str
    secret: str = field(repr=False)
    host: str = ""
    trust: str | None = None

    def sign_card(self, area: str, card: uuid.UUID, ecard: uuid.UUID, level: int) -> str:
        asked = {"area": area, "card": str(card), "ecard": str(ecard), "level": level}
        return str(self._ask("POST", "/v1/cards", asked)["certificate"])

    def sign_code(self, area: str, ecard: uuid.UUID, certificate: str) -> str:
        asked = {"area": area, "ecard": str(ecard), "certificate": certificate}
        return str(self._ask("POST", "/v1/codes", asked)["code"])

    def public_keys(self) -> list[PublicKey]:
        return [key_of(one) for one in self._ask("GET", "/v1/keys")["keys"]]

    def stopped(self, area: str) -> Stopped:
        return Stopped(str(self._ask("GET", f"/v1/stopped?area={area}")["list"]))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("the platform is asked over https only")
        tls = ssl.create_default_context(cafile=self.trust)
        line = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=WAIT_S, context=tls)
        mark = base64.b64encode(f"{self.name}:{self.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {mark}", "Content-Type": "application/json"}
        if self.host:
            headers["Host"] = self.host
        try:
            line.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = line.getresponse()
            told = json.loads(answer.read(LONGEST))
        except (OSError, http.client.HTTPException, ValueError):
            raise Refusal("cards.ecard_platform_away") from None
        finally:
            line.close()
        if answer.status != http.client.OK or not isinstance(told, dict):
            why = str(told.get("why", answer.status))[:40] if isinstance(told, dict) else str(answer.status)
            raise Refusal("cards.ecard_platform_refused", why=why)
        return told
