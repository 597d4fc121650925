"""Signatures of Standard Webhooks: v1 HMAC-SHA256 and v1a Ed25519 over `id.timestamp.body`, several while rotating."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET, PUBLIC = "whsec_", "whpk_"
SECRET_BYTES = 32


def fresh() -> dict[str, Any]:
    """A new secret for both kinds. `until` None: it does not end."""
    return {"secret": SECRET + _text(secrets.token_bytes(SECRET_BYTES)), "seed": secrets.token_hex(32), "until": None}


def public_key(kept: Mapping[str, Any]) -> str:
    """What a receiver checks v1a with."""
    return PUBLIC + _text(_ed25519(kept).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def in_force(kept: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    return [one for one in kept if not one["until"] or datetime.fromisoformat(one["until"]) > now]


def headers(
    kept: Sequence[Mapping[str, Any]], message: str, body: str, at: datetime, *, spoilt: bool = False
) -> dict[str, str]:
    """The three headers. `at` is this try's moment: an old message is refused by the receiver. `spoilt`: signatures of
    another body, as a forger's would be."""
    stamp = str(int(at.timestamp()))
    signed = f"{message}.{stamp}.{body}{' ' if spoilt else ''}".encode()
    found = []
    for one in in_force(kept, at):
        key = base64.b64decode(one["secret"].removeprefix(SECRET))
        found.append("v1," + _text(hmac.new(key, signed, hashlib.sha256).digest()))
        found.append("v1a," + _text(_ed25519(one).sign(signed)))
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": " ".join(found)}


def _ed25519(kept: Mapping[str, Any]) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["seed"]))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
