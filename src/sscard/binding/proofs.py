"""Proofs that a client sends: its assertion (private_key_jwt) and the possession of its DPoP key (RFC 9449).

The algorithm of an assertion is fixed by the registered key, never read from the message (T29); `none`, HS* and RS256 are
refused everywhere. Each proof serves once (T07).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import connection
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from sscard.binding import clients
from sscard.binding.models import Client
from sscard.kernel import clock
from sscard.kernel.refusals import Refusal

ALGORITHMS: Final = ("PS256", "ES256", "EdDSA")
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AHEAD: Final = 30
"""Seconds that another clock may be ahead of ours: at least 10, at most 60 (FAPI 2.0 SP §5.3.2.1 no. 13)."""
PROOF_LIFE: Final = 60
ASSERTION_LIFE: Final = 600
MOST_CHARACTERS: Final = 8_000
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_KINDS: Final = {"EC": "ES256", "RSA": "PS256", "OKP": "EdDSA"}


class _Registry(jws.JWSRegistry):
    """A DPoP proof carries the client's public key in its header: one of RSA alone passes the library's 512 bytes."""

    max_header_length = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """A JWT whose form was looked at and whose signature was not."""

    header: dict[str, Any]
    claims: dict[str, Any]


def client_of(assertion_type: str, assertion: str, client_id: str, *, issuer: str) -> Client:
    """The client that made the assertion. Every kind of mismatch is "binding.client_wrong" (401 invalid_client)."""
    wrong = Refusal("binding.client_wrong")
    if assertion_type != ASSERTION_TYPE:
        raise wrong
    message = _read(assertion)
    if message is None:
        raise wrong
    name = message.claims.get("sub")
    client = clients.find(name) if isinstance(name, str) else None
    if client is None or message.claims.get("iss") != name or (client_id and client_id != name):
        raise wrong
    key = _registered(client, message.header)
    if key is None or not _signed(assertion, key, (key["alg"],)):
        raise wrong
    until = _in_time(message.claims, most=ASSERTION_LIFE)
    jti = message.claims.get("jti")
    if message.claims.get("aud") != issuer or until is None or not isinstance(jti, str) or not jti:
        raise wrong
    if not _first_time(f"assertion|{name}|{jti}", until):
        raise wrong
    return client


def possession(proof: str, *, method: str, url: str, token: str = "") -> str:
    """The thumbprint (RFC 7638) of the key whose possession the proof shows, for this method and address and, at a resource,
    for this token. Raises binding.dpop_wrong, and binding.dpop_replayed for one that was seen."""
    wrong = Refusal("binding.dpop_wrong")
    message = _read(proof)
    if message is None or message.header.get("typ") != "dpop+jwt":
        raise wrong
    key = message.header.get("jwk")
    if not isinstance(key, dict) or _PRIVATE & key.keys() or message.header.get("alg") not in ALGORITHMS:
        raise wrong
    if _KINDS.get(key.get("kty", "")) != message.header["alg"] or not _signed(proof, key, (message.header["alg"],)):
        raise wrong
    claims = message.claims
    if claims.get("htm") != method or not _same_address(claims.get("htu"), url):
        raise wrong
    if token and not _equal(claims.get("ath"), _hash(token)):
        raise wrong
    at, jti = claims.get("iat"), claims.get("jti")
    now = clock.real_now().timestamp()
    if not _number(at) or not isinstance(jti, str) or not 1 <= len(jti) <= 500:
        raise wrong
    if not now - PROOF_LIFE <= at <= now + AHEAD:
        raise wrong
    thumb = str(jwk.import_key(_public(key)).thumbprint())
    if not _first_time(f"dpop|{thumb}|{jti}", at + PROOF_LIFE + AHEAD):
        raise Refusal("binding.dpop_replayed")
    return thumb


def forget_old() -> int:
    """Proofs that would be refused by their age alone need no memory."""
    with connection.cursor() as cursor:
        cursor.execute("delete from binding_seenproof where expires_at < now()")
        return int(cursor.rowcount)


def _read(text: str) -> Message | None:
    parts = text.split(".")
    if len(text) > MOST_CHARACTERS or len(parts) != 3:
        return None
    try:
        header, claims = (json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in parts[:2])
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or "crit" in header or "b64" in header:
        return None
    return Message(header, claims)


def _registered(client: Client, header: dict[str, Any]) -> dict[str, Any] | None:
    """The key that the header names; without a name there must be one key only. Its algorithm must be the header's too."""
    keys = client.jwks["keys"]
    kid = header.get("kid")
    fitting = [key for key in keys if key["kid"] == kid] if kid is not None else keys
    if len(fitting) != 1 or header.get("alg") != fitting[0]["alg"]:
        return None
    return dict(fitting[0])


def _signed(text: str, key: dict[str, Any], algorithms: Collection[str]) -> bool:
    try:
        jwt.decode(text, jwk.import_key(_public(key)), registry=_Registry(algorithms=list(algorithms)))
    except (JoseError, ValueError, TypeError, KeyError):
        return False
    return True


def _public(key: dict[str, Any]) -> dict[str, Any]:
    """What makes the key; hints such as `use` and `key_ops` say nothing that is not checked here."""
    return {name: key[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in key}


def _in_time(claims: dict[str, Any], *, most: int) -> float | None:
    """The end of a message that is in force now and lives no longer than `most` seconds; None for any other."""
    now, ends = clock.real_now().timestamp(), claims.get("exp")
    if not _number(ends) or not now < ends <= now + most:
        return None
    for name in ("iat", "nbf"):
        value = claims.get(name)
        if value is not None and (not _number(value) or value > now + AHEAD):
            return None
    return float(ends)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _first_time(name: str, until: float) -> bool:
    """False for a proof that was seen. Written at once, before anything else is done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into binding_seenproof (proof_hash, expires_at) values (%s, %s) on conflict do nothing",
            [hashlib.sha256(name.encode()).digest(), datetime.fromtimestamp(until, UTC) + timedelta(seconds=AHEAD)],
        )
        return bool(cursor.rowcount)


def _same_address(claimed: Any, url: str) -> bool:
    """Without query and fragment, after normalising case and default port (RFC 9449 §4.3 no. 9)."""
    if not isinstance(claimed, str) or len(claimed) > 2_000:
        return False
    try:
        return _plain_address(claimed) == _plain_address(url)
    except ValueError:
        return False


def _plain_address(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    path = re.sub(r"%[0-9a-fA-F]{2}", lambda found: found.group().upper(), parts.path or "/")
    return parts.scheme.lower(), (parts.hostname or "").lower(), port, path


def _equal(claimed: Any, expected: str) -> bool:
    return isinstance(claimed, str) and hmac.compare_digest(claimed.encode(), expected.encode())


def _hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
