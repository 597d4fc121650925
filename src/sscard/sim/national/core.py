"""What the platform does: asks the area, then signs; publishes its keys and the list of stopped cards."""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from sscard.codes.ecard_code import Claims, pack, unpack
from sscard.codes.errors import NumberFault
from sscard.kernel import clock
from sscard.kernel.ids import new_reference
from sscard.kernel.keyclient import keys
from sscard.keys import recipes

CREDENTIAL: Final = "credential"
LIST_S: Final = 30
"""The list of stopped cards is made at most so often."""
OVERLAP: Final = timedelta(days=1)
"""After a new key the old one's codes and lists are good for a day."""
PEM_HEAD: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""SubjectPublicKeyInfo of an SM2 key (RFC 5480, curve 1.2.156.10197.1.301), up to the point."""


class PlatformNo(Exception):
    """The platform does not sign; `why` is the area's reason, or unknown, certificate."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AreaSide(Protocol):
    """What an issuing area answers: {"why": …}, and for its electronic cards level, handle and seconds as well."""

    def card(self, area: str, card: uuid.UUID) -> dict[str, Any]: ...
    def ecard(self, area: str, ecard: uuid.UUID) -> dict[str, Any]: ...
    def stopped(self, area: str) -> list[str]: ...


@dataclass
class NationalPlatform:
    """`folder` is the platform's own; its credential never leaves it but to the key service."""

    folder: Path
    areas: AreaSide
    _credential: bytes = field(default=b"", repr=False)
    _lists: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)
    _guard: Any = field(default_factory=threading.Lock, repr=False)

    def sign_card(self, area: str, card: uuid.UUID, ecard: uuid.UUID, level: int) -> str:
        """The certificate of an electronic card, for a plastic card that the area says is well."""
        if level not in (1, 2):
            raise PlatformNo("level")
        if why := self.areas.card(area, card)["why"]:
            raise PlatformNo(why)
        day = f"{clock.real_now():%Y-%m-%d}"
        facts = {"area": area, "ecard": str(ecard), "level": level, "signed_on": day}
        return self._signed(lambda key: pack(_json({**facts, "key": key})))

    def sign_code(self, area: str, ecard: uuid.UUID, certificate: str) -> str:
        """A code of the minute. The certificate proves that the platform signed this electronic card before."""
        stated = self._own(certificate)
        if stated.get("area") != area or stated.get("ecard") != str(ecard):
            raise PlatformNo("certificate")
        answer = self.areas.ecard(area, ecard)
        if why := answer["why"]:
            raise PlatformNo(why)
        level = min(int(answer["level"]), int(stated["level"]))
        issued, number = int(clock.real_now().timestamp()), new_reference(12)
        return self._signed(
            lambda key: Claims(area, level, issued, int(answer["seconds"]), number, answer["handle"], key).text()
        )

    def stopped(self, area: str) -> str:
        """The signed list: base64url of JSON {area, day, made_at, next_at, handles, key}, a dot, the signature."""
        made, text = self._lists.get(area, (0.0, ""))
        if not text or time.monotonic() - made > LIST_S:
            now = clock.real_now()
            facts = {
                "area": area,
                "day": f"{now.astimezone(clock.CHINA):%Y-%m-%d}",
                "made_at": now.isoformat(timespec="seconds"),
                "next_at": (now + timedelta(seconds=LIST_S)).isoformat(timespec="seconds"),
                "handles": self.areas.stopped(area),
            }
            text = self._signed(lambda key: pack(_json({**facts, "key": key})))
            self._lists[area] = (time.monotonic(), text)
        return text

    def published(self) -> list[dict[str, Any]]:
        """Newest first. A key signs from `valid_from`; what it signed until `valid_to` is good."""
        found: list[dict[str, Any]] = []
        newer: datetime | None = None
        for one in keys().platform_keys():
            made = datetime.fromisoformat(one["made_at"])
            found.append({
                "key": _key_id(one["version"]),
                "algorithm": "SM2 with SM3, signer id 1234567812345678, DER",
                "public": bytes(one["public"]).hex(),
                "pem": pem_of(bytes(one["public"])),
                "valid_from": made.isoformat(),
                "valid_to": (newer + OVERLAP).isoformat() if newer else None,
            })  # fmt: skip
            newer = made
        return found

    def rotate(self) -> str:
        return _key_id(keys().platform_rotate(self._mine()))

    def _signed(self, text_of: Callable[[str], str]) -> str:
        """Text with the id of the key in it, a dot and the signature. A rotation in between is seen and done again."""
        for _ in range(3):
            active = next(one["version"] for one in keys().platform_keys() if one["active"])
            text = text_of(_key_id(active))
            version, signature = keys().platform_sign(self._mine(), text.encode())
            if version == active:
                return f"{text}.{pack(signature)}"
        raise PlatformNo("busy")

    def _own(self, certificate: str) -> dict[str, Any]:
        """What a certificate states, if this platform signed it, with whatever key of its own."""
        body, _, signature = certificate.rpartition(".")
        try:
            stated, made = json.loads(unpack(body)), unpack(signature)
        except (NumberFault, ValueError, RecursionError):
            raise PlatformNo("certificate") from None
        mine = (one for one in keys().platform_keys() if _key_id(one["version"]) == stated.get("key"))
        if not any(recipes.sm2_verify(bytes(one["public"]), body.encode(), made) for one in mine):
            raise PlatformNo("certificate")
        return dict(stated)

    def _mine(self) -> bytes:
        """The credential for the platform's key; made and claimed once, by whichever process comes first."""
        with self._guard:
            if not self._credential:
                credential = own_secret(self.folder / CREDENTIAL)
                keys().platform_claim(credential)
                self._credential = credential
        return self._credential


def own_secret(path: Path) -> bytes:
    """32 random bytes, made once; readable by the platform's user only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        try:
            os.link(fresh, path)  # of two processes the first one's stands
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def pem_of(public: bytes) -> str:
    """A public key as OpenSSL reads it."""
    import base64

    text = base64.encodebytes(PEM_HEAD + public).decode().replace("\n", "")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def _key_id(version: int) -> str:
    return f"NP-{version}"


def _json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()
