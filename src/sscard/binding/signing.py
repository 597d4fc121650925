"""What the bureau signs for clients: ID tokens and introspection answers, by ES256 with a key of its own.

The private key is sealed by the key service and opened in memory only; a new one is made when none stands or by
`rotate`. Clients find the public parts at `/oauth/jwks`.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from joserfc import jwk, jwt

from sscard.binding import access
from sscard.binding.models import Client, Consent, SigningKey
from sscard.kernel import clock
from sscard.kernel.sealed import open_one

ALGORITHM: Final = "ES256"
ID_TOKEN_LIFE: Final = timedelta(minutes=5)
STAYS: Final = timedelta(days=1)
"""A key that signs no more stays in the published set for so long."""
_opened: dict[str, Any] = {}


def public_keys() -> dict[str, Any]:
    """The set that clients check signatures with."""
    _current()
    since = clock.real_now() - STAYS
    rows = [row for row in SigningKey.objects.order_by("-created_at") if not row.retired_at or row.retired_at > since]
    return {"keys": [{**row.public, "kid": row.kid, "use": "sig", "alg": ALGORITHM} for row in rows]}


def rotate() -> str:
    """A new key signs from now on; its `kid`."""
    SigningKey.objects.filter(retired_at__isnull=True).update(retired_at=clock.real_now())
    return _make()


def sign(header_type: str, claims: dict[str, Any]) -> str:
    kid, key = _current()
    return jwt.encode({"alg": ALGORITHM, "kid": kid, "typ": header_type}, claims, key, algorithms=[ALGORITHM])


def id_token(client: Client, consent: Consent, *, now: datetime, nonce: str = "") -> str:
    """Who agreed, by a name that means something to this client only (OpenID Connect Core §2)."""
    agreed = consent.authorised_at or now
    claims: dict[str, Any] = {
        "iss": access.issuer(),
        "sub": subject(client, consent),
        "aud": str(client.client_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ID_TOKEN_LIFE).timestamp()),
        "auth_time": int(agreed.timestamp()),
        "amr": ["face"]
        if consent.verified_by == "face"
        else ["sms"]
        if consent.verified_by == "sms"
        else ["hwk", "user"],
    }
    return sign("JWT", claims | ({"nonce": nonce} if nonce else {}))


def introspection(client: Client, answer: dict[str, Any]) -> str:
    """A signed answer of the introspection endpoint (RFC 9701 §5)."""
    claims = {
        "iss": access.issuer(),
        "aud": str(client.client_id),
        "iat": int(clock.real_now().timestamp()),
        "token_introspection": answer,
    }
    return sign("token-introspection+jwt", claims)


def subject(client: Client, consent: Consent) -> str:
    """The holder's name for this client: the same for all his consents there, another at every other client."""
    owner = f"{client.client_id}|{consent.person_id}".encode()
    from sscard.kernel.keyclient import keys

    return uuid.UUID(bytes=hashlib.sha256(keys().mac("session", [b"sub|" + owner])[0]).digest()[:16]).hex


class _House:
    """The bureau opens its own key: no person's value."""

    def opened(self, *_: object) -> None:
        return


def _current() -> tuple[str, Any]:
    row = SigningKey.objects.filter(retired_at__isnull=True).order_by("-created_at").first()
    if row is None:
        _make()
        row = SigningKey.objects.filter(retired_at__isnull=True).order_by("-created_at").first()
        assert row is not None
    if row.kid not in _opened:
        _opened.clear()
        _opened[row.kid] = jwk.import_key(open_one(row, "private", _House()))
    return row.kid, _opened[row.kid]


def _make() -> str:
    key = jwk.generate_key("EC", "P-256", private=True)
    kid = str(key.thumbprint())
    row = SigningKey(kid=kid, public=key.as_dict(private=False), created_at=clock.real_now())
    row.private = dict(key.as_dict(private=True))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # made at the same moment by another process
        pass
    return kid
