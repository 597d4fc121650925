"""The bank's keys as a client, and what it signs with them: its assertion (RFC 7523) and proofs of possession (RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwk, jwt

from sscard.kernel import clock

ALGORITHM: Final = "ES256"
ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class BankKeys:
    """`client_id` and `issuer`: whom the assertion is for."""

    client_id: str
    issuer: str
    redirect_uri: str
    private: dict[str, Any]

    def assertion(self) -> str:
        """Serves once: made anew for every request."""
        now = int(clock.real_now().timestamp())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "jti": secrets.token_urlsafe(24),
            "iat": now, "exp": now + ASSERTION_SECONDS,
        }  # fmt: skip
        key = self.private["sign"]
        return jwt.encode({"alg": ALGORITHM, "kid": key["kid"]}, claims, jwk.import_key(key), algorithms=[ALGORITHM])

    def proof(self, method: str, url: str, token: str = "") -> str:
        """That we hold the key to which the token is bound; for this method and address only."""
        key = jwk.import_key(self.private["dpop"])
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(24), "htm": method, "htu": url.partition("?")[0],
            "iat": int(clock.real_now().timestamp()),
        }  # fmt: skip
        if token:
            claims["ath"] = base64url(hashlib.sha256(token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": key.as_dict(private=False)}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def made() -> tuple[dict[str, Any], dict[str, Any]]:
    """New keys: (private, the public set to register)."""
    private: dict[str, Any] = {}
    public = []
    for name in ("sign", "dpop"):
        key = jwk.ECKey.generate_key("P-256", private=True)
        named = {"kid": str(key.thumbprint()), "alg": ALGORITHM, "use": "sig"}
        private[name] = {**key.as_dict(private=True), **named}
        if name == "sign":
            public.append({**key.as_dict(private=False), **named})
    return private, {"keys": public}


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def challenge() -> tuple[str, str]:
    """PKCE: (verifier, S256 challenge)."""
    verifier = secrets.token_urlsafe(48)
    return verifier, base64url(hashlib.sha256(verifier.encode()).digest())
